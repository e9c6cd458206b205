// Time spent copying a response to the socket, at --detail high, against what was planted and against
// samples.
#include <algorithm>
#include <csignal>
#include <iterator>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "harness/child.h"
#include "harness/folded.h"
#include "harness/folder.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/quantile.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 53;
constexpr std::size_t kRequestsOfASize = 53;

using Medians = std::map<std::string, std::uint64_t>;

class Copy : public LiveTest {
 protected:
  static std::vector<std::string> command(const Server& server, const std::string& detail) {
    std::vector<std::string> command = requests_of(server.pid());
    command.insert(command.end(), {"--detail", detail});
    return command;
  }

  static Medians medians(const std::vector<SeenRequest>& seen) {
    std::map<std::string, std::vector<std::uint64_t>> all;
    for (const SeenRequest& request : seen) {
      EXPECT_EQ(stage_sum(request), request.latency_ns);
      for (const auto& [stage, ns] : request.stages) all[stage].push_back(ns);
    }
    Medians medians;
    for (auto& [stage, values] : all) medians[stage] = quantile(values, 0.5);
    return medians;
  }

  // Of the requests for a body of `bytes`, by stage.
  static Medians stages(std::size_t bytes, const std::string& detail) {
    Server server = start_httpd({"--engine", "epoll", "--body", "single"});
    EXPECT_NE(server.port(), 0);
    Capture capture(command(server, detail));
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    HttpConnection client(server.port());
    for (std::size_t i = 0; i < kRequests; ++i)
      EXPECT_EQ(client.exchange("/bytes/" + std::to_string(bytes)).status, 200);
    capture.settle(kRequests);
    EXPECT_EQ(capture.stop(SIGINT), 0);
    const auto seen = capture.requests();
    EXPECT_EQ(seen.size(), kRequests);
    return medians(seen);
  }

  // Of the requests for bodies of all these sizes, by size and stage.
  static std::map<std::size_t, Medians> stages_by_size(const std::string& body,
                                                       std::span<const std::size_t> sizes) {
    Server server = start_httpd({"--engine", "epoll", "--body", body});
    EXPECT_NE(server.port(), 0);
    Capture capture(command(server, "high"));
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    HttpConnection client(server.port());
    // In turn, so that a spell in which the machine's memory is slow comes over all of them.
    for (std::size_t i = 0; i < kRequestsOfASize; ++i)
      for (const std::size_t size : sizes)
        EXPECT_EQ(client.exchange("/bytes/" + std::to_string(size)).status, 200);
    capture.settle(sizes.size() * kRequestsOfASize);
    EXPECT_EQ(capture.stop(SIGINT), 0);
    std::map<std::size_t, Medians> by_size;
    const auto all = capture.requests();
    for (const std::size_t size : sizes) {
      std::vector<SeenRequest> seen;
      std::ranges::copy_if(all, std::back_inserter(seen), [&](const SeenRequest& request) {
        return request.path == "/bytes/" + std::to_string(size);
      });
      EXPECT_EQ(seen.size(), kRequestsOfASize) << size;
      by_size[size] = medians(seen);
    }
    return by_size;
  }

  // Of the requests for GET /, which is `bytes` long, sent as `body` says.
  static Medians stages_of(const std::string& body, std::size_t bytes) {
    Server server = start_httpd({"--engine", "epoll", "--body", body, "--size", std::to_string(bytes)});
    EXPECT_NE(server.port(), 0);
    Capture capture(command(server, "high"));
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    run_load(server, {"--connections", "1", "--requests", std::to_string(kRequestsOfASize)});
    capture.settle(kRequestsOfASize);
    EXPECT_EQ(capture.stop(SIGINT), 0);
    const auto seen = capture.requests();
    EXPECT_EQ(seen.size(), kRequestsOfASize);
    return medians(seen);
  }
};

TEST_F(Copy, GrowsWithWhatIsCopied) {
  const auto small = stages(1 << 10, "high"), large = stages(1 << 20, "high");
  EXPECT_GT(small.at("copy_in"), 0u);
  EXPECT_LT(small.at("copy_in"), 20'000u);
  EXPECT_LT(small.at("copy_out"), 20'000u);
  // A core copies between 2 and 30 GB/s.
  EXPECT_GE(large.at("copy_out"), (1u << 20) / 30);
  EXPECT_LE(large.at("copy_out"), (1u << 20) / 2);
  EXPECT_GT(large.at("tcp_send"), small.at("tcp_send"));
}

TEST_F(Copy, IsPartOfCpuWhereNobodyAskedForIt) {
  const auto seen = stages(1 << 20, "default");
  for (const char* const stage : {"copy_in", "copy_out", "tcp_send"}) EXPECT_EQ(seen.at(stage), 0u) << stage;
  EXPECT_GE(seen.at("cpu"), (1u << 20) / 30);
}

constexpr std::size_t kSizes[] = {1u << 10, 8u << 10, 64u << 10, 512u << 10, 4u << 20, 16u << 20};

struct Line {
  double slope = 0;
  double r_squared = 0;  // share of the values' variance that the line explains
};

Line fit(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  return {xy / xx, xy * xy / (xx * yy)};
}

// Beyond the caches a byte takes several times as long: the line through all sizes holds that, and each size
// by itself stays within what a core can copy.
TEST_F(Copy, IsLinearInTheBodyFromAKibibyteToSixteenMebibytes) {
  const auto by_size = stages_by_size("single", kSizes);
  std::vector<double> bytes, ns;
  for (const std::size_t size : kSizes) {
    bytes.push_back(static_cast<double>(size));
    ns.push_back(static_cast<double>(by_size.at(size).at("copy_out")));
    RecordProperty("copy_out_ns_of_" + std::to_string(size), std::to_string(ns.back()));
    EXPECT_GE(ns.back(), bytes.back() / 40) << size;          // 40 GB/s
    EXPECT_LE(ns.back(), bytes.back() / 1 + 20'000) << size;  // 1 GB/s
  }
  EXPECT_TRUE(std::ranges::is_sorted(ns)) << testing::PrintToString(ns);
  const Line line = fit(bytes, ns);
  EXPECT_GE(line.r_squared, 0.97);
  EXPECT_GE(line.slope, 1.0 / 40);
}

constexpr unsigned kFrequency = 9'973;

// What plateau says of copying and of the samples that met it, in nanoseconds.
struct Sampled {
  double accounts = 0;         // copy_in and copy_out, by clocks read at their ends
  double samples = 0;          // by samples taken between these
  double copied = 0;           // of that, in the kernel's copying functions
  double copied_anywhere = 0;  // in these, whatever the accounts say
  std::string err;
};

Sampled sample_copies(const Server& server, const std::string& duration) {
  const Folder folder;
  const Ended ended =
      run_plateau({"flame", "--pid", server.pid_text(), "--duration", duration, "--max-cost", "off",
                   "--detail", "high", "--kind", "copy", "--frequency", std::to_string(kFrequency),
                   "--format", "folded", "-o", folder.file("folded")});
  EXPECT_EQ(ended.status, 0) << ended.err;
  const std::string& err = ended.err;
  return {ns_before(err, " of copy_in and copy_out by the requests' own accounts"),
          ns_before(err, " by the samples taken in these"), ns_before(err, " of it in copying functions"),
          ns_before(err, " in the kernel's copying functions by stacks"), err};
}

// What the kernel copies lies between the ends by which it is told, and is most of what lies there.
TEST_F(Copy, AgreesWithSamplesTakenInIt) {
  constexpr double kEnough = 1'000;  // right to one part in 32
  Server server = start_httpd({"--engine", "epoll", "--body", "single", "--size", std::to_string(1 << 20)});
  ASSERT_NE(server.port(), 0);
  const Child load(load_command(server, {"--connections", "2", "--duration", "60s"}));
  Sampled seen = sample_copies(server, "4s");
  const auto count = [&] { return seen.samples * kFrequency / 1e9; };
  if (count() < kEnough) seen = sample_copies(server, "16s");  // a machine with other work
  ASSERT_GE(count(), kEnough) << seen.err;
  EXPECT_NEAR(seen.samples, seen.accounts, 0.1 * seen.accounts) << seen.err;
  EXPECT_GE(seen.copied, 0.95 * seen.copied_anywhere) << seen.err;
  EXPECT_GE(seen.copied, 0.5 * seen.samples) << seen.err;
}

TEST_F(Copy, FallsToNearNothingWhereTheBodyIsNotCopied) {
  const std::size_t size = 1u << 20;
  const auto copied = stages_of("writev", size).at("copy_out");
  for (const char* const body : {"sendfile", "splice", "zerocopy"}) {
    const auto seen = stages_of(body, size);
    EXPECT_LT(seen.at("copy_out"), copied / 20) << body;
    EXPECT_LT(seen.at("copy_out"), 20'000u) << body;
  }
}

}  // namespace
}  // namespace plateau::live
