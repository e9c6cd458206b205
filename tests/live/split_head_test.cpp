// A head that comes in two receives, cut anywhere: Go's server takes the first byte of a request by itself.
#include <csignal>
#include <string>
#include <vector>

#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

class SplitHead : public LiveTestWith<ServerKind> {
 protected:
  void SetUp() override {
    LiveTestWith<ServerKind>::SetUp();
    if (const std::string why = GetParam().missing(); !why.empty()) GTEST_SKIP() << why;
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, SplitHead, testing::ValuesIn(kServerKinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

TEST_P(SplitHead, IsReadWhole) {
  Server server = GetParam().start();
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  HttpConnection client(server.port());
  std::vector<Answer> answers;
  for (const std::size_t ahead : {1u, 2u, 3u, 5u, 61u, 307u, 509u, 521u, 773u}) {
    // A head of 800 to 1024 bytes: all of it is captured.
    const std::string path = server.distinct_path(answers.size());
    ASSERT_LT(path.size(), 150u);
    ASSERT_TRUE(client.send_split(path + "?" + std::string(800, 'q'), ahead));
    while (client.receive() == HttpConnection::Progress::incomplete) {
    }
    ASSERT_EQ(client.answer().status, 200);
    answers.push_back(client.answer());
    answers.back().path = path;
  }
  capture.settle(answers.size());
  EXPECT_EQ(capture.stop(SIGINT), 0);

  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), answers.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].framing, "exact") << i;
    EXPECT_EQ(seen[i].path, answers[i].path);
    EXPECT_EQ(seen[i].bytes_out, answers[i].bytes);
    EXPECT_GE(seen[i].calls_in, 2u);
  }
}

}  // namespace
}  // namespace plateau::live
