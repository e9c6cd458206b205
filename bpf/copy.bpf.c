// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying, where only tracepoints are allowed: the copying functions themselves cannot be probed then, and
 * are bracketed. In: from skb_copy_datagram_iovec to the receive's end. Out: from tcp_sendmsg_locked, at each
 * piece of the payload, to the hand-over of a packet to the device, or to where it is put off because packets
 * are paced, so that building the packet's headers counts as copying; from there on it is the send path,
 * until the next piece or the send's end.
 */
#include "copy.h"
#include "abi.h"

SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(copying_in, const struct sk_buff* skb, int len) {
  return pass_from(PL_STATE_RUN, PL_STATE_COPY_IN);
}

SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(copying_out, const struct sock* sk, const struct msghdr* msg) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t) return 0;
  u32 flags = msg->msg_flags;
  t->sending = number_of(sk);
  go_on_as(t, flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES) ? PL_STATE_TCP_SEND : PL_STATE_COPY_OUT);
  return 0;
}

/*
 * The memory to copy to comes in several pages at once: getting it is not copying, and came before it. Single
 * pages are those of page faults, in user memory too.
 */
SEC("tp_btf/mm_page_alloc")
int BPF_PROG(got_memory, struct page* page, unsigned int order) {
  if (order == 0) return 0; /* nearly all of the machine's */
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t || t->running != PL_STATE_COPY_OUT) return 0;
  run_as(t, PL_STATE_TCP_SEND);
  go_on_as(t, PL_STATE_COPY_OUT);
  return 0;
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(transmitting, struct sk_buff* skb) {
  return pass_from(PL_STATE_COPY_OUT, PL_STATE_TCP_SEND);
}

/* The timer that sends the socket's next packet. */
SEC("tp_btf/hrtimer_start")
int BPF_PROG(pacing, struct hrtimer* timer) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t || t->running != PL_STATE_COPY_OUT || !bpf_core_field_exists(((struct tcp_sock*)0)->pacing_timer))
    return 0;
  u64 own = t->sending + bpf_core_field_offset(((struct tcp_sock*)0)->pacing_timer);
  if (number_of(timer) == own) go_on_as(t, PL_STATE_TCP_SEND);
  return 0;
}
