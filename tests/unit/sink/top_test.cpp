#include "sink/top/top.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "live_example.h"
#include "sink/top/parts.h"

namespace plateau::sink::top {
namespace {

using testing::HasSubstr;

std::string golden(const std::string& name) {
  std::ifstream in(std::string(PLATEAU_SOURCE_DIR) + "/tests/unit/sink/golden/" + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Without blanks at the end of a line.
std::string screen(const LiveView& view, const State& state, Size size) {
  std::string text;
  for (const Line& line : lines(view, state, size)) {
    const std::string all = text_of(line);
    text += all.substr(0, all.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

class Top : public testing::Test {
 protected:
  void press_all(std::initializer_list<int> keys) {
    for (const int key : keys) press(state_, key, view_);
  }
  std::string shown(Size size = {}) const { return screen(view_, state_, size); }

  LiveView view_ = whole_view(example_snapshot());
  State state_;
};

TEST_F(Top, LooksAsItIsMeantTo) {
  EXPECT_EQ(shown(), golden("top_routes.txt"));
  press_all({kEnter});
  EXPECT_EQ(shown(), golden("top_requests.txt"));
  press_all({kDown, kEnter});
  EXPECT_EQ(shown(), golden("top_request.txt"));
  press_all({kEscape, kEscape, 'e'});
  EXPECT_EQ(shown(), golden("top_loops.txt"));
  EXPECT_THAT(shown({120, 24}), HasSubstr("30 %    2.0 %  CCCCCCCC"));
  press_all({kEscape, 'd'});
  EXPECT_THAT(
      shown(),
      HasSubstr(" SERVER THAT IT ASKS                        CALLS/S /REQUEST   ANSWER UNANSWERED\n"
                " 10.0.0.7:5432                                200/s     2.00  2.00 ms      0.5 %\n"));
  press_all({kEscape});
  EXPECT_EQ(shown(), golden("top_routes.txt"));
}

TEST_F(Top, SaysHowManyServersThereIsNoRoomFor) {
  auto& peers = view_.window.facts.peers;
  peers.resize(9, peers.front());
  for (std::size_t i = 0; i < peers.size(); i++) peers[i].address = "10.0.0." + std::to_string(i) + ":1";
  peers.back().calls = 0;
  state_.screen = Screen::servers;
  const std::string text = shown({80, 14});
  EXPECT_THAT(text, HasSubstr(" and 4 more\n")) << text;
  EXPECT_THAT(shown({80, 30}),
              testing::AllOf(HasSubstr(" 10.0.0.7:1 "), testing::Not(HasSubstr("10.0.0.8:1"))));
  peers.clear();
  EXPECT_THAT(shown(), HasSubstr(" it asked none in this time\n"));
}

TEST_F(Top, TellsWhatGoroutinesWereParkedFor) {
  EXPECT_THAT(shown(), testing::Not(HasSubstr("parked for")));
  auto snapshot = std::make_shared<LiveSnapshot>(*example_snapshot());
  snapshot->summary.total.parked_ns[PL_PARK_CHANNEL] = 3;
  snapshot->summary.total.parked_ns[PL_PARK_RUNNABLE] = 1;
  view_ = whole_view(snapshot);
  EXPECT_THAT(shown({100, 30}), HasSubstr("  parked for: channel 75 %, runnable 25 %\n"));
}

TEST_F(Top, IsPlainTextInAPipe) {
  EXPECT_EQ(plain_text(view_, {}, 100), golden("top_plain.txt"));
}

TEST_F(Top, FitsTheTerminalOnEveryScreen) {
  for (const std::size_t rows : {1u, 2u, 5u, 10u, 24u, 60u})
    for (const std::size_t columns : {20u, 40u, 80u, 211u})
      for (const Screen screen : {Screen::routes, Screen::requests, Screen::request, Screen::loops,
                                  Screen::servers, Screen::help}) {
        state_.screen = screen;
        const auto text = lines(view_, state_, {columns, rows});
        EXPECT_EQ(text.size(), rows);
        for (const Line& line : text) EXPECT_LE(text_of(line).size(), columns) << text_of(line);
      }
}

TEST_F(Top, SaysHowManyEventLoopsThereIsNoRoomFor) {
  auto& loops = view_.window.facts.loops;
  loops.resize(9, loops.front());
  for (std::size_t i = 0; i < loops.size(); i++)
    loops[i].listeners = {std::string(1, static_cast<char>('a' + i))};
  state_.screen = Screen::loops;
  const std::string text = shown({80, 14});
  EXPECT_THAT(text, HasSubstr(" and 5 more\n")) << text;
  EXPECT_THAT(shown({80, 30}), HasSubstr("bank-* on i "));
}

TEST_F(Top, PrintsNothingThatATerminalWouldObey) {
  auto snapshot = std::make_shared<LiveSnapshot>(*example_snapshot());
  snapshot->summary.routes[0].route = "/\x1b[2J\r\n\xc3\xa9";
  snapshot->summary.facts.comm = "srv\x07";
  snapshot->slowest[0].example.path = "/\x1b]0;x\x07";
  snapshot->slowest[0].route = snapshot->summary.routes[0].route;
  snapshot->summary.facts.loops[0].thread = "\x1b[2J";
  snapshot->summary.facts.peers[0].address = "\x1b[2J";
  const LiveView view = whole_view(snapshot);
  for (const Screen screen_shown :
       {Screen::routes, Screen::requests, Screen::request, Screen::loops, Screen::servers}) {
    State state;
    state.screen = screen_shown;
    for (const char c : screen(view, state, {}))
      ASSERT_TRUE((c >= 0x20 && c <= 0x7e) || c == '\n') << static_cast<int>(c);
  }
}

TEST_F(Top, SortsByWhatIsAsked) {
  const auto first = [&] { return routes_shown(view_, state_).front()->route; };
  EXPECT_EQ(first(), "/users/{id}");
  press_all({'s', 's', 's', 's'});
  EXPECT_EQ(state_.sort, Sort::name);
  EXPECT_EQ(first(), "/");
  EXPECT_THAT(shown(), HasSubstr("ROUTEv"));
  press_all({'s'});
  EXPECT_EQ(state_.sort, Sort::rate);
}

TEST_F(Top, FiltersByWhatIsTyped) {
  press_all({'/', 's', 'l', 'q', kBackspace});
  EXPECT_FALSE(state_.over) << "a letter that is typed is no command";
  EXPECT_THAT(shown(), HasSubstr("filter: sl_"));
  press_all({kEnter});
  ASSERT_EQ(routes_shown(view_, state_).size(), 1u);
  EXPECT_EQ(routes_shown(view_, state_)[0]->route, "/slow");
  EXPECT_THAT(shown(), HasSubstr("[sl]"));
  press_all({kEscape});
  EXPECT_EQ(routes_shown(view_, state_).size(), 3u);
}

TEST_F(Top, PicksWithinTheList) {
  press_all({kUp, 'k'});
  EXPECT_EQ(state_.route, 0u);
  press_all({kDown, 'j', kDown, kDown, kPageDown});
  EXPECT_EQ(state_.route, 2u);
  press_all({'/', 's', 'l', 'o', 'w', kEnter});
  EXPECT_EQ(state_.route, 0u);
}

TEST_F(Top, StandsStillWhileARequestIsLookedAt) {
  press_all({kEnter});
  EXPECT_FALSE(state_.paused);
  press_all({kEnter});
  EXPECT_EQ(state_.screen, Screen::request);
  EXPECT_TRUE(state_.paused);
  press_all({kEscape});
  EXPECT_EQ(state_.screen, Screen::requests);
  EXPECT_FALSE(state_.paused);
  press_all({'p'});
  EXPECT_THAT(shown(), HasSubstr("PAUSED"));
  press_all({'q'});
  EXPECT_TRUE(state_.over);
}

TEST_F(Top, SurvivesAViewWithoutRequests) {
  auto snapshot = std::make_shared<LiveSnapshot>();
  const LiveView empty = whole_view(snapshot);
  State state;
  for (const int key : std::initializer_list<int>{kEnter, kDown, kEnter, kEscape, 's', '?', kEscape})
    press(state, key, empty);
  EXPECT_THAT(screen(empty, state, {}), HasSubstr("no request"));
}

TEST(TopBar, FillsItsWidthExactly) {
  StageTimes ns{};
  ns[attribution::index(attribution::Stage::cpu)] = 1;
  ns[attribution::index(attribution::Stage::lock_user)] = 2;
  ns[attribution::index(attribution::Stage::sleep)] = 1;
  EXPECT_EQ(text_of(stage_bar(ns, 4, 8)), "CCLLLLZZ");
  EXPECT_EQ(text_of(stage_bar(ns, 8, 8)), "CLLZ    ");
  EXPECT_EQ(text_of(stage_bar(ns, 0, 4)), "    ");
}

TEST(TopBar, HasALetterOfItsOwnForEachStage) {
  std::set<char> letters;
  for (std::size_t i = 0; i < attribution::kStages; i++)
    letters.insert(letter(static_cast<attribution::Stage>(i)));
  EXPECT_EQ(letters.size(), attribution::kStages);
}

}  // namespace
}  // namespace plateau::sink::top
