#include "sink/collector.h"

#include <nlohmann/json.hpp>

#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::CollectorStats;
using nlohmann::ordered_json;

std::string stops(std::uint64_t count, std::uint64_t ns) {
  return format_count(count) + ", " + format_duration(ns) + " in all";
}

}  // namespace

std::string collector_text(const attribution::Summary& summary) {
  const CollectorStats& c = summary.collector;
  if (!c.known()) return "";
  std::string text = "GO'S GARBAGE COLLECTOR\n  pauses   " + stops(c.pauses, c.pause_ns);
  if (c.pauses) text += ", longest " + format_duration(c.longest_ns);
  if (c.requests)
    text += "; within the time of " + format_count(c.held) + " of " + format_count(c.requests) +
            " requests: " + format_percent(ratio(c.request_pause_ns, c.request_ns)) + " of it";
  text += "\n";
  if (c.assist_requests)
    text += "  assists  " + format_duration(c.assist_ns / c.assist_requests) + " of marking a request, " +
            format_percent(ratio(c.assist_ns, c.cpu_ns)) + " of its cpu (sampled)\n";
  if (c.other_stops)
    text += "  the world was stopped by others, too: " + stops(c.other_stops, c.other_ns) + "\n";
  if (const auto lost = summary.facts.counters[PL_COUNT_LOST_STOPS])
    text += "  " + format_count(lost) + " records of stops were lost\n";
  return text;
}

ordered_json collector_json(const attribution::Summary& summary) {
  const CollectorStats& c = summary.collector;
  if (!c.known()) return nullptr;
  ordered_json json{{"pauses", c.pauses},
                    {"pause_sum_ns", c.pause_ns},
                    {"pause_longest_ns", c.longest_ns},
                    {"other_stops", c.other_stops},
                    {"other_stop_sum_ns", c.other_ns},
                    {"lost_records", summary.facts.counters[PL_COUNT_LOST_STOPS]}};
  json["requests"] = {{"count", c.requests},
                      {"held", c.held},
                      {"latency_sum_ns", c.request_ns},
                      {"pause_sum_ns", c.request_pause_ns}};
  json["assists"] = {{"requests", c.assist_requests}, {"sum_ns", c.assist_ns}, {"cpu_sum_ns", c.cpu_ns}};
  return json;
}

}  // namespace plateau::sink
