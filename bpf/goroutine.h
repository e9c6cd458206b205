/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of a Go server belong to goroutines. Which one a thread is with is looked up where the thread is
 * in the kernel anyway: at receives and sends, when it loses its CPU, and at a tick. Between two looks that
 * find the same goroutine the thread's time is that goroutine's; between two that differ nobody knows when
 * the change was, except that a thread that goes to sleep for want of work was with its goroutine until then,
 * and one that wakes from such a sleep is with the goroutine found next: the rest is the scheduler's, a few
 * microseconds; a goroutine that found nothing to receive, or no room to send, lets go of its thread at once;
 *   a goroutine that receives has done nothing else since it was given a thread;
 *   a goroutine that comes to a thread right after a downstream's bytes did has waited for those.
 *
 * While a goroutine that has read a request and not answered it keeps its thread, the thread's own totals are
 * the request's (charge.h). Once it has left a thread its totals are kept by its id, until the answer.
 */
#ifndef PLATEAU_GOROUTINE_H
#define PLATEAU_GOROUTINE_H

#include "abi.h"
#include "asker.h"
#include "charge.h"
#include "park.h"
#include "record.h"

struct goroutine_key {
  u64 goid;
  u64 tgid;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1); /* raised by user space where there is a Go process */
  __type(key, struct goroutine_key);
  __type(value, struct goroutine);
} goroutines SEC(".maps") __weak;

/* By process. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct pl_go_layout);
} go_layouts SEC(".maps") __weak;

/* How many are in `goroutines`. */
long long goroutines_away __weak = 0;

#define IS_GO(t) ((t)->go.goid != 0)

static __always_inline int read_user_u64(u64* to, u64 address) {
  return bpf_probe_read_user(to, sizeof(*to), (void*)address) == 0;
}

/* The goroutine on whose behalf a thread is on its g0 or gsignal. */
COLD u64 goroutine_of_scheduler(struct thread* t, u64 g) {
  u64 curg = 0, goid = 0;
  if (!t->go.curg) return 0;
  if (g != t->g0) {
    if (!read_user_u64(&t->m, g + t->go.m)) return 0;
    t->g0 = g;
  }
  if (!read_user_u64(&curg, t->m + t->go.curg) || !curg) return 0;
  if (!read_user_u64(&goid, curg + t->go.goid)) return 0;
  t->g = curg;
  return goid;
}

/* The address of the g that the current thread runs on; 0: it cannot be read. */
static __always_inline u64 running_g(struct thread* t, struct task_struct* task) {
#if defined(__TARGET_ARCH_x86)
  u64 g = 0;
  return read_user_u64(&g, task->thread.fsbase + (s64)t->go.tls) ? g : 0;
#else
  return REGS_GO((struct pt_regs*)bpf_task_pt_regs(task));
#endif
}

/* The goroutine that the current thread is with; 0: none, or it cannot be read. */
COLD u64 goroutine_of(struct thread* t, struct task_struct* task) {
  u64 goid = 0, g = running_g(t, task);
  if (!g) return 0;
  if (g != t->g0 && !read_user_u64(&goid, g + t->go.goid)) return 0;
  if (!goid) return goroutine_of_scheduler(t, g);
  t->g = g;
  return goid;
}

/* The same where the connection is one whose request the thread's goroutine has read: it cannot have ended.
 */
COLD u64 goroutine_at(struct thread* t, struct task_struct* task, const struct conn* c) {
  if (c && t->owes == c->id && running_g(t, task) == t->g) return t->goid;
  return goroutine_of(t, task);
}

static __always_inline struct goroutine* goroutine_by(const struct thread* t, u64 goid) {
  struct goroutine_key key = {.goid = goid, .tgid = t->tgid};
  return bpf_map_lookup_elem(&goroutines, &key);
}

COLD int forget_goroutine(u32 tgid, u64 goid) {
  struct goroutine_key key = {.goid = goid, .tgid = tgid};
  if (bpf_map_delete_elem(&goroutines, &key) == 0) __sync_fetch_and_add(&goroutines_away, -1);
  return 0;
}

/*
 * The goroutine moves bytes of a connection with no request under way. Books on an earlier one of it are of
 * one that has been answered: a thread that the goroutine had left before was late with them.
 */
COLD int forget_ended(const struct thread* t, u64 goid, const struct conn* c) {
  const struct goroutine* g = goroutine_by(t, goid);
  if (g && (c->phase == PHASE_QUIET || g->conn == c->id)) forget_goroutine(t->tgid, goid);
  return 0;
}

/* What the thread has spent since its last boundary is the goroutine's, but for the last `unsure`. */
static __always_inline void pay(struct goroutine* g, const struct thread* t, u64 unsure) {
  u64 ran = t->spent[PL_STATE_RUN];
  g->spent[PL_STATE_RUN] += ran - (unsure < ran ? unsure : ran);
  if (t->spent_mask & ~ONLY_RUN) KEEP_LOOP
  for (int i = 1; i < PL_STATES; i++) g->spent[i] += t->spent[i];
  g->by_park[PL_PARKS_ASSIST] += t->assist;
  g->asked += t->asked;
}

/* The books of a goroutine with this thread's part of them, as it leaves. */
static __always_inline void close_books(struct goroutine* g, const struct thread* t, u64 next, u32 wait,
                                        u64 now) {
  pay(g, t, next || t->parking ? now - t->looked : 0);
  g->waits = t->parking;
  if (g->tid != t->tid) return; /* it has been found on another thread by now */
  g->gone_from = t->parking ? t->looked : now;
  g->wait = wait;
}

/*
 * Enters the goroutine that leaves the thread among those that are away, its books closed: from then on
 * another thread may take them over with its answer. It may have been on that one for a while, and may have
 * left it, too, at this moment, or answered: whose request this was has ended then.
 */
COLD int enter_goroutine(struct thread* t, u64 next, u32 wait, u64 now) {
  struct goroutine_key key = {.goid = t->goid, .tgid = t->tgid};
  /* `t` again: what a function apart was handed may not go into a map on older kernels. */
  struct thread* own = thread_of(bpf_get_current_task_btf());
  if (!own) return 0;
  struct goroutine* fresh = &own->leaving;
  fresh->conn = t->owes;
  fresh->tid = t->tid;
  fresh->gone_from = 0;
  fresh->parked = 0;
  fresh->asked = 0;
  for (int i = 0; i < PL_STATES; i++) fresh->spent[i] = 0;
  for (int i = 0; i < PL_PARKS; i++) fresh->by_park[i] = 0;
  close_books(fresh, t, next, wait, now);
  long refused = bpf_map_update_elem(&goroutines, &key, fresh, BPF_NOEXIST);
  if (refused == 0) {
    __sync_fetch_and_add(&goroutines_away, 1);
  } else if (refused == -E2BIG) {
    count(PL_COUNT_LOST_GOROUTINES, 1);
  } else {
    struct goroutine* g = bpf_map_lookup_elem(&goroutines, &key);
    if (g && g->conn == t->owes)
      close_books(g, t, next, wait, now);
    else
      count(PL_COUNT_LATE_GOROUTINES, 1);
  }
  return 0;
}

/* The thread turns out to be with `next` in place of the goroutine whose request it served. */
COLD int goroutine_left(struct thread* t, u64 next, u64 now) {
  u32 wait = t->parking ? 0 : wait_of(t, t->looked_g, t->goid);
  struct goroutine* g = goroutine_by(t, t->goid);
  if (g && g->conn == t->owes) {
    close_books(g, t, next, wait, now);
  } else {
    if (g) forget_goroutine(t->tgid, t->goid);
    enter_goroutine(t, next, wait, now);
  }
  flush_turn(t, now);
  t->owes = 0;
  t->doubt = 0;
  t->assist = 0;
  t->asked = 0;
  set_mark(t, now);
  return 0;
}

/* What ended the time in which a goroutine was on no thread: a state, or this. */
#define ENDED_UNKNOWN 0

static __always_inline void add_parked(struct goroutine* g, const struct thread* t, u64 goid, u64 ns) {
  u32 park = park_between(t, g->wait, g->wait ? wait_of(t, t->g, goid) : 0);
  g->parked += ns;
  if (park != PL_PARK_OTHER) g->by_park[park & (PL_PARKS - 1)] += ns;
}

/* The thread turns out to be with a goroutine that had left its own. */
COLD int goroutine_came(struct thread* t, u64 goid, u32 ended_by, u64 now) {
  struct goroutine* g = goroutine_by(t, goid);
  if (!g) return 0;
  u64 came = t->looked > g->gone_from ? t->looked : g->gone_from;
  if (ended_by && t->goid) came = now; /* it did nothing before it received */
  u32 waited = g->waits ? g->waits : ended_by;
  if (!waited && t->downstream) waited = PL_STATE_FD;
  if (g->gone_from) {
    if (waited)
      g->spent[waited & (STATE_SLOTS - 1)] += came - g->gone_from;
    else
      add_parked(g, t, goid, came - g->gone_from);
    if (!t->goid && t->looked >= g->gone_from) g->spent[PL_STATE_RUN] += now - came;
  }
  g->gone_from = 0;
  g->tid = t->tid;
  t->owes = g->conn;
  t->doubt = 0;
  t->assist = 0;
  t->asked = 0;
  set_mark(t, now);
  return 0;
}

/*
 * Notes that the current thread, whose books are closed up to now, is with `goid`, 0 for none; where it was
 * that goroutine's receive or send that ended a wait, `ended_by` is the state which that wait was; else 0.
 */
APART int look(struct thread* t, u64 goid, u32 ended_by, u64 now) {
  if (!t) return 0;
  if (goid == t->goid) {
    u64 since = now - t->looked;
    if (t->parking && t->owes && ended_by && since <= t->spent[PL_STATE_RUN]) {
      u32 waited = t->parking & (STATE_SLOTS - 1);
      t->spent[PL_STATE_RUN] -= since; /* others ran, or nobody, while it waited */
      t->spent[waited] += since;
      t->spent_mask |= 1u << waited;
    }
  } else {
    if (t->owes) goroutine_left(t, goid, now);
    if (goid && goroutines_away > 0) goroutine_came(t, goid, ended_by, now);
  }
  if (ended_by == PL_STATE_FD)
    t->downstream = 1;
  else if (goid && goid != t->goid)
    t->downstream = 0;
  t->goid = goid;
  t->looked_g = t->g;
  t->looked = now;
  t->parking = 0;
  return 0;
}

/* Whether it matters which goroutine the thread is with. */
static __always_inline int must_look(const struct thread* t) {
  return IS_GO(t) && (t->owes || goroutines_away > 0);
}

/* A receive or send of the current thread has found nothing to do: its goroutine parks, for `cause`, a state.
 */
COLD int look_at_parking(struct thread* t, struct task_struct* task, u32 cause, u64 now) {
  settle(t, now);
  look(t, goroutine_of(t, task), ENDED_UNKNOWN, now);
  if (t->owes)
    t->parking = cause;
  else
    t->goid = 0;
  return 0;
}

/*
 * The first receive of a turn, by a goroutine: it was given this thread for that, and the time since the
 * bytes came that the thread did not sleep was others'. Since it woke, or its last boundary, it was the
 * scheduler.
 */
APART int go_charge_before(struct thread* t, struct pl_turn* turn, u64 ready, u64 now) {
  if (!t || !turn) return 0;
  t->assist = 0;
  t->asked = 0;
  if (t->idle_to <= ready) {
    turn->before[PL_BEFORE_BUSY] += now - ready;
    return 0;
  }
  u64 asleep_from = t->idle_from > ready ? t->idle_from : ready;
  u64 own_from = t->mark_ts > t->idle_to ? t->mark_ts : t->idle_to;
  turn->before[PL_BEFORE_WAKEUP] += t->idle_to - asleep_from;
  turn->before[PL_BEFORE_BUSY] += asleep_from - ready + (own_from - t->idle_to);
  charge(t, turn, own_from);
  return 0;
}

static __always_inline void take_over(struct thread* t, const struct goroutine* g) {
  struct pl_turn* turn = &t->turn;
  for (int i = 0; i < PL_STATES; i++) turn->state[i] += g->spent[i];
  turn->before[PL_BEFORE_PARKED] += g->parked;
  add_asked(turn, g->asked);
  if (!t->go.parks[0]) return;
  for (int i = 0; i < PL_PARKS; i++) t->parked[i] += g->by_park[i];
  t->parks = 1;
}

/* As charge_on(), where the thread is with `goid`, which was just looked at. */
APART int go_charge_on(struct thread* t, struct conn* c, u64 goid) {
  if (!t || !c) return 0;
  struct pl_turn* turn = &t->turn;
  u64 ref = c->last_ts;
  if (t->assist) {
    t->parked[PL_PARKS_ASSIST] += t->assist;
    t->assist = 0;
    t->parks = 1;
  }
  add_asked(turn, t->asked);
  t->asked = 0;
  struct goroutine* g = goroutines_away > 0 ? goroutine_by(t, c->goid) : 0;
  if (g && g->conn == c->id && c->phase == PHASE_RECEIVING) {
    take_over(t, g);
    int here = goid == c->goid && g->tid == t->tid;
    if (here) ref = t->mark_ts;
    if (!here && g->gone_from > ref) ref = g->gone_from;
    forget_goroutine(t->tgid, c->goid);
    if (here) {
      charge(t, turn, ref);
      return 0;
    }
  }
  u64 polled = turn->state[PL_STATE_POLL];
  u64 from = charge(t, turn, ref);
  u64 gap = from - ref + turn->state[PL_STATE_POLL] - polled;
  turn->state[PL_STATE_POLL] = polled;
  if (c->send_blocked)
    turn->state[PL_STATE_SEND] += gap;
  else if (goid != c->goid)
    turn->before[PL_BEFORE_HANDOFF] += gap;
  else if (c->phase == PHASE_ANSWERING || c->last_tid == t->tid)
    turn->before[PL_BEFORE_PARKED] += gap;
  return 0;
}

#endif
