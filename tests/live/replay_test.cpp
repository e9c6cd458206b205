// record, then --from: what a capture file holds is what a live capture tells.
#include <csignal>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/folder.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr uid_t kNobody = 65534;
constexpr std::size_t kRequests = 4001;

// Records kRequests of a server with a lock and a live capture of the same beside it.
class Replay : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (IsSkipped()) return;
    Server server = start_httpd({"--engine", "thread", "--section", "global", "--hold", "50us"});
    ASSERT_NE(server.port(), 0);
    Capture recording({"record", "--pid", server.pid_text(), "--max-cost", "off", "-o", file_});
    Capture live(requests_of(server.pid()));
    ASSERT_TRUE(recording.ready() && live.ready()) << recording.child().err() << live.child().err();
    ASSERT_EQ(run_load(server, {"--connections", "16", "--requests", std::to_string(kRequests), "--path",
                                "/users/5?secret=1", "--path", "/status/404", "--path", "/chunked/5000"}),
              kRequests);
    live.settle(kRequests);
    ASSERT_EQ(live.stop(SIGINT), 0);
    ASSERT_EQ(recording.stop(SIGINT), 0);
    live_ = live.requests();
  }

  std::vector<std::string> replay(const std::string& file) {
    return {"requests", "--from", file, "--format", "json"};
  }

  // The capture under another name, open to every user, changed by `change`.
  template <class Change>
  std::string copy(const std::string& name, const Change& change) {
    std::string bytes = read_file(file_);
    change(bytes);
    write_file(folder_.file(name), bytes);
    return folder_.file(name);
  }

  Folder folder_;
  std::string file_ = folder_.file("server.plateau");
  std::vector<SeenRequest> live_;
};

TEST_F(Replay, TellsTheSameRequestsAsALiveCapture) {
  const Ended ended = run_plateau(replay(file_));
  EXPECT_EQ(ended.status, 0) << ended.err;
  const std::vector<SeenRequest> replayed = parse_requests(ended.out);
  EXPECT_EQ(replayed.size(), kRequests);
  std::map<std::pair<std::string, std::uint64_t>, SeenRequest> by_place;
  for (const SeenRequest& request : replayed) by_place[{request.peer, request.seq}] = request;
  for (const SeenRequest& request : live_) {
    const auto found = by_place.find({request.peer, request.seq});
    ASSERT_NE(found, by_place.end()) << request.peer << " " << request.seq;
    const SeenRequest& again = found->second;
    ASSERT_EQ(again.method, request.method);
    ASSERT_EQ(again.path, request.path);
    ASSERT_EQ(again.status, request.status);
    ASSERT_EQ(again.bytes_in, request.bytes_in);
    ASSERT_EQ(again.bytes_out, request.bytes_out);
    ASSERT_EQ(again.framing, request.framing);
    // Two sets of probes read the clock one after the other.
    ASSERT_NEAR(static_cast<double>(*again.latency_ns), static_cast<double>(*request.latency_ns), 1e6);
  }
}

TEST_F(Replay, IsTheSameToTheByteEachTimeAndForEveryUser) {
  const std::string open = copy("open", [](std::string&) {});
  for (const auto& command : {replay(open),
                              {"explain", "--from", open, "--format", "json"},
                              {"explain", "--from", open},
                              {"requests", "--from", open}}) {
    const Ended first = run_plateau(command);
    const Ended second = run_plateau(command);
    const Ended as_nobody = run_plateau(command, {.user = kNobody});
    EXPECT_EQ(first.status, 0) << first.err;
    EXPECT_GT(first.out.size(), 500u);
    EXPECT_TRUE(first.out == second.out) << command[0];
    EXPECT_EQ(as_nobody.status, 0) << as_nobody.err;
    EXPECT_TRUE(first.out == as_nobody.out) << command[0];
  }
}

TEST_F(Replay, HoldsNoQueryString) {
  EXPECT_NE(read_file(file_).find("/users/5"), std::string::npos);
  EXPECT_EQ(read_file(file_).find("secret"), std::string::npos);
}

TEST_F(Replay, OfAFileThatIsCutOffShowsWhatIsThereAndFails) {
  const std::string cut = copy("cut", [](std::string& bytes) { bytes.resize(bytes.size() / 2); });
  const Ended ended = run_plateau(replay(cut));
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.err.find("cut off"), std::string::npos) << ended.err;
  const std::size_t replayed = parse_requests(ended.out).size();
  EXPECT_GT(replayed, kRequests / 4);
  EXPECT_LT(replayed, kRequests);
}

TEST_F(Replay, RefusesFilesThatItCannotRead) {
  constexpr std::size_t kVersionAt = 8;
  const std::string newer = copy("newer", [](std::string& bytes) { bytes[kVersionAt] = 99; });
  const std::string foreign = copy("foreign", [](std::string& bytes) { bytes = "GET / HTTP/1.1\r\n\r\n"; });
  const std::string empty = copy("empty", [](std::string& bytes) { bytes.clear(); });
  const std::string stump = copy("stump", [](std::string& bytes) { bytes.resize(20); });
  const std::pair<std::string, std::string> cases[] = {
      {newer, "newer"},   {foreign, "not a plateau capture"},        {empty, "not a plateau capture"},
      {stump, "cut off"}, {folder_.file("missing"), "No such file"}, {folder_.path(), "capture"}};
  for (const auto& [file, about] : cases) {
    for (const char* const command : {"requests", "explain"}) {
      SCOPED_TRACE(std::string(command) + " --from " + file);
      const Ended ended = run_plateau({command, "--from", file});
      EXPECT_EQ(ended.status, 1);
      EXPECT_EQ(ended.out, "");
      EXPECT_NE(ended.err.find(about), std::string::npos) << ended.err;
      EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    }
  }
}

}  // namespace
}  // namespace plateau::live
