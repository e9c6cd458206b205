// Servers that have another road beside the kernel's TCP, and one that has none.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/folder.h"
#include "harness/http_client.h"
#include "harness/live_test.h"

namespace plateau::live {
namespace {

constexpr int kRequests = 7;

class Bypass : public LiveTest {
 protected:
  // A server with these roads; its port, or 0 where the kernel does not have them.
  std::uint16_t start(const std::vector<std::string>& roads) {
    std::vector<std::string> command{OTHER_ROADS};
    command.insert(command.end(), roads.begin(), roads.end());
    server_ = std::make_unique<Child>(command);
    const std::string line = server_->wait_for_line("listening on ", 5'000);
    return line.empty() ? std::uint16_t{0}
                        : static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }

  std::vector<std::string> command(const std::string& format) const {
    return {"explain", "--pid", pid(), "--count", std::to_string(kRequests), "--format", format};
  }

  // Captures while the server answers.
  std::string capture(std::uint16_t port, const std::vector<std::string>& arguments) {
    Capture capture(arguments);
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    HttpConnection client(port);
    for (int i = 0; i < kRequests; i++) EXPECT_EQ(client.exchange("/").status, 200);
    EXPECT_EQ(capture.finish(), 0) << capture.child().err();
    return capture.child().out();
  }

  nlohmann::json outside_view(std::uint16_t port) {
    return nlohmann::json::parse(capture(port, command("json"))).at("outside_view");
  }

  std::string pid() const { return std::to_string(server_->pid()); }

  std::unique_ptr<Child> server_;
};

TEST_F(Bypass, IsNoneInAnOrdinaryServer) {
  const auto port = start({});
  ASSERT_NE(port, 0);
  const auto view = outside_view(port);
  EXPECT_EQ(view.at("share"), 0);
  EXPECT_EQ(view.at("processes"), 1);
  EXPECT_TRUE(view.at("bypasses").empty()) << view;
  EXPECT_NE(capture(port, command("text")).find("0 % is outside view"), std::string::npos);
}

TEST_F(Bypass, ByAfXdpSocketsIsToldAndNotAttributed) {
  const auto port = start({"af_xdp", "af_xdp"});
  if (port == 0) GTEST_SKIP() << "this kernel has no AF_XDP sockets";
  const auto view = outside_view(port);
  EXPECT_TRUE(view.at("share").is_null()) << view;
  ASSERT_EQ(view.at("bypasses").size(), 1u) << view;
  EXPECT_EQ(view["bypasses"][0]["kind"], "af_xdp");
  EXPECT_EQ(view["bypasses"][0]["count"], 2);
  const std::string sentence = "process " + pid() +
                               " (other_roads) has 2 AF_XDP sockets: what goes through them is outside "
                               "Plateau's view and is never attributed";
  EXPECT_EQ(view["bypasses"][0]["text"], sentence);
  EXPECT_NE(capture(port, command("text")).find("\n  " + sentence + "\n"), std::string::npos);
  const Ended doctor = run_plateau({"doctor", "--pid", pid()});
  EXPECT_NE(doctor.out.find("blind        " + sentence + "\n"), std::string::npos) << doctor.out;
  EXPECT_NE(run_plateau({"doctor"}).out.find("bypass       " + sentence + "\n"), std::string::npos);
}

TEST_F(Bypass, ByDatagramsAndFramesIsTold) {
  const auto port = start({"udp", "packet"});
  ASSERT_NE(port, 0);
  const auto view = outside_view(port);
  ASSERT_EQ(view.at("bypasses").size(), 2u) << view;
  EXPECT_EQ(view["bypasses"][0]["kind"], "packet_socket");
  EXPECT_EQ(view["bypasses"][1]["kind"], "udp");
  EXPECT_EQ(view["bypasses"][1]["what"].get<std::string>().rfind("a UDP socket on 127.0.0.1:", 0), 0u)
      << view;
}

TEST_F(Bypass, IsNotWhatTlsInTheKernelIs) {
  const auto port = start({"ktls"});
  ASSERT_NE(port, 0);
  if (HttpConnection probe(port); probe.exchange("/").status != 200)
    GTEST_SKIP() << "this kernel has no TLS of its own (kTLS)";
  const auto json = nlohmann::json::parse(capture(port, command("json")));
  EXPECT_EQ(json.at("send_path").at("ktls_connections"), 1);
  EXPECT_EQ(json.at("outside_view").at("share"), 0);
}

TEST_F(Bypass, TravelsWithACapture) {
  const auto port = start({"udp"});
  ASSERT_NE(port, 0);
  Folder folder;
  const std::string file = folder.file("capture");
  capture(port, {"record", "--pid", pid(), "--count", std::to_string(kRequests), "-o", file});
  const Ended replay = run_plateau({"explain", "--from", file, "--format", "json"});
  ASSERT_EQ(replay.status, 0) << replay.err;
  const auto view = nlohmann::json::parse(replay.out).at("outside_view");
  ASSERT_EQ(view.at("bypasses").size(), 1u) << view;
  EXPECT_EQ(view["bypasses"][0]["kind"], "udp");
}

}  // namespace
}  // namespace plateau::live
