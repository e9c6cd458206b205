// A request as plateau's JSON lines tell it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::live {

// Names and units are those of the JSON.
struct SeenRequest {
  std::uint64_t conn = 0;
  std::uint64_t seq = 0;
  std::string method;
  std::string path;
  std::optional<int> status;
  std::optional<std::uint64_t> latency_ns;
  std::map<std::string, std::uint64_t> stages;
  std::map<std::string, std::uint64_t> parked;  // empty: not told
  std::optional<std::uint64_t> gc_pause_ns;
  std::optional<std::uint64_t> gc_assist_ns;
  std::optional<std::uint64_t> downstream_calls;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t calls_in = 0;
  int pid = 0;
  int tid = 0;
  int reader_tid = 0;
  std::uint64_t goid = 0;  // 0: null
  bool partial = false;
  std::string framing;
  std::string outcome;
  std::string peer;
  std::string data_path;  // empty: not known
  std::uint64_t ready_ns = 0;
  std::uint64_t end_ns = 0;
};

// One for each whole line; a line that is no such object fails the running test.
std::vector<SeenRequest> parse_requests(std::string_view json_lines);

std::uint64_t stage_sum(const SeenRequest& request);

}  // namespace plateau::live
