#include "sink/lock_ledger.h"

#include <algorithm>
#include <cstdio>

namespace plateau::sink {
namespace {

void grow(std::uint64_t& seen, std::uint64_t& booked, std::uint64_t now) {
  if (now <= seen) return;
  booked += now - seen;
  seen = now;
}

std::string address_text(std::uint64_t address) {
  char text[20];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

// The label must not flicker between two holders that are about equal: it moves to one seen twice as often.
std::string holder_label(const std::string& current, const std::vector<attribution::HolderStats>& holders) {
  std::map<std::string, std::uint64_t> weights;
  for (const auto& holder : holders) weights[attribution::holder_function(holder)] += holder.weight;
  if (weights.empty()) return current;
  const auto most = std::max_element(weights.begin(), weights.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto mine = weights.find(current);
  const std::uint64_t my_weight = mine == weights.end() ? 0 : mine->second;
  return most->second >= 2 * my_weight ? most->first : current;
}

}  // namespace

void LockLedger::book(Account& account, Counts& onto, const attribution::LockStats& lock) {
  grow(account.seen.wait_ns, onto.wait_ns, lock.wait_ns);
  grow(account.seen.request_wait_ns, onto.request_wait_ns, lock.owed_wait_ns);
  grow(account.seen.waits, onto.waits, lock.waits);
  grow(account.seen.handovers, onto.handovers, lock.handovers);
}

LockSeries LockLedger::series_of(const Counts& counts) {
  LockSeries series;
  series.wait_ns = counts.wait_ns;
  series.request_wait_ns = counts.request_wait_ns;
  series.waits = counts.waits;
  series.handovers = counts.handovers;
  return series;
}

std::vector<LockSeries> LockLedger::update(const std::vector<attribution::LockStats>& locks) {
  std::vector<LockSeries> all;
  for (std::size_t i = 0; i < locks.size(); i++) {
    const auto& lock = locks[i];
    Account& account = accounts_[{lock.tgid, lock.futex}];
    const bool has_place = i < places_;
    book(account, has_place ? account.booked : other_, lock);
    if (!has_place) continue;
    account.holder = holder_label(account.holder, lock.holders);
    LockSeries series = series_of(account.booked);
    series.lock = address_text(lock.futex);
    series.pid = std::to_string(lock.tgid);
    series.holder = account.holder;
    all.push_back(std::move(series));
  }
  if (other_.waits) {
    all.push_back(series_of(other_));
    all.back().lock = "other";
  }
  return all;
}

}  // namespace plateau::sink
