/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that io_uring moves. No system call names the buffers then: the request does. It is the one that the
 * thread has just submitted, or the one that found nothing to do then and waits since: it hangs in the
 * socket's wait queue. What is kept is its address. It may have been freed by now, and its memory be another
 * request's: it counts if it is one of the right kind on the same file, and is read with checked reads only.
 */
#ifndef PLATEAU_RING_H
#define PLATEAU_RING_H

#include "abi.h"
#include "calls.h"
#include "span.h"

/* enum io_uring_op, of the ABI. */
enum {
  OP_READV = 1,
  OP_WRITEV = 2,
  OP_READ_FIXED = 4,
  OP_WRITE_FIXED = 5,
  OP_SENDMSG = 9,
  OP_RECVMSG = 10,
  OP_READ = 22,
  OP_WRITE = 23,
  OP_SEND = 26,
  OP_RECV = 27,
  OP_SEND_ZC = 47,
  OP_SENDMSG_ZC = 48,
  OP_READ_MULTISHOT = 49,
};

#define IORING_RECVSEND_POLL_FIRST 1
#define REQ_F_FIXED_FILE 0x1 /* this and the next as IOSQE_... */
#define REQ_F_IO_DRAIN 0x2
#define REQ_F_LINK 0x4
#define REQ_F_HARDLINK 0x8
#define REQ_F_FORCE_ASYNC 0x10
#define WAITER_FLAGS 3ull /* in the address that a wait queue's entry holds */
#define WAITERS 4         /* entries looked at */

#define OP(op) (1ull << (op))
#define OPS_OF_FILES_IN (OP(OP_READV) | OP(OP_READ_FIXED) | OP(OP_READ) | OP(OP_READ_MULTISHOT))
#define OPS_OF_FILES_OUT (OP(OP_WRITEV) | OP(OP_WRITE_FIXED) | OP(OP_WRITE))
#define OPS_IN (OPS_OF_FILES_IN | OP(OP_RECVMSG) | OP(OP_RECV))
#define OPS_ZEROCOPY (OP(OP_SEND_ZC) | OP(OP_SENDMSG_ZC))
#define OPS_OUT (OPS_OF_FILES_OUT | OP(OP_SENDMSG) | OP(OP_SEND) | OPS_ZEROCOPY)

static __always_inline int is_op(u8 opcode, u64 ops) {
  return opcode < 64 && (ops >> opcode & 1);
}

/* What moves a connection's bytes. */
struct mover {
  u64 request; /* of io_uring, an address; 0: a system call, or a request that nobody saw */
  u8 ring;     /* 1: io_uring */
  u8 opcode;   /* of the request */
};

/* Whether a request, if it still is one, moves bytes of `file` in the direction of `ops`. */
static __always_inline int moves(u64 request, u64 file, u64 ops, struct mover* mover) {
  struct io_kiocb* req = (struct io_kiocb*)request;
  u64 its_file = 0;
  u8 opcode = 0;
  if (!request || bpf_core_read(&its_file, sizeof(its_file), &req->file) || its_file != file) return 0;
  if (bpf_core_read(&opcode, sizeof(opcode), &req->opcode) || !is_op(opcode, ops)) return 0;
  mover->request = request;
  mover->opcode = opcode;
  return 1;
}

/* Whether the system call that a thread is in reads or writes this file by itself. */
static __always_inline int call_is_on(struct task_struct* task, u64 file) {
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  int nr = REGS_CALL(regs);
  u32 state = PL_CALL_STATE(call_of(nr));
  if ((u32)nr == nr_io_uring_enter || nr < 0) return 0;
  if (state != PL_STATE_RECV && state != PL_STATE_SEND) return 0;
  if ((u32)nr == nr_splice) return 1;
  u32 fd = (u32)REGS_ARG1(regs);
  u64 its_file = 0;
  if (bpf_core_read(&its_file, sizeof(its_file), &task->files->fdt->fd[fd])) return 0;
  return its_file == file;
}

/* The request that waits in the socket's queue for bytes to come; 0: none. */
APART u64 waiting_request(u64 socket) {
  if (!bpf_core_type_exists(struct io_kiocb)) return 0;
  struct sock* sk = (struct sock*)socket;
  u64 file = (u64)BPF_CORE_READ(sk, sk_socket, file);
  struct socket_wq* wq = BPF_CORE_READ(sk, sk_wq);
  struct list_head* head = &wq->wait.head;
  struct list_head* at = 0;
  if (bpf_core_read(&at, sizeof(at), &head->next)) return 0;
  struct mover mover = {};
  for (int i = 0; i < WAITERS && at && at != head; i++) {
    struct wait_queue_entry* entry = (void*)at - bpf_core_field_offset(((struct wait_queue_entry*)0)->entry);
    u64 request = 0;
    if (bpf_core_read(&request, sizeof(request), &entry->private)) return 0;
    if (moves(request & ~WAITER_FLAGS, file, OPS_IN, &mover)) return mover.request;
    if (bpf_core_read(&at, sizeof(at), &at->next)) return 0;
  }
  return 0;
}

/*
 * Requests that are not tried when they are submitted, by the file that they are on; the last bit of the key
 * is 1 for those that send.
 */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, u64);
  __type(value, u64);
} put_off SEC(".maps") __weak;

static __always_inline int put_off_moves(u64 file, u64 ops, struct mover* mover) {
  u64 key = file | (ops == OPS_OUT);
  u64* request = bpf_map_lookup_elem(&put_off, &key);
  return request && moves(*request, file, ops, mover);
}

/* What has just moved bytes of the connection with the socket at `socket`, or found none to move. */
APART int find_mover(u64 submitted, u64 waiting, u64 socket, u64 ops, struct mover* mover) {
  if (!mover) return 0;
  struct sock* sk = (struct sock*)socket;
  u64 file = (u64)BPF_CORE_READ(sk, sk_socket, file);
  rings |= RINGS_USED;
  if (call_is_on(bpf_get_current_task_btf(), file)) return 0;
  mover->ring = 1;
  if (moves(submitted, file, ops, mover)) return 0;
  if (rings & RINGS_PUT_OFF && put_off_moves(file, ops, mover)) return 0;
  if (moves(waiting, file, ops, mover)) return 0;
  if (ops == OPS_IN) moves(waiting_request(socket), file, ops, mover);
  return 0;
}

/*
 * To be called for every receive and send, successful or not, because it notes the request in `waiting`, the
 * connection's for that direction, for the next. Costs two loads where the thread has no ring.
 */
static __always_inline struct mover mover_of(const struct thread* t, u64* waiting, struct sock* sk,
                                             struct task_struct* task, u64 ops) {
  struct mover mover = {};
  if (!bpf_core_field_exists(task->io_uring)) return mover;
  if (!task->io_uring && !(task->flags & PF_IO_WORKER)) return mover;
  find_mover(t->submitted, *waiting, number_of(sk), ops, &mover);
  *waiting = mover.request;
  return mover;
}

/* The last `bytes` bytes before the end of `spans`, as far as they are there; returns whether they are. */
static __always_inline int keep_last(struct span* spans, u64 bytes) {
  for (int i = IOVECS - 1; i >= 0; i--) {
    if (spans[i].len > bytes) {
      spans[i].base += spans[i].len - bytes;
      spans[i].len = bytes;
    }
    bytes -= spans[i].len;
  }
  return bytes == 0;
}

static __always_inline void drop_empty_in_front(struct span* spans) {
  for (int k = 1; k < IOVECS; k++) {
    if (spans[0].len) return;
    for (int i = 1; i < IOVECS; i++) spans[i - 1] = spans[i];
    spans[IOVECS - 1].len = 0;
  }
}

/* Buffers that an iterator has gone past: `bytes` bytes of them, of no more than IOVECS. */
static __always_inline int passed_spans(u64 iov, u64 offset, u64 bytes, struct span* spans) {
  u64 end = offset ? iov + sizeof(struct user_iovec) : iov;
  if (bpf_probe_read_kernel(spans, IOVECS * sizeof(*spans), (void*)(end - IOVECS * sizeof(*spans)))) return 0;
  if (offset) spans[IOVECS - 1].len = offset;
  if (!keep_last(spans, bytes)) return 0;
  drop_empty_in_front(spans);
  return IOVECS;
}

/* Buffers that an iterator is about to go through. */
static __always_inline int coming_spans(u64 iov, u64 offset, u64 segments, struct span* spans) {
  if (segments > IOVECS) segments = IOVECS;
  u32 size = (u32)segments * sizeof(*spans);
  if (size > IOVECS * sizeof(*spans) || bpf_probe_read_kernel(spans, size, (void*)iov)) return 0;
  spans[0].base += offset;
  spans[0].len -= offset;
  return (int)segments;
}

/* What the request's own command names: of registered buffers too, and where the kernel keeps no iterator. */
static __always_inline int command_spans(const struct mover* mover, int file, u64 bytes, struct span* spans) {
  struct io_rw* rw = (struct io_rw*)mover->request;
  struct io_sr_msg* sr = (struct io_sr_msg*)mover->request;
  u64 base = 0;
  if (file ? bpf_core_read(&base, sizeof(base), &rw->addr) : bpf_core_read(&base, sizeof(base), &sr->buf))
    return 0;
  if (is_op(mover->opcode, OP(OP_SENDMSG) | OP(OP_SENDMSG_ZC) | OP(OP_RECVMSG)))
    return msg_spans(base, spans);
  if (is_op(mover->opcode, OP(OP_READV) | OP(OP_WRITEV))) return 0;
  spans[0].base = base;
  spans[0].len = bytes;
  return base != 0;
}

/* The iterator of a request over its buffers; 0: the kernel keeps none. */
static __always_inline struct iov_iter* iterator(u64 data, int file) {
  if (!data) return 0;
  if (!file) return &((struct io_async_msghdr*)data)->msg.msg_iter;
  struct io_async_rw* rw = (struct io_async_rw*)data;
  return bpf_core_field_exists(rw->iter) ? &rw->iter : 0;
}

/*
 * The buffers of the `bytes` bytes that a request has just moved. Sends and receives move with the request's
 * own iterator, which is past them by now; reads and writes of files with a copy of it.
 */
APART int ring_spans(const struct mover* mover, u64 bytes, struct spans* out) {
  if (!mover || !out) return 0;
  struct span* spans = out->at;
  struct io_kiocb* req = (struct io_kiocb*)mover->request;
  int file = is_op(mover->opcode, OPS_OF_FILES_IN | OPS_OF_FILES_OUT);
  u64 data = 0, at = 0, offset = 0, segments = 0;
  u8 type = 0;
  if (!req || bpf_core_read(&data, sizeof(data), &req->async_data)) return 0;
  struct iov_iter* iter = iterator(data, file);
  if (!iter) return command_spans(mover, file, bytes, spans);
  if (bpf_core_read(&type, sizeof(type), &iter->iter_type)) return 0;
  if (bpf_core_read(&at, sizeof(at), &iter->ubuf)) return 0;
  if (bpf_core_read(&offset, sizeof(offset), &iter->iov_offset)) return 0;
  if (type == bpf_core_enum_value(enum iter_type, ITER_UBUF)) {
    spans[0].base = at + offset - (file ? 0 : bytes);
    spans[0].len = bytes;
    return 1;
  }
  if (type != bpf_core_enum_value(enum iter_type, ITER_IOVEC))
    return command_spans(mover, file, bytes, spans);
  if (!file) return passed_spans(at, offset, bytes, spans);
  if (bpf_core_read(&segments, sizeof(segments), &iter->nr_segs)) return 0;
  return coming_spans(at, offset, segments, spans);
}

#endif
