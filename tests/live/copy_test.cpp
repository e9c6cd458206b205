// Time spent copying a response to the socket, at --detail high.
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/quantile.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 53;

class Copy : public LiveTest {
 protected:
  // Medians of the requests for a body of `bytes`, by stage.
  std::map<std::string, std::uint64_t> stages(std::size_t bytes, const std::string& detail) {
    Server server = start_httpd({"--engine", "epoll", "--body", "single"});
    EXPECT_NE(server.port(), 0);
    std::vector<std::string> command = requests_of(server.pid());
    command.insert(command.end(), {"--detail", detail});
    Capture capture(command);
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    HttpConnection client(server.port());
    for (std::size_t i = 0; i < kRequests; ++i)
      EXPECT_EQ(client.exchange("/bytes/" + std::to_string(bytes)).status, 200);
    capture.settle(kRequests);
    EXPECT_EQ(capture.stop(SIGINT), 0);
    std::map<std::string, std::vector<std::uint64_t>> all;
    const auto seen = capture.requests();
    EXPECT_EQ(seen.size(), kRequests);
    for (const SeenRequest& request : seen) {
      EXPECT_EQ(stage_sum(request), request.latency_ns);
      for (const auto& [stage, ns] : request.stages) all[stage].push_back(ns);
    }
    std::map<std::string, std::uint64_t> medians;
    for (auto& [stage, values] : all) medians[stage] = quantile(values, 0.5);
    return medians;
  }
};

TEST_F(Copy, GrowsWithWhatIsCopied) {
  const auto small = stages(1 << 10, "high"), large = stages(1 << 20, "high"), huge = stages(4 << 20, "high");
  EXPECT_GT(small.at("copy_in"), 0u);
  EXPECT_LT(small.at("copy_in"), 20'000u);
  EXPECT_LT(small.at("copy_out"), 20'000u);
  // A core copies between 2 and 30 GB/s.
  EXPECT_GE(large.at("copy_out"), (1u << 20) / 30);
  EXPECT_LE(large.at("copy_out"), (1u << 20) / 2);
  const double growth = static_cast<double>(huge.at("copy_out")) / static_cast<double>(large.at("copy_out"));
  EXPECT_GE(growth, 2.5);  // four times the bytes, part of them out of the cache
  EXPECT_LE(growth, 12);
  EXPECT_GT(large.at("tcp_send"), small.at("tcp_send"));
}

TEST_F(Copy, IsPartOfCpuWhereNobodyAskedForIt) {
  const auto seen = stages(1 << 20, "default");
  for (const char* const stage : {"copy_in", "copy_out", "tcp_send"}) EXPECT_EQ(seen.at(stage), 0u) << stage;
  EXPECT_GE(seen.at("cpu"), (1u << 20) / 30);
}

}  // namespace
}  // namespace plateau::live
