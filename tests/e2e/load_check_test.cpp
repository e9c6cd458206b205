// What is sent as a body, and what is expected of the answer.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "scripted_server.h"
#include "server.h"

namespace plateau::e2e {
namespace {

std::string fnv1a(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

// What /echo answers to a body that has arrived whole.
std::string receipt(const std::string& body) {
  return "{\"length\":" + std::to_string(body.size()) + ",\"fnv1a\":\"" + fnv1a(body) + "\"}\n";
}

// A file of its own, removed with the object.
class BodyFile {
 public:
  explicit BodyFile(const std::string& content) {
    const Fd file(::mkstemp(path_));
    written_ = ::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size());
  }
  ~BodyFile() { std::remove(path_); }
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;

  bool written() const { return written_; }
  const char* path() const { return path_; }

 private:
  char path_[32] = "/tmp/plateau-body-XXXXXX";
  bool written_ = false;
};

std::vector<std::string> echo(const BodyFile& file, std::vector<std::string> more) {
  std::vector<std::string> options = {"--method", "POST",          "--path", "/echo",       "--requests",
                                      "101",      "--connections", "3",      "--body-file", file.path()};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

void expect_receipt(const Server& server, const std::string& content, const std::vector<std::string>& way) {
  const BodyFile file(content);
  ASSERT_TRUE(file.written());
  std::vector<std::string> options = echo(file, way);
  const std::string text = receipt(content);
  options.insert(options.end(),
                 {"--expect-body-hash", fnv1a(text), "--expect-length", std::to_string(text.size())});
  const LoadResult result = run_load(server, options);
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.json["answered"], 101);
}

TEST(LoadChecks, AFileArrivesWholeHoweverItIsSent) {
  Server server({"--preset", "fast"});
  std::string large;
  for (int i = 0; large.size() < 700'000; ++i) large += std::to_string(i);
  for (const std::string& content : {std::string("foobar"), std::string("\0\r\n\r\n", 5), large}) {
    expect_receipt(server, content, {});
    expect_receipt(server, content, {"--pipeline", "5"});
    for (const char* const chunk : {"4", "1000", "65536"}) {
      expect_receipt(server, content, {"--chunk-size", chunk});
    }
  }
}

TEST(LoadChecks, CountMismatchesByKindInOneLine) {
  Server server({"--preset", "fast"});
  const BodyFile file("foobar");
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"status", {"--expect-status", "201"}},
      {"length", {"--expect-length", "7"}},
      {"body", {"--expect-body-hash", "0"}}};
  for (const auto& [kind, expectation] : cases) {
    const LoadResult result = run_load(server, echo(file, expectation));
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_EQ(result.json["answered"], 101);
    EXPECT_EQ(result.json["mismatches"][kind], 101) << result.json;
    EXPECT_EQ(result.err.find("plateau-load: 101 requests failed: 101 " + kind +
                              " not as expected; first: POST "
                              "/echo answered "),
              0u)
        << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  }
}

TEST(LoadChecks, FindTheBodyThatIsNotLikeTheOthers) {
  ScriptedServer server([](Peer& peer, int) {
    for (int i = 0; !peer.read_head().empty(); ++i) peer.answer(i % 10 == 9 ? "odd" : "all");
  });
  const LoadResult result = run_load(server.url(), {"--requests", "101", "--check-body"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(result.json["mismatches"]["body"], 10) << result.json;
}

TEST(LoadChecks, EachPathHasABodyOfItsOwn) {
  Server server({"--preset", "fast"});
  const LoadResult result =
      run_load(server, {"--requests", "211", "--connections", "4", "--threads", "2", "--check-body", "--path",
                        "/bytes/100", "--path", "/chunked/5000", "--expect-status", "2xx"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
}

}  // namespace
}  // namespace plateau::e2e
