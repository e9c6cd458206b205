// SPDX-License-Identifier: GPL-2.0-only
// Which io_uring requests are about to move a connection's bytes. Only threads that use io_uring pay for
// this.
#include "ring.h"

/* It is tried before the submission returns: the thread's next receive or send is its. */
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(submitted, struct io_kiocb* req) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t) return 0;
  if (!rings) rings = 1;
  if (is_op(req->opcode, OPS_IN | OPS_OUT)) t->submitted = (u64)req;
  return 0;
}
