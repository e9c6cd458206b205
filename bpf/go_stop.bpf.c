// SPDX-License-Identifier: GPL-2.0-only
// When a Go process stops the world: nothing of the kernel's tells it, so that two functions of the runtime's
// are probed, by which it goes once a stop.
#include "abi.h"
#include "goroutine.h"
#include "record.h"
#include "stop_record.h"

struct stop {
  u64 from;
  u64 cause;
};

/* Stops that go on, by process. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct stop);
} stops SEC(".maps");

/* runtime.stwReason */
#define STW_GC_MARK_TERMINATION 1
#define STW_GC_SWEEP_TERMINATION 2

/*
 * For the collector, or for another? Where the runtime does not say so by an argument, all others have made
 * their goroutine a waiting one before they stop the world, and the collector has not.
 */
static __always_inline u64 cause_of_stop(const struct pl_go_layout* go, const struct pt_regs* regs) {
  if (go->stop_reason) {
    u8 reason = (u8)REGS_GO_ARG1(regs);
    return reason == STW_GC_MARK_TERMINATION || reason == STW_GC_SWEEP_TERMINATION ? PL_STOP_GC
                                                                                   : PL_STOP_OTHER;
  }
  u64 m = 0, curg = 0;
  u32 status = 0;
  if (!go->curg || !read_user_u64(&m, REGS_GO_G(regs) + go->m) || !read_user_u64(&curg, m + go->curg))
    return PL_STOP_OTHER;
  if (bpf_probe_read_user(&status, sizeof(status), (void*)(curg + go->goid - 8))) return PL_STOP_OTHER;
  return (status & ~G_SCANNED) == G_WAITING ? PL_STOP_OTHER : PL_STOP_GC;
}

static __always_inline void tell_stop(u32 tgid, const struct stop* s, u64 to, u64 now) {
  struct pl_stop record = {.from_ns = s->from, .to_ns = to, .tgid = tgid, .cause = (u32)s->cause};
  header(&record.header, PL_RECORD_STOP, sizeof(record), now);
  if (bpf_ringbuf_output(&ring, &record, sizeof(record), BPF_RB_NO_WAKEUP)) count(PL_COUNT_LOST_STOPS, 1);
}

static __always_inline u32 current_tgid(void) {
  return (u32)(bpf_get_current_pid_tgid() >> 32);
}

/* At the entry to runtime.stopTheWorldWithSema. */
SEC("uprobe")
int go_world_stops(struct pt_regs* regs) {
  u32 tgid = current_tgid();
  u64 now = bpf_ktime_get_ns();
  const struct pl_go_layout* go = bpf_map_lookup_elem(&go_layouts, &tgid);
  if (!go) return 0;
  struct stop s = {.from = now, .cause = cause_of_stop(go, regs)};
  if (bpf_map_update_elem(&stops, &tgid, &s, BPF_ANY)) {
    count(PL_COUNT_LOST_STOPS, 1);
    return 0;
  }
  tell_stop(tgid, &s, 0, now);
  return 0;
}

/* At the entry to runtime.startTheWorldWithSema. */
SEC("uprobe")
int go_world_starts(struct pt_regs* regs) {
  u32 tgid = current_tgid();
  const struct stop* s = bpf_map_lookup_elem(&stops, &tgid);
  if (!s) return 0; /* it began before anybody looked */
  struct stop ended = *s;
  u64 now = bpf_ktime_get_ns();
  tell_stop(tgid, &ended, now, now);
  bpf_map_delete_elem(&stops, &tgid);
  return 0;
}
