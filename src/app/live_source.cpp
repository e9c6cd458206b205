#include "app/live_source.h"

#include <linux/capability.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "app/roots.h"
#include "base/capabilities.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "target/process.h"
#include "target/sockets.h"

namespace plateau::app {
namespace {

constexpr int kPollMs = 20;  // the ring is read this often: nothing in the target wakes us
constexpr int kHighestPriority = -20;

std::vector<pid_t> tree_of(const std::vector<pid_t>& roots) {
  std::vector<pid_t> pids;
  for (const auto& process : target::descendants(roots, target::all_processes())) pids.push_back(process.pid);
  return pids;
}

std::uint64_t run_ns(const std::vector<probe::ProgramCost>& costs) {
  return std::accumulate(costs.begin(), costs.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const probe::ProgramCost& cost) { return sum + cost.run_ns; });
}

pl_state state_of(symbol::KernelWait wait) {
  using symbol::KernelWait;
  switch (wait) {
    case KernelWait::futex:
      return PL_STATE_FUTEX;
    case KernelWait::socket_lock:
      return PL_STATE_LOCK_SOCKET;
    case KernelWait::send_buffer:
      return PL_STATE_SEND;
    case KernelWait::receive:
      return PL_STATE_RECV;
    case KernelWait::poll:
      return PL_STATE_POLL;
    case KernelWait::pipe:
      return PL_STATE_FD;
    case KernelWait::disk:
      return PL_STATE_DISK;
    case KernelWait::page_fault:
      return PL_STATE_FAULT;
    case KernelWait::sleep:
      return PL_STATE_SLEEP;
    case KernelWait::mutex:
      return PL_STATE_LOCK_KERNEL;
    case KernelWait::other:
      break;
  }
  return PL_STATE_OTHER;
}

// Hundreds of threads of a busy target, each with as much right to a CPU as this one, would leave it too
// little to empty the ring in time. Where it is not allowed (CAP_SYS_NICE), the ring's room has to do.
// Returns the priority that it had.
int go_before_the_target() {
  const int before = getpriority(PRIO_PROCESS, 0);
  (void)setpriority(PRIO_PROCESS, 0, kHighestPriority);
  return before;
}

}  // namespace

LiveSource::LiveSource(const CaptureOptions& options, std::vector<pid_t> roots)
    : options_(options), roots_(std::move(roots)), rediscovery_(options), governor_(options.max_cost) {}

Result<std::unique_ptr<Source>> LiveSource::open(const CaptureOptions& options) {
  auto roots = find_roots(options);
  if (!roots) return roots.error();
  std::unique_ptr<LiveSource> source(new LiveSource(options, std::move(*roots)));
  if (auto attached = source->attach(); !attached) return attached.error();
  return std::unique_ptr<Source>(std::move(source));
}

Status LiveSource::attach() {
  kernel_symbols_to_come_ = std::async(std::launch::async, symbol::KernelSymbols::load);
  plan_ = probe::make_plan(options_.detail, options_.profile);
  for (const auto& assignment : options_.providers)
    if (auto forced = probe::force_provider(plan_, assignment); !forced) return forced;
  if (auto able = probe::check(plan_); !able) return able;
  usual_priority_ = go_before_the_target();
  auto session = probe::Session::open(plan_, tree_of(roots_), session_options());
  if (!session) return session.error();
  session_ = std::move(*session);
  // A process forked while the probes went on is in /proc by now.
  if (auto followed = session_->follow(tree_of(roots_)); !followed) return followed;
  watch_exits();
  if (session_->listeners_found() == 0)
    log_line("the target has no listening socket: showing the connections it has and gets");
  for (const auto& choice : plan_.choices)
    if (!choice.available && choice.wanted)
      log_line(std::string("no '") + choice.signal->name + "': " + choice.reason + "; " + lost(choice));
  tell_of_goroutines(session_->go_processes());
  if (session_->goroutine_ticks_refused())
    log_line(
        "the kernel refuses the clock that tells goroutines apart: what one computes on another's thread may "
        "count as the other's");
  observer_ = std::make_unique<Observer>(*session_, plan_, roots_, options_.max_cost);
  plan_.view.reset();  // the kernel's types, 6 MB: nothing is chosen from here on
  return success();
}

// The thread that reads the kernel's symbols has a set of its own, and has ended soon.
void LiveSource::give_up_privileges() {
  Capabilities keep = session_->needed_privileges();
  if (!cost_window_.done()) keep |= capability_bit(CAP_SYS_ADMIN);
  if (options_.find_again) keep |= Rediscovery::needed_privileges();
  if (options_.writes_results) keep |= capability_bit(CAP_DAC_OVERRIDE);
  if (auto kept = keep_capabilities(keep); !kept) log_line(kept.error().message);
}

void LiveSource::tell_of_goroutines(const std::vector<probe::GoProcess>& processes) {
  for (const auto& process : processes)
    if (!process.stops_problem.empty())
      log_line("process " + std::to_string(process.pid) +
               ": the garbage collector's pauses are not told: " + process.stops_problem);
  for (const auto& process : processes)
    if (!process.go.has_goroutines())
      log_line("process " + std::to_string(process.pid) + " runs " +
               (process.go.version.empty() ? "Go" : process.go.version) + ": " +
               target::describe_goroutines(process.go));
}

// From when on the requests of which process can be told how long the collector stopped them.
void LiveSource::tell_watched(Pipeline& pipeline) {
  session_->take_watched([&](const probe::GoProcess& process) {
    const bool assists = !process.go.waits.empty() && !session_->goroutine_ticks_refused();
    pl_stop stop{};
    stop.header.ts = process.stops_told_from_ns;
    stop.header.kind = PL_RECORD_STOP;
    stop.header.size = sizeof(stop);
    stop.tgid = static_cast<pl_u32>(process.pid);
    stop.cause = PL_STOP_WATCHED | (assists ? PL_STOP_ASSISTS : 0);
    pipeline.stop({&stop});
  });
}

Status LiveSource::look_at_executed() {
  const auto fresh = session_->look_at_executed();
  if (!fresh) return fresh.error();
  tell_of_goroutines(*fresh);
  return success();
}

void LiveSource::watch_exits() {
  exits_.clear();
  for (const pid_t pid : roots_) {
    Fd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (fd.valid()) exits_.push_back(std::move(fd));
  }
}

bool LiveSource::all_exited() const {
  return exits_.empty();
}

bool LiveSource::wait(std::uint64_t deadline_ns) {
  const std::uint64_t now = monotonic_ns();
  if (now >= deadline_ns) return false;
  std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}};
  for (const Fd& exit : exits_) fds.push_back({exit.get(), POLLIN, 0});
  const auto left_ms = (deadline_ns - now) / 1'000'000 + 1;
  poll(fds.data(), fds.size(), static_cast<int>(std::min<std::uint64_t>(kPollMs, left_ms)));
  if (fds[0].revents) return false;
  for (std::size_t i = fds.size(); i-- > 1;)
    if (fds[i].revents) {
      exits_.erase(exits_.begin() + static_cast<std::ptrdiff_t>(i) - 1);
      rediscovery_.lost(monotonic_ns());
    }
  return !all_exited() || options_.find_again;
}

void LiveSource::process(std::span<const std::byte> record, Pipeline& pipeline, const SourceHooks& hooks) {
  const auto event = wire::decode(record);
  if (!event) {
    pipeline.malformed();
    return;
  }
  if (const auto* turn = std::get_if<wire::Turn>(&*event)) {
    if (hooks.turn) hooks.turn(*turn);
    pipeline.turn(*turn);
  } else if (const auto* close = std::get_if<wire::Close>(&*event)) {
    if (hooks.close) hooks.close(*close);
    pipeline.close(*close);
  } else if (const auto* waker = std::get_if<wire::Waker>(&*event)) {
    const wire::HolderSample sample = namer_.name(*waker);
    pipeline.holder(sample);
    if (hooks.holder) hooks.holder(sample);
  } else if (const auto* stop = std::get_if<wire::Stop>(&*event)) {
    pipeline.stop(*stop);
  } else if (const auto* taken = std::get_if<wire::Sample>(&*event)) {
    if (stacks_) stacks_->sample(*taken);
  } else if (const auto* wake = std::get_if<wire::Wake>(&*event)) {
    if (stacks_) stacks_->wake(*wake);
  } else if (const auto* slept = std::get_if<wire::Slept>(&*event)) {
    if (stacks_) stacks_->slept(*slept);
  }
}

void LiveSource::drain(Pipeline& pipeline, const SourceHooks& hooks) {
  session_->drain([&](std::span<const std::byte> record) {
    if (!pipeline.full()) process(record, pipeline, hooks);
  });
  const probe::LostRecords lost = session_->lost_records();
  const std::uint64_t now = monotonic_ns();
  pipeline.losses({lost.turns, lost.parts}, now);
  pipeline.sweep(now);
  session_->set_heads_only(depth_.heads_only(now, pipeline.stitcher().counters()));
}

// They take a tenth of a second, in which nobody would empty the ring, and attaching would be that much
// slower.
void LiveSource::take_kernel_symbols() {
  if (!kernel_symbols_to_come_.valid()) return;
  if (kernel_symbols_to_come_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  if (auto loaded = kernel_symbols_to_come_.get())
    kernel_symbols_ = std::make_unique<symbol::KernelSymbols>(std::move(*loaded));
  observer_->set_kernel_symbols(kernel_symbols_.get());
}

void LiveSource::name_kernel_stacks() {
  take_kernel_symbols();
  if (!kernel_symbols_) return;
  for (const auto& stack : session_->new_kernel_stacks())
    session_->name_stack(stack.id, state_of(kernel_symbols_->classify(stack.addresses)));
}

void LiveSource::measure_cost(std::uint64_t now_ns) {
  if (cost_window_.done()) return;
  switch (cost_window_.step(now_ns - observer_->start_ns(), session_->counters()[PL_COUNT_TURNS])) {
    case CostWindow::Action::none:
      return;
    case CostWindow::Action::open:
      cost_window_.opened(run_ns(session_->costs()));
      if (!session_->set_statistics(true)) cost_window_.refused();
      break;
    case CostWindow::Action::close:
      (void)session_->set_statistics(false);
      if (!cost_window_.closed(run_ns(session_->costs()))) break;
      const auto& [length_ns, cost_ns, requests] = cost_window_.best();
      observer_->set_cost_window(length_ns, cost_ns, requests);
      if (cost_window_.enough()) governor_.set_turn_cost(cost_ns / requests);
  }
  give_up_privileges();
}

Status LiveSource::keep_to_bound(Pipeline& pipeline, const SourceHooks& hooks) {
  const std::uint64_t now = monotonic_ns();
  if (!governor_.due(now)) return success();
  const std::uint64_t turns = session_->counters()[PL_COUNT_TURNS];
  switch (governor_.step({now, turns, observer_->target_cpu_ns()})) {
    case CostGovernor::Action::none:
      break;
    case CostGovernor::Action::resume:
      return resume(pipeline);
    case CostGovernor::Action::pause:
      pause(pipeline, hooks);
      break;
  }
  return success();
}

void LiveSource::pause(Pipeline& pipeline, const SourceHooks& hooks) {
  session_->pause();
  drain(pipeline, hooks);
  pause_start_ns_ = monotonic_ns();
  tell_pause(pipeline, pause_start_ns_);
  observer_->set_pauses(governor_.full_cost(), paused_ns_, pause_start_ns_);
  if (paused_ns_ != 0) return;
  log_line(format_percent(governor_.full_cost()) +
           " of the target's CPU time is what looking at every request costs: looking at a part of the time, "
           "to keep to " +
           format_percent(options_.max_cost) + " (--max-cost off: always)");
}

Status LiveSource::resume(Pipeline& pipeline) {
  if (auto resumed = session_->resume(); !resumed) return resumed;
  const std::uint64_t now = monotonic_ns();
  tell_pause(pipeline, now);
  paused_ns_ += now - pause_start_ns_;
  observer_->set_pauses(governor_.full_cost(), paused_ns_, 0);
  return success();
}

void LiveSource::tell_pause(Pipeline& pipeline, std::uint64_t to_ns) const {
  pl_pause pause{};
  pause.from_ns = pause_start_ns_;
  pause.to_ns = pause.header.ts = to_ns;
  pause.header.kind = PL_RECORD_PAUSE;
  pause.header.size = sizeof(pause);
  pipeline.pause({&pause});
}

Status LiveSource::find_again(const SourceHooks& hooks) {
  auto found = rediscovery_.find(monotonic_ns(), roots_);
  if (!found) return success();
  session_->forget(roots_);
  if (auto followed = session_->follow(tree_of(found->running)); !followed) return followed;
  roots_ = std::move(found->running);
  watch_exits();
  observer_->follow(roots_);
  log_line(found->message);
  if (hooks.found) hooks.found({roots_.begin(), roots_.end()});
  return success();
}

Result<wire::Facts> LiveSource::run(Pipeline& pipeline, const SourceHooks& hooks) {
  pipeline.limit(options_.requests);
  if (hooks.start)
    if (auto started = hooks.start(with_profile(observer_->quick_facts())); !started) return started.error();
  start_profile(hooks);
  give_up_privileges();
  log_line("ready");
  const std::uint64_t deadline = options_.duration_s > 0
                                     ? monotonic_ns() + static_cast<std::uint64_t>(options_.duration_s * 1e9)
                                     : UINT64_MAX;
  bool running = true;
  while (running && !pipeline.full()) {
    running = wait(deadline);
    const bool facts_wanted = hooks.facts_wanted && hooks.facts_wanted();
    tell_watched(pipeline);
    drain(pipeline, hooks);
    observer_->tick();
    name_kernel_stacks();
    measure_cost(monotonic_ns());
    if (auto kept = keep_to_bound(pipeline, hooks); !kept) return kept.error();
    if (auto sought = find_again(hooks); !sought) return sought.error();
    if (auto looked = look_at_executed(); !looked) return looked.error();
    if (facts_wanted) {
      drain(pipeline, hooks);  // requests up to what the facts count
      hooks.facts(observer_->facts());
    }
    if (hooks.tick) hooks.tick(observer_->quick_facts());
    if (hooks.stop && hooks.stop()) break;
  }
  if (all_exited() && !pipeline.full()) log_line("the target has exited");
  pipeline.finish();
  wire::Facts facts = with_profile(observer_->facts());
  // What is made of it (a model is simulated, stacks are drawn) is not urgent, and the target is at work.
  (void)setpriority(PRIO_PROCESS, 0, usual_priority_);
  return facts;
}

}  // namespace plateau::app
