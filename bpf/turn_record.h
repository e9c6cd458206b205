/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What was received and sent on connections: turns, ends and stretches in which nobody looked. As wire.h. */
#ifndef PLATEAU_TURN_RECORD_H
#define PLATEAU_TURN_RECORD_H

#include "wire.h"

/* Where a request was when no thread served it. */
enum pl_before {
  PL_BEFORE_ACCEPT = 0, /* readable, not accepted */
  PL_BEFORE_WAKEUP,     /* readable, its thread asleep */
  PL_BEFORE_BUSY,       /* readable, its thread at work for others */
  PL_BEFORE_HANDOFF,    /* read by one thread, not yet picked up by the one that answers */
  PL_BEFORE_PARKED,     /* read by a goroutine that is on no thread */
  PL_BEFORES,
};

#define PL_FAMILY_UNIX 1 /* has no address here */
#define PL_FAMILY_INET 2
#define PL_FAMILY_INET6 10

/* The server's end is local. Ports in host order, addresses in network order (IPv4: the first four bytes). */
struct pl_addr {
  pl_u16 family;
  pl_u16 local_port;
  pl_u16 peer_port;
  pl_u16 reserved;
  pl_u8 local[16];
  pl_u8 peer[16];
};

enum pl_role {
  PL_ROLE_UNKNOWN = 0,
  PL_ROLE_SERVER = 1, /* accepted by the target */
  PL_ROLE_CLIENT = 2, /* opened by the target */
};

enum pl_turn_flag {
  PL_TURN_PREEXISTING = 1 << 0,  /* its connection was open when probes went on, and this is its first turn */
  PL_TURN_NO_RECV = 1 << 1,      /* sends without a receive before them */
  PL_TURN_CONTINUED = 1 << 2,    /* a later part of a turn that was already written: part > 0 */
  PL_TURN_NO_READY = 1 << 3,     /* the arrival was not seen; ready_ns is the first receive */
  PL_TURN_HANDOFF = 1 << 4,      /* answered by another thread than the one that read it */
  PL_TURN_UNANSWERED = 1 << 5,   /* the thread that read it closed the connection and sent nothing */
  PL_TURN_UNSEEN_BYTES = 1 << 6, /* payload could not be read (splice, a fault) */
  PL_TURN_PARKS = 1 << 7, /* what its goroutine waited for while on no thread is known, or some of it */
};

/* How bytes left or came, a bit each. */
enum pl_path {
  PL_PATH_COPY = 1 << 0,
  PL_PATH_WRITEV = 1 << 1,
  PL_PATH_SENDFILE = 1 << 2,
  PL_PATH_SPLICE = 1 << 3,
  PL_PATH_ZEROCOPY = 1 << 4, /* as asked for: the kernel may copy after all */
  PL_PATH_IO_URING = 1 << 5,
  PL_PATH_KTLS = 1 << 6, /* encrypted by the kernel, whatever call they came by */
};
#define PL_PATHS 7
#define PL_CALL_PATHS 6 /* of calls: the first ones */

#define PL_CAPTURE_IN 1024u  /* request bytes kept of one turn */
#define PL_CAPTURE_OUT 1024u /* response bytes kept of one turn */
#define PL_TAIL 8u

/*
 * A run of receives followed by a run of sends on one connection, or a part of one: a turn is cut where
 * another thread goes on with it, or the thread does something else in between. A part may have receives,
 * sends or both. state[] and before[] partition the time from ready_ns (part 0; else from the last event of
 * the part before) to the last event of this one; what they leave out is unattributed.
 */
struct pl_turn {
  struct pl_header header;
  pl_u64 conn; /* from 1, unique in a run */
  pl_u32 seq;  /* of the turn on its connection, from 0 */
  pl_u16 part;
  pl_u16 flags;         /* enum pl_turn_flag */
  pl_u64 ready_ns;      /* first byte ready in the socket; part > 0: 0 */
  pl_u64 recv_first_ns; /* first receive returned; 0: none */
  pl_u64 recv_last_ns;
  pl_u64 send_first_ns; /* first send returned; 0: none */
  pl_u64 send_last_ns;
  pl_u64 in_offset; /* stream offset of this record's first received byte */
  pl_u64 out_offset;
  pl_u64 bytes_in;
  pl_u64 bytes_out;
  pl_u32 calls_in;
  pl_u32 calls_out;
  pl_u32 tgid;
  pl_u32 reader_tid;
  pl_u32 writer_tid;
  pl_u16 in_len;  /* captured, from in_offset on */
  pl_u16 out_len; /* captured, from out_offset on */
  pl_u8 role;     /* enum pl_role */
  pl_u8 paths;    /* enum pl_path, of the sends */
  pl_u8 tail_len;
  pl_u8 previous_parts; /* records of the turn before this one on the connection; 255: that many or more */
  pl_u32 retransmits;   /* of the connection so far */
  pl_u8 tail[PL_TAIL];  /* the last bytes sent */
  struct pl_addr addr;
  pl_u64 goid;           /* goroutine of the last receive or send; 0: none, or not known */
  pl_u64 writer_run_ns;  /* the answering thread's time on CPU since it is followed */
  pl_u64 writer_idle_ns; /* and asleep in poll or in a receive of its own */
  pl_u64 before[PL_BEFORES];
  pl_u64 state[PL_STATES];
};

struct pl_close {
  struct pl_header header;
  pl_u64 conn;
  pl_u64 bytes_in; /* over the connection's life, as far as seen */
  pl_u64 bytes_out;
  pl_u32 turns;
  pl_u16 last_parts; /* records of the last turn */
  pl_u16 reset;      /* 1: ended by an error (reset, timeout), 0: orderly */
};

#define PL_LATE_ENDS 4096u /* kept where the ring has no room for them */

/*
 * A stretch in which the probes of receives and sends were off. What was under way then is not known. Two
 * records tell of it: the first, when it begins, has no length yet.
 */
struct pl_pause {
  struct pl_header header;
  pl_u64 from_ns;
  pl_u64 to_ns;
};

PL_ASSERT(sizeof(struct pl_addr) == 40, "pl_addr");
PL_ASSERT(sizeof(struct pl_turn) == 376, "pl_turn");
PL_ASSERT(__builtin_offsetof(struct pl_turn, addr) == 144, "pl_turn.addr");
PL_ASSERT(__builtin_offsetof(struct pl_turn, goid) == 184, "pl_turn.goid");
PL_ASSERT(__builtin_offsetof(struct pl_turn, state) == 248, "pl_turn.state");
PL_ASSERT(sizeof(struct pl_close) == 48, "pl_close");
PL_ASSERT(sizeof(struct pl_pause) == 32, "pl_pause");

#endif
