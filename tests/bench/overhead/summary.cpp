#include "overhead/summary.h"

#include <algorithm>

namespace plateau::overhead {
namespace {

template <class Of>
std::vector<double> each(const std::vector<Round>& rounds, Of of) {
  std::vector<double> values;
  for (const Round& round : rounds) values.push_back(of(round));
  return values;
}

double throughput(const Round& round) {
  return round.load.per_second;
}

double cpu_ns_of(const Round& round) {
  return round.cpu_ns_per_request;
}

void add_up(const Round& round, Comparison& c) {
  c.answered += round.settling + round.load.requests;
  if (!round.watched) return;
  const WatcherReport& report = round.watched->report;
  c.max_rss_bytes = std::max(c.max_rss_bytes, report.ending.max_rss_bytes);
  for (const auto& [cause, count] : report.losses) c.lost += count;
  if (report.seen) c.seen = c.seen.value_or(0) + *report.seen;
}

}  // namespace

Comparison compare(const std::vector<Round>& off, const WatcherRounds& watcher) {
  Comparison c;
  const auto throughput_off = each(off, throughput), throughput_on = each(watcher.on, throughput);
  const auto cpu_off = each(off, cpu_ns_of), cpu_on = each(watcher.on, cpu_ns_of);
  c.pairs = std::min(off.size(), watcher.on.size());
  c.throughput_off = quantile(throughput_off, 0.5);
  c.throughput_on = quantile(throughput_on, 0.5);
  c.throughput_ratio = spread_of(pair_ratios(throughput_off, throughput_on));
  c.cpu_off_ns = quantile(cpu_off, 0.5);
  c.cpu_on_ns = quantile(cpu_on, 0.5);
  c.cpu_ratio = spread_of(pair_ratios(cpu_off, cpu_on));
  c.agent_share =
      spread_of(each(watcher.on, [](const Round& r) { return r.watched ? r.watched->agent_share : 0; }));
  c.attach_ms =
      spread_of(each(watcher.on, [](const Round& r) { return r.watched ? r.watched->attach_ms : 0; }));
  for (const Round& round : watcher.on) add_up(round, c);
  std::vector<double> bpf_ns;
  for (const Round& round : watcher.counted)
    if (round.watched && round.watched->bpf) bpf_ns.push_back(round.watched->bpf->ns_per_request);
  if (!bpf_ns.empty()) c.bpf_ns = spread_of(bpf_ns);
  return c;
}

Noise noise_of(const std::vector<Round>& off) {
  Noise noise;
  noise.throughput = spread_of(each(off, throughput));
  noise.cpu_ns = spread_of(each(off, cpu_ns_of));
  noise.steal_share = spread_of(each(off, [](const Round& r) { return r.steal_share; }));
  noise.others_share = spread_of(each(off, [](const Round& r) { return r.others_share; }));
  for (const Round& round : off) noise.errors += round.load.errors;
  return noise;
}

}  // namespace plateau::overhead
