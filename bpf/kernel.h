/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that the probes touch, and of each only the fields they read. CO-RE relocates every access
 * against the running kernel's BTF, so neither order nor size matters here, and the build reads nothing of
 * the running kernel. Names are the kernel's own.
 */
#ifndef PLATEAU_KERNEL_H
#define PLATEAU_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
/* Needs the types above. */
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

typedef __u64 u64;
typedef __u32 u32;
typedef __u16 u16;
typedef __u8 u8;
typedef __s64 s64;
typedef __SIZE_TYPE__ size_t;
typedef long ssize_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr {
  union {
    __u8 u6_addr8[16];
  } in6_u;
};

struct net;

struct proto {
  void* sendmsg;
};

struct sock_common {
  union {
    struct {
      __be32 skc_daddr;
      __be32 skc_rcv_saddr;
    };
  };
  union {
    struct {
      __be16 skc_dport;
      __u16 skc_num;
    };
  };
  unsigned short skc_family;
  struct proto* skc_prot;
  volatile unsigned char skc_state;
  struct {
    struct net* net;
  } skc_net;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
};

struct socket;
struct bpf_local_storage;

struct list_head {
  struct list_head* next;
};

struct wait_queue_head {
  struct list_head head;
};

struct wait_queue_entry {
  void* private;
  struct list_head entry;
};

struct socket_wq {
  struct wait_queue_head wait;
};

struct sk_buff {
  char cb[48];
};

struct sk_buff_head {
  struct sk_buff* prev;
  u32 qlen;
};

struct sock_extended_err {
  u8 ee_origin;
  u8 ee_code;
  u32 ee_info;
  u32 ee_data;
};

struct sock_exterr_skb {
  struct sock_extended_err ee;
};

struct sock {
  struct sock_common __sk_common;
  struct socket* sk_socket;
  struct socket_wq* sk_wq;
  int sk_wmem_queued;
  int sk_sndbuf;
  int sk_err;
  u32 sk_ack_backlog;
  struct bpf_local_storage* sk_bpf_storage;
  struct sk_buff_head sk_error_queue;
  struct sk_buff_head sk_receive_queue;
  u16 sk_protocol;
  u16 sk_type;
  u8 sk_shutdown;
};

struct hrtimer {
  u8 state;
};

struct tcp_ulp_ops {
  char name[16];
};

struct inet_connection_sock {
  const struct tcp_ulp_ops* icsk_ulp_ops; /* of TLS in the kernel, and others that change the bytes */
};

struct unix_address;

struct unix_sock {
  struct unix_address* addr; /* an accepted one's is its listener's */
};

struct tcp_sock {
  struct inet_connection_sock inet_conn;
  u32 copied_seq;
  u32 write_seq;
  u32 rcv_nxt;
  u32 total_retrans;
  struct hrtimer pacing_timer;
  _Bool is_mptcp; /* one of those behind an MPTCP socket */
};

struct mptcp_sock {
  struct sock* first; /* of a listening one: the TCP socket that listens */
  struct sk_buff_head receive_queue;
};

struct file;

struct socket {
  struct file* file;
  struct sock* sk;
};

struct iov_iter {
  u8 iter_type;
  size_t iov_offset;
  void* ubuf; /* ITER_IOVEC: the first iovec */
  unsigned long nr_segs;
};

struct msghdr {
  struct iov_iter msg_iter;
  unsigned int msg_flags;
};

struct page;

struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};

struct files_struct {
  struct fdtable* fdt;
};

struct io_cqe {
  int fd; /* until it is done */
};

struct io_kiocb {
  struct file* file; /* in one place with the command's own structure, such as io_sr_msg */
  u8 opcode;
  struct io_cqe cqe;
  u64 flags; /* its size has changed: for bit fields only */
  void* async_data;
};

struct io_sr_msg {
  void* buf;
  u16 flags;
};

struct io_rw {
  u64 addr;
};

struct io_async_msghdr {
  struct msghdr msg;
};

struct io_async_rw {
  struct iov_iter iter;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp,
      ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
  unsigned long regs[31];
  unsigned long sp, pc;
  unsigned long orig_x0;
  int syscallno;
};
#else
#error "no register layout for this architecture"
#endif

#if defined(__TARGET_ARCH_x86)
struct thread_struct {
  unsigned long fsbase;
};
#endif

/* What a program on a perf event gets: the kernel hands out a view of it (linux/bpf_perf_event.h). */
struct bpf_perf_event_data {
#if defined(__TARGET_ARCH_x86)
  unsigned long regs[21];
#elif defined(__TARGET_ARCH_arm64)
  unsigned long regs[34];
#endif
  u64 sample_period;
  u64 addr;
};

struct task_struct {
#if defined(__TARGET_ARCH_x86)
  struct thread_struct thread;
#endif
  unsigned int __state;
  unsigned int flags;
  int pid;
  int tgid;
  char comm[16];
  void* mm; /* null: a thread of the kernel's own */
  unsigned in_iowait : 1;
  struct bpf_local_storage* bpf_storage;
  struct files_struct* files;
  void* io_uring;
};

/* Before Linux 5.14 (2f064a59a11f) __state was called state, and was a long. */
struct task_struct___before_5_14 {
  long state;
};

struct bpf_iter_meta;

struct bpf_iter__task {
  union {
    struct bpf_iter_meta* meta;
  };
  union {
    struct task_struct* task;
  };
};

struct bpf_iter__task_file {
  union {
    struct bpf_iter_meta* meta;
  };
  union {
    struct task_struct* task;
  };
  u32 fd;
  union {
    struct file* file;
  };
};

/* Their values move from one release to another: bpf_core_enum_value(). */
enum iter_type {
  ITER_UBUF,
  ITER_IOVEC,
};

#pragma clang attribute pop

#endif
