/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What crosses from the kernel side to user space: the records in the ring buffer, the counters and the
 * values of the maps that user space reads. Compiled by both sides; sizes and offsets are asserted at the
 * end, and a capture file holds these bytes as they are (little endian).
 *
 * All times are CLOCK_MONOTONIC nanoseconds, all durations nanoseconds.
 */
#ifndef PLATEAU_WIRE_H
#define PLATEAU_WIRE_H

#ifdef __cplusplus
#include <cstdint>
#define PL_ASSERT(cond, text) static_assert(cond, text)
typedef std::uint64_t pl_u64;
typedef std::uint32_t pl_u32;
typedef std::uint16_t pl_u16;
typedef std::uint8_t pl_u8;
#else
#define PL_ASSERT(cond, text) _Static_assert(cond, text)
typedef unsigned long long pl_u64;
typedef unsigned int pl_u32;
typedef unsigned short pl_u16;
typedef unsigned char pl_u8;
#endif

/* Raised whenever a record's layout or meaning changes. */
#define PL_WIRE_VERSION 5

/* What a thread is doing; at any instant exactly one of these. */
enum pl_state {
  PL_STATE_RUN = 0,     /* on a CPU */
  PL_STATE_RUNQ,        /* runnable, not on a CPU */
  PL_STATE_POLL,        /* asleep in epoll, poll, select, accept or io_uring's wait */
  PL_STATE_RECV,        /* asleep in a receive on a socket of the server's own */
  PL_STATE_SEND,        /* asleep because a send buffer is full */
  PL_STATE_FUTEX,       /* asleep on a futex */
  PL_STATE_SLEEP,       /* asleep in a timer */
  PL_STATE_DISK,        /* asleep on storage */
  PL_STATE_FAULT,       /* asleep in a page fault */
  PL_STATE_LOCK_SOCKET, /* asleep on the socket lock */
  PL_STATE_LOCK_KERNEL, /* asleep or spinning on another kernel lock */
  PL_STATE_FD,          /* asleep on another descriptor: a client socket, a pipe, a child */
  PL_STATE_OTHER,       /* asleep, cause unknown */
  PL_STATE_COPY_IN,     /* on a CPU, copying from a socket to user memory */
  PL_STATE_COPY_OUT,    /* on a CPU, copying from user memory to a socket */
  PL_STATE_TCP_SEND,    /* on a CPU, in the rest of a TCP send */
  PL_STATES,
};

#define PL_STATE_ON_CPU(state) ((state) == PL_STATE_RUN || (state) >= PL_STATE_COPY_IN)
#define PL_STATE_ASLEEP(state) ((state) >= PL_STATE_POLL && (state) < PL_STATE_COPY_IN)

/* Where a request was when no thread served it. */
enum pl_before {
  PL_BEFORE_ACCEPT = 0, /* readable, not accepted */
  PL_BEFORE_WAKEUP,     /* readable, its thread asleep */
  PL_BEFORE_BUSY,       /* readable, its thread at work for others */
  PL_BEFORE_HANDOFF,    /* read by one thread, not yet picked up by the one that answers */
  PL_BEFORE_PARKED,     /* read by a goroutine that is on no thread */
  PL_BEFORES,
};

/* What a goroutine on no thread waits for. */
enum pl_park {
  PL_PARK_OTHER = 0, /* or not known */
  PL_PARK_CHANNEL,
  PL_PARK_SELECT,
  PL_PARK_SYNC,    /* a mutex, a semaphore, a condition variable, a wait group */
  PL_PARK_NETWORK, /* descriptors in the runtime's poller */
  PL_PARK_TIMER,   /* time.Sleep */
  PL_PARK_GC, /* the garbage collector: an assist that finds nothing to do, a sweep, a stop of the world */
  PL_PARK_RUNNABLE, /* for nothing but a thread to run on */
  PL_PARKS,
};

/* Of the kernel's own locks. */
enum pl_kernel_lock {
  PL_KERNEL_LOCK_OTHER = 0, /* a semaphore; before Linux 6.2 a mutex too */
  PL_KERNEL_LOCK_SPIN,
  PL_KERNEL_LOCK_RWLOCK,
  PL_KERNEL_LOCK_MUTEX,
  PL_KERNEL_LOCK_RWSEM,
  PL_KERNEL_LOCK_PERCPU, /* a per-CPU reader-writer semaphore */
  PL_KERNEL_LOCK_RT,     /* a mutex with priority inheritance; with PREEMPT_RT nearly all others */
  PL_KERNEL_LOCKS,
};

enum pl_record_kind {
  PL_RECORD_TURN = 1,   /* struct pl_turn, then in_len + out_len captured bytes; with PL_TURN_PARKS, from the
                           next multiple of eight bytes on, struct pl_parks */
  PL_RECORD_CLOSE = 2,  /* struct pl_close */
  PL_RECORD_WAKER = 3,  /* struct pl_waker, then stack_len bytes */
  PL_RECORD_PAUSE = 4,  /* struct pl_pause; from user space, between the records of the kernel side */
  PL_RECORD_SAMPLE = 8, /* struct pl_sample, then data_len bytes */
  PL_RECORD_SLEPT = 9,  /* struct pl_slept */
  PL_RECORD_STOP = 10,  /* struct pl_stop */
  PL_RECORD_WAKE = 11,  /* struct pl_wake, then by.data_len bytes */
};

struct pl_header {
  pl_u32 size; /* of the whole record, this header included */
  pl_u16 kind; /* enum pl_record_kind */
  pl_u16 cpu;
  pl_u64 ts; /* when it was written */
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

/*
 * How before[PL_BEFORE_PARKED] is made up; what is not among it is PL_PARK_OTHER. In that one's place stands
 * what of state[PL_STATE_RUN] its goroutine marked for the garbage collector: a tick for each that found it
 * so.
 */
struct pl_parks {
  pl_u64 ns[PL_PARKS];
};

#define PL_PARKS_ASSIST PL_PARK_OTHER
#define PL_GO_TICK_NS 1000000ull /* of a CPU's time, between two looks at what goes on on it */

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

#define PL_REGISTERS 17
#define PL_STACK_SLICE 8192u

/* A thread that woke a thread asleep on a futex, sampled: the lock's holder. */
struct pl_waker {
  struct pl_header header;
  pl_u64 futex;   /* user address */
  pl_u64 wait_ns; /* how long the woken one had slept */
  pl_u64 weight;  /* hand-overs of this lock since the last sample, this one included */
  pl_u32 tgid;
  pl_u32 waker_tid;
  pl_u32 waiter_tid;
  pl_u32 stack_len;
  /* x86-64: ip sp bp bx r12 r13 r14 r15 ax cx dx si di r8 r9 r10 r11; arm64: pc sp x29 x19-x28 x30 0 0 0 */
  pl_u64 regs[PL_REGISTERS];
};

enum pl_sample_kind {
  PL_SAMPLE_CPU = 1,   /* on a CPU at the tick of a clock */
  PL_SAMPLE_SLEEP = 2, /* falling asleep; a pl_slept with the same tid and from_ns tells how long */
  PL_SAMPLE_FAULT = 3, /* at a page fault */
  PL_SAMPLE_WAKE = 4,  /* waking another thread: in a pl_wake */
};

enum pl_stack_data {
  PL_STACK_NONE = 0, /* none taken */
  PL_STACK_IPS = 1,  /* user return addresses by frame pointers, innermost first, eight bytes each */
  PL_STACK_COPY = 2, /* a copy of the user stack from its pointer upwards */
};

#define PL_PROFILE_SLICE 24576u /* of a thread on a CPU; of one that falls asleep: PL_STACK_SLICE */
#define PL_KERNEL_FRAMES 64u
#define PL_USER_FRAMES 127u

/* A thread's stack, taken for a profile. */
struct pl_sample {
  struct pl_header header;
  pl_u64 from_ns;   /* when it fell asleep; on a CPU: header.ts */
  pl_u64 period_ns; /* on a CPU: the time it stands for; falling asleep: 0; at a fault: the faults */
  pl_u64 futex;     /* user address it sleeps on, 0: none */
  pl_u32 tgid;
  pl_u32 tid;
  pl_u32 data_len;
  pl_u16 kernel_frames;
  pl_u8 kind;  /* enum pl_sample_kind */
  pl_u8 data;  /* enum pl_stack_data */
  pl_u8 state; /* enum pl_state, as far as known by then */
  pl_u8 reserved[7];
  pl_u64 regs[PL_REGISTERS]; /* user registers, as in pl_waker */
  pl_u64 kernel[PL_KERNEL_FRAMES];
};

/* The end of a sleep whose beginning was a pl_sample. */
struct pl_slept {
  struct pl_header header; /* ts: running again */
  pl_u64 from_ns;
  pl_u64 woken_ns; /* runnable again */
  pl_u32 tgid;
  pl_u32 tid;
};

enum pl_stop_cause {
  PL_STOP_WATCHED = 0, /* none: from header.ts on each stop of the process is told; from user space */
  PL_STOP_GC,          /* the garbage collector's */
  PL_STOP_OTHER,       /* ReadMemStats, a profile, GOMAXPROCS … */
};

#define PL_STOP_CAUSE(stop) ((stop)&0xff)
#define PL_STOP_ASSISTS 0x100 /* beside PL_STOP_WATCHED: from then on assists are told, too */

/*
 * A stop of the world in a Go process: from where the runtime begins to take the goroutines off their threads
 * to where it begins to let them go on. Two records tell of it: the first, when it begins, has no end yet.
 */
struct pl_stop {
  struct pl_header header;
  pl_u64 from_ns;
  pl_u64 to_ns; /* 0: it goes on */
  pl_u32 tgid;
  pl_u32 cause; /* PL_STOP_CAUSE(): enum pl_stop_cause */
};

/*
 * Who ends a sleep whose beginning was a pl_sample: the thread that is on the CPU, or an interrupt that came
 * upon it, which its kernel stack tells.
 */
struct pl_wake {
  struct pl_sample by; /* header.kind: PL_RECORD_WAKE; from_ns: of the sleep. A thread without memory of its
                          own has no user stack: PL_STACK_NONE */
  pl_u32 sleeper;      /* tid */
  pl_u32 reserved;
  char comm[16];
};

/* Per-CPU counters. Each loss is counted where it happens. */
enum pl_counter {
  PL_COUNT_TURNS = 0,  /* turn records written or lost, parts > 0 left out */
  PL_COUNT_LOST_TURNS, /* of them lost: ring full */
  PL_COUNT_LOST_PARTS, /* later parts lost: ring full */
  PL_COUNT_LOST_CLOSES,
  PL_COUNT_LOST_WAKERS,
  PL_COUNT_LOST_CONNS,     /* no memory for a connection's state */
  PL_COUNT_LOST_THREADS,   /* no memory for a thread's state */
  PL_COUNT_LOST_LOCKS,     /* lock table full */
  PL_COUNT_PAYLOAD_UNREAD, /* user memory could not be read */
  PL_COUNT_BYTES_IN,       /* moved by the target on server connections */
  PL_COUNT_BYTES_OUT,
  PL_COUNT_BYTES_LOST, /* of both, in lost records */
  PL_COUNT_CONNS_OPENED,
  PL_COUNT_CONNS_CLOSED,
  PL_COUNT_DOWNSTREAM_BYTES, /* moved on connections that the target opened */
  PL_COUNT_PATH_BYTES,       /* of BYTES_OUT, less KTLS_BYTES: by the first call's path; then by the others */
  PL_COUNT_PATH_BYTES_LAST = PL_COUNT_PATH_BYTES + PL_CALL_PATHS - 1,
  PL_COUNT_LOST_GOROUTINES,   /* table of goroutines that left their thread full: their requests' time unknown
                               */
  PL_COUNT_ZEROCOPIES,        /* sends with MSG_ZEROCOPY whose end was told */
  PL_COUNT_ZEROCOPIES_COPIED, /* of them copied by the kernel after all */
  PL_COUNT_LOST_LOOPS,        /* threads that wait for events, not counted: too many at once */
  PL_COUNT_LATE_GOROUTINES,   /* time on a thread that is in no request: it ended on another one meanwhile */
  PL_COUNT_KTLS_BYTES,        /* of BYTES_OUT: encrypted by the kernel */
  PL_COUNT_KTLS_CONNS,        /* connections on which some were */
  PL_COUNT_KERNEL_LOCK_WAITS, /* for the kernel's own locks, ended, by the target's threads: one for each kind
                               */
  PL_COUNT_KERNEL_LOCK_WAITS_LAST = PL_COUNT_KERNEL_LOCK_WAITS + PL_KERNEL_LOCKS - 1,
  PL_COUNT_KERNEL_LOCK_NS, /* their lengths, asleep or spinning */
  PL_COUNT_KERNEL_LOCK_NS_LAST = PL_COUNT_KERNEL_LOCK_NS + PL_KERNEL_LOCKS - 1,
  PL_COUNT_LOST_STOPS, /* records of stops of the world lost: ring full, too many processes */
  PL_COUNTERS,
};

/* Per-CPU counters of a profile. */
enum pl_profile_counter {
  PL_PROFILE_SAMPLES = 0,  /* stacks taken, the lost ones too */
  PL_PROFILE_LOST_SAMPLES, /* of them lost: ring full */
  PL_PROFILE_LOST_ENDS,    /* ends of sleeps lost: ring full */
  PL_PROFILE_LOST_SLEEPS,  /* sleeps not looked at: too many threads asleep at once */
  PL_PROFILE_LOST_WAKES,   /* wakers' stacks lost: ring full */
  PL_PROFILE_COUNTERS,
};

/* Key and value of the lock table. */
struct pl_lock_key {
  pl_u64 futex;
  pl_u32 tgid;
  pl_u32 reserved;
};

struct pl_lock {
  pl_u64 waits;      /* sleeps that ended */
  pl_u64 wait_ns;    /* their sum */
  pl_u64 owed_waits; /* of them, by a thread that owed an answer */
  pl_u64 owed_wait_ns;
  pl_u64 handovers;    /* sleeps ended by another thread's futex call */
  pl_u64 services;     /* intervals between hand-overs with somebody waiting throughout */
  pl_u64 service_ns;   /* their sum */
  pl_u64 contended_ns; /* time with at least one waiter */
  pl_u64 contended_since;
  pl_u64 last_handover; /* 0: nobody waits */
  pl_u64 unsampled;     /* hand-overs since the last stack sample */
  long long waiting;    /* asleep on it now */
};

/*
 * Key and value of the table of the kernel stacks on which threads of the target waited for the kernel's own
 * locks: not of all waits, only of so many a second and CPU (bpf/lock.bpf.c).
 */
#define PL_LOCK_STACKS 1024u
#define PL_LOCK_STACK_DEPTH 24u

struct pl_lock_stack {
  pl_u32 stack; /* its number */
  pl_u32 kind;  /* enum pl_kernel_lock */
};

struct pl_lock_stack_waits {
  pl_u64 waits; /* that have ended */
  pl_u64 wait_ns;
};

/* Threads whose waits for events are counted at a time; a bucket is a quarter of a power of two. */
#define PL_LOOPS 1024u
#define PL_LOOP_BUCKETS 100u
#define PL_LOOP_SHIFT 8
/* The shortest sleep of a bucket, in ns; of the first, 0. */
#define PL_LOOP_BOUND(i) ((4ull + ((i)&3u)) << ((i) >> 2) << PL_LOOP_SHIFT)

/*
 * A thread that waits for events: in epoll, poll, select or io_uring's wait. Its time since `born_ns` is
 * slept_ns, run_ns, runq_ns, what is left, which are sleeps of other kinds, and, from since_ns on, `state`.
 */
struct pl_loop {
  pl_u64 born_ns; /* it first fell asleep so, or was found asleep; 0: no thread's */
  pl_u64 ended_ns;
  pl_u64 since_ns; /* start of its present state */
  pl_u64 sleeps;   /* waits for events in which it gave up its CPU, and that ended */
  pl_u64 slept_ns; /* their sum, each up to the wake-up */
  pl_u64 run_ns;   /* on a CPU */
  pl_u64 runq_ns;
  pl_u64 run_before; /* its sums at born_ns */
  pl_u64 runq_before;
  pl_u64 listeners; /* whose connections it has read, a bit each; see PL_LISTENERS */
  pl_u32 tgid;
  pl_u32 tid;
  pl_u32 state; /* PL_STATE_POLL: waits for events; RUN; RUNQ; OTHER: asleep elsewhere */
  pl_u32 reserved;
  char comm[16];
  pl_u64 buckets[PL_LOOP_BUCKETS]; /* sleeps by length */
};

#define PL_LISTENERS 64u

#define PL_GO_REASONS 64u

/* Where in the memory of a Go process its runtime keeps what tells goroutines apart: offsets in bytes. */
struct pl_go_layout {
  int tls;     /* of the pointer to the running g, from the thread pointer; amd64 only */
  pl_u32 goid; /* in a g; 0: no Go process, or not known */
  pl_u32 m;    /* in a g */
  pl_u32 curg; /* in an m; 0: not known */
  /* Whether stopTheWorldWithSema is told what for, as since 1.21: in its first argument. */
  pl_u32 stop_reason;
  /* What its wait reasons mean, enum pl_park, from the second one on; the first: whether to look at them. */
  pl_u8 parks[PL_GO_REASONS];
};

/* How a blocked or data-moving system call is read; the index of the table is its number. */
enum pl_call_buffer {
  PL_BUFFER_NONE = 0,
  PL_BUFFER_FLAT, /* second argument: the bytes */
  PL_BUFFER_IOV,  /* second argument: struct iovec[], third: how many */
  PL_BUFFER_MSG,  /* second argument: struct msghdr */
};

#define PL_CALL_STATE(call) ((call)&0x0f)           /* enum pl_state while blocked in it */
#define PL_CALL_BUFFER(call) (((call) >> 4) & 0x03) /* enum pl_call_buffer */
#define PL_CALL_LOOP 0x40                           /* waits for events on many descriptors */
#define PL_CALL_LIST 0x80                           /* on as many as its second argument says */
#define PL_CALL(state, buffer) ((state) | ((buffer) << 4))
#define PL_CALLS 512

PL_ASSERT(sizeof(struct pl_header) == 16, "pl_header");
PL_ASSERT(sizeof(struct pl_addr) == 40, "pl_addr");
PL_ASSERT(sizeof(struct pl_turn) == 376, "pl_turn");
PL_ASSERT(__builtin_offsetof(struct pl_turn, addr) == 144, "pl_turn.addr");
PL_ASSERT(__builtin_offsetof(struct pl_turn, goid) == 184, "pl_turn.goid");
PL_ASSERT(__builtin_offsetof(struct pl_turn, state) == 248, "pl_turn.state");
PL_ASSERT(sizeof(struct pl_close) == 48, "pl_close");
PL_ASSERT(sizeof(struct pl_pause) == 32, "pl_pause");
PL_ASSERT(sizeof(struct pl_waker) == 192, "pl_waker");
PL_ASSERT(sizeof(struct pl_lock) == 96, "pl_lock");
PL_ASSERT(sizeof(struct pl_lock_stack) == 8, "pl_lock_stack");
PL_ASSERT(sizeof(struct pl_lock_stack_waits) == 16, "pl_lock_stack_waits");
PL_ASSERT(sizeof(struct pl_loop) == 112 + 8 * PL_LOOP_BUCKETS, "pl_loop");
PL_ASSERT(sizeof(struct pl_sample) == 64 + 8 * PL_REGISTERS + 8 * PL_KERNEL_FRAMES, "pl_sample");
PL_ASSERT(sizeof(struct pl_slept) == 40, "pl_slept");
PL_ASSERT(sizeof(struct pl_wake) == sizeof(struct pl_sample) + 24, "pl_wake");
PL_ASSERT(sizeof(struct pl_parks) == 64, "pl_parks");
PL_ASSERT(sizeof(struct pl_stop) == 40, "pl_stop");
PL_ASSERT(sizeof(struct pl_go_layout) == 20 + PL_GO_REASONS, "pl_go_layout");
PL_ASSERT(PL_PARKS <= 8, "an index into pl_parks can be masked");
PL_ASSERT(PL_STATES <= 16, "a call's state has four bits");

#endif
