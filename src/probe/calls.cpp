#include "probe/calls.h"

#include <sys/syscall.h>

#include <algorithm>

namespace plateau::probe {
namespace {

struct Call {
  long number;
  pl_u8 meaning;
};

#define CALL(name, state, buffer) \
  { SYS_##name, PL_CALL(PL_STATE_##state, PL_BUFFER_##buffer) }
#define LOOP(name) \
  { SYS_##name, PL_CALL(PL_STATE_POLL, PL_BUFFER_NONE) | PL_CALL_LOOP }

#define LIST(name) \
  { SYS_##name, PL_CALL(PL_STATE_POLL, PL_BUFFER_NONE) | PL_CALL_LOOP | PL_CALL_LIST }

constexpr Call kCalls[] = {
    CALL(read, RECV, FLAT),
    CALL(readv, RECV, IOV),
    CALL(recvfrom, RECV, FLAT),
    CALL(recvmsg, RECV, MSG),
    CALL(recvmmsg, RECV, NONE),
    CALL(write, SEND, FLAT),
    CALL(writev, SEND, IOV),
    CALL(sendto, SEND, FLAT),
    CALL(sendmsg, SEND, MSG),
    CALL(sendmmsg, SEND, NONE),
    CALL(sendfile, SEND, NONE),
    CALL(splice, SEND, NONE),
    CALL(tee, FD, NONE),
    CALL(pread64, DISK, NONE),
    CALL(pwrite64, DISK, NONE),
    CALL(preadv, DISK, NONE),
    CALL(pwritev, DISK, NONE),
    CALL(fsync, DISK, NONE),
    CALL(fdatasync, DISK, NONE),
    CALL(sync_file_range, DISK, NONE),
    LOOP(epoll_pwait),
    LOOP(epoll_pwait2),
    LIST(ppoll),
    LOOP(pselect6),
    CALL(accept, POLL, NONE),
    CALL(accept4, POLL, NONE),
    LOOP(io_uring_enter),
    CALL(io_uring_setup, POLL, NONE),  // io_uring's own threads are born in it
    LOOP(io_getevents),
    CALL(rt_sigtimedwait, POLL, NONE),
    CALL(rt_sigsuspend, POLL, NONE),
    CALL(connect, FD, NONE),
    CALL(wait4, FD, NONE),
    CALL(waitid, FD, NONE),
    CALL(futex, FUTEX, NONE),
    CALL(nanosleep, SLEEP, NONE),
    CALL(clock_nanosleep, SLEEP, NONE),
#if defined(__x86_64__)
    LOOP(epoll_wait),
    LIST(poll),
    LOOP(select),
    CALL(pause, POLL, NONE),
#endif
};

#undef LIST
#undef LOOP
#undef CALL

}  // namespace

void fill_calls(std::span<pl_u8> table) {
  std::fill(table.begin(), table.end(), pl_u8{0});
  for (const auto& call : kCalls)
    if (static_cast<std::size_t>(call.number) < table.size())
      table[static_cast<std::size_t>(call.number)] = call.meaning;
}

}  // namespace plateau::probe
