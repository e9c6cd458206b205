// SPDX-License-Identifier: GPL-2.0-only
// Which goroutine a thread of a Go process computes for, told a thousand times a second, and until when it is
// one of Go's.
#include "goroutine.h"
#include "record.h"

/*
 * Attached to each CPU's clock, in user mode only: no other program is at work on the thread then. A record
 * that waits for the thread's next boundary may wait for long where the thread computes on for others.
 */
SEC("perf_event")
int go_tick(void* ctx) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread* t = thread_of(task);
  if (!t || !IS_GO(t)) return 0;
  u64 now = bpf_ktime_get_ns();
  if (must_look(t)) {
    settle(t, now);
    u64 goid = goroutine_of(t, task);
    look(t, goid, ENDED_UNKNOWN, now);
    if (t->owes && assists(t, goid)) t->assist += PL_GO_TICK_NS;
  }
  if (t->turn.calls_out) flush_turn(t, now);
  return 0;
}

/* Processes that execute a program: user space looks whether it is one of Go's. */
struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 1024);
  __type(value, u32);
} executed SEC(".maps");

SEC("tp_btf/sched_process_exec")
int BPF_PROG(go_exec, struct task_struct* task) {
  struct thread* t = thread_of(task);
  if (!t) return 0;
  u32 tgid = t->tgid;
  if (IS_GO(t)) bpf_map_delete_elem(&go_layouts, &tgid);
  t->go.goid = 0;
  t->goid = 0;
  t->owes = 0;
  bpf_map_push_elem(&executed, &tgid, BPF_EXIST); /* the oldest goes where there are too many */
  return 0;
}
