// SPDX-License-Identifier: GPL-2.0-only
// Which io_uring request a thread has submitted last. Only those who use io_uring pay for this.
#include "ring.h"
#include "abi.h"
#include "charge.h"

/* Whether a request is put off: tried when another is done, by another thread, or when it has been waited
 * for. */
static __always_inline int is_put_off(struct thread* t, struct io_kiocb* req) {
  u64 flags = req->flags;
  u32 linked = t->ring_links;
  t->ring_links = (flags & (REQ_F_LINK | REQ_F_HARDLINK)) != 0;
  if (linked || flags & (REQ_F_IO_DRAIN | REQ_F_FORCE_ASYNC)) return 1;
  if (is_op(req->opcode, OPS_OF_FILES_IN | OPS_OF_FILES_OUT)) return 0;
  struct io_sr_msg* sr = (struct io_sr_msg*)(u64)req;
  u16 how = 0;
  return !bpf_core_read(&how, sizeof(how), &sr->flags) && how & IORING_RECVSEND_POLL_FIRST;
}

COLD int put_off_request(struct task_struct* task, struct io_kiocb* req) {
  u64 request = (u64)req, file = 0;
  u32 fd = (u32)req->cqe.fd;
  if (req->flags & REQ_F_FIXED_FILE) return 0;
  if (bpf_core_read(&file, sizeof(file), &task->files->fdt->fd[fd])) return 0;
  u64 key = file | is_op(req->opcode, OPS_OUT);
  bpf_map_update_elem(&put_off, &key, &request, BPF_ANY);
  rings |= RINGS_PUT_OFF;
  return 0;
}

/* Otherwise it is tried before the submission returns: the thread's next receive or send is its. */
static __always_inline int on_submitted(struct io_kiocb* req) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread* t = thread_of(task);
  if (!t) return 0;
  if (!rings) rings = RINGS_USED;
  if (!is_op(req->opcode, OPS_IN | OPS_OUT)) return 0;
  t->submitted = (u64)req;
  if (is_put_off(t, req)) put_off_request(task, req);
  if (!(task->flags & PF_IO_WORKER)) return 0;
  /* A thread of the kernel's own that submits for others: until here it did nothing for this request. */
  u64 now = bpf_ktime_get_ns();
  settle(t, now);
  count_as_idle(t);
  set_mark(t, now);
  return 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(submitted, struct io_kiocb* req) {
  return on_submitted(req);
}

/* Its name before Linux 6.4 (2ad57931db64). */
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(submitted_entry, struct io_kiocb* req, _Bool force_nonblock) {
  return on_submitted(req);
}
