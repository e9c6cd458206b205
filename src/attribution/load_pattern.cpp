#include "attribution/load_pattern.h"

#include <algorithm>
#include <bit>

namespace plateau::attribution {
namespace {

constexpr std::uint64_t kShortestNs = 1'000'000;

void add_to(Stalls& into, const Stalls& from) {
  into.count += from.count;
  into.sum_ns += from.sum_ns;
  into.sat_through += from.sat_through;
  for (std::size_t i = 0; i < kStages; i++) into.stage_ns[i] += from.stage_ns[i];
}

}  // namespace

void LoadPattern::close_gap() {
  if (gap_to_ns_ == 0) return;
  gap_.count = 1;
  gap_.sum_ns = gap_to_ns_ - gap_from_ns_;
  const auto order =
      std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(gap_.sum_ns)) - 1, kOrders - 1);
  const auto many = std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(gap_.sat_through)), 15);
  if (by_length_.empty()) by_length_.resize(kOrders);
  add_to(by_length_[order][many], gap_);
  gap_ = {};
  gap_to_ns_ = 0;
}

void LoadPattern::add(const request::Request& request, const Budget& budget) {
  if (last_.empty()) last_.resize(kTable);
  Last& last = last_[(request.conn * 0x9e3779b97f4a7c15u) >> 50];
  if (last.conn == request.conn && last.end_ns && request.ready_ns > last.end_ns)
    think_.add(request.ready_ns - last.end_ns);
  last = {request.conn, request.end_ns};

  if (gap_to_ns_ && request.end_ns > gap_to_ns_ + (gap_to_ns_ - gap_from_ns_)) close_gap();
  if (last_end_ns_ && request.end_ns >= last_end_ns_ + kShortestNs) {
    close_gap();
    gap_from_ns_ = last_end_ns_;
    gap_to_ns_ = request.end_ns;
  }
  if (gap_to_ns_ && request.ready_ns < gap_from_ns_ + (gap_to_ns_ - gap_from_ns_) / 2) {
    gap_.sat_through++;
    for (std::size_t i = 0; i < kStages; i++) gap_.stage_ns[i] += budget.ns[i];
  }
  last_end_ns_ = std::max(last_end_ns_, request.end_ns);
}

Stalls LoadPattern::stalls(std::uint64_t at_least_ns, std::uint64_t sat_through) const {
  Stalls all;
  const auto order = static_cast<std::size_t>(std::bit_width(std::max<std::uint64_t>(at_least_ns, 2) - 1));
  const auto many = static_cast<std::size_t>(std::bit_width(std::max<std::uint64_t>(sat_through, 2) - 1));
  for (std::size_t i = order; i < by_length_.size(); i++)
    for (std::size_t k = std::min<std::size_t>(many + 1, 15); k < by_length_[i].size(); k++)
      add_to(all, by_length_[i][k]);
  return all;
}

}  // namespace plateau::attribution
