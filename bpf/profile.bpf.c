// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks for flamegraphs: of threads on a CPU at each tick of a clock, of threads that fall asleep, and at
 * page faults. Loaded only while somebody takes a profile. Which request a stack belongs to is found in user
 * space: each turn's record says which stretch of its thread's time it was charged with.
 */
#include "lock.h"
#include "profile_record.h"
#include "record.h"

/* How user stacks are taken: 1: a copy of the stack, to be unwound; 0: by frame pointers. */
const volatile pl_u32 profile_copies_stack = 1;
const volatile pl_u64 profile_period_ns = 0;

struct sample_record {
  struct pl_sample sample;
  u8 data[PL_PROFILE_SLICE];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, PL_PROFILE_COUNTERS);
  __type(key, u32);
  __type(value, u64);
} profile_counters SEC(".maps");

static __always_inline void count_profile(u32 which) {
  u64* value = bpf_map_lookup_elem(&profile_counters, &which);
  if (value) (*value)++;
}

/* Room to make a record in, one for each program: the clock may tick inside the other one. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 3);
  __type(key, u32);
  __type(value, struct sample_record);
} sample_scratch SEC(".maps");

struct wake_record {
  struct pl_wake wake;
  u8 data[PL_STACK_SLICE];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct wake_record);
} wake_scratch SEC(".maps");

struct sleep {
  u64 from;
  u64 ends; /* 1: its waker was looked at, or the loss counted */
};

/* Threads asleep whose stack was taken. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, u32);
  __type(value, struct sleep);
} sleeps SEC(".maps");

static __always_inline u32 copy_stack(u8* data, u64 sp, u32 most) {
  u32 got = 0;
  for (u32 i = 0; i < most / SLICE_STEP; i++) {
    if (bpf_probe_read_user(data + i * SLICE_STEP, SLICE_STEP, (void*)(sp + i * SLICE_STEP))) break;
    got += SLICE_STEP;
  }
  return got;
}

/* `data`: `most` bytes or more. */
static __always_inline void take_user_stack(void* ctx, struct pl_sample* s, u8* data, u32 most) {
  if (profile_copies_stack) {
    s->data = PL_STACK_COPY;
    s->data_len = copy_stack(data, s->regs[1], most);
    return;
  }
  long got = bpf_get_stack(ctx, data, PL_USER_FRAMES * sizeof(u64), BPF_F_USER_STACK);
  s->data = PL_STACK_IPS;
  s->data_len = got > 0 ? (u32)got : 0;
}

static __always_inline void take_kernel_stack(void* ctx, struct pl_sample* s) {
  long kernel = bpf_get_stack(ctx, s->kernel, sizeof(s->kernel), 0);
  s->kernel_frames = kernel > 0 ? (u16)((u64)kernel / sizeof(u64)) : 0;
}

/* Half of the ring is for what requests are made of: a stack too many is less of a loss. */
static __always_inline int has_room(void) {
  return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / 2;
}

/* Fills and writes the record of the current thread. Returns whether it was written. */
static __always_inline int take(void* ctx, struct thread* t, struct sample_record* r, u8 kind, u64 now) {
  struct pl_sample* s = &r->sample;
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(bpf_get_current_task_btf());
  s->from_ns = now;
  s->tgid = t->tgid;
  s->tid = t->tid;
  s->kind = kind;
  s->state = (u8)t->state;
  fill_registers(s->regs, regs);
  take_kernel_stack(ctx, s);
  /* Sleeps are many. */
  take_user_stack(ctx, s, r->data, kind == PL_SAMPLE_SLEEP ? PL_STACK_SLICE : PL_PROFILE_SLICE);
  u32 len = s->data_len;
  if (len > PL_PROFILE_SLICE) return 0;
  u32 size = sizeof(*s) + len;
  header(&s->header, PL_RECORD_SAMPLE, size, now);
  count_profile(PL_PROFILE_SAMPLES);
  if (has_room() && bpf_ringbuf_output(&ring, r, size, BPF_RB_NO_WAKEUP) == 0) return 1;
  count_profile(PL_PROFILE_LOST_SAMPLES);
  return 0;
}

SEC("perf_event")
int sampled(void* ctx) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t) return 0;
  u32 slot = 0;
  struct sample_record* r = bpf_map_lookup_elem(&sample_scratch, &slot);
  if (!r) return 0;
  r->sample.period_ns = profile_period_ns;
  r->sample.futex = 0;
  take(ctx, t, r, PL_SAMPLE_CPU, bpf_ktime_get_ns());
  return 0;
}

/*
 * How many of the events of faults a stack stands for. Faults come by the million, and a stack costs more
 * than most of them: so many are passed over that stacks are taken about as often as the clock ticks. An odd
 * number, for loops fault in step.
 */
struct fault_rate {
  u64 taken_ns; /* when the last one was */
  u32 share;    /* one in so many; 0: in one */
  u32 passed;   /* since then */
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct fault_rate);
} fault_rates SEC(".maps");

#define MOST_FAULT_SHARE 65535u

/* The events that the one at hand stands for; 0: it is passed over. What it is next is told by the time since
 * the last one, never by the fault itself: each is as likely to be the one taken. */
static __always_inline u32 fault_share(u64 now) {
  u32 slot = 0;
  struct fault_rate* rate = bpf_map_lookup_elem(&fault_rates, &slot);
  if (!rate) return 0;
  u32 share = rate->share ? rate->share : 1;
  if (++rate->passed < share) return 0;
  u64 since = now - rate->taken_ns;
  rate->taken_ns = now;
  rate->passed = 0;
  if (since < profile_period_ns && share < MOST_FAULT_SHARE)
    rate->share = 2 * share + 1;
  else if (since > 4 * profile_period_ns)
    rate->share = share / 2;
  return share;
}

/* The event counts every process's faults: a share of all, so that each is as likely to be the one taken. */
SEC("perf_event")
int faulted(struct bpf_perf_event_data* ctx) {
  u64 now = bpf_ktime_get_ns();
  u32 share = fault_share(now);
  if (!share) return 0;
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t) return 0;
  u32 slot = 2;
  struct sample_record* r = bpf_map_lookup_elem(&sample_scratch, &slot);
  if (!r) return 0;
  r->sample.period_ns = ctx->sample_period * share;
  r->sample.futex = 0;
  take(ctx, t, r, PL_SAMPLE_FAULT, now);
  return 0;
}

/* Whether a thread waits for its next request, with nothing owed: no request's time. */
static __always_inline int waits_for_work(const struct thread* t) {
  if (t->state == PL_STATE_POLL) return !t->owed;
  if (t->state != PL_STATE_RECV) return 0;
  return !t->owed && t->mark_ts == t->turn.send_last_ns;
}

static __always_inline void fell_asleep(void* ctx, struct thread* t) {
  if (!PL_STATE_ASLEEP(t->state) || waits_for_work(t)) return;
  u32 slot = 1;
  struct sample_record* r = bpf_map_lookup_elem(&sample_scratch, &slot);
  if (!r) return;
  u32 tid = t->tid;
  struct sleep begun = {.from = t->wait_from};
  if (bpf_map_update_elem(&sleeps, &tid, &begun, BPF_ANY)) {
    count_profile(PL_PROFILE_LOST_SLEEPS);
    return;
  }
  r->sample.period_ns = 0;
  r->sample.futex = t->state == PL_STATE_FUTEX ? t->futex : 0;
  if (!take(ctx, t, r, PL_SAMPLE_SLEEP, begun.from)) bpf_map_delete_elem(&sleeps, &tid);
}

static __always_inline void runs_again(struct thread* t, u64 now) {
  u32 tid = t->tid;
  struct sleep* ends = bpf_map_lookup_elem(&sleeps, &tid);
  if (!ends) return;
  struct pl_slept slept = {};
  header(&slept.header, PL_RECORD_SLEPT, sizeof(slept), now);
  slept.from_ns = ends->from;
  slept.woken_ns = t->woken > ends->from ? t->woken : now;
  slept.tgid = t->tgid;
  slept.tid = tid;
  bpf_map_delete_elem(&sleeps, &tid);
  if (bpf_ringbuf_output(&ring, &slept, sizeof(slept), BPF_RB_NO_WAKEUP)) count_profile(PL_PROFILE_LOST_ENDS);
}

/* Attached after `switched`, which has told the states by now. */
SEC("tp_btf/sched_switch")
int BPF_PROG(slept_or_woke, _Bool preempt, struct task_struct* prev, struct task_struct* next,
             u32 prev_state) {
  struct thread* out = thread_of(prev);
  if (out && !preempt && prev_state != 0) fell_asleep(ctx, out);
  struct thread* in = thread_of(next);
  if (in) runs_again(in, bpf_ktime_get_ns());
  return 0;
}

/*
 * The first to wake a sleeper is who ends its sleep. One that wakes it before it is off its CPU is not seen:
 * no sleep has begun by then.
 */
SEC("tp_btf/sched_waking")
int BPF_PROG(woken_by, struct task_struct* sleeper) {
  struct thread* t = thread_of(sleeper);
  if (!t) return 0;
  u32 tid = t->tid, slot = 0;
  struct sleep* sleep = bpf_map_lookup_elem(&sleeps, &tid);
  struct wake_record* r = bpf_map_lookup_elem(&wake_scratch, &slot);
  if (!sleep || sleep->ends || !r) return 0;
  sleep->ends = 1;
  struct task_struct* task = bpf_get_current_task_btf();
  struct pl_sample* s = &r->wake.by;
  s->from_ns = sleep->from;
  s->tgid = (u32)task->tgid;
  s->tid = (u32)task->pid;
  s->kind = PL_SAMPLE_WAKE;
  r->wake.sleeper = tid;
  bpf_get_current_comm(r->wake.comm, sizeof(r->wake.comm));
  take_kernel_stack(ctx, s);
  s->regs[0] = 0;
  s->data = PL_STACK_NONE;
  s->data_len = 0;
  if (task->mm) {
    fill_registers(s->regs, (struct pt_regs*)bpf_task_pt_regs(task));
    take_user_stack(ctx, s, r->data, PL_STACK_SLICE);
  }
  u32 len = s->data_len;
  if (len > PL_STACK_SLICE) return 0;
  u32 size = sizeof(r->wake) + len;
  header(&s->header, PL_RECORD_WAKE, size, bpf_ktime_get_ns());
  if (!has_room() || bpf_ringbuf_output(&ring, r, size, BPF_RB_NO_WAKEUP))
    count_profile(PL_PROFILE_LOST_WAKES);
  return 0;
}
