// SPDX-License-Identifier: GPL-2.0-only
// What each thread of the target is doing: on a CPU, waiting for one, or asleep and why.
#include "abi.h"
#include "accept.h"
#include "goroutine.h"
#include "lock.h"
#include "loop.h"
#include "record.h"

/* A kernel stack for each cause of sleep that no system call names. */
struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 1024);
  __uint(key_size, sizeof(u32));
  __uint(value_size, 16 * sizeof(u64));
} kernel_stacks SEC(".maps");

/* Stack id to enum pl_state, filled in by user space once it has read the stack's function names. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u32);
  __type(value, u32);
} stack_states SEC(".maps");

static __always_inline u32 task_state(struct task_struct* task) {
  if (bpf_core_field_exists(task->__state)) return task->__state;
  struct task_struct___before_5_14* old = (void*)task;
  return (u32)BPF_CORE_READ(old, state);
}

/*
 * Why the thread goes to sleep, or sleeps, as its system call tells, as the state of a PL_CALL;
 * PL_STATE_OTHER: it does not.
 */
static __always_inline u32 cause_of_sleep(struct task_struct* task, u32 task_state_bits) {
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  int nr = REGS_CALL(regs);
  u8 call = call_of(nr);
  u32 state = PL_CALL_STATE(call);
  if (state == PL_STATE_POLL || state == PL_STATE_FUTEX) return call;
  if (BPF_CORE_READ_BITFIELD(task, in_iowait)) return PL_STATE_DISK;
  if (nr < 0) return PL_STATE_FAULT;
  if ((state == PL_STATE_RECV || state == PL_STATE_SEND) && (task_state_bits & TASK_UNINTERRUPTIBLE))
    return PL_STATE_LOCK_SOCKET;
  return state ? state : PL_STATE_OTHER;
}

static __always_inline u32 cause_by_stack(void* ctx) {
  long id = bpf_get_stackid(ctx, &kernel_stacks, BPF_F_FAST_STACK_CMP);
  if (id < 0) return PL_STATE_OTHER;
  u32 key = (u32)id;
  u32* known = bpf_map_lookup_elem(&stack_states, &key);
  return known && *known < PL_STATES ? *known : PL_STATE_OTHER;
}

/*
 * A thread of a Go process falls asleep. Without a goroutine it does so for want of work, whether it waits in
 * the network poller or, on a futex, for another thread to give it some; where no request is at stake nobody
 * looks whether it has one.
 */
COLD int go_sleeps(struct thread* t, struct task_struct* task, u64 now) {
  u64 goid = 0;
  if (must_look(t)) {
    goid = goroutine_of(t, task);
    look(t, goid, ENDED_UNKNOWN, now);
  }
  if (goid || (t->state != PL_STATE_FUTEX && t->state != PL_STATE_POLL)) return 0;
  t->state = PL_STATE_POLL;
  t->goid = 0;
  t->downstream = 0;
  return 0;
}

static __always_inline void switched_out(void* ctx, struct task_struct* task, int runnable, u32 state_bits,
                                         u64 now) {
  struct thread* t = thread_of(task);
  if (!t) return;
  settle(t, now);
  t->on_cpu = 0;
  if (runnable) {
    t->state = PL_STATE_RUNQ;
    loop_leaves(t, now);
    /* It may be long before it runs again, and others answer, or serve the connection, meanwhile. */
    if (!at_work(t)) flush_turn(t, now);
    if (must_look(t)) look(t, goroutine_of(t, task), ENDED_UNKNOWN, now);
    return;
  }
  if (t->doubt == PL_STATE_RECV || t->doubt == PL_STATE_SEND) blame_downstream(t);
  pass_by(t, now);
  t->wait_from = now;
  t->woken = 0;
  u32 call = t->kernel_lock ? PL_STATE_LOCK_KERNEL : cause_of_sleep(task, state_bits);
  t->state = PL_CALL_STATE(call);
  t->on_one = call & PL_CALL_LIST && (u32)REGS_ARG2((struct pt_regs*)bpf_task_pt_regs(task)) == 1;
  if (call & PL_CALL_LOOP) {
    t->in_loop = 1;
    if (!t->loop) begin_loop(t, task, now);
  }
  loop_leaves(t, now);
  if (IS_GO(t)) go_sleeps(t, task, now);
  if (t->state == PL_STATE_FUTEX) {
    t->futex = REGS_ARG1((struct pt_regs*)bpf_task_pt_regs(task));
    futex_sleeps(t, now);
  } else if (t->state == PL_STATE_OTHER) {
    t->state = cause_by_stack(ctx);
  }
  if (t->state == PL_STATE_POLL || t->state == PL_STATE_FUTEX) t->running = PL_STATE_RUN;
  /* A thread that waits for work, or for a lock, may have handed over what it has read. */
  int may_have_handed_over =
      t->state == PL_STATE_POLL || t->state == PL_STATE_RECV || t->state == PL_STATE_FUTEX;
  if (may_have_handed_over || t->turn.calls_out) flush_turn(t, now);
}

static __always_inline void remember_wait(struct thread* t, u64 now) {
  struct wait* w = &t->waits[t->waits_seen++ & (WAITS - 1)];
  w->from = t->wait_from;
  w->to = now;
  for (int i = 0; i < PL_STATES; i++) w->spent[i] = t->spent[i];
}

static __always_inline void switched_in(struct task_struct* task, u64 now) {
  struct thread* t = thread_of(task);
  if (!t) return;
  pass_by(t, now);
  u32 was = t->state;
  u64 slept = 0;
  if (PL_STATE_ASLEEP(was)) {
    u64 woken = t->woken > t->wait_from ? t->woken : now;
    settle(t, woken);
    slept = woken - t->wait_from;
    t->state = PL_STATE_RUNQ;
    t->runq_ns += now - woken;
    settle(t, now);
    remember_wait(t, now);
    t->doubt = 0;
    if (was == PL_STATE_POLL || was == PL_STATE_RECV || was == PL_STATE_SEND) {
      t->doubt = was;
      t->doubt_ns = slept;
    }
    if (was == PL_STATE_POLL || was == PL_STATE_RECV) {
      t->idle_ns += slept;
      t->prior_from = t->idle_from;
      t->prior_to = t->idle_to;
      t->idle_from = t->wait_from;
      t->idle_to = now;
    }
  } else {
    if (was == PL_STATE_RUNQ && now > t->since) t->runq_ns += now - t->since;
    settle(t, now);
  }
  loop_runs(t, slept, now);
  t->on_cpu = 1;
  t->state = t->kernel_lock ? PL_STATE_LOCK_KERNEL : t->running;
  t->looked = now;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(switched, _Bool preempt, struct task_struct* prev, struct task_struct* next, u32 prev_state) {
  u64 now = bpf_ktime_get_ns();
  switched_out(ctx, prev, preempt || prev_state == 0, prev_state, now);
  switched_in(next, now);
  return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(woken, struct task_struct* task) {
  struct thread* t = thread_of(task);
  if (!t || !PL_STATE_ASLEEP(t->state) || t->woken) return 0;
  u64 now = bpf_ktime_get_ns();
  t->woken = now;
  if (t->in_loop && now > t->wait_from) loop_wakes(t, now - t->wait_from, now);
  if (t->state == PL_STATE_FUTEX) futex_woken(t, now);
  return 0;
}

/* Its process may turn out to be Go's when it has run for a while: it is one once its goid is there. */
static __always_inline void know_go(struct thread* t) {
  u32 tgid = t->tgid;
  const struct pl_go_layout* known = bpf_map_lookup_elem(&go_layouts, &tgid);
  if (!known) return;
  struct pl_go_layout* go = &t->go;
  go->tls = known->tls;
  go->m = known->m;
  go->curg = known->curg;
  go->stop_reason = known->stop_reason;
  __builtin_memcpy(go->parks, known->parks, PL_GO_REASONS);
  asm volatile("" ::: "memory");
  go->goid = known->goid;
}

/* Returns the thread's state if it is new; null if it was known or there is no memory. */
static __always_inline struct thread* new_thread(struct task_struct* task, u32 state, u64 now) {
  struct thread* t = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!t) {
    count(PL_COUNT_LOST_THREADS, 1);
    return 0;
  }
  if (t->tid) return 0;
  t->tid = (u32)task->pid;
  t->tgid = (u32)task->tgid;
  t->since = now;
  t->mark_ts = now;
  t->wait_from = now;
  t->state = state;
  t->on_cpu = PL_STATE_ON_CPU(state);
  know_go(t);
  return t;
}

/* Not sched_process_fork: that one does not tell of the threads that io_uring makes. */
SEC("tp_btf/task_newtask")
int BPF_PROG(forked, struct task_struct* child) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t) return 0;
  u64 now = bpf_ktime_get_ns();
  pass_by(t, now);
  new_thread(child, PL_STATE_RUNQ, now);
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exited, struct task_struct* task) {
  struct thread* t = thread_of(task);
  if (!t) return 0;
  u64 now = bpf_ktime_get_ns();
  flush_turn(t, now);
  if (t->loop) end_loop(t, now);
  return 0;
}

/* Processes to follow, by their ids in the initial namespace. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __type(key, u32);
  __type(value, u8);
} targets SEC(".maps");

pl_u32 threads_found = 0;

SEC("iter/task")
int find_threads(struct bpf_iter__task* ctx) {
  struct task_struct* task = ctx->task;
  if (!task) return 0;
  u32 tgid = (u32)task->tgid;
  if (!bpf_map_lookup_elem(&targets, &tgid)) return 0;
  u32 bits = task_state(task);
  u64 now = bpf_ktime_get_ns();
  if (bpf_core_field_exists(task->io_uring) && task->io_uring) rings |= RINGS_USED;
  struct thread* known = bpf_task_storage_get(&threads, task, 0, 0);
  if (known && known->tid && !IS_GO(known)) know_go(known);
  u32 call = bits == 0 ? PL_STATE_RUN : cause_of_sleep(task, bits);
  struct thread* t = new_thread(task, PL_CALL_STATE(call), now);
  if (t && t->state != PL_STATE_FUTEX) t->idle_to = BEFORE_ATTACH;
  if (t && call & PL_CALL_LOOP) {
    t->in_loop = 1;
    begin_loop(t, task, now);
    loop_leaves(t, now);
  }
  if (t && t->state == PL_STATE_FUTEX) {
    t->futex = REGS_ARG1((struct pt_regs*)bpf_task_pt_regs(task));
    if (IS_GO(t))
      t->state = PL_STATE_POLL; /* a thread of Go's scheduler without work, but for rare ones */
    else
      futex_sleeps(t, now);
  }
  threads_found++;
  return 0;
}
