// Servers that no one here wrote: what their own access logs and the client say of each request against what
// plateau saw. None missed, none paired wrongly, none invented; method, path, status and bytes are the log's.
//
//   PLATEAU_RECORD=FOLDER   leaves there what tests/replay replays, judged in the same way
//   PLATEAU_SEED=N, PLATEAU_REQUESTS=N, PLATEAU_ONLY=N   as of live_differential
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foreign/foreign_server.h"
#include "foreign/talk.h"
#include "harness/live_test.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 1'009;

class Foreign : public LiveTestWith<Recipe> {
 protected:
  void SetUp() override {
    LiveTestWith<Recipe>::SetUp();
    if (const std::string why = missing(GetParam()); !why.empty()) GTEST_SKIP() << why;
  }
};

std::string runtime_by_doctor(pid_t pid) {
  const Ended ended = run_plateau({"doctor", "--pid", std::to_string(pid), "--format", "json"});
  const auto json = nlohmann::json::parse(ended.out, nullptr, false);
  return json.is_object() ? json["target"]["runtime"].get<std::string>() : ended.err;
}

// The file to record to; empty: none is asked for.
std::string record_to(const Recipe& recipe) {
  const char* const folder = std::getenv("PLATEAU_RECORD");
  return folder ? folder + std::string("/") + recipe.name + ".plateau" : std::string();
}

std::unique_ptr<Capture> start_recording(const std::string& file, pid_t pid) {
  if (file.empty()) return nullptr;
  auto recording = std::make_unique<Capture>(
      std::vector<std::string>{"record", "--pid", std::to_string(pid), "--max-cost", "off", "-o", file});
  EXPECT_TRUE(recording->ready()) << recording->child().err();
  return recording;
}

std::string name_of(const testing::TestParamInfo<Recipe>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Servers, Foreign, testing::ValuesIn(recipes()), name_of);

TEST_P(Foreign, LogAndClientAndPlateauTellTheSame) {
  const Recipe& recipe = GetParam();
  ForeignServer server(recipe);
  ASSERT_NE(server.port(), 0) << server.child().out() << server.child().err();
  EXPECT_EQ(runtime_by_doctor(server.pid()), recipe.runtime);
  ForeignTalk talk(recipe, kRequests);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::string file = record_to(recipe);
  const auto recording = start_recording(file, server.pid());
  talk.play(server.port());
  talk.await_log(server);
  EXPECT_TRUE(server.stop());
  EXPECT_EQ(capture.finish(), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\nplateau: the target has exited\n");
  std::vector<std::vector<SeenRequest>> tellers = {capture.requests()};
  if (recording) {
    EXPECT_EQ(recording->finish(), 0);
    tellers.push_back(parse_requests(run_plateau({"requests", "--from", file, "--format", "json"}).out));
  }
  for (const auto& told : tellers) {
    auto seen = by_peer(told);
    talk.judge(server.log(), seen);
    EXPECT_TRUE(seen.empty()) << "plateau tells of " << seen.begin()->first << ", whom nobody knows";
  }
}

}  // namespace
}  // namespace plateau::live
