// SPDX-License-Identifier: GPL-2.0-only
/* What became of sends with MSG_ZEROCOPY: the kernel tells the sender by way of the socket's error queue. */
#include "state.h"

#define ORIGIN_ZEROCOPY 5 /* SO_EE_ORIGIN_ZEROCOPY and SO_EE_CODE_ZEROCOPY_COPIED, of the ABI */
#define CODE_COPIED 1

/*
 * The last note in the queue: the kernel lengthens it where it can, so that what was counted must be told.
 * One that the thread took before the kernel told of it is known from the next: they are numbered from 0.
 */
SEC("tp_btf/inet_sk_error_report")
int BPF_PROG(zerocopy_ended, struct sock* sk) {
  if (!sk->sk_bpf_storage || PAUSED) return 0;
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (!c || c->role == PL_ROLE_CLIENT || sk->sk_err) return 0;
  struct sk_buff* last = sk->sk_error_queue.prev;
  if ((void*)last == (void*)&sk->sk_error_queue) return 0;
  struct sock_exterr_skb* note = (struct sock_exterr_skb*)&last->cb;
  if (BPF_CORE_READ(note, ee.ee_origin) != ORIGIN_ZEROCOPY) return 0;
  u32 first = BPF_CORE_READ(note, ee.ee_info), end = BPF_CORE_READ(note, ee.ee_data) + 1;
  int all_known = c->epoch == epoch && (c->number || c->zerocopies);
  if (all_known || first < c->zerocopies) first = c->zerocopies;
  if (end <= first) return 0;
  c->zerocopies = end;
  count(PL_COUNT_ZEROCOPIES, end - first);
  if (BPF_CORE_READ(note, ee.ee_code) & CODE_COPIED) count(PL_COUNT_ZEROCOPIES_COPIED, end - first);
  return 0;
}
