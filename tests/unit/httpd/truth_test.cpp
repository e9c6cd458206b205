#include "httpd/truth.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "httpd/truth_line.h"

namespace plateau::httpd {
namespace {

class TruthTest : public testing::Test {
 protected:
  TruthTest() : path_(testing::TempDir() + "truth-" + std::to_string(::getpid()) + ".jsonl") {}
  ~TruthTest() override { std::remove(path_.c_str()); }

  std::unique_ptr<Truth> open() {
    Result<std::unique_ptr<Truth>> truth = Truth::open(path_);
    EXPECT_TRUE(truth.ok());
    return std::move(truth).value();
  }

  std::vector<nlohmann::json> lines() const {
    std::vector<nlohmann::json> all;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }

  // Whether the file holds `count` lines within five seconds.
  bool come_to_hold(std::size_t count) const {
    const std::uint64_t deadline = monotonic_ns() + 5'000'000'000;
    while (lines().size() != count && monotonic_ns() < deadline) ::usleep(2'000);
    return lines().size() == count;
  }

  std::string path_;
};

RequestRecord sample() {
  RequestRecord record;
  record.seq = 3;
  record.method = "GET";
  record.path = "/a\"b\\c";
  record.status = 200;
  record.bytes_in = 41;
  record.bytes_out = 1151;
  record.tid_read = 7;
  record.tid_write = 8;
  record.rx_ns = 100;
  record.read_ns = 200;
  record.write_ns = 900;
  record.stages[static_cast<std::size_t>(Stage::section_hold)] = {300, 400};
  record.stages[static_cast<std::size_t>(Stage::spin)] = {500, 600};
  return record;
}

std::string line_of(std::string_view connection, const RequestRecord& record) {
  std::vector<std::uint64_t> packed(packed_size(connection, record, stages_of(record.stages)) /
                                    sizeof(std::uint64_t));
  const std::string_view bytes(reinterpret_cast<const char*>(packed.data()),
                               packed.size() * sizeof(std::uint64_t));
  pack(reinterpret_cast<char*>(packed.data()), bytes.size(), connection, record, stages_of(record.stages));
  EXPECT_EQ(first_packed_size(bytes), bytes.size());
  std::string line(most_line_size(bytes), '\0');
  line.resize(static_cast<std::size_t>(write_line(line.data(), bytes) - line.data()));
  return line;
}

TEST_F(TruthTest, WritesEveryFieldAndOnlyTheStagesThatHappened) {
  const std::string text = line_of(connection_prefix(5, "127.0.0.1:43210"), sample());
  EXPECT_EQ(text.back(), '\n');
  const nlohmann::json expected = {
      {"conn", 5},          {"peer", "127.0.0.1:43210"},
      {"seq", 3},           {"method", "GET"},
      {"path", "/a\"b\\c"}, {"status", 200},
      {"bytes_in", 41},     {"bytes_out", 1151},
      {"tid_read", 7},      {"tid_write", 8},
      {"rx_ns", 100},       {"read_ns", 200},
      {"write_ns", 900},    {"stages", {{"section_hold", {300, 400}}, {"spin", {500, 600}}}}};
  EXPECT_EQ(nlohmann::json::parse(text), expected);
}

TEST_F(TruthTest, TheLongestLineFitsIntoItsBound) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  RequestRecord record;
  record.method.assign(40, '"');
  record.path.assign(8000, '\\');
  record.status = record.tid_read = record.tid_write = std::numeric_limits<int>::max();
  record.seq = record.bytes_in = record.bytes_out = record.rx_ns = record.read_ns = record.write_ns = kMost;
  record.stages.fill({kMost, kMost});
  const std::string peer = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535";
  const std::string text = line_of(connection_prefix(kMost, peer), record);
  const nlohmann::json line = nlohmann::json::parse(text);
  EXPECT_EQ(line["path"].get<std::string>().size(), 8000u);
  EXPECT_EQ(line["stages"].size(), kStageNames.size());
  std::string packed(packed_size(connection_prefix(kMost, peer), record, stages_of(record.stages)), '\0');
  pack(packed.data(), packed.size(), connection_prefix(kMost, peer), record, stages_of(record.stages));
  EXPECT_LE(text.size(), most_line_size(packed));
}

TEST_F(TruthTest, WritesOfTheStagesThoseThatItIsTold) {
  const auto truth = open();
  RequestRecord record = sample();
  at(record.stages, Stage::send) = {700, 800};
  TruthBuffer(*truth).append(connection_prefix(1, "p"), record, set_of(Stage::send) | set_of(Stage::spin));
  truth->flush_all();
  ASSERT_EQ(lines().size(), 1u);
  EXPECT_EQ(lines()[0]["stages"], nlohmann::json::parse(R"({"spin":[500,600],"send":[700,800]})"));
}

TEST_F(TruthTest, WritesOutWhatABufferHeldAtItsEnd) {
  const auto truth = open();
  {
    TruthBuffer buffer(*truth);
    for (int i = 0; i < 3; ++i) buffer.append(connection_prefix(1, "p"), sample());
  }
  truth->flush_all();
  EXPECT_EQ(lines().size(), 3u);
}

TEST_F(TruthTest, TakesAnyNumberOfRecordsFromSeveralThreads) {
  constexpr std::uint64_t kRecords = 5003;
  auto truth = open();
  std::vector<std::thread> threads;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    threads.emplace_back([&truth, number] {
      TruthBuffer buffer(*truth);
      RequestRecord record = sample();
      for (record.seq = 0; record.seq < kRecords; ++record.seq) {
        record.path.assign(1 + record.seq % 999, 'x');
        buffer.append(connection_prefix(number, "p"), record);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  truth.reset();
  std::map<std::uint64_t, std::uint64_t> next;
  for (const nlohmann::json& record : lines()) {
    const std::uint64_t seq = record["seq"];
    EXPECT_EQ(seq, next[record["conn"].get<std::uint64_t>()]++);
    EXPECT_EQ(record["path"].get<std::string>().size(), 1 + seq % 999);
    EXPECT_EQ(record["stages"]["spin"][1], 600);
  }
  EXPECT_EQ(next, (std::map<std::uint64_t, std::uint64_t>{{1, kRecords}, {2, kRecords}, {3, kRecords}}));
}

TEST_F(TruthTest, WritesOutTheLinesOfABufferThatFellIdle) {
  const auto truth = open();
  TruthBuffer buffer(*truth);
  RequestRecord record = sample();
  record.write_ns = monotonic_ns();
  buffer.append(connection_prefix(1, "p"), record);
  EXPECT_TRUE(come_to_hold(1));
}

TEST_F(TruthTest, FlushAllReachesEveryBuffer) {
  const auto truth = open();
  TruthBuffer one(*truth);
  TruthBuffer two(*truth);
  RequestRecord record = sample();
  record.write_ns = monotonic_ns();
  one.append(connection_prefix(1, "p"), record);
  two.append(connection_prefix(2, "q"), record);
  truth->flush_all();
  EXPECT_EQ(lines().size(), 2u);
}

TEST_F(TruthTest, ConvertsRealTimeToMonotonic) {
  const auto truth = open();
  const std::uint64_t before = monotonic_ns();
  const std::uint64_t converted = truth->to_monotonic(clock_ns(CLOCK_REALTIME));
  const std::uint64_t after = monotonic_ns();
  // The offset itself is measured within a microsecond or so; a millisecond covers a busy machine.
  EXPECT_GE(converted + 1'000'000, before);
  EXPECT_LE(converted, after + 1'000'000);
}

TEST_F(TruthTest, SaysWhyAFileCannotBeOpened) {
  const auto truth = Truth::open("/nonexistent-folder/truth.jsonl");
  ASSERT_FALSE(truth.ok());
  EXPECT_NE(truth.error().message.find("/nonexistent-folder/truth.jsonl"), std::string::npos);
}

}  // namespace
}  // namespace plateau::httpd
