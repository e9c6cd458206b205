// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying, where kernel functions can be probed. In: while skb_copy_datagram_iter runs. Out: a send is in the
 * send path from tcp_sendmsg_locked on; it copies from where it has got a page to copy to
 * (sk_page_frag_refill) to where it pushes out what it has copied. The copying functions themselves, in the
 * kernel's lib/, are built so that nothing can probe them.
 */
#include "copy.h"

/* A program for the entry to a function, and one for the return, as fentry or fexit and as kprobe. */
#define ON_ENTRY(name, function, action) \
  SEC("fentry/" #function)               \
  int name##_fentry(void* ctx) {         \
    return action;                       \
  }                                      \
  SEC("kprobe/" #function)               \
  int name##_kprobe(void* ctx) {         \
    return action;                       \
  }

#define ON_RETURN(name, function, action) \
  SEC("fexit/" #function)                 \
  int name##_fexit(void* ctx) {           \
    return action;                        \
  }                                       \
  SEC("kretprobe/" #function)             \
  int name##_kretprobe(void* ctx) {       \
    return action;                        \
  }

ON_ENTRY(copy_in_begins, skb_copy_datagram_iter, pass_from(PL_STATE_RUN, PL_STATE_COPY_IN))
ON_RETURN(copy_in_ends, skb_copy_datagram_iter, pass_from(PL_STATE_COPY_IN, PL_STATE_RUN))
ON_ENTRY(send_begins, tcp_sendmsg_locked, pass_from(PL_STATE_RUN, PL_STATE_TCP_SEND))
ON_ENTRY(page_send_begins, do_tcp_sendpages, pass_from(PL_STATE_RUN, PL_STATE_TCP_SEND))
ON_RETURN(copy_out_begins, sk_page_frag_refill, pass_from(PL_STATE_TCP_SEND, PL_STATE_COPY_OUT))
ON_ENTRY(pushes, __tcp_push_pending_frames, pass_from(PL_STATE_COPY_OUT, PL_STATE_TCP_SEND))
ON_ENTRY(pushes_one, tcp_push_one, pass_from(PL_STATE_COPY_OUT, PL_STATE_TCP_SEND))
