#include "sink/connections.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <tuple>

#include "attribution/data_path.h"
#include "base/units.h"

namespace plateau::sink {
namespace {

using attribution::Summary;
using nlohmann::ordered_json;
using wire::AcceptQueueFact;
using wire::SendPathFact;

constexpr std::size_t kTopQueues = 5;
constexpr double kWorthAWord = 0.1;  // share of the requests' time

double ratio(std::uint64_t a, std::uint64_t b) {
  return b ? static_cast<double>(a) / static_cast<double>(b) : 0;
}

// The kernel lets one connection more in than the backlog says.
std::string fill(const AcceptQueueFact& queue) {
  return format_count(std::min(queue.longest, queue.backlog)) + " of " + format_count(queue.backlog);
}

bool was_full(const AcceptQueueFact& queue) {
  return queue.longest > queue.backlog;
}

// Of each connection as it is answered once, after the other: from a response's first byte sent to its last
// one acknowledged. 0: cannot be told, for want of looks at connections that ended or at requests.
std::uint64_t acknowledged_after_ns(const Summary& s) {
  const auto& counters = s.facts.counters;
  const std::uint64_t turns = counters[PL_COUNT_TURNS];
  const bool few_ended = counters[PL_COUNT_CONNS_CLOSED] * 20 <= turns;
  if (turns == 0 || !few_ended || s.facts.send_path.skipped || s.paused_ns) return 0;
  return s.facts.send_path.busy_us * 1'000 / turns;
}

std::string at_a_time(const Summary& s) {
  const std::uint64_t ns = s.facts.end_ns > s.facts.start_ns ? s.facts.end_ns - s.facts.start_ns : 0;
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", ratio(s.facts.send_path.busy_us * 1'000, ns));
  return text;
}

double send_wait_share(const Summary& s) {
  return ratio(s.total.stage_ns[attribution::index(attribution::Stage::send_wait)], s.total.latency_ns);
}

std::string send_wait_cause(const SendPathFact& path) {
  if (path.receiver_limited_us * 2 >= path.busy_us) return "the clients read slowly";
  if (path.buffer_limited_us * 2 >= path.busy_us) return "the send buffer is too small for the round trip";
  return "the network takes no more (round trip, congestion, loss)";
}

}  // namespace

std::string backlog_sentence(const Summary& summary) {
  std::string text;
  for (const AcceptQueueFact& queue : summary.facts.accept_queues) {
    if (!was_full(queue) || queue.drops == 0) continue;
    text += (text.empty() ? "" : "\n");
    text +=
        "The accept queue of " + queue.address + " was full (" + fill(queue) + "), and " +
        format_count(queue.drops) +
        " attempts to connect were dropped: their clients try again after a second, then two, which no "
        "request "
        "above shows. A longer backlog (and net.core.somaxconn) takes bursts; a lasting excess needs faster "
        "accepting.";
  }
  return text;
}

std::string accept_queues_text(const Summary& summary) {
  const wire::Facts& facts = summary.facts;
  std::string text;
  auto queues = facts.accept_queues;
  std::stable_sort(queues.begin(), queues.end(), [](const AcceptQueueFact& a, const AcceptQueueFact& b) {
    return std::tie(b.drops, b.longest) < std::tie(a.drops, a.longest);
  });
  if (queues.size() > kTopQueues) queues.resize(kTopQueues);
  for (const AcceptQueueFact& queue : queues) {
    text += "  " + queue.address + ": longest " + fill(queue) + ", full at " +
            format_percent(ratio(queue.full_looks, queue.looks)) + " of " + format_count(queue.looks) +
            " looks; " + format_count(queue.drops) + " attempts to connect dropped";
    if (queue.sockets > 1) text += "; " + format_count(queue.sockets) + " sockets, the worst is shown";
    text += "\n";
  }
  if (text.empty()) return "";
  const wire::BacklogFact& all = facts.backlog;
  if (all.overflows + all.drops + all.request_drops + all.cookies)
    text += "  in the whole network namespace: " + format_count(all.overflows) +
            " overflows of accept queues, " + format_count(all.drops) + " attempts dropped, " +
            format_count(all.request_drops) + " for want of room for their SYN, " +
            format_count(all.cookies) + " answered with a cookie\n";
  return "ACCEPT QUEUES\n" + text;
}

std::string send_path_text(const Summary& summary) {
  const SendPathFact& path = summary.facts.send_path;
  if (path.connections == 0 || path.busy_us == 0) return "";
  std::string text = "SEND PATH (" + format_count(path.connections) +
                     (path.connections == 1 ? " connection)\n" : " connections)\n");
  text += "  waiting for acknowledgement " + format_duration(path.busy_us * 1'000) + " in all, " +
          at_a_time(summary) + " connections at a time; of that, receiver's window closed " +
          format_percent(ratio(path.receiver_limited_us, path.busy_us)) + ", send buffer too small " +
          format_percent(ratio(path.buffer_limited_us, path.busy_us)) + "\n";
  if (path.round_trips)
    text += "  round trip " + format_duration(path.round_trip_sum_us * 1'000 / path.round_trips) +
            " on average, " + format_duration(path.round_trip_max_us * 1'000) + " at most; sent again " +
            format_bytes(path.bytes_retransmitted) + "\n";
  if (const auto after = acknowledged_after_ns(summary))
    text += "  a response is acknowledged to its last byte " + format_duration(after) +
            " after its first is sent, on average\n";
  if (const double share = send_wait_share(summary); share >= kWorthAWord)
    text +=
        "  send_wait is " + format_percent(share) + " of the requests' time: " + send_wait_cause(path) + "\n";
  if (path.skipped)
    text += "  " + format_count(path.skipped) + " more connections were not looked at: too many at once\n";
  return text;
}

ordered_json accept_queues_json(const Summary& summary) {
  const wire::BacklogFact& all = summary.facts.backlog;
  ordered_json json;
  json["queues"] = ordered_json::array();
  for (const AcceptQueueFact& queue : summary.facts.accept_queues)
    json["queues"].push_back({{"address", queue.address},
                              {"sockets", queue.sockets},
                              {"backlog", queue.backlog},
                              {"length", queue.length},
                              {"longest", queue.longest},
                              {"looks", queue.looks},
                              {"full_looks", queue.full_looks},
                              {"drops", queue.drops}});
  json["namespace"] = {{"overflows", all.overflows},
                       {"drops", all.drops},
                       {"request_drops", all.request_drops},
                       {"cookies", all.cookies}};
  json["text"] = backlog_sentence(summary);
  return json;
}

ordered_json send_path_json(const Summary& summary) {
  const SendPathFact& path = summary.facts.send_path;
  if (path.looks == 0) return nullptr;
  const auto after = acknowledged_after_ns(summary);
  return {
      {"connections", path.connections},
      {"skipped", path.skipped},
      {"looks", path.looks},
      {"ktls_connections", attribution::ktls_connections(summary.facts)},
      {"busy_ns", path.busy_us * 1'000},
      {"receiver_limited_ns", path.receiver_limited_us * 1'000},
      {"buffer_limited_ns", path.buffer_limited_us * 1'000},
      {"bytes_acknowledged", path.bytes_acknowledged},
      {"bytes_retransmitted", path.bytes_retransmitted},
      {"round_trip_mean_ns",
       path.round_trips ? ordered_json(path.round_trip_sum_us * 1'000 / path.round_trips) : ordered_json()},
      {"round_trip_max_ns", path.round_trip_max_us * 1'000},
      {"acknowledged_after_ns", after ? ordered_json(after) : ordered_json()}};
}

}  // namespace plateau::sink
