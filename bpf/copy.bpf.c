// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of a receive or send is copying, and what is the TCP send path. The copying functions themselves
 * cannot be probed where only tracepoints are allowed: they are bracketed. In: from skb_copy_datagram_iovec
 * to the receive's end. Out: from tcp_sendmsg_locked, at each piece of the payload, to the hand-over of a
 * packet to the device, so that building the packet's headers counts as copying; from there on it is the send
 * path, until the next piece or the send's end.
 */
#include "state.h"

static __always_inline void go_on_as(struct thread* t, u32 state) {
  settle(t, bpf_ktime_get_ns());
  run_as(t, state);
}

SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(copying_in, const struct sk_buff* skb, int len) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (t && t->running == PL_STATE_RUN) go_on_as(t, PL_STATE_COPY_IN);
  return 0;
}

SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(copying_out, const struct sock* sk, const struct msghdr* msg) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t) return 0;
  u32 flags = msg->msg_flags;
  u32 state = flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES) ? PL_STATE_TCP_SEND : PL_STATE_COPY_OUT;
  if (t->running != state) go_on_as(t, state);
  return 0;
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(transmitting, struct sk_buff* skb) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (t && t->running == PL_STATE_COPY_OUT) go_on_as(t, PL_STATE_TCP_SEND);
  return 0;
}
