#include "sink/explain_tables.h"

#include <algorithm>
#include <numeric>

#include "base/units.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::kStageMeaning;
using attribution::kStageNames;
using attribution::kStages;
using attribution::LockStats;
using attribution::RouteStats;
using attribution::Summary;

constexpr std::size_t kTopRoutes = 8, kTopLocks = 5, kTopHolders = 3, kTopThreads = 5;

std::string holder_lines(const LockStats& lock) {
  std::string text;
  const std::uint64_t all = std::accumulate(lock.holders.begin(), lock.holders.end(), std::uint64_t{0},
                                            [](std::uint64_t n, const auto& h) { return n + h.samples; });
  for (std::size_t i = 0; i < lock.holders.size() && i < kTopHolders; i++) {
    const auto& holder = lock.holders[i];
    text += format("      held by %s  (%s of %s samples)\n", attribution::holder_function(holder).c_str(),
                   format_percent(ratio(holder.samples, all)).c_str(), format_count(all).c_str());
    std::string chain;
    for (std::size_t f = 0; f < holder.frames.size() && f < 6; f++)
      chain += (f ? " <- " : "") + holder.frames[f];
    text += "        " + chain + "\n";
  }
  return text;
}

}  // namespace

std::string headline(const Summary& s) {
  const auto& f = s.facts;
  std::string who = f.comm.empty() ? "capture" : f.comm;
  if (!f.pids.empty()) who += " (PID " + std::to_string(f.pids.front()) + ")";
  std::string text = "plateau explain: " + who;
  for (std::size_t i = 0; i < f.listening.size() && i < 3; i++) text += (i ? ", " : " on ") + f.listening[i];
  return text + "\n" +
         format("%s requests in %s: %s, p50 %s, p90 %s, p99 %s, max %s; %.1f in the server on average\n",
                format_count(s.total.count).c_str(), format_duration(s.interval_ns).c_str(),
                per_second(s.throughput()).c_str(), format_duration(s.total.latency.quantile(0.5)).c_str(),
                format_duration(s.total.latency.quantile(0.9)).c_str(),
                format_duration(s.total.latency.quantile(0.99)).c_str(),
                format_duration(s.total.latency.max_ns()).c_str(), s.concurrency());
}

// What its goroutines waited for, where that is told.
std::string park_rows(const RouteStats& total) {
  if (!attribution::is_told(total.parked_ns)) return "";
  std::string text;
  for (std::size_t i = 0; i < PL_PARKS; i++) {
    if (total.parked_ns[i] == 0) continue;
    text += format("    %-11s %10s  %6s  %-30s  waits for %s\n", attribution::kParkNames[i].data(),
                   format_duration(total.parked_ns[i] / total.count).c_str(),
                   format_percent(ratio(total.parked_ns[i], total.latency_ns)).c_str(), "",
                   attribution::kParkMeaning[i].data());
  }
  return text;
}

std::string budget_table(const RouteStats& total) {
  std::string text = "WHERE THE TIME GOES (a request, on average)\n";
  std::vector<std::size_t> order(kStages);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return total.stage_ns[a] > total.stage_ns[b]; });
  for (const std::size_t i : order) {
    if (total.stage_ns[i] == 0) continue;
    const double share = ratio(total.stage_ns[i], total.latency_ns);
    if (share < 0.0005) continue;
    const std::string bar(static_cast<std::size_t>(share * 30 + 0.5), '#');
    text += format("  %-13s %10s  %6s  %-30s  %s\n", kStageNames[i].data(),
                   format_duration(total.count ? total.stage_ns[i] / total.count : 0).c_str(),
                   format_percent(share).c_str(), bar.c_str(), kStageMeaning[i].data());
    if (i == index(attribution::Stage::parked)) text += park_rows(total);
  }
  return text + format("  %-13s %10s\n", "latency",
                       format_duration(total.count ? total.latency_ns / total.count : 0).c_str());
}

std::string route_table(const Summary& s) {
  std::string text =
      "BY ROUTE\n  METHOD ROUTE                          REQUESTS        p50        p99  MOSTLY\n";
  for (std::size_t i = 0; i < s.routes.size() && i < kTopRoutes; i++) {
    const RouteStats& r = s.routes[i];
    std::vector<std::size_t> order(kStages);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return r.stage_ns[a] > r.stage_ns[b]; });
    std::string mostly;
    for (std::size_t k = 0; k < 3 && r.stage_ns[order[k]]; k++)
      mostly += (k ? ", " : "") + std::string(kStageNames[order[k]]) + " " +
                format_percent(ratio(r.stage_ns[order[k]], r.latency_ns));
    text += format("  %-6.10s %-28.60s %10s %10s %10s  %s\n", r.method.empty() ? "?" : r.method.c_str(),
                   r.route.c_str(), format_count(r.count).c_str(),
                   format_duration(r.latency.quantile(0.5)).c_str(),
                   format_duration(r.latency.quantile(0.99)).c_str(), mostly.c_str());
  }
  if (s.routes.size() > kTopRoutes) text += format("  … and %zu more\n", s.routes.size() - kTopRoutes);
  return text;
}

std::string lock_table(const Summary& s) {
  std::string text;
  for (std::size_t i = 0; i < s.locks.size() && i < kTopLocks; i++) {
    const LockStats& lock = s.locks[i];
    if (lock.owed_waits == 0 && !lock.is_mutex()) continue;
    text += format("  0x%llx  %s waits, mean %s, %s while a request waited; contended %s of the time; ",
                   static_cast<unsigned long long>(lock.futex), format_count(lock.waits).c_str(),
                   format_duration(lock.waits ? lock.wait_ns / lock.waits : 0).c_str(),
                   format_count(lock.owed_waits).c_str(),
                   format_percent(std::min(1.0, ratio(lock.contended_ns, s.loaded_ns()))).c_str());
    text += lock.is_mutex() ? "held " + format_duration(lock.service_ns) + " at a time\n"
                            : "no hold seen: a condition variable or queue, or too seldom contended\n";
    text += holder_lines(lock);
  }
  return text.empty() ? text : "USER-SPACE LOCKS\n" + text;
}

std::string thread_table(const Summary& s) {
  if (s.threads.empty() || s.threads.size() > 64) return "";
  std::string text = "THREADS THAT ANSWER\n";
  for (std::size_t i = 0; i < s.threads.size() && i < kTopThreads; i++)
    text += format("  %-8u %10s requests, busy %s of the time, on CPU %s\n", s.threads[i].tid,
                   format_count(s.threads[i].answered).c_str(), format_percent(s.threads[i].busy()).c_str(),
                   format_percent(ratio(s.threads[i].run_ns, s.threads[i].elapsed_ns)).c_str());
  return text;
}

std::string coverage_lines(const Summary& s) {
  const auto& c = s.coverage;
  std::string text = "COVERAGE\n";
  text += format("  requests %s explained of %s seen (%s); %s inferred, %s partial, %s of unknown framing\n",
                 format_count(c.explained).c_str(), format_count(c.seen).c_str(),
                 format_percent(c.requests()).c_str(), format_count(c.inferred).c_str(),
                 format_count(c.partial).c_str(), format_count(c.unknown).c_str());
  text += format("  bytes    %s seen of %s moved (%s)\n", format_bytes(c.bytes_seen).c_str(),
                 format_bytes(c.bytes_moved).c_str(), format_percent(c.bytes()).c_str());
  bool lost = false;
  if (const auto requests = c.lost_requests())
    text += "  lost     " + format_count(requests) + " of " + format_count(c.seen) + " requests\n";
  for (const auto& loss : c.losses)
    if (loss.count) {
      text += "  lost     " + format_count(loss.count) + " " + loss.what + "\n";
      lost = true;
    }
  if (s.unmeasured)
    text += "  unmeasured " + format_count(s.unmeasured) +
            " requests were under way when looking at them began: in none of the figures above\n";
  if (s.overcharged)
    text += "  scaled   " + format_count(s.overcharged) + " requests whose stages exceeded their latency\n";
  if (s.paused_ns)
    text += format(
        "  watched  %s of the time: watching all requests would cost the target %s of its CPU time, the "
        "bound is %s (--max-cost); %s requests were given up where looking paused\n",
        format_percent(s.watched()).c_str(), format_percent(s.facts.cost.full).c_str(),
        format_percent(s.facts.cost.bound).c_str(), format_count(c.interrupted).c_str());
  if (s.routes_overflowed)
    text += "  routes   " + format_count(s.routes_overflowed) + " requests counted as 'other'\n";
  if (!s.facts.detail.empty() && s.facts.detail != "high")
    text +=
        "  detail   " + s.facts.detail + ": copy_in, copy_out and tcp_send are part of cpu (--detail high)\n";
  if (!s.facts.sockets_unknown.empty())
    text += "  blind    accept queues and the send path's waits: " + s.facts.sockets_unknown + "\n";
  for (const auto& p : s.facts.providers)
    if (!p.lost.empty()) text += "  blind    " + p.signal + ": " + p.lost + "\n";
  if (!lost) text += "  lost     nothing\n";
  if (c.requests() < 0.99) text += "  COVERAGE IS UNDER 99 %: the figures above speak of the rest only\n";
  return text;
}

std::string cost_lines(const Summary& s) {
  const auto& cost = s.facts.cost;
  const double seconds = static_cast<double>(s.facts.end_ns - s.facts.start_ns) / 1e9;
  if (!s.facts.complete || seconds <= 0) return "OWN COST\n  not known: the capture was cut off\n";
  std::string text = "OWN COST\n  agent    " + format_percent(cost.agent_cpu_s / seconds) + " of a CPU, " +
                     format_bytes(cost.agent_rss_bytes) + " resident\n";
  if (cost.window_requests)
    text += "  target   " + format_duration(cost.window_run_ns / cost.window_requests) +
            " of probes a request (measured over " + format_duration(cost.window_ns) + ", " +
            format_count(cost.window_requests) + " requests)\n";
  else
    text += "  target   probe time not measured: too few requests or too short a capture\n";
  return text;
}

}  // namespace plateau::sink
