// Pipelines and heads that are longer than what is kept of a turn at once.
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

class Pipeline : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Engines, Pipeline, testing::Values("epoll", "thread", "pool", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

std::string get(const std::string& path, std::size_t padding) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\nX-Padding: " + std::string(padding, 'x') + "\r\n\r\n";
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) n++;
  return n;
}

// Sends it all at once, and reads until so many answers have begun.
void say(std::uint16_t port, const std::string& bytes, std::size_t answers) {
  const HttpConnection connection(port);
  ASSERT_TRUE(connection.connected());
  ASSERT_EQ(::send(connection.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
  std::string got;
  std::array<char, 65536> piece;
  while (count(got, "HTTP/1.1 200 ") < answers) {
    const ssize_t size = ::recv(connection.fd(), piece.data(), piece.size(), 0);
    ASSERT_GT(size, 0) << got;
    got.append(piece.data(), static_cast<std::size_t>(size));
  }
}

TEST_P(Pipeline, EveryRequestIsFollowedToItsEnd) {
  Server server = start_httpd({"--engine", GetParam()});
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  std::map<std::string, std::size_t> sizes;  // of the heads, by path
  for (const std::size_t depth : {std::size_t{1}, std::size_t{7}, std::size_t{23}}) {
    for (const std::size_t padding : {std::size_t{11}, std::size_t{400}, 3'000 / depth, 12'000 / depth}) {
      for (const std::string kind : {"/users/", "/bytes/"}) {
        std::string bytes;
        for (std::size_t i = 0; i < depth; ++i) {
          const std::string path = kind + std::to_string(2'000 + sizes.size());
          const std::string head = get(path, padding);
          sizes[path] = head.size();
          bytes += head;
        }
        ASSERT_NO_FATAL_FAILURE(say(server.port(), bytes, depth));
      }
    }
  }
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(capture.finish(), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\nplateau: the target has exited\n");
  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_EQ(seen.size(), sizes.size());
  for (const SeenRequest& request : seen) {
    EXPECT_EQ(request.framing, "exact") << request.path;
    EXPECT_EQ(request.outcome, "answered") << request.path;
    EXPECT_EQ(request.status, 200) << request.path;
    EXPECT_EQ(request.bytes_in, sizes[request.path]) << request.path;
    EXPECT_EQ(stage_sum(request), request.latency_ns.value_or(0)) << request.path;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace plateau::live
