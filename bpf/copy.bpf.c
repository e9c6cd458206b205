// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying, where only tracepoints are allowed: the copying functions themselves cannot be probed then, and
 * are bracketed. In: from skb_copy_datagram_iovec to the receive's end. Out: from tcp_sendmsg_locked, at each
 * piece of the payload, to the hand-over of a packet to the device, so that building the packet's headers
 * counts as copying; from there on it is the send path, until the next piece or the send's end.
 */
#include "copy.h"

SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(copying_in, const struct sk_buff* skb, int len) {
  return pass_from(PL_STATE_RUN, PL_STATE_COPY_IN);
}

SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(copying_out, const struct sock* sk, const struct msghdr* msg) {
  u32 flags = msg->msg_flags;
  return pass_to(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES) ? PL_STATE_TCP_SEND : PL_STATE_COPY_OUT);
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(transmitting, struct sk_buff* skb) {
  return pass_from(PL_STATE_COPY_OUT, PL_STATE_TCP_SEND);
}
