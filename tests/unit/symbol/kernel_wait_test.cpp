#include "symbol/kernel_wait.h"

#include <gtest/gtest.h>

#include <vector>

namespace plateau::symbol {
namespace {

struct Example {
  std::vector<std::string_view> stack;  // innermost first
  KernelWait wait;
};

// Stacks as 6.1, 6.12 and 6.18 show them.
const Example kExamples[] = {
    {{"schedule", "futex_do_wait", "__futex_wait", "futex_wait", "do_futex"}, KernelWait::futex},
    {{"schedule", "futex_wait_queue", "futex_wait", "do_futex"}, KernelWait::futex},
    {{"schedule", "__lock_sock", "lock_sock_nested", "tcp_sendmsg"}, KernelWait::socket_lock},
    {{"schedule_timeout", "wait_woken", "sk_stream_wait_memory", "tcp_sendmsg_locked"},
     KernelWait::send_buffer},
    {{"schedule_timeout", "wait_woken", "sk_wait_data", "tcp_recvmsg_locked"}, KernelWait::receive},
    {{"schedule_timeout", "inet_csk_accept", "inet_accept", "do_accept"}, KernelWait::receive},
    {{"schedule_timeout", "unix_stream_read_generic", "unix_stream_recvmsg"}, KernelWait::receive},
    {{"schedule_hrtimeout_range", "ep_poll", "do_epoll_wait"}, KernelWait::poll},
    {{"schedule_hrtimeout_range_clock", "do_epoll_wait", "__x64_sys_epoll_wait"}, KernelWait::poll},
    {{"schedule_hrtimeout_range_clock", "poll_schedule_timeout.constprop.0", "do_sys_poll"},
     KernelWait::poll},
    {{"schedule_hrtimeout_range", "do_select", "core_sys_select"}, KernelWait::poll},
    {{"schedule", "anon_pipe_read", "vfs_read"}, KernelWait::pipe},
    {{"schedule", "pipe_write", "vfs_write"}, KernelWait::pipe},
    {{"io_schedule", "folio_wait_bit_common", "filemap_read", "vfs_read"}, KernelWait::disk},
    {{"schedule", "io_schedule", "bit_wait_io", "__wait_on_bit", "ext4_sync_file"}, KernelWait::disk},
    {{"io_schedule", "folio_wait_bit_common", "filemap_fault", "__do_fault", "__handle_mm_fault",
      "handle_mm_fault", "do_user_addr_fault", "exc_page_fault", "_copy_from_iter"},
     KernelWait::page_fault},
    {{"schedule", "do_nanosleep", "hrtimer_nanosleep", "common_nsleep"}, KernelWait::sleep},
    {{"schedule_preempt_disabled", "__mutex_lock.constprop.0", "anon_pipe_write"}, KernelWait::mutex},
    {{"schedule", "rwsem_down_read_slowpath", "down_read", "do_user_addr_fault"}, KernelWait::mutex},
    {{"schedule", "do_wait", "kernel_wait4"}, KernelWait::other},
    {{"", ""}, KernelWait::other},
    {{}, KernelWait::other},
};

TEST(KernelWait, TheStackTellsTheWait) {
  for (const auto& [stack, wait] : kExamples) {
    EXPECT_EQ(to_string(classify_wait(stack)), to_string(wait)) << testing::PrintToString(stack);
  }
}

TEST(KernelWait, AnInterruptBeginsWhereTheProcessorEntersTheKernelForIt) {
  for (const char* entry : {"asm_sysvec_apic_timer_interrupt", "asm_sysvec_reschedule_ipi",
                            "asm_common_interrupt", "el1h_64_irq", "el0t_64_irq_handler"})
    EXPECT_TRUE(begins_interrupt(entry)) << entry;
  for (const char* other : {"hrtimer_interrupt", "asm_exc_page_fault", "entry_SYSCALL_64_after_hwframe",
                            "el0t_64_sync", "sysvec_apic_timer_interrupt", ""})
    EXPECT_FALSE(begins_interrupt(other)) << other;
}

TEST(KernelWait, PrefixesDoNotCatchTheirNeighbours) {
  EXPECT_EQ(classify_wait(std::vector<std::string_view>{"pipe_release", "ep_poll_callback"}),
            KernelWait::other);
  EXPECT_EQ(classify_wait(std::vector<std::string_view>{"do_select_more"}), KernelWait::other);
}

}  // namespace
}  // namespace plateau::symbol
