#include "load/report.h"

#include <array>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace plateau::load {
namespace {

struct Percentile {
  const char* name;
  double percent;
};

constexpr std::array<Percentile, 5> kPercentiles = {
    {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}, {"p99.99", 99.99}}};

[[gnu::format(printf, 2, 3)]] void print(std::string& out, const char* format, ...) {
  std::array<char, 512> line;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  out += line.data();
}

std::string human_time(double ns) {
  std::string text;
  if (ns < 1e6) {
    print(text, "%.1f us", ns / 1e3);
  } else if (ns < 1e9) {
    print(text, "%.2f ms", ns / 1e6);
  } else {
    print(text, "%.2f s", ns / 1e9);
  }
  return text;
}

void print_latency(std::string& out, const Tally& tally, bool open_loop) {
  print(out, "latency (from the %s send)\n", open_loop ? "scheduled" : "actual");
  const Histogram& latency = tally.latency_ns;
  print(out, "  mean   %12s\n", human_time(latency.mean()).c_str());
  for (const Percentile& p : kPercentiles) {
    const auto ns = static_cast<double>(latency.percentile(p.percent));
    print(out, "  %-6s %12s\n", p.name, human_time(ns).c_str());
  }
  print(out, "  max    %12s\n", human_time(static_cast<double>(latency.max())).c_str());
}

void print_nonzero(std::string& out, const char* name, std::uint64_t count, const char* meaning) {
  if (count > 0) print(out, "%-8s %" PRIu64 " %s\n", name, count, meaning);
}

void print_exceptions(std::string& out, const Tally& tally) {
  for (std::size_t i = 0; i < tally.errors.size(); ++i) {
    if (tally.errors[i] == 0) continue;
    print(out, "errors   %.*s: %" PRIu64 "\n", static_cast<int>(kErrorNames[i].size()), kErrorNames[i].data(),
          tally.errors[i]);
  }
  print_nonzero(out, "unsent", tally.unsent, "planned, but no connection was free before the end");
  print_nonzero(out, "resent", tally.resent, "pipelined behind a response that closed the connection");
  print_nonzero(out, "open", tally.unfinished, "under way when interrupted");
}

}  // namespace

std::string text_report(const Options& options, const Tally& tally) {
  std::string out;
  print(out, "%.200s: %u connections, keep-alive %s, ", options.url_text.c_str(), options.connections,
        options.keep_alive ? "on" : "off");
  if (options.rate > 0) {
    print(out, "open loop at %g requests/s%s\n", options.rate, tally.interrupted ? ", interrupted" : "");
  } else {
    print(out, "closed loop%s\n", tally.interrupted ? ", interrupted" : "");
  }
  print(out, "answered %" PRIu64 " of %" PRIu64 " in %.3f s: %.1f requests/s, %.2f MB/s in\n", tally.answered,
        tally.sent, tally.seconds(), tally.throughput(),
        tally.seconds() > 0 ? static_cast<double>(tally.bytes_in) / tally.seconds() / 1e6 : 0);
  print(out, "status  ");
  for (std::size_t i = 1; i < tally.status_class.size(); ++i) {
    if (tally.status_class[i] > 0) print(out, " %zuxx: %" PRIu64, i, tally.status_class[i]);
  }
  out += "\n";
  print_exceptions(out, tally);
  print_latency(out, tally, options.rate > 0);
  return out;
}

std::string json_report(const Options& options, const Tally& tally) {
  nlohmann::ordered_json report = {{"url", options.url_text},
                                   {"connections", options.connections},
                                   {"keepalive", options.keep_alive},
                                   {"pipeline", options.pipeline},
                                   {"loop", options.rate > 0 ? "open" : "closed"},
                                   {"rate", options.rate},
                                   {"sent", tally.sent},
                                   {"answered", tally.answered},
                                   {"unsent", tally.unsent},
                                   {"resent", tally.resent},
                                   {"unfinished", tally.unfinished},
                                   {"interrupted", tally.interrupted},
                                   {"connects", tally.connects},
                                   {"seconds", tally.seconds()},
                                   {"throughput", tally.throughput()},
                                   {"bytes_in", tally.bytes_in},
                                   {"bytes_out", tally.bytes_out}};
  auto& latency = report["latency_ns"];
  latency["min"] = tally.latency_ns.min();
  latency["mean"] = tally.latency_ns.mean();
  for (const Percentile& p : kPercentiles) latency[p.name] = tally.latency_ns.percentile(p.percent);
  latency["max"] = tally.latency_ns.max();
  auto& errors = report["errors"];
  for (std::size_t i = 0; i < tally.errors.size(); ++i) errors[std::string(kErrorNames[i])] = tally.errors[i];
  auto& status = report["status"];
  for (std::size_t i = 2; i < tally.status_class.size(); ++i) {
    status[std::to_string(i) + "xx"] = tally.status_class[i];
  }
  return report.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string progress_line(const Tally& tally, std::uint64_t now) {
  const double seconds = static_cast<double>(now - tally.start_ns) / 1e9;
  std::string out;
  print(out, "%.0f s: %" PRIu64 " answered, %.0f/s, %" PRIu64 " errors", seconds, tally.answered,
        static_cast<double>(tally.answered) / seconds, tally.error_count());
  return out;
}

bool incomplete(const Options& options, const Tally& tally) {
  const bool overrun = options.rate > 0 && !tally.interrupted && tally.unsent > 0;
  return tally.error_count() > 0 || overrun;
}

}  // namespace plateau::load
