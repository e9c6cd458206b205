#include "attribution/cpu_shares.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace plateau::attribution {
namespace {

constexpr std::size_t kMaxStacks = 262'144;  // ids beyond are of no capture that was made here
constexpr std::size_t kMaxFunctions = 65'536;
constexpr double kMostly = 0.75;  // of a function's time, its callees' included

using Names = std::string_view;

// The C library's allocator and others of its kind, Go's with its collector, and the kernel's side of it.
constexpr auto kAllocators = std::to_array<Names>({"malloc",
                                                   "calloc",
                                                   "realloc",
                                                   "free",
                                                   "cfree",
                                                   "aligned_alloc",
                                                   "posix_memalign",
                                                   "mmap",
                                                   "munmap",
                                                   "brk",
                                                   "sbrk",
                                                   "madvise",
                                                   "runtime.mallocgc",
                                                   "runtime.newobject",
                                                   "runtime.makeslice",
                                                   "runtime.growslice",
                                                   "runtime.gcBgMarkWorker",
                                                   "runtime.gcAssistAlloc",
                                                   "runtime.bgsweep",
                                                   "runtime.bgscavenge",
                                                   "runtime.gcStart",
                                                   "__x64_sys_mmap",
                                                   "__x64_sys_munmap",
                                                   "__x64_sys_brk",
                                                   "__x64_sys_madvise",
                                                   "__arm64_sys_mmap",
                                                   "__arm64_sys_munmap",
                                                   "__arm64_sys_brk",
                                                   "__arm64_sys_madvise",
                                                   "ksys_mmap_pgoff",
                                                   "__vm_munmap",
                                                   "vm_mmap_pgoff"});

constexpr auto kFaults = std::to_array<Names>(
    {"asm_exc_page_fault", "exc_page_fault", "do_user_addr_fault", "do_page_fault", "handle_mm_fault"});

constexpr auto kSetUps = std::to_array<Names>({"accept",
                                               "accept4",
                                               "__sys_accept4",
                                               "do_accept",
                                               "inet_csk_accept",
                                               "inet_accept",
                                               "sock_close",
                                               "__sock_release",
                                               "inet_release",
                                               "tcp_close",
                                               "__tcp_close",
                                               "tcp_conn_request",
                                               "tcp_check_req",
                                               "tcp_child_process",
                                               "tcp_v4_syn_recv_sock",
                                               "tcp_v6_syn_recv_sock",
                                               "tcp_rcv_state_process",  // all but established
                                               "tcp_fin",
                                               "tcp_time_wait",
                                               "tcp_timewait_state_process",
                                               "epoll_ctl",
                                               "do_epoll_ctl",
                                               "ep_insert",
                                               "ep_remove",
                                               "__ep_remove",
                                               "eventpoll_release_file",
                                               "__x64_sys_accept4",
                                               "__x64_sys_epoll_ctl",
                                               "__x64_sys_setsockopt",
                                               "__x64_sys_shutdown",
                                               "__x64_sys_close",
                                               "__arm64_sys_accept4",
                                               "__arm64_sys_epoll_ctl",
                                               "__arm64_sys_setsockopt",
                                               "__arm64_sys_shutdown",
                                               "__arm64_sys_close",
                                               "close",
                                               "__close",
                                               "SSL_do_handshake",
                                               "SSL_accept",
                                               "SSL_shutdown",
                                               "gnutls_handshake",
                                               "crypto/tls.(*Conn).Handshake",
                                               "crypto/tls.(*Conn).HandshakeContext",
                                               "crypto/tls.(*Conn).handshakeContext",
                                               "net.(*netFD).accept",
                                               "net.(*conn).Close"});

constexpr auto kAllocatorPrefixes = std::to_array<Names>({"operator new",
                                                          "operator delete",
                                                          "_int_malloc",
                                                          "_int_free",
                                                          "__libc_malloc",
                                                          "__libc_free",
                                                          "_int_realloc",
                                                          "malloc_consolidate",
                                                          "sysmalloc",
                                                          "systrim",
                                                          "unlink_chunk",
                                                          "tcache_",
                                                          "je_",
                                                          "tc_malloc",
                                                          "tc_free",
                                                          "mi_malloc",
                                                          "mi_free",
                                                          "runtime.(*mcache)",
                                                          "runtime.(*mcentral)",
                                                          "runtime.(*mheap)",
                                                          "runtime.gcDrain"});

template <std::size_t N>
bool is_one_of(const std::array<Names, N>& names, Names name) {
  return std::ranges::find(names, name) != names.end();
}

bool allocates(Names name) {
  return is_one_of(kAllocators, name) || is_one_of(kFaults, name) ||
         std::ranges::any_of(kAllocatorPrefixes, [&](Names prefix) { return name.starts_with(prefix); });
}

}  // namespace

// The outermost frame that says something: what a handshake allocates is the handshake's.
CpuShareCounter::Work CpuShareCounter::work_of(const wire::ProfileStack& stack) {
  for (auto frame = stack.frames.rbegin(); frame != stack.frames.rend(); ++frame) {
    if (is_one_of(kSetUps, frame->name)) return Work::set_up;
    if (allocates(frame->name)) return Work::allocation;
  }
  return Work::other;
}

// 0 when there are too many.
std::uint32_t CpuShareCounter::function_of(const std::string& name) {
  const auto known = function_ids_.find(name);
  if (known != function_ids_.end()) return known->second;
  if (functions_.size() > kMaxFunctions) return 0;
  functions_.emplace_back();
  return function_ids_[name] = static_cast<std::uint32_t>(functions_.size() - 1);
}

void CpuShareCounter::remember_functions(const wire::ProfileStack& stack, Stack& entry) {
  for (const wire::ProfileFrame& frame : stack.frames) {
    if (frame.kind == wire::FrameKind::kernel) continue;
    const std::uint32_t function = function_of(frame.name);
    if (function != 0 && std::ranges::find(entry.inside, function) == entry.inside.end())
      entry.inside.push_back(function);
  }
}

void CpuShareCounter::stack(const wire::ProfileStack& stack) {
  if (stack.id >= kMaxStacks) return;
  if (stack.id >= stacks_.size()) stacks_.resize(stack.id + 1);
  Stack& entry = stacks_[stack.id] = {};
  entry.work = work_of(stack);
  const auto user = std::ranges::find_if(
      stack.frames, [](const wire::ProfileFrame& frame) { return frame.kind != wire::FrameKind::kernel; });
  if (user == stack.frames.end()) return;
  remember_functions(stack, entry);
  entry.function = function_of(user->name);
  entry.own = user == stack.frames.begin() && entry.work == Work::other;
  entry.faults = std::any_of(stack.frames.begin(), user,
                             [](const wire::ProfileFrame& frame) { return is_one_of(kFaults, frame.name); });
}

void CpuShareCounter::sample(const wire::StackSample& sample) {
  if (sample.kind != PL_SAMPLE_CPU || sample.stack >= stacks_.size()) return;
  samples_++;
  all_ns_ += sample.period_ns;
  Stack& stack = stacks_[sample.stack];
  stack.ns += sample.period_ns;
  if (stack.work == Work::allocation) allocation_ns_ += sample.period_ns;
  for (const std::uint32_t function : stack.inside) {
    functions_[function].all_ns += sample.period_ns;
    if (stack.work == Work::set_up) functions_[function].set_up_ns += sample.period_ns;
  }
  if (stack.own) functions_[stack.function].own_ns += sample.period_ns;
  if (stack.faults) functions_[stack.function].fault_ns += sample.period_ns;
}

std::uint64_t CpuShareCounter::touching_ns() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < functions_.size(); i++)
    if (functions_[i].fault_ns > functions_[i].own_ns) sum += functions_[i].own_ns;
  return sum;
}

std::uint64_t CpuShareCounter::set_up_ns() const {
  const auto mostly = [this](std::uint32_t id) {
    const Function& f = functions_[id];
    return static_cast<double>(f.set_up_ns) > kMostly * static_cast<double>(f.all_ns);
  };
  std::uint64_t sum = 0;
  for (const Stack& stack : stacks_)
    if (stack.work == Work::set_up || std::ranges::any_of(stack.inside, mostly)) sum += stack.ns;
  return sum;
}

CpuShares CpuShareCounter::shares() const {
  if (all_ns_ == 0) return {};
  const auto all = static_cast<double>(all_ns_);
  return {samples_, static_cast<double>(allocation_ns_ + touching_ns()) / all,
          static_cast<double>(set_up_ns()) / all};
}

}  // namespace plateau::attribution
