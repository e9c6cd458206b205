#include "harness/seen_request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

namespace plateau::live {
namespace {

using nlohmann::json;

SeenRequest from(const json& line) {
  SeenRequest r;
  r.conn = line.at("conn");
  r.seq = line.at("seq");
  r.method = line.at("method");
  r.path = line.at("path");
  if (!line.at("status").is_null()) r.status = line.at("status").get<int>();
  if (!line.at("latency_ns").is_null()) {
    r.latency_ns = line.at("latency_ns").get<std::uint64_t>();
    r.stages = line.at("stages").get<std::map<std::string, std::uint64_t>>();
  }
  if (line.contains("parked")) r.parked = line.at("parked").get<std::map<std::string, std::uint64_t>>();
  if (line.contains("gc") && !line.at("gc").at("pause_ns").is_null())
    r.gc_pause_ns = line.at("gc").at("pause_ns");
  if (line.contains("gc") && !line.at("gc").at("assist_ns").is_null())
    r.gc_assist_ns = line.at("gc").at("assist_ns");
  if (!line.at("downstream_calls").is_null()) r.downstream_calls = line.at("downstream_calls");
  r.bytes_in = line.at("bytes_in");
  r.bytes_out = line.at("bytes_out");
  r.calls_in = line.at("calls_in");
  r.pid = line.at("pid");
  r.tid = line.at("tid");
  r.reader_tid = line.at("reader_tid");
  if (!line.at("goid").is_null()) r.goid = line.at("goid");
  r.partial = line.at("partial");
  r.framing = line.at("framing");
  r.outcome = line.at("outcome");
  r.peer = line.at("peer");
  if (!line.at("data_path").is_null()) r.data_path = line.at("data_path");
  r.ready_ns = line.at("ready_ns");
  r.end_ns = line.at("end_ns");
  return r;
}

}  // namespace

std::vector<SeenRequest> parse_requests(std::string_view json_lines) {
  std::vector<SeenRequest> requests;
  for (std::size_t end = json_lines.find('\n'); end != std::string_view::npos; end = json_lines.find('\n')) {
    const std::string_view text = json_lines.substr(0, end);
    json_lines.remove_prefix(end + 1);
    try {
      requests.push_back(from(json::parse(text)));
    } catch (const json::exception& error) {
      ADD_FAILURE() << error.what() << " in: " << text;
    }
  }
  return requests;
}

std::uint64_t stage_sum(const SeenRequest& request) {
  return std::accumulate(request.stages.begin(), request.stages.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& stage) { return sum + stage.second; });
}

}  // namespace plateau::live
