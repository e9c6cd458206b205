// TLS in the kernel: what a server receives and sends by it is clear, and so is what plateau sees.
#include <csignal>
#include <nlohmann/json.hpp>

#include "harness/capture.h"
#include "harness/http_client.h"
#include "other_roads/ktls.h"
#include "vm_test.h"

namespace plateau::vm {
namespace {

constexpr std::size_t kExchanges = 31;
constexpr std::size_t kAnswerBytes = 41;  // of other_roads

class Ktls : public VmTest {
 protected:
  void SetUp() override {
    VmTest::SetUp();
    const std::string line = server_.wait_for_line("listening on ", 5'000);
    ASSERT_FALSE(line.empty()) << server_.err();
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }

  // On a connection that encrypts at both ends, and stays. False: this kernel has no TLS.
  bool exchange() {
    client_.emplace(port_);
    if (!ktls::encrypt(client_->fd())) return false;
    for (std::size_t i = 0; i < kExchanges; i++)
      EXPECT_EQ(client_->exchange("/users/" + std::to_string(i)).status, 200) << i;
    return true;
  }

  live::Child server_{{OTHER_ROADS, "ktls_keys"}};
  std::uint16_t port_ = 0;
  std::optional<live::HttpConnection> client_;
};

constexpr const char* kNoTls = "this kernel has no TLS of its own: no module tls";

TEST_F(Ktls, EveryRequestIsSeenInClear) {
  live::Capture capture(live::requests_of(server_.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  if (!exchange()) GTEST_SKIP() << kNoTls;
  capture.settle(kExchanges);
  ASSERT_EQ(capture.stop(SIGINT), 0);
  const auto seen = capture.requests();
  ASSERT_EQ(seen.size(), kExchanges);
  for (std::size_t i = 0; i < seen.size(); i++) {
    EXPECT_EQ(seen[i].method, "GET") << i;
    EXPECT_EQ(seen[i].path, "/users/" + std::to_string(i));
    EXPECT_EQ(seen[i].status, 200) << i;
    EXPECT_EQ(seen[i].framing, "exact") << i;
    EXPECT_EQ(seen[i].data_path, "copy+ktls") << i;
  }
}

// The kernel tells whether a connection has TLS to CAP_NET_ADMIN alone, which is given up by then.
TEST_F(Ktls, ConnectionsOpenedAfterTheAttachAreCountedWithTheirBytes) {
  live::Capture capture({"explain", "--pid", std::to_string(server_.pid()), "--max-cost", "off", "--count",
                         std::to_string(kExchanges), "--format", "json"});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  if (!exchange()) GTEST_SKIP() << kNoTls;
  ASSERT_EQ(capture.finish(), 0) << capture.child().err();
  const auto json = nlohmann::json::parse(capture.child().out());
  EXPECT_EQ(json.at("send_path").at("ktls_connections"), 1);
  ASSERT_EQ(json.at("data_paths").size(), 1u) << json.at("data_paths");
  EXPECT_EQ(json["data_paths"][0].at("path"), "ktls");
  EXPECT_EQ(json["data_paths"][0].at("bytes"), kExchanges * kAnswerBytes);
}

TEST_F(Ktls, ConnectionsThatAreOpenAtAttachAreCounted) {
  if (!exchange()) GTEST_SKIP() << kNoTls;
  live::Capture capture(
      {"explain", "--pid", std::to_string(server_.pid()), "--duration", "1s", "--format", "json"});
  ASSERT_EQ(capture.finish(), 0) << capture.child().err();
  const auto json = nlohmann::json::parse(capture.child().out());
  EXPECT_EQ(json.at("send_path").at("ktls_connections"), 1);
}

}  // namespace
}  // namespace plateau::vm
