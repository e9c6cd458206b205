// SPDX-License-Identifier: GPL-2.0-only
// The sockets that the target has open when the probes go on: run once for the listening ones, once more for
// the connections.
#include "abi.h"
#include "mptcp.h"
#include "unix_socket.h"

pl_u32 want_connections = 0;
pl_u32 connections_found = 0;

SEC("iter/task_file")
int find_sockets(struct bpf_iter__task_file* ctx) {
  struct task_struct* task = ctx->task;
  struct file* file = ctx->file;
  if (!task || !file || !bpf_task_storage_get(&threads, task, 0, 0)) return 0;
  struct socket* socket = bpf_sock_from_file(file);
  if (!socket || !socket->sk) return 0;
  int local = is_unix(socket->sk);
  if (!local && !is_tcp(socket->sk) && !is_mptcp(socket->sk)) return 0;
  u8 state = socket->sk->__sk_common.skc_state;
  if (state == TCP_LISTEN && !want_connections) {
    if (local)
      note_unix_listener(unix_address_of(socket->sk));
    else if (is_mptcp(socket->sk))
      mark_mptcp_listener(socket->sk);
    else
      mark_listener(socket->sk);
    listeners_found++;
  } else if ((state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT) && want_connections) {
    if (local ? adopt_unix(socket->sk, PREEXISTING_AT_ATTACH) : adopt_conn(socket->sk)) connections_found++;
  }
  return 0;
}
