#include "symbol/lock_class.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "symbol/kernel_symbols.h"

namespace plateau::symbol {
namespace {

struct LockExample {
  std::vector<std::string_view> stack;  // innermost first
  LockClass lock_class;
};

// The first with what stands on top of all of them.
const LockExample kLockExamples[] = {
    {{"bpf_prog_6deef7357e7b4530_contended", "bpf_trace_run2", "__bpf_trace_contention_begin",
      "__traceiter_contention_begin", "trace_contention_begin.constprop.0",
      "native_queued_spin_lock_slowpath", "_raw_spin_lock_bh", "lock_sock_nested", "tcp_recvmsg",
      "inet_recvmsg", "sock_read_iter", "vfs_read"},
     LockClass::socket},
    {{"native_queued_spin_lock_slowpath", "_raw_spin_lock_irqsave", "__wake_up_common_lock",
      "sock_def_readable", "tcp_data_queue", "do_softirq.part.0", "ip_finish_output2", "tcp_write_xmit"},
     LockClass::socket},
    {{"queued_read_lock_slowpath", "_raw_read_lock_irqsave", "ep_poll_callback", "__wake_up_common",
      "__wake_up_common_lock", "sock_def_readable", "tcp_data_queue"},
     LockClass::epoll},
    {{"__mutex_lock.constprop.0", "do_epoll_wait", "__x64_sys_epoll_wait"}, LockClass::epoll},
    {{"rwsem_down_write_slowpath", "down_write_killable", "vm_mmap_pgoff", "ksys_mmap_pgoff"},
     LockClass::memory_map},
    {{"rwsem_down_read_slowpath", "down_read", "lock_mm_and_find_vma", "do_user_addr_fault", "exc_page_fault",
      "asm_exc_page_fault"},
     LockClass::memory_map},
    {{"native_queued_spin_lock_slowpath", "_raw_spin_lock_irqsave", "rmqueue_bulk", "__rmqueue_pcplist",
      "rmqueue", "get_page_from_freelist", "__alloc_pages", "do_anonymous_page", "handle_mm_fault"},
     LockClass::page_allocator},
    {{"native_queued_spin_lock_slowpath", "_raw_spin_lock_irqsave", "get_partial_node.part.0",
      "___slab_alloc", "kmem_cache_alloc_node", "__alloc_skb", "tcp_stream_alloc_skb"},
     LockClass::page_allocator},
    {{"rwsem_down_write_slowpath", "down_write", "ext4_buffered_write_iter", "vfs_write"},
     LockClass::file_system},
    {{"native_queued_spin_lock_slowpath", "_raw_spin_lock", "alloc_fd", "do_sys_openat2"},
     LockClass::file_system},
    {{"native_queued_spin_lock_slowpath", "_raw_spin_lock", "futex_q_lock", "futex_wait_setup",
      "__futex_wait"},
     LockClass::futex},
    {{"__mutex_lock.constprop.0", "anon_pipe_write", "vfs_write"}, LockClass::pipe},
    {{"__mutex_lock.constprop.0", "__do_sys_io_uring_enter"}, LockClass::other},
    {{"__mutex_lock.constprop.0", "io_submit_sqes", "__do_sys_io_uring_enter"}, LockClass::io_uring},
    {{"native_queued_spin_lock_slowpath", "raw_spin_rq_lock_nested", "try_to_wake_up", "wake_up_q",
      "futex_wake", "do_futex"},
     LockClass::scheduler},
    {{"native_queued_spin_lock_slowpath", "_raw_spin_lock_irqsave", "lock_timer_base", "__mod_timer",
      "sk_reset_timer", "tcp_schedule_loss_probe"},
     LockClass::timer},
    {{"queued_write_lock_slowpath", "_raw_write_lock_irq", "copy_process", "kernel_clone"},
     LockClass::process},
    {{"bpf_trace_run2", "__traceiter_contention_begin", "native_queued_spin_lock_slowpath",
      "_raw_spin_lock_irqsave", "__bpf_ringbuf_reserve", "bpf_ringbuf_output", "bpf_prog_1_sent",
      "bpf_trace_run3", "__traceiter_sock_send_length", "sock_sendmsg"},
     LockClass::bpf},
    {{"native_queued_spin_lock_slowpath", "_raw_spin_lock", "entry_SYSCALL_64_after_hwframe"},
     LockClass::other},
    {{}, LockClass::other},
};

TEST(LockClass, TheStackTells) {
  for (const auto& [stack, lock_class] : kLockExamples)
    EXPECT_EQ(to_string(classify_lock(stack)), to_string(lock_class)) << testing::PrintToString(stack);
}

TEST(LockClass, NamesThatAreNotWholeTellNothing) {
  EXPECT_EQ(classify_lock(std::vector<std::string_view>{"scheduled", "dput_to_list", "", "do_futexes"}),
            LockClass::other);
}

TEST(LockClass, AddressesAreThoseAfterTheCall) {
  std::istringstream text("ffffffff81000000 T vfs_write\nffffffff81000100 T tcp_sendmsg\n");
  const auto symbols = KernelSymbols::parse(text);
  ASSERT_TRUE(symbols);
  // The call is the function's last instruction: what comes after it is the next one's first.
  const std::uint64_t stack[] = {0xffffffff81000100};
  EXPECT_EQ(symbols->classify_lock(stack), LockClass::file_system);
}

}  // namespace
}  // namespace plateau::symbol
