// The clients people use, each for a prime number of requests against every mode that it speaks.
#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>
#include <string>
#include <vector>

#include "process.h"
#include "server.h"

namespace plateau::e2e {
namespace {

struct Mode {
  std::string name;
  std::vector<std::string> switches;
  bool tls = false;
  bool http2 = false;
};

void PrintTo(const Mode& mode, std::ostream* out) {
  *out << mode.name;
}

std::vector<Mode> modes() {
  std::vector<Mode> all;
  for (const std::string engine : {"thread", "epoll", "reuseport", "pool", "io_uring"}) {
    all.push_back({engine, {"--engine", engine}});
    all.push_back({engine + "_http2", {"--engine", engine, "--http2", "on"}, false, true});
    if (engine == "io_uring") continue;
    all.push_back({engine + "_tls12", {"--engine", engine, "--tls", "1.2"}, true});
    all.push_back(
        {engine + "_tls13_http2", {"--engine", engine, "--tls", "1.3", "--http2", "on"}, true, true});
  }
  all.push_back({"fast", {"--preset", "fast"}});
  all.push_back({"fast_io_uring", {"--preset", "fast-io_uring"}});
  all.push_back({"middleware", {"--engine", "epoll", "--middleware", "on", "--server-timing", "on"}});
  all.push_back({"no_keepalive", {"--engine", "epoll", "--keepalive", "off"}});
  all.push_back({"no_resumption", {"--engine", "epoll", "--tls", "1.2", "--tls-resumption", "off"}, true});
  return all;
}

std::string path_of(const std::string& program) {
  for (const std::string folder : {"/usr/bin/", "/usr/local/bin/"}) {
    if (::access((folder + program).c_str(), X_OK) == 0) return folder + program;
  }
  return {};
}

class HttpdClients : public testing::TestWithParam<Mode> {
 protected:
  HttpdClients() : server_(GetParam().switches) {}
  void SetUp() override { ASSERT_NE(server_.port(), 0); }
  void TearDown() override { EXPECT_EQ(server_.stop(), 0) << server_.err(); }

  std::string url(const std::string& path) const {
    return (GetParam().tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server_.port()) +
           path;
  }

  // The client's standard output; empty, with the test skipped, where it is not installed.
  std::string run(const std::string& program, std::vector<std::string> arguments) {
    const std::string path = path_of(program);
    if (path.empty()) {
      skipped_ = program + " is not installed";
      return {};
    }
    arguments.insert(arguments.begin(), path);
    Process client(arguments);
    EXPECT_EQ(client.finish(60'000), 0) << client.err() << client.out();
    return client.out();
  }

  static long number(const std::string& text, const std::string& pattern) {
    std::smatch found;
    return std::regex_search(text, found, std::regex(pattern)) ? std::stol(found[1]) : -1;
  }

  Server server_;
  std::string skipped_;
};

INSTANTIATE_TEST_SUITE_P(Modes, HttpdClients, testing::ValuesIn(modes()),
                         [](const auto& mode) { return mode.param.name; });

#define SKIP_WITHOUT_PROGRAM() \
  if (!skipped_.empty()) GTEST_SKIP() << skipped_

TEST_P(HttpdClients, Curl) {
  const bool prior_knowledge = GetParam().http2 && !GetParam().tls;
  std::vector<std::string> arguments = {"-sk", "-o", "/dev/null", "-w", "%{http_version} %{http_code}\n"};
  arguments.push_back(!GetParam().http2 ? "--http1.1"
                      : prior_knowledge ? "--http2-prior-knowledge"
                                        : "--http2");
  // curl 7.88 cannot use a connection again that it opened with prior knowledge (curl issue 10634): one
  // process a request there.
  arguments.push_back(url(prior_knowledge ? "/users/1" : "/users/[1-31]"));
  const int runs = prior_knowledge ? 7 : 1;
  std::string out;
  for (int i = 0; i < runs; ++i) out += run("curl", arguments);
  SKIP_WITHOUT_PROGRAM();
  std::string wanted;
  for (int i = 0; i < (prior_knowledge ? 7 : 31); ++i) wanted += GetParam().http2 ? "2 200\n" : "1.1 200\n";
  EXPECT_EQ(out, wanted);
}

TEST_P(HttpdClients, CurlMovesLargeBodies) {
  std::vector<std::string> arguments = {"-sk", "-o", "/dev/null", "-w", "%{http_code} %{size_download}"};
  if (GetParam().http2) arguments.push_back(GetParam().tls ? "--http2" : "--http2-prior-knowledge");
  arguments.push_back(url("/bytes/7654321"));
  const std::string out = run("curl", arguments);
  SKIP_WITHOUT_PROGRAM();
  EXPECT_EQ(out, "200 7654321");
}

TEST_P(HttpdClients, H2load) {
  std::vector<std::string> arguments = {"-n", "1009", "-c", "7", "-m", GetParam().http2 ? "11" : "1"};
  if (!GetParam().http2) arguments.push_back("--h1");
  if (GetParam().name == "no_keepalive") GTEST_SKIP() << "h2load does not reconnect";
  arguments.push_back(url("/"));
  const std::string out = run("h2load", arguments);
  SKIP_WITHOUT_PROGRAM();
  EXPECT_EQ(number(out, "status codes: (\\d+) 2xx"), 1009) << out;
  EXPECT_EQ(number(out, "(\\d+) failed"), 0) << out;
}

TEST_P(HttpdClients, Ab) {
  const std::string out = run("ab", {"-q", "-k", "-n", "509", "-c", "5", url("/")});
  SKIP_WITHOUT_PROGRAM();
  EXPECT_EQ(number(out, "Complete requests:\\s+(\\d+)"), 509) << out;
  EXPECT_EQ(number(out, "Failed requests:\\s+(\\d+)"), 0) << out;
  EXPECT_EQ(out.find("Non-2xx"), std::string::npos) << out;
}

TEST_P(HttpdClients, Hey) {
  std::vector<std::string> arguments = {"-n", "511", "-c", "7"};
  if (GetParam().http2 && GetParam().tls) arguments.push_back("-h2");
  arguments.push_back(url("/"));
  const std::string out = run("hey", arguments);
  SKIP_WITHOUT_PROGRAM();
  // It sends a multiple of its workers.
  EXPECT_EQ(number(out, "\\[200\\]\\s+(\\d+) responses"), 511) << out;
  EXPECT_EQ(out.find("Error distribution"), std::string::npos) << out;
}

TEST_P(HttpdClients, Wrk) {
  const std::string out = run("wrk", {"-t1", "-c7", "-d1s", url("/")});
  SKIP_WITHOUT_PROGRAM();
  EXPECT_GT(number(out, "(\\d+) requests in"), 0) << out;
  EXPECT_EQ(out.find("Non-2xx"), std::string::npos) << out;
  EXPECT_EQ(out.find("Socket errors"), std::string::npos) << out;
}

}  // namespace
}  // namespace plateau::e2e
