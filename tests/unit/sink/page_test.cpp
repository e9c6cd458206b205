#include "sink/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flame_example.h"
#include "live_example.h"
#include "sink/page/assets.h"
#include "sink/stage_colour.h"

namespace plateau::sink::page {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

web::Roads example_roads() {
  const auto snapshot = example_snapshot();
  return roads([snapshot] { return snapshot; });
}

web::Answer get(const std::string& path, std::map<std::string, std::string> query = {}) {
  const auto all = example_roads();
  const auto road = all.find(path);
  if (road == all.end()) return {404, "", "", {}};
  return road->second({path, std::move(query), {}});
}

std::string header(const web::Answer& answer, const std::string& name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name) return value;
  return "";
}

TEST(PageApi, GivesTheSnapshotsFigures) {
  const auto live = json::parse(get("/api/live").body);
  const auto summary = full_summary();
  EXPECT_EQ(live["total"]["requests"], 100);
  EXPECT_EQ(live["total"]["latency_sum_ns"], summary.total.latency_ns);
  EXPECT_EQ(live["window"]["total"]["requests"], 100) << "at first the window is all of the capture";
  EXPECT_EQ(live["window"]["routes"].size(), 3u);
  EXPECT_EQ(live["window"]["locks"][0]["holders"][0]["function"], "bank::settle");
  EXPECT_EQ(live["window"]["event_loops"]["groups"][0]["thread"], "bank-*");
  EXPECT_EQ(live["window"]["servers"]["peers"][0]["address"], "10.0.0.7:5432");
  EXPECT_EQ(live["window"]["servers"]["peers"][0]["calls_per_second"], 200.0);
  EXPECT_EQ(live["window"]["servers"]["left_out"], 0);
  EXPECT_EQ(live["coverage"]["requests_seen"], summary.coverage.seen);
  EXPECT_EQ(live["slowest"].size(), 5u);
  EXPECT_EQ(live["slowest"][0]["latency_ns"], 600'000);
  EXPECT_EQ(live["slowest"][0]["status"], 503);
}

TEST(PageApi, AddsUpEachWaterfallToItsLatency) {
  const auto live = json::parse(get("/api/live").body);
  for (const auto& request : live["slowest"]) {
    std::uint64_t sum = 0;
    for (const auto& step : request["waterfall"]) {
      EXPECT_EQ(step["from_ns"], sum);
      sum += step["ns"].get<std::uint64_t>();
    }
    EXPECT_EQ(sum, request["latency_ns"].get<std::uint64_t>());
  }
}

TEST(PageApi, LeavesOutSecondsThatAreKnown) {
  EXPECT_EQ(json::parse(get("/api/live").body)["seconds"].size(), 1u);
  EXPECT_TRUE(json::parse(get("/api/live", {{"after", "1"}}).body)["seconds"].empty());
  EXPECT_EQ(json::parse(get("/api/live", {{"after", "nonsense"}}).body)["seconds"].size(), 1u);
}

TEST(PageApi, NamesEveryStageInTheReportsColours) {
  const auto stages = json::parse(get("/api/stages").body);
  const std::string style = get("/page/report.css").body;
  ASSERT_EQ(stages.size(), attribution::kStages);
  for (std::size_t i = 0; i < attribution::kStages; i++) {
    EXPECT_EQ(stages[i]["colour"], kStageColours[i]);
    EXPECT_THAT(style, HasSubstr(".s-" + stages[i]["name"].get<std::string>() +
                                 "{background:" + std::string(kStageColours[i])));
  }
}

TEST(PageApi, DrawsTheLocksHolders) {
  const auto tree = json::parse(get("/api/flame").body);
  EXPECT_EQ(tree["ns"], 100'000'000) << "100 waits of a millisecond";
  const auto& lock = tree["children"][0];
  EXPECT_THAT(lock["name"].get<std::string>(), HasSubstr("0x7f0000001000"));
  EXPECT_EQ(lock["children"][0]["name"], "main");
  EXPECT_EQ(lock["children"][0]["children"].size(), 2u) << "bank::audit and bank::settle";
}

TEST(PageApi, HandsOutFiles) {
  for (const auto& [format, part] : {std::pair{"svg", "<svg"},
                                     {"folded", "bank::settle"},
                                     {"speedscope", "bank::audit"},
                                     {"pprof", "\x1f\x8b"}}) {
    const auto answer = get("/api/flame", {{"format", format}});
    EXPECT_THAT(answer.body, HasSubstr(part)) << format;
    EXPECT_THAT(header(answer, "Content-Disposition"), HasSubstr("attachment")) << format;
  }
  const auto unknown = get("/api/flame", {{"format", "png"}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("svg, folded"));
  const auto report = get("/api/report");
  EXPECT_THAT(report.body, HasSubstr("bank::settle"));
  EXPECT_THAT(header(report, "Content-Disposition"), HasSubstr("plateau-report.html"));
}

TEST(PageApi, HandsOutAProfileWhereOneIsTaken) {
  EXPECT_EQ(get("/api/profile").status, 404);
  EXPECT_EQ(json::parse(get("/api/flames").body), json({"/api/flame"}));
  const auto profile = std::make_shared<const Profile>(Profile{"cpu", flame::test::example()});
  const auto all = roads([] { return nullptr; }, [profile] { return profile; });
  EXPECT_EQ(json::parse(all.at("/api/flames")({"/api/flames", {}, {}}).body).size(), 2u);
  const auto tree = json::parse(all.at("/api/profile")({"/api/profile", {}, {}}).body);
  EXPECT_EQ(tree["ns"], flame::test::example().total_ns());
  const auto folded = all.at("/api/profile")({"/api/profile", {{"format", "folded"}}, {}});
  EXPECT_THAT(folded.body, HasSubstr("tcp_sendmsg_[k]"));
  EXPECT_THAT(header(folded, "Content-Disposition"), HasSubstr("plateau-cpu.folded"));
}

TEST(PageApi, SaysWhenTheCaptureDoesNotAnswer) {
  const auto silent = roads([] { return nullptr; });
  for (const char* path : {"/api/live", "/api/report", "/api/flame"}) {
    const auto answer = silent.at(path)({path, {}, {}});
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_THAT(answer.body, HasSubstr("try again")) << path;
  }
}

TEST(PageAssets, AskNobodyElse) {
  ASSERT_GE(assets().size(), 5u);
  for (const Asset& asset : assets()) {
    const std::string text(asset.text);
    std::string without = text;
    const std::string names = "http://www.w3.org/2000/svg";
    if (const auto at = without.find(names); at != std::string::npos) without.erase(at, names.size());
    EXPECT_THAT(without, Not(HasSubstr("http://"))) << asset.name;
    EXPECT_THAT(without, Not(HasSubstr("https://"))) << asset.name;
    EXPECT_THAT(without, Not(HasSubstr("innerHTML"))) << asset.name;
  }
}

TEST(PageAssets, LeadToEachOther) {
  const auto all = example_roads();
  for (const Asset& asset : assets()) {
    const std::string text(asset.text);
    for (std::size_t at = 0; (at = text.find(" from './", at)) != std::string::npos; at++) {
      const std::size_t from = at + std::string(" from './").size();
      EXPECT_TRUE(all.contains("/page/" + text.substr(from, text.find('\'', from) - from)))
          << text.substr(at, 40);
    }
  }
}

TEST(PagePolicy, AllowsNoScriptButItsOwn) {
  for (const auto& [path, handler] : example_roads()) {
    const auto answer = handler({path, {}, {}});
    EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff") << path;
    if (path == "/api/report") continue;  // brings its own policy
    EXPECT_THAT(header(answer, "Content-Security-Policy"), HasSubstr("default-src 'none'; script-src 'self'"))
        << path;
    EXPECT_THAT(header(answer, "Content-Security-Policy"), Not(HasSubstr("unsafe"))) << path;
  }
  const std::string page = get("/").body;
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, Not(HasSubstr("style=")));
}

class PageCaptures : public testing::Test {
 protected:
  web::Answer get(const std::string& what, std::map<std::string, std::string> query = {},
                  std::map<std::string, std::string> headers = {}) {
    return roads_.at("/api/capture/" + what)({"/api/capture/" + what, std::move(query), std::move(headers)});
  }
  std::string phase() { return json::parse(get("state").body)["phase"]; }

  std::shared_ptr<CaptureDesk> desk_ = std::make_shared<CaptureDesk>();
  web::Roads roads_ = roads([] { return example_snapshot(); }, {}, desk_);
};

TEST_F(PageCaptures, AreMadeOneAtATimeAndHandedOutUntilTheNext) {
  EXPECT_EQ(phase(), "none");
  EXPECT_EQ(get("file").status, 404);
  EXPECT_FALSE(desk_->take().has_value());
  EXPECT_EQ(get("start", {{"seconds", "7"}}).status, 200);
  EXPECT_EQ(get("start", {{"seconds", "5"}}).status, 409);
  EXPECT_EQ(desk_->take(), 7'000'000'000u);
  EXPECT_FALSE(desk_->take().has_value()) << "it is taken once";
  EXPECT_EQ(phase(), "under_way");
  desk_->ready({std::make_shared<const Fd>(), 1009}, true);
  EXPECT_EQ(phase(), "ready");
  const auto file = get("file");
  EXPECT_EQ(file.file_bytes, 1009u);
  EXPECT_NE(file.file, nullptr);
  EXPECT_THAT(header(file, "Content-Disposition"), HasSubstr("server.plateau"));
  EXPECT_EQ(json::parse(get("state").body)["cut"], true);
  EXPECT_EQ(get("start", {{"seconds", "1"}}).status, 200);
  EXPECT_EQ(get("file").status, 404) << "the next one has begun";
}

TEST_F(PageCaptures, AreForgotten) {
  get("start", {{"seconds", "1"}});
  desk_->forget();
  EXPECT_EQ(phase(), "under_way") << "only what is ready is";
  desk_->ready({std::make_shared<const Fd>(), 1}, false);
  desk_->forget();
  EXPECT_EQ(phase(), "none");
  get("start", {{"seconds", "1"}});
  desk_->failed("no memory");
  EXPECT_EQ(json::parse(get("state").body)["error"], "no memory");
}

TEST_F(PageCaptures, AreBoundedAndForThisPageAlone) {
  for (const char* seconds : {"", "0", "61", "-1", "nonsense", "99999999999999999999"})
    EXPECT_EQ(get("start", {{"seconds", seconds}}).status, 400) << seconds;
  for (const char* site : {"cross-site", "same-site"})
    EXPECT_EQ(get("start", {{"seconds", "1"}}, {{"sec-fetch-site", site}}).status, 403) << site;
  EXPECT_EQ(phase(), "none");
  EXPECT_EQ(get("start", {{"seconds", "60"}}, {{"sec-fetch-site", "same-origin"}}).status, 200);
}

}  // namespace
}  // namespace plateau::sink::page
