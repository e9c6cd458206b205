#include "harness/truth_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace plateau::live {
namespace {

Truth truth_from(const nlohmann::json& line) {
  Truth truth;
  truth.peer = line.at("peer");
  truth.seq = line.at("seq");
  truth.method = line.at("method");
  truth.path = line.at("path");
  truth.status = line.at("status");
  truth.bytes_in = line.at("bytes_in");
  truth.bytes_out = line.at("bytes_out");
  truth.read_ns = line.at("read_ns");
  truth.write_ns = line.at("write_ns");
  const std::uint64_t rx_ns = line.at("rx_ns");
  truth.begin_ns = rx_ns != 0 ? rx_ns : truth.read_ns;
  for (const auto& [name, span] : line.at("stages").items()) truth.spans[name] = {span.at(0), span.at(1)};
  return truth;
}

// Calls `take` with each line of the file; one that is not as `take` needs it fails the running test.
template <class Take>
void for_each_line(const std::string& path, const Take& take) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    try {
      take(nlohmann::json::parse(line));
    } catch (const nlohmann::json::exception& error) {
      ADD_FAILURE() << error.what() << " in: " << line;
    }
  }
}

}  // namespace

std::uint64_t Truth::span_ns(const std::string& name) const {
  const auto found = spans.find(name);
  return found == spans.end() ? 0 : found->second.second - found->second.first;
}

std::vector<Truth> read_truth(const std::string& path) {
  std::vector<Truth> truths;
  for_each_line(path, [&](const nlohmann::json& line) { truths.push_back(truth_from(line)); });
  return truths;
}

void move_ends_up(std::vector<Truth>& truths, const std::string& path) {
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> done_ns;
  for_each_line(path, [&](const nlohmann::json& line) {
    done_ns[{line.at("peer"), line.at("seq")}] = line.at("done_ns");
  });
  EXPECT_EQ(done_ns.size(), truths.size());
  for (Truth& truth : truths) {
    const auto found = done_ns.find({truth.peer, truth.seq});
    if (found != done_ns.end()) truth.write_ns = std::min(truth.write_ns, found->second);
  }
}

std::vector<Pair> join(const std::vector<Truth>& truths, const std::vector<SeenRequest>& seen) {
  std::map<std::pair<std::string, std::uint64_t>, const SeenRequest*> by_place;
  for (const SeenRequest& request : seen) by_place[{request.peer, request.seq}] = &request;
  EXPECT_EQ(by_place.size(), seen.size()) << "a request was seen twice";
  EXPECT_EQ(truths.size(), seen.size());
  std::vector<Pair> pairs;
  std::vector<std::string> missing;
  for (const Truth& truth : truths) {
    const auto found = by_place.find({truth.peer, truth.seq});
    if (found == by_place.end()) {
      missing.push_back(truth.peer + " " + std::to_string(truth.seq));
    } else {
      pairs.push_back({truth, *found->second});
    }
  }
  if (!missing.empty()) ADD_FAILURE() << missing.size() << " not seen, " << missing.front() << " first";
  return pairs;
}

}  // namespace plateau::live
