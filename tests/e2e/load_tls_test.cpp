// TLS of both versions, with and without resumption.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "scripted_server.h"
#include "server.h"

namespace plateau::e2e {
namespace {

constexpr int kTlsRequests = 101;
constexpr int kConnections = 3;

void answer_ok(Peer& peer, int) {
  while (!peer.read_head().empty()) peer.answer("ok");
}

LoadResult run_tls(const ScriptedServer& server, std::vector<std::string> more) {
  more.insert(more.end(), {"--insecure", "--requests", std::to_string(kTlsRequests), "--connections",
                           std::to_string(kConnections), "--expect-status", "200", "--expect-length", "2"});
  return run_load(server.url(), more);
}

// The last requests may be answered while another connection still shakes hands: it counts or does not.
void expect_full(const LoadResult& result, int least, int most) {
  EXPECT_GE(result.json["tls"]["full"], least) << result.json;
  EXPECT_LE(result.json["tls"]["full"], most) << result.json;
}

class LoadTls : public testing::TestWithParam<const char*> {
 protected:
  int version() const { return std::string(GetParam()) == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION; }
};

INSTANTIATE_TEST_SUITE_P(Versions, LoadTls, testing::Values("1.2", "1.3"), [](const auto& version) {
  return std::string(version.param) == "1.2" ? std::string("tls12") : std::string("tls13");
});

TEST_P(LoadTls, ResumesOnEveryConnectionButTheFirst) {
  ScriptedServer server(answer_ok, TlsServer{version(), 0});
  const LoadResult result = run_tls(server, {"--tls", GetParam(), "--keepalive", "off"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.json["answered"], kTlsRequests);
  expect_full(result, 1, kConnections);
  EXPECT_GE(result.json["tls"]["resumed"], kTlsRequests - kConnections) << result.json;
  EXPECT_GT(result.json["tls"]["handshake_ns"]["min"], 0);
}

TEST_P(LoadTls, MakesFullHandshakesWithoutResumption) {
  ScriptedServer server(answer_ok, TlsServer{version(), 0});
  const LoadResult result = run_tls(server, {"--keepalive", "off", "--tls-resumption", "off"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  expect_full(result, kTlsRequests, kTlsRequests + kConnections - 1);
  EXPECT_EQ(result.json["tls"]["resumed"], 0);
}

TEST_P(LoadTls, KeepsConnectionsAndPipelines) {
  ScriptedServer server(answer_ok, TlsServer{version(), 0});
  for (const char* const pipeline : {"1", "7"}) {
    const LoadResult result = run_tls(server, {"--pipeline", pipeline, "--threads", "2"});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    EXPECT_EQ(result.json["answered"], kTlsRequests);
    EXPECT_EQ(result.json["connects"], kConnections);
    expect_full(result, 1, kConnections);
    EXPECT_EQ(result.json["tls"]["resumed"], 0);
  }
}

// Records of 16 KiB in both directions, more than socket buffers hold.
TEST_P(LoadTls, MovesLargeBodies) {
  const std::string body(3'000'000, 'b');
  ScriptedServer server(
      [&](Peer& peer, int) {
        while (!peer.read_head().empty()) peer.answer(body);
      },
      TlsServer{version(), 0});
  const LoadResult result = run_load(server.url(), {"--insecure", "--requests", "11", "--connections", "2",
                                                    "--expect-length", "3000000", "--check-body"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.json["answered"], 11);
}

TEST(LoadTlsChecks, RefuseACertificateThatNobodySigned) {
  ScriptedServer server(answer_ok, TlsServer{});
  const LoadResult result = run_load(server.url(), {"--requests", "1"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_NE(result.err.find("self-signed certificate; --insecure"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
}

TEST(LoadTlsChecks, RefuseAVersionThatTheServerDoesNotHave) {
  ScriptedServer server(answer_ok, TlsServer{TLS1_3_VERSION, 0});
  const LoadResult result = run_load(server.url(), {"--requests", "1", "--insecure", "--tls", "1.2"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_NE(result.err.find("no TLS handshake"), std::string::npos) << result.err;
}

TEST(LoadTlsChecks, SayThatTheServerSpeaksNoTls) {
  Server server({"--preset", "fast"});
  const LoadResult result =
      run_load("https://127.0.0.1:" + std::to_string(server.port()) + "/", {"--requests", "1", "--insecure"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_NE(result.err.find("no TLS handshake"), std::string::npos) << result.err;
}

// Handshakes that fail later cost their request, and the run goes on.
TEST(LoadTlsChecks, CountHandshakesThatFail) {
  ScriptedServer server(answer_ok, TlsServer{0, 5});
  const LoadResult result = run_load(server.url(), {"--requests", "23", "--keepalive", "off", "--insecure"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(result.json["answered"], 19) << result.json;
  EXPECT_EQ(result.json["errors"]["tls"], 4) << result.json;
  EXPECT_NE(result.err.find("4 requests failed: 4 tls"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace plateau::e2e
