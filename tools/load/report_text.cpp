#include <cinttypes>

#include "load/format.h"
#include "load/report.h"

namespace plateau::load {
namespace {

std::string time_of(std::uint64_t ns) {
  return human_time(static_cast<double>(ns));
}

void print_setting(std::string& out, const Options& options, const Tally& tally) {
  print(out, "%.200s: %u connections, keep-alive %s, ", options.url_text.c_str(), options.connections,
        options.keep_alive ? "on" : "off");
  if (options.rates.size() > 1) {
    print(out, "open loop at %zu rates", options.rates.size());
  } else if (options.open_loop()) {
    print(out, "open loop at %g requests/s", options.rates.front());
  } else {
    print(out, "closed loop");
  }
  out += tally.interrupted ? ", interrupted\n" : "\n";
}

void print_totals(std::string& out, const Tally& tally, const Counts& total) {
  const double seconds = tally.seconds();
  const double share = seconds > 0 ? 1 / seconds : 0;
  print(out, "answered %" PRIu64 " of %" PRIu64 " in %.3f s: %.1f requests/s, %.2f MB/s in\n", total.answered,
        total.sent, seconds, static_cast<double>(total.answered) * share,
        static_cast<double>(total.bytes_in) * share / 1e6);
  print(out, "status  ");
  for (std::size_t i = 1; i < total.status_class.size(); ++i) {
    if (total.status_class[i] > 0) print(out, " %zuxx: %" PRIu64, i, total.status_class[i]);
  }
  out += "\n";
}

template <std::size_t size>
void print_kinds(std::string& out, const char* label, const std::array<std::string_view, size>& names,
                 const std::array<std::uint64_t, size>& counts) {
  for (std::size_t i = 0; i < size; ++i) {
    if (counts[i] == 0) continue;
    print(out, "%-8s %.*s: %" PRIu64 "\n", label, static_cast<int>(names[i].size()), names[i].data(),
          counts[i]);
  }
}

void print_nonzero(std::string& out, const char* name, std::uint64_t count, const char* meaning) {
  if (count > 0) print(out, "%-8s %" PRIu64 " %s\n", name, count, meaning);
}

void print_exceptions(std::string& out, const Tally& tally, const Counts& total) {
  print_kinds(out, "errors", kErrorNames, total.errors);
  print_kinds(out, "mismatch", kMismatchNames, total.mismatches);
  print_nonzero(out, "unsent", tally.unsent,
                tally.interrupted ? "planned for after the interrupt"
                                  : "planned, but no connection was free before the end");
  print_nonzero(out, "resent", tally.resent, "pipelined behind a response that closed the connection");
  print_nonzero(out, "open", tally.unfinished, "under way when interrupted");
}

void print_handshakes(std::string& out, const Tally& tally) {
  if (tally.handshake_ns.count() == 0) return;
  print(out, "TLS      %" PRIu64 " full and %" PRIu64 " resumed handshakes, p50 %s, p99 %s, max %s\n",
        tally.handshakes_full, tally.handshakes_resumed, time_of(tally.handshake_ns.percentile(50)).c_str(),
        time_of(tally.handshake_ns.percentile(99)).c_str(), time_of(tally.handshake_ns.max()).c_str());
}

void print_steps(std::string& out, const Tally& tally) {
  if (tally.steps.size() < 2) return;
  print(out, "%12s %12s %10s %8s %11s %11s %11s\n", "rate/s", "answered/s", "requests", "failed", "p50",
        "p99", "max");
  for (const StepTally& step : tally.steps) {
    const Counts& counts = step.counts;
    print(out, "%12g %12.1f %10" PRIu64 " %8" PRIu64 " %11s %11s %11s\n", step.rate, step.throughput(),
          counts.sent, counts.error_count() + counts.mismatch_count(),
          time_of(counts.latency_ns.percentile(50)).c_str(),
          time_of(counts.latency_ns.percentile(99)).c_str(), time_of(counts.latency_ns.max()).c_str());
  }
}

void print_latency(std::string& out, const Histogram& latency, bool open_loop) {
  print(out, "latency (from the %s send)\n", open_loop ? "scheduled" : "actual");
  print(out, "  min    %12s\n", time_of(latency.min()).c_str());
  print(out, "  mean   %12s\n", human_time(latency.mean()).c_str());
  for (const Percentile& p : kPercentiles) {
    print(out, "  %-6s %12s\n", p.name, time_of(latency.percentile(p.percent)).c_str());
  }
  print(out, "  max    %12s\n", time_of(latency.max()).c_str());
}

template <std::size_t size>
void append_kinds(std::string& out, const std::array<std::string_view, size>& names,
                  const std::array<std::uint64_t, size>& counts, const char* suffix) {
  for (std::size_t i = 0; i < size; ++i) {
    if (counts[i] == 0) continue;
    print(out, "%s%" PRIu64 " %.*s%s", out.empty() ? "" : ", ", counts[i], static_cast<int>(names[i].size()),
          names[i].data(), suffix);
  }
}

}  // namespace

std::string text_report(const Options& options, const Tally& tally) {
  const Counts total = tally.total();
  std::string out;
  print_setting(out, options, tally);
  print_totals(out, tally, total);
  print_exceptions(out, tally, total);
  print_handshakes(out, tally);
  print_steps(out, tally);
  print_latency(out, total.latency_ns, options.open_loop());
  return out;
}

std::string progress_line(const Live& live, std::uint64_t start_ns, std::uint64_t now) {
  const double seconds = static_cast<double>(now - start_ns) / 1e9;
  const std::uint64_t answered = live.answered.load(std::memory_order_relaxed);
  std::string out;
  print(out, "%.0f s: %" PRIu64 " answered, %.0f/s, %" PRIu64 " errors", seconds, answered,
        static_cast<double>(answered) / seconds, live.errors.load(std::memory_order_relaxed));
  const std::uint64_t mismatches = live.mismatches.load(std::memory_order_relaxed);
  if (mismatches > 0) print(out, ", %" PRIu64 " mismatches", mismatches);
  return out;
}

std::string failure_line(const Options& options, const Tally& tally) {
  const Counts total = tally.total();
  std::string kinds;
  append_kinds(kinds, kErrorNames, total.errors, "");
  append_kinds(kinds, kMismatchNames, total.mismatches, " not as expected");
  const bool overrun = options.open_loop() && !tally.interrupted && tally.unsent > 0;
  if (overrun) {
    print(kinds, "%s%" PRIu64 " planned but never sent (more --connections?)", kinds.empty() ? "" : ", ",
          tally.unsent);
  }
  if (kinds.empty()) return {};
  const std::uint64_t failed = total.error_count() + total.mismatch_count() + (overrun ? tally.unsent : 0);
  std::string line;
  print(line, "%" PRIu64 " requests failed: ", failed);
  line += kinds;
  if (!tally.first_mismatch.empty()) line += "; first: " + tally.first_mismatch;
  return line;
}

}  // namespace plateau::load
