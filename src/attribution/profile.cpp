#include "attribution/profile.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace plateau::attribution {
namespace {

// A stretch of a thread's time, (from, to].
struct Stretch {
  std::uint32_t tid = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

// Between two boundaries a thread's time is charged whole, so that the sum of what a record was charged with
// tells where its stretch began.
Stretch stretch_of(const pl_turn& turn) {
  const bool sent = turn.calls_out != 0;
  const std::uint64_t to = sent ? turn.send_last_ns : turn.recv_last_ns;
  const std::uint64_t sum = std::accumulate(std::begin(turn.state), std::end(turn.state), std::uint64_t{0});
  return {sent ? turn.writer_tid : turn.reader_tid, to - std::min(sum, to), to};
}

// At an instant, not for a while.
Part part_of(const wire::StackSample& sample) {
  return sample.kind == PL_SAMPLE_FAULT ? Part::fault : Part::cpu;
}

std::uint64_t overlap(std::uint64_t a_from, std::uint64_t a_to, std::uint64_t b_from, std::uint64_t b_to) {
  const std::uint64_t from = std::max(a_from, b_from), to = std::min(a_to, b_to);
  return to > from ? to - from : 0;
}

std::uint64_t cpu_ns(const request::Request& request) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < PL_STATES; i++)
    if (PL_STATE_ON_CPU(i)) sum += request.state[i];
  return sum;
}

std::uint64_t blocked_ns(const request::Request& request) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < PL_STATES; i++)
    if (PL_STATE_ASLEEP(i)) sum += request.state[i];
  return sum;
}

}  // namespace

Profile::Profile(Classify classify, bool unserved_too, ProfileLimits limits)
    : classify_(std::move(classify)), unserved_too_(unserved_too), limits_(limits) {}

void Profile::sample(const wire::StackSample& sample) {
  counts_.samples++;
  counts_.cpu_samples += sample.kind == PL_SAMPLE_CPU;
  auto& waiting = threads_[sample.tid].waiting;
  waiting.push_back(sample);
  if (waiting.size() <= limits_.waiting_per_thread) return;
  forgo(waiting.front());
  waiting.pop_front();
  counts_.evicted++;
}

void Profile::turn(const pl_turn& turn) {
  const Stretch stretch = stretch_of(turn);
  const auto thread = threads_.find(stretch.tid);
  if (thread == threads_.end()) return;
  auto& waiting = thread->second.waiting;
  std::erase_if(waiting, [&](const wire::StackSample& sample) {
    if (sample.from_ns >= stretch.to) return false;
    const bool instant = sample.kind != PL_SAMPLE_SLEEP;
    const bool within = instant ? sample.from_ns > stretch.from : sample.run_ns > stretch.from;
    const bool too_old = !within && sample.run_ns + limits_.grace_ns < stretch.to;
    if (within) claim(sample, stretch.from, stretch.to, turn);
    if (too_old) forgo(sample);
    return within || too_old;
  });
  if (waiting.empty()) threads_.erase(thread);
}

void Profile::claim(const wire::StackSample& sample, std::uint64_t from, std::uint64_t to,
                    const pl_turn& turn) {
  if (sample.kind != PL_SAMPLE_SLEEP) {
    const bool copying = sample.state == PL_STATE_COPY_IN || sample.state == PL_STATE_COPY_OUT;
    const bool copied = sample.kind == PL_SAMPLE_CPU && copying;
    put(turn.conn, {sample.stack, part_of(sample), 0, sample.period_ns, to, copied ? sample.period_ns : 0});
    return;
  }
  if (const auto ns = overlap(sample.from_ns, sample.woken_ns, from, to))
    put(turn.conn, {sample.stack, Part::blocked, sample.futex, ns, to, 0, sample.waker});
  if (const auto ns = overlap(sample.woken_ns, sample.run_ns, from, to))
    put(turn.conn, {sample.stack, Part::runqueue, 0, ns, to, 0});
}

void Profile::put(std::uint64_t conn, const Claimed& claimed) {
  if (claimed_size_ >= limits_.waiting_for_requests) {
    counts_.evicted++;
    forgo(claimed);
    return;
  }
  claimed_[conn].push_back(claimed);
  claimed_size_++;
}

void Profile::request(const request::Request& request) {
  const auto of = classify_(request);
  counts_.requests += of.has_value();
  counts_.passed_over += !of.has_value();
  if (of) {
    counts_.selected_cpu_ns += cpu_ns(request);
    counts_.selected_blocked_ns += blocked_ns(request);
    counts_.selected_copy_ns += request.state[PL_STATE_COPY_IN] + request.state[PL_STATE_COPY_OUT];
  }
  const auto its = claimed_.find(request.conn);
  if (its == claimed_.end()) return;
  auto& claimed = its->second;
  // What ended before the request was read belongs to none that came out.
  while (!claimed.empty() && claimed.front().end_ns <= request.end_ns) {
    if (claimed.front().end_ns >= request.recv_ns) {
      const bool whole = claimed.front().part != Part::runqueue;  // its sleep is counted
      counts_.served += whole;
      counts_.selected += whole && of.has_value();
      if (of) add(claimed.front(), *of);
    } else {
      forgo(claimed.front());
    }
    claimed.pop_front();
    claimed_size_--;
  }
  if (claimed.empty()) claimed_.erase(its);
}

Profile::Sum& Profile::sum_of(Key key) {
  if (const auto known = sums_.find(key); known != sums_.end()) return known->second;
  const bool whole = key.part != Part::runqueue;  // its sleep is counted
  if (key.waker != wire::kNoStack && pairs_ >= limits_.pairs) {
    key.waker = kOtherStacks;
    counts_.other_wakers++;
    if (const auto known = sums_.find(key); known != sums_.end()) return known->second;
  }
  if (sums_.size() >= limits_.sums) {
    counts_.other_stacks += whole;
    return sums_[{kOtherStacks, key.part, key.set, 0, 0, wire::kNoStack}];
  }
  pairs_ += key.waker < kOtherStacks;
  return sums_[key];
}

void Profile::add(const Claimed& claimed, ProfileClass of) {
  auto& sum = sum_of({claimed.stack, claimed.part, of.set, of.label, claimed.futex, claimed.waker});
  sum.ns += claimed.ns;
  sum.samples++;
  sum.copying_ns += claimed.copying_ns;
}

void Profile::forgo(const Claimed& claimed) {
  if (unserved_too_) add(claimed, {});
}

void Profile::forgo(const wire::StackSample& sample) {
  if (sample.kind != PL_SAMPLE_SLEEP) {
    forgo({sample.stack, part_of(sample), 0, sample.period_ns, 0, 0});
    return;
  }
  forgo({sample.stack, Part::blocked, sample.futex, sample.woken_ns - sample.from_ns, 0, 0, sample.waker});
  if (sample.run_ns > sample.woken_ns)
    forgo({sample.stack, Part::runqueue, 0, sample.run_ns - sample.woken_ns, 0, 0});
}

void Profile::close(std::uint64_t conn) {
  const auto its = claimed_.find(conn);
  if (its == claimed_.end()) return;
  for (const auto& claimed : its->second) forgo(claimed);
  claimed_size_ -= its->second.size();
  claimed_.erase(its);
}

void Profile::finish() {
  for (const auto& [tid, thread] : threads_)
    for (const auto& sample : thread.waiting) forgo(sample);
  threads_.clear();
  for (const auto& [conn, claimed] : claimed_)
    for (const auto& one : claimed) forgo(one);
  claimed_.clear();
  claimed_size_ = 0;
}

std::vector<WeightedStack> Profile::take() {
  auto all = stacks();
  sums_.clear();
  pairs_ = 0;
  return all;
}

std::vector<WeightedStack> Profile::stacks() const {
  std::vector<WeightedStack> all;
  all.reserve(sums_.size());
  for (const auto& [key, sum] : sums_)
    all.push_back({key.stack,
                   key.part,
                   {key.set, key.label},
                   key.futex,
                   key.waker,
                   sum.ns,
                   sum.samples,
                   sum.copying_ns});
  return all;
}

}  // namespace plateau::attribution
