#include "symbol/lock_class.h"

#include <algorithm>
#include <array>
#include <optional>

namespace plateau::symbol {
namespace {

struct ClassRules {
  LockClass lock_class;
  std::string_view functions;  // with blanks between them; a trailing '*' stands for any rest
};

// Linux 5.19 to 6.18, x86-64 and arm64. A function that only passes a lock on, as __wake_up_common_lock does,
// tells nothing: whose lock it is, its caller tells.
constexpr std::array kClassRules = {
    ClassRules{LockClass::futex, "futex_* __futex_* do_futex"},
    ClassRules{LockClass::epoll, "ep_* __ep_* do_epoll_* eventpoll_* epoll_*"},
    ClassRules{LockClass::bpf,
               "bpf_* __bpf_* htab_* __htab_* pcpu_freelist_* __pcpu_freelist_* ___pcpu_freelist_*"},
    ClassRules{LockClass::io_uring,
               "io_uring_* io_submit_* io_cqring_* io_wq_* io_worker_* io_issue_* io_req_* io_run_* "
               "io_handle_* io_sq_* io_read io_write io_recv io_send __io_* tctx_task_work* "
               "ctx_flush_and_put"},
    ClassRules{LockClass::pipe, "pipe_* anon_pipe_* fifo_*"},
    ClassRules{LockClass::page_allocator,
               "rmqueue* __rmqueue* get_page_from_freelist alloc_pages* __alloc_pages* "
               "__alloc_frozen_pages* alloc_frozen_pages* vma_alloc_folio* folio_alloc* free_unref_* "
               "free_frozen_* free_pcppages_bulk __free_pages* free_pages* free_one_page drain_* "
               "kmem_cache_* __kmem_cache_* ___slab_alloc __slab_* slab_* get_partial_node* "
               "put_cpu_partial __put_partials __kmalloc* kmalloc_* __kmalloc_* kfree __kfree* "
               "refill_obj_stock folio_batch_move_lru folio_lruvec_* folio_add_lru* lru_* lruvec_* "
               "release_pages folios_put* __folio_put* __page_cache_release __folio_batch_* mem_cgroup_* "
               "__mem_cgroup_* charge_memcg try_charge_memcg uncharge_* obj_cgroup_* shrink_* "
               "try_to_free_* page_counter_* vmalloc* __vmalloc* alloc_vmap_area"},
    ClassRules{LockClass::memory_map,
               "mmap_* __mmap_* do_mmap* vm_mmap* vm_munmap __vm_munmap do_vmi_* do_vma_* do_munmap "
               "do_brk* __x64_sys_brk __do_sys_brk do_user_addr_fault exc_page_fault asm_exc_page_fault "
               "handle_mm_fault __handle_mm_fault handle_pte_fault do_anonymous_page do_fault* do_wp_page "
               "wp_page_copy do_swap_page do_numa_page do_huge_pmd_* do_page_fault do_mem_abort "
               "do_translation_fault do_mprotect_* mprotect_* do_madvise madvise_* zap_* unmap_* tlb_* "
               "__tlb_* lock_mm_and_find_vma get_mmap_lock_* lock_vma_* vma_* __vma_* exit_mmap dup_mmap "
               "mmput __mmput anon_vma_* __anon_vma_* unlink_anon_vmas pte_offset_* __pte_* pmd_* __pmd_* "
               "__pud_* __p4d_* get_user_pages* __get_user_pages* pin_user_pages* __gup_* follow_page_* "
               "faultin_* move_page_tables mremap_* swap_* khugepaged* collapse_* rmap_* "
               "page_vma_mapped_walk pagefault_* fault_in_* flush_tlb_*"},
    ClassRules{LockClass::socket,
               "tcp_* __tcp_* inet_* __inet_* inet6_* udp_* udpv6_* __udp* ip_* __ip_* ip6_* ipv6_* sock_* "
               "__sock_* lock_sock* __lock_sock* release_sock __release_sock sk_* __sk_* skb_* __skb_* "
               "kfree_skb* consume_skb unix_* __unix_* net_rx_action process_backlog __process_backlog "
               "dev_* __dev_* netif_* __netif_* enqueue_to_backlog napi_* __napi_* qdisc_* __qdisc_* "
               "sch_direct_xmit nf_* neigh_* mptcp_* tls_* reqsk_* netlink_* __sys_sendto __sys_recvfrom "
               "__sys_sendmsg __sys_recvmsg __sys_accept4 __sys_connect rtnl_* __rtnl_* fib_*"},
    ClassRules{LockClass::scheduler,
               "try_to_wake_up ttwu_* sched_ttwu_* schedule schedule_timeout __schedule raw_spin_rq_lock* "
               "task_rq_lock __task_rq_lock sched_* __sched_* load_balance newidle_balance balance_* "
               "pick_next_task* enqueue_task* dequeue_task* do_sched_* __set_cpus_allowed* "
               "set_cpus_allowed* wake_up_new_task select_task_rq* update_blocked_averages update_rq_clock "
               "scheduler_tick"},
    ClassRules{LockClass::timer,
               "hrtimer_* __hrtimer_* mod_timer __mod_timer add_timer* del_timer* timer_* __timer_* "
               "lock_timer_base run_timer_* __run_timers do_nanosleep posix_timer_* tick_* timerfd_*"},
    ClassRules{LockClass::process,
               "copy_process kernel_clone do_exit do_group_exit release_task wait_consider_task do_wait "
               "__do_wait exit_notify do_signal get_signal send_signal* __send_signal* do_send_sig* "
               "do_send_specific force_sig* sigprocmask __set_current_blocked do_tkill group_send_sig_info "
               "do_sigaction do_execve* begin_new_exec cgroup_* pidfd_* alloc_pid free_pid"},
    ClassRules{LockClass::file_system,
               "vfs_* ext4_* xfs_* btrfs_* f2fs_* ovl_* nfs_* jbd2_* dput d_* __d_* lookup_* __lookup_* "
               "path_* link_path_walk walk_component open_last_lookups do_filp_open do_sys_open* inode_* "
               "__inode_* iget_* iput* evict new_inode* filemap_* __filemap_* pagecache_* generic_file_* "
               "generic_perform_write __generic_file_* shmem_* simple_* file_* alloc_fd __alloc_fd "
               "close_fd __close_fd expand_files fd_install fget* __fget* fsnotify* __fsnotify* lockref_* "
               "kernfs_* proc_* seq_* writeback_* wb_* __writeback_* __mark_inode_dirty mark_buffer_dirty "
               "block_* blk_* bio_* submit_bio* iomap_* do_splice* splice_* do_sendfile iterate_dir "
               "locks_* posix_lock_* mnt_* __fput super_* sync_* fcntl_* flock_*"},
};

// What stands on top of every stack: the program that took it, whose name is not known, and the way there
// from the tracepoint.
constexpr std::size_t kDeepestProgram = 4;
constexpr std::string_view kTracepoint = "bpf_trace_run* __bpf_trace_* __traceiter_* trace_contention_*";

bool stands_for(std::string_view rule, std::string_view function) {
  if (!rule.ends_with('*')) return rule == function;
  return function.starts_with(rule.substr(0, rule.size() - 1));
}

bool is_among(std::string_view rules, std::string_view function) {
  for (std::size_t end = 0; end < rules.size(); rules.remove_prefix(std::min(end + 1, rules.size()))) {
    end = std::min(rules.find(' '), rules.size());
    if (stands_for(rules.substr(0, end), function)) return true;
  }
  return false;
}

std::string_view plain_name(std::string_view function) {
  return function.substr(0, function.find('.'));
}

std::span<const std::string_view> below_the_tracepoint(std::span<const std::string_view> stack) {
  const auto of_it = [](std::string_view function) { return is_among(kTracepoint, plain_name(function)); };
  const auto top = stack.first(std::min(stack.size(), kDeepestProgram));
  const auto first = std::ranges::find_if(top, of_it);
  if (first == top.end()) return stack;
  const auto rest = stack.subspan(static_cast<std::size_t>(first - top.begin()));
  return rest.subspan(static_cast<std::size_t>(std::ranges::find_if_not(rest, of_it) - rest.begin()));
}

std::optional<LockClass> class_of(std::string_view function) {
  const auto rules =
      std::ranges::find_if(kClassRules, [&](const ClassRules& r) { return is_among(r.functions, function); });
  if (rules == kClassRules.end()) return {};
  return rules->lock_class;
}

}  // namespace

std::string_view to_string(LockClass lock_class) {
  switch (lock_class) {
    case LockClass::socket:
      return "socket";
    case LockClass::epoll:
      return "epoll";
    case LockClass::memory_map:
      return "memory_map";
    case LockClass::page_allocator:
      return "page_allocator";
    case LockClass::file_system:
      return "file_system";
    case LockClass::futex:
      return "futex";
    case LockClass::pipe:
      return "pipe";
    case LockClass::io_uring:
      return "io_uring";
    case LockClass::scheduler:
      return "scheduler";
    case LockClass::timer:
      return "timer";
    case LockClass::process:
      return "process";
    case LockClass::bpf:
      return "bpf";
    case LockClass::other:
      return "other";
  }
  return "other";
}

LockClass classify_lock(std::span<const std::string_view> innermost_first) {
  for (const auto function : below_the_tracepoint(innermost_first))
    if (const auto told = class_of(plain_name(function))) return *told;
  return LockClass::other;
}

}  // namespace plateau::symbol
