#include "load/client.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.h"

namespace plateau::load {
namespace {

constexpr int kEventsPerTurn = 512;
constexpr std::size_t kReadSize = 256 * 1024;
constexpr std::uint64_t kHousekeepingNs = 20'000'000;
constexpr std::uint64_t kProgressNs = 1'000'000'000;
constexpr std::uint64_t kInterruptGraceNs = 1'000'000'000;
constexpr std::uint64_t kStopToken = ~std::uint64_t{0};

Error system_error(const char* what) {
  return fail(std::string(what) + ": " + std::strerror(errno));
}

// Adds to the shared counter what came since the last time.
void publish_one(std::atomic<std::uint64_t>& shared, std::atomic<std::uint64_t>& published,
                 std::uint64_t count) {
  shared.fetch_add(count - published.load(std::memory_order_relaxed), std::memory_order_relaxed);
  published.store(count, std::memory_order_relaxed);
}

}  // namespace

Client::Client(const Common& common, Share share, std::optional<RequestLog> log)
    : common_(common),
      options_(common.options),
      share_(share),
      log_(std::move(log)),
      schedule_(plan_of(common.options), share, common.start_ns),
      head_only_(common.options.method == "HEAD"),
      connections_(share.count_below(common.options.connections)),
      buffer_(kReadSize) {
  const Plan plan = plan_of(options_);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    StepTally step;
    step.rate = plan.steps[i].rate;
    step.planned = schedule_.planned(i);
    tally_.steps.push_back(std::move(step));
  }
}

void Client::begin_plan(std::uint64_t start_ns) {
  schedule_.begin_at(start_ns);
  tally_.start_ns = start_ns;
  for (std::size_t i = 0; i < tally_.steps.size(); ++i) {
    tally_.steps[i].start_ns = schedule_.step_start_ns(i);
    tally_.steps[i].end_ns = schedule_.step_end_ns(i);
  }
}

Result<Tally> Client::run() {
  if (Status status = open_set(); !status) return common_.gate.leave(), status.error();
  begin_plan(common_.start_ns);
  last_open_ns_ = common_.start_ns;
  housekeeping_ns_ = common_.start_ns + kHousekeepingNs;
  progress_ns_ = common_.start_ns + kProgressNs;
  for (Connection& connection : connections_) {
    if (options_.expect.need_hash()) connection.reader().hash_bodies();
  }
  if (Status status = open_all(); !status) return common_.gate.leave(), status.error();
  while (!fatal_ && running(monotonic_ns())) {
    if (Status status = turn(); !status) return status.error();
  }
  if (fatal_) return *fatal_;
  wrap_up();
  if (log_ && !log_->flush()) return fail("the log could not be written completely: is the disk full?");
  return std::move(tally_);
}

// Opens what is due. A closed loop over a time begins with its connections open: to connect thousands can
// take longer than the whole of it.
Status Client::open_all() {
  if (options_.open_loop() || options_.duration_ns == 0 || options_.ramp_ns != 0) {
    open_due(monotonic_ns());
    return success();
  }
  const std::uint64_t limit = common_.start_ns + options_.timeout_ns;
  holding_back_ = true;
  begin_plan(limit);
  open_due(monotonic_ns());
  const auto complete = [this] { return ramped_ == connections_.size() && opening_ == 0; };
  while (!complete() && !fatal_ && !tally_.interrupted && monotonic_ns() < limit) {
    if (Status status = turn(); !status) return status;
  }
  if (fatal_) return *fatal_;
  begin_plan(common_.gate.pass());
  holding_back_ = false;
  dispatch();
  return success();
}

bool Client::running(std::uint64_t now) const {
  if (give_up_ns_ != 0 && now >= give_up_ns_) return false;
  return in_flight_ > 0 || !schedule_.exhausted(now);
}

Status Client::open_set() {
  epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.valid()) return system_error("epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kStopToken;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, common_.stop_fd, &event) != 0) return system_error("epoll_ctl");
  return success();
}

Status Client::turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const std::uint64_t wait = wait_ns(monotonic_ns());
  const timespec timeout{static_cast<time_t>(wait / 1'000'000'000), static_cast<long>(wait % 1'000'000'000)};
  const int count = epoll_pwait2(epoll_.get(), events.data(), kEventsPerTurn, &timeout, nullptr);
  if (count < 0 && errno != EINTR) return system_error("epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    handle(event.data.u64, event.events);
  }
  dispatch();
  const std::uint64_t now = monotonic_ns();
  open_due(now);
  if (now >= housekeeping_ns_) housekeep(now);
  return success();
}

std::uint64_t Client::wait_ns(std::uint64_t now) const {
  std::uint64_t until = housekeeping_ns_;
  if (!with_room_.empty() && !holding_back_ && !schedule_.exhausted(now))
    until = std::min(until, schedule_.next_due_ns());
  if (ramped_ < connections_.size()) until = std::min(until, ramp_due_ns(ramped_));
  return until > now ? until - now : 0;
}

void Client::handle(std::uint64_t token, std::uint32_t events) {
  if (token == kStopToken) return stop(monotonic_ns());
  Connection& connection = connections_[token >> 32];
  if (connection.generation() != static_cast<std::uint32_t>(token)) return;
  switch (connection.link()) {
    case Link::closed:
      return;
    case Link::connecting:
      return connected(connection);
    case Link::handshaking:
      return shake_hands(connection);
    case Link::open:
      if ((events & EPOLLOUT) != 0) flush(connection);
      if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(connection);
      return;
  }
}

void Client::housekeep(std::uint64_t now) {
  housekeeping_ns_ = now + kHousekeepingNs;
  for (Connection& connection : connections_) {
    const std::uint64_t since = connection.waiting_since_ns();
    if (since != 0 && now >= since + options_.timeout_ns) expire(connection, now);
  }
  retry_connects(now);
  publish(now);
}

void Client::publish(std::uint64_t now) {
  std::uint64_t answered = 0;
  std::uint64_t errors = 0;
  std::uint64_t mismatches = 0;
  for (const StepTally& step : tally_.steps) {
    answered += step.counts.answered;
    errors += step.counts.error_count();
    mismatches += step.counts.mismatch_count();
  }
  publish_one(common_.live.answered, published_.answered, answered);
  publish_one(common_.live.errors, published_.errors, errors);
  publish_one(common_.live.mismatches, published_.mismatches, mismatches);
  if (share_.index != 0 || now < progress_ns_) return;
  progress_ns_ = now + kProgressNs;
  common_.on_progress(common_.live, now);
}

void Client::stop(std::uint64_t now) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, common_.stop_fd, nullptr);
  tally_.interrupted = true;
  schedule_.stop();
  give_up_ns_ = now + std::min(kInterruptGraceNs, options_.timeout_ns);
}

void Client::wrap_up() {
  tally_.unsent = schedule_.missed();
  tally_.unfinished = in_flight_;
  const std::uint64_t now = monotonic_ns();
  if (tally_.end_ns == 0) tally_.end_ns = now;
  if (!tally_.interrupted) return;
  for (StepTally& step : tally_.steps) {
    if (step.end_ns != 0) step.end_ns = std::clamp(now, step.start_ns, std::max(step.start_ns, step.end_ns));
  }
}

}  // namespace plateau::load
