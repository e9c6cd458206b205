/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel side's memory: what is kept for each connection (socket storage) and each thread (task storage)
 * of the target, and the maps shared by all programs. Storage hangs on the socket and the task themselves, so
 * a reused descriptor or PID never meets somebody else's state, and nothing outlives its owner.
 *
 * Maps are weak: each object that is linked declares them, the linker keeps one.
 */
#ifndef PLATEAU_STATE_H
#define PLATEAU_STATE_H

#include "code.h"
#include "counters.h"
#include "go_layout.h"
#include "park_record.h"
#include "turn_record.h"

#define STATE_SLOTS 16 /* PL_STATES or more, so that an index can be masked */
#define WAITS 4        /* sleeps remembered since a thread's last boundary */

enum phase {
  PHASE_QUIET = 0, /* nothing received since the last answer */
  PHASE_RECEIVING, /* the turn's receives */
  PHASE_ANSWERING, /* the turn's sends */
};

/* What went before a connection's next turn. */
enum preexisting {
  PREEXISTING_NOT = 0,
  PREEXISTING_AT_ATTACH,
  PREEXISTING_AT_PAUSE, /* bytes came, or may have, while nobody looked: when is not known */
};

/* A sleep, and what the thread had spent since its last boundary when it ended. */
struct wait {
  u64 from;
  u64 to; /* running again */
  u64 spent[STATE_SLOTS];
};

/* In idle_to: a thread that was at work at the attach, and may be so for good. */
#define BEFORE_ATTACH 1

/* The books of a goroutine with a request to answer that has left its thread (goroutine.h). */
struct goroutine {
  u64 conn;      /* whose request it has read */
  u64 tid;       /* thread that it was last found on */
  u64 gone_from; /* on no thread since, 0: on one */
  u64 parked;    /* sum of the stretches on no thread, for a cause that is not known */
  u32 waits;     /* state that it is in while on no thread; 0: not known */
  u32 wait;      /* and then, wait_of() it as it left */
  u64 asked;     /* calls to other servers */
  u64 spent[STATE_SLOTS];
  u64 by_park[PL_PARKS]; /* what `parked` is made up of, and PL_PARKS_ASSIST, as in pl_parks */
};

struct thread {
  u32 tid;
  u32 tgid;
  u64 since;      /* start of the present state */
  u64 wait_from;  /* start of the present sleep */
  u64 woken;      /* when it was woken from it, 0: not yet */
  u64 idle_from;  /* the last sleep in poll or receive */
  u64 idle_to;    /* 0: none, it waits for work elsewhere or is newborn */
  u64 prior_from; /* the one before it, in case the last proves to be none */
  u64 prior_to;
  u64 futex;      /* user address it sleeps on */
  u64 slept_lock; /* futex it last slept on and has not released since, 0: none */
  u64 slept_lock_woken;
  u64 kernel_lock; /* lock it contends for, 0: none */
  u64 kernel_lock_from;
  u64 owed;     /* connection read by it and not answered, 0: none */
  u64 pending;  /* connection whose record is in `turn`, 0: none */
  u64 doubt_ns; /* length of the sleep in `doubt` */
  u64 mark_ts;  /* last boundary: a receive, an answer, its birth */
  u64 run_ns;   /* since it is followed: on a CPU, and asleep in poll or receive */
  u64 idle_ns;
  u64 runq_ns;
  u64 listeners;          /* whose connections it has read, a bit each */
  u64 spent[STATE_SLOTS]; /* since the last boundary, by state */
  u32 spent_mask;         /* states with time in them, a bit each */
  u32 state;              /* enum pl_state */
  u32 doubt; /* state of the last sleep, while it may still prove to be another cause; 0: settled */
  u32 waits_seen;
  u32 listener;           /* index of the listener whose connections it reads */
  u32 epoch;              /* of its last receive or send */
  u32 running;            /* state while on a CPU */
  u32 loop;               /* index + 1 of its pl_loop; 0: it has not waited for events */
  u32 in_loop;            /* 1: asleep for events */
  u32 on_one;             /* 1: its last sleep for events was for those of one descriptor */
  u64 sending;            /* socket that it last began to copy to, an address; known with copy_out alone */
  u64 submitted;          /* its last io_uring request that moves bytes, an address; 0: none */
  u32 ring_turns;         /* runs of receives and then sends through io_uring */
  u32 ring_links;         /* 1: the next request it submits waits for the last */
  u32 ring_sent;          /* 1: the last of them was a send */
  struct pl_go_layout go; /* goid 0: not Go */
  u64 goid;               /* goroutine at the last look; 0: none, the scheduler */
  u64 looked;             /* that look, or when it got a CPU since */
  u64 owes;               /* connection whose request that goroutine has read and not answered, 0: none */
  u64 g;                  /* address of the g of the goroutine that was last found on it */
  u64 looked_g;           /* and of the one at the last look */
  u64 g0;                 /* and of its g0 or gsignal, and its m */
  u64 m;
  u32 parking;        /* state that the goroutine is about to park in, as the last look told; 0: none */
  u32 downstream;     /* 1: the last that it moved were a downstream's bytes */
  u64 asked_for;      /* connection that `asked` are calls for; 0: the next answer, or the goroutine's */
  u32 asked;          /* calls to other servers that are in no record yet; asker.h */
  u32 owing;          /* connections that it has read and not answered; not Go */
  u32 loose;          /* calls of which it is not known for which of them they were */
  u16 reads;          /* 1: it has read requests */
  u16 answers_others; /* 1: it has answered what another thread read */
  u64 assist;         /* since the last boundary, marking for the collector: of spent[PL_STATE_RUN] */
  u64 heads;          /* connection whose turn, so far, is requests without bodies, kept whole; 0: none */
  struct wait waits[WAITS];
  u64 parked[PL_PARKS];     /* of the record that is being made */
  u32 parks;                /* 1: some of them is not 0 */
  u32 kernel_lock_kind;     /* enum pl_kernel_lock */
  u32 kernel_lock_stack;    /* number + 1 of the stack that it contends on; 0: not looked at */
  u32 on_cpu;               /* 1: it has one, as far as was seen: also where it spins for a kernel lock */
  u32 at_work;              /* 1: a program is making its record */
  struct goroutine leaving; /* being made: the stack has no room for it */
  /* The record that is being made, in the layout of the ring: turn, then captured bytes. */
  struct pl_turn turn;
  u8 payload[PL_CAPTURE_IN + 2 * PL_CAPTURE_OUT]; /* the last third is room for the verifier's bounds */
};

/* What both CPUs touch, the one where bytes arrive and the one that serves, is in the first line. */
struct conn {
  u64 id;
  u64 ready_first; /* arrival of the oldest byte not read, 0: none seen */
  u64 ready_last;
  u64 in_offset;
  u64 out_offset;
  u64 last_ts;  /* end of the last receive or send of the open turn */
  u32 last_tid; /* by this thread */
  u32 reader_tid;
  u32 turns;           /* begun so far */
  u16 parts;           /* records of the last one */
  u8 phase;            /* enum phase */
  u8 role;             /* enum pl_role */
  u8 ready_unaccepted; /* not accepted at ready_first */
  u8 send_blocked;     /* the send buffer was full after the last send */
  u8 preexisting;      /* enum preexisting */
  u8 closed;           /* the target sends no more: its end was written */
  u8 reset;            /* ended by an error */
  u8 followed;         /* whether in_seq and out_seq are known, a bit each */
  u8 ktls;             /* 1: the kernel has encrypted what was sent on it */
  u8 reserved;
  u32 listener; /* index, and its number among the connections established there; 0: not known */
  u32 number;
  u32 epoch;   /* in which the rest was true */
  u64 ring_in; /* the io_uring requests that wait for its bytes, or for room; addresses, 0: none seen */
  u64 ring_out;
  u32 ring_turn;  /* its reader's ring_turns at the last receive */
  u32 zerocopies; /* sends with MSG_ZEROCOPY whose end was told */
  u64 goid;       /* goroutine of the last receive or send, 0: none */
  u32 in_seq;     /* the kernel's own counts of bytes, after the last receive or send that was seen */
  u32 out_seq;
  struct pl_addr addr;
  u32 loose_calls; /* when the turn began, as the rest here; asker.h */
  u32 reader_calls;
  u32 reader_loose;
  u32 reserved2;
};

/* On a listening socket of the target; the kernel copies it to every connection accepted from it. */
struct mark {
  u32 listener; /* index + 1; 0: none */
};

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
  __type(key, int);
  __type(value, struct mark);
} marks SEC(".maps") __weak;

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct conn);
} conns SEC(".maps") __weak;

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct thread);
} threads SEC(".maps") __weak;

/* Ports that the target listens on: tells accepted connections from opened ones at attach. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u16);
  __type(value, u8);
} ports SEC(".maps") __weak;

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 * 1024 * 1024); /* resized by user space */
} ring SEC(".maps") __weak;

/* Ends of connections for which the ring had no room: without its end, what was lost of a connection's last
 * turns cannot be told. */
struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, PL_LATE_ENDS);
  __type(value, struct pl_close);
} late_ends SEC(".maps") __weak;

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, PL_COUNTERS);
  __type(key, u32);
  __type(value, u64);
} counters SEC(".maps") __weak;

/*
 * User space counts it up when it takes the probes of receives and sends off, and when it has put them back:
 * it is odd in between, and what one of them sees while others are still, or already, off must not count.
 * What is known of a connection or thread from an earlier epoch may have changed since.
 */
pl_u32 epoch __weak = 0;
/* User space sets it once the target's listening sockets are known: before that nothing tells a connection
 * that the target accepted from one that it opened. */
pl_u32 listeners_known __weak = 0;
#define PAUSED ((epoch & 1) || !listeners_known)

/*
 * With PREEMPT_RT a thread may lose its CPU in the middle of a program that hangs on a function's end: its
 * record is then half made, and not to be written.
 */
static __always_inline void begin_work(struct thread* t) {
  *(volatile u32*)&t->at_work = 1;
}

static __always_inline void end_work(struct thread* t) {
  *(volatile u32*)&t->at_work = 0;
}

static __always_inline int at_work(const struct thread* t) {
  return *(const volatile u32*)&t->at_work != 0;
}

/* What the target does with io_uring. */
#define RINGS_USED 1    /* some thread has one */
#define RINGS_PUT_OFF 2 /* some request is not tried when it is submitted */
pl_u32 rings __weak = 0;

static __always_inline void count(u32 which, u64 by) {
  u64* value = bpf_map_lookup_elem(&counters, &which);
  if (value) *value += by;
}

/* Null for threads that are not followed: for most of them without a call. */
static __always_inline struct thread* thread_of(struct task_struct* task) {
  if (bpf_core_field_exists(task->bpf_storage) && !task->bpf_storage) return 0;
  return bpf_task_storage_get(&threads, task, 0, 0);
}

/* Closes the books on the present state up to now. A wake-up seen by another CPU may lie before it began. */
static __always_inline void settle(struct thread* t, u64 now) {
  if (now <= t->since) return;
  u64 state = t->state;
  KEEP_BOUNDS(state);
  state &= STATE_SLOTS - 1;
  u64 spent = now - t->since;
  t->spent[state] += spent;
  t->spent_mask |= 1u << state;
  if (t->on_cpu) t->run_ns += spent;
  t->since = now;
}

/* A thread on a CPU goes on to another thing. */
static __always_inline void run_as(struct thread* t, u32 state) {
  t->running = state;
  if (PL_STATE_ON_CPU(t->state)) t->state = state;
}

/*
 * A receive or send has returned, so that its thread waits for no kernel lock. It may seem to: where an
 * interrupt that waits for one comes upon the program for the end of such waits at work, the kernel runs that
 * program for the interrupt's wait no second time.
 */
static __always_inline void forget_kernel_lock(struct thread* t) {
  if (!t->kernel_lock) return;
  t->kernel_lock = 0;
  t->state = t->running;
}

#endif
