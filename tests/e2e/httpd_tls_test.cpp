// TLS and HTTP/2 as programs of others see them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "process.h"
#include "server.h"

namespace plateau::e2e {
namespace {

constexpr const char* kOpenssl = "/usr/bin/openssl";
constexpr const char* kCurl = "/usr/bin/curl";

std::string temporary(const std::string& name) {
  return testing::TempDir() + "httpd_tls_" + std::to_string(::getpid()) + "_" + name;
}

// Removes the file when it goes.
struct File {
  explicit File(const std::string& name) : path(temporary(name)) {}
  ~File() { std::remove(path.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::string path;
};

std::string run(const std::vector<std::string>& command, int status = 0) {
  Process process(command);
  EXPECT_EQ(process.finish(30'000), status) << process.err();
  return process.out();
}

class HttpdTls : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (::access(kOpenssl, X_OK) != 0 || ::access(kCurl, X_OK) != 0) GTEST_SKIP() << "no openssl or no curl";
  }

  // What s_client says of a connection that sends one request and keeps its session in, or takes it from,
  // `session`.
  static std::string connect(const Server& server, const std::string& direction, const std::string& session) {
    // The request's answer brings TLS 1.3's tickets with it.
    return run(
        {"/bin/sh", "-c",
         "{ printf 'GET /users/1 HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'; sleep 0.2; } | " +
             std::string(kOpenssl) + " s_client -ign_eof -connect 127.0.0.1:" +
             std::to_string(server.port()) + " " + direction + " " + session + " 2>&1"});
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, HttpdTls, testing::Values("thread", "epoll", "reuseport", "pool"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(HttpdTls, ResumesSessionsOnlyWhereItMay) {
  for (const std::string version : {"1.2", "1.3"}) {
    for (const std::string resumption : {"on", "off"}) {
      Server server({"--engine", GetParam(), "--tls", version, "--tls-resumption", resumption});
      const File session("session");
      const std::string first = connect(server, "-sess_out", session.path);
      EXPECT_NE(first.find("New, TLSv" + version), std::string::npos) << first;
      EXPECT_NE(first.find("{\"id\":1,\"name\":\"user\"}"), std::string::npos) << first;
      if (::access(session.path.c_str(), R_OK) != 0) {
        EXPECT_EQ(resumption, "off");
        continue;
      }
      const std::string second = connect(server, "-sess_in", session.path);
      EXPECT_NE(second.find((resumption == "on" ? "Reused, TLSv" : "New, TLSv") + version), std::string::npos)
          << version << " " << resumption << "\n"
          << second;
      EXPECT_EQ(server.stop(), 0);
    }
  }
}

TEST_P(HttpdTls, SpeaksNoOtherVersion) {
  Server server({"--engine", GetParam(), "--tls", "1.3"});
  run({kCurl, "-sk", "--tls-max", "1.2", "https://127.0.0.1:" + std::to_string(server.port()) + "/"}, 35);
  const std::string plain = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  Process clear({kCurl, "-s", plain});
  EXPECT_NE(clear.finish(30'000), 0);
  EXPECT_EQ(run({kCurl, "-sk", "-o", "/dev/null", "-w", "%{http_code}",
                 "https://127.0.0.1:" + std::to_string(server.port()) + "/"}),
            "200");
}

// The watchdog ends the reading, and what there is to say must still get out.
TEST_P(HttpdTls, AnswersASlowHeadWith408) {
  Server server({"--engine", GetParam(), "--tls", "1.3", "--head-timeout", "200ms"});
  const std::string answer = run(
      {"/bin/sh", "-c",
       "printf 'GET / HTTP/1.1\\r\\nHos' | " + std::string(kOpenssl) +
           " s_client -quiet -ign_eof -connect 127.0.0.1:" + std::to_string(server.port()) + " 2>/dev/null"});
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << answer;
  EXPECT_EQ(server.stop(), 0);
}

TEST_P(HttpdTls, Http2KeepsTheTruthOfEveryStream) {
  const File truth("truth");
  Server server(
      {"--engine", GetParam(), "--tls", "1.3", "--http2", "on", "--sleep", "2ms", "--truth", truth.path});
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/users/[1-13]";
  run({kCurl, "-skZ", "--http2", "-o", "/dev/null", url});
  EXPECT_EQ(server.stop(), 0);
  std::ifstream file(truth.path);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["status"], 200);
    EXPECT_TRUE(json["path"].get<std::string>().starts_with("/users/"));
    EXPECT_GE(json["stages"]["sleep"][1].get<long>() - json["stages"]["sleep"][0].get<long>(), 2'000'000)
        << line;
    EXPECT_GT(json["write_ns"].get<long>(), json["read_ns"].get<long>()) << line;
  }
  EXPECT_EQ(lines, 13);
}

TEST(HttpdTlsCommand, NamesTheFileThatIsNoCertificate) {
  Process process(
      {PLATEAU_HTTPD, "--port", "0", "--tls", "1.3", "--cert", "/dev/null", "--key", "/dev/null"});
  EXPECT_EQ(process.finish(10'000), 2);
  EXPECT_NE(process.err().find("--cert /dev/null: "), std::string::npos) << process.err();
  EXPECT_EQ(process.err().find('\n'), process.err().size() - 1) << process.err();
}

TEST(HttpdTlsCommand, RefusesBodiesThatPassByTheEncryption) {
  Process process({PLATEAU_HTTPD, "--tls", "1.3", "--body", "sendfile"});
  EXPECT_EQ(process.finish(10'000), 2);
  EXPECT_EQ(process.err().find('\n'), process.err().size() - 1) << process.err();
}

TEST(HttpdTlsCommand, UsesTheCertificateOfItsFiles) {
  if (::access(kOpenssl, X_OK) != 0 || ::access(kCurl, X_OK) != 0) GTEST_SKIP() << "no openssl or no curl";
  const File cert("cert");
  const File key("key");
  run({kOpenssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
       key.path, "-out", cert.path, "-days", "2", "-subj", "/CN=chosen", "-addext",
       "subjectAltName=IP:127.0.0.1"});
  Server server({"--tls", "1.2", "--cert", cert.path, "--key", key.path});
  EXPECT_EQ(run({kCurl, "-s", "--cacert", cert.path, "-o", "/dev/null", "-w", "%{http_code}",
                 "https://127.0.0.1:" + std::to_string(server.port()) + "/"}),
            "200");
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace plateau::e2e
