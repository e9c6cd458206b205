#include "sink/top/top.h"

#include <algorithm>

#include "sink/top/parts.h"

namespace plateau::sink::top {
namespace {

using attribution::RouteStats;

constexpr std::size_t kPage = 10, kLongestFilter = 40;

std::uint64_t sort_value(const RouteStats& route, Sort sort) {
  switch (sort) {
    case Sort::p50:
      return route.latency.quantile(0.5);
    case Sort::p99:
      return route.latency.quantile(0.99);
    case Sort::time:
      return route.latency_ns;
    case Sort::rate:
    case Sort::name:
      break;
  }
  return route.count;
}

void type(State& state, int key) {
  if (key == kEscape) state.filter.clear();
  if (key == kEscape || key == kEnter) state.typing = false;
  if (key == kBackspace && !state.filter.empty()) state.filter.pop_back();
  if (key >= 0x20 && key <= 0x7e && state.filter.size() < kLongestFilter)
    state.filter += static_cast<char>(key);
  state.route = 0;
}

void move(std::size_t& picked, std::size_t all, int key) {
  const std::size_t last = all ? all - 1 : 0;
  if (key == kUp || key == 'k') picked -= picked > 0;
  if (key == kDown || key == 'j') picked++;
  if (key == kPageUp) picked -= std::min(picked, kPage);
  if (key == kPageDown) picked += kPage;
  picked = std::min(picked, last);
}

void enter(State& state, const LiveView& view) {
  if (state.screen == Screen::routes && !routes_shown(view, state).empty()) {
    state.screen = Screen::requests;
    state.request = 0;
  } else if (state.screen == Screen::requests && !requests_shown(view, state).empty()) {
    state.screen = Screen::request;
    state.paused = true;
  }
}

void go_back(State& state) {
  if (state.screen == Screen::request) {
    state.screen = Screen::requests;
    state.paused = false;
  } else if (state.screen == Screen::routes) {
    state.filter.clear();
  } else {
    state.screen = Screen::routes;
  }
}

std::string keys_of(const State& state) {
  if (state.typing) return "filter: " + state.filter + "_   enter: done  escape: all";
  if (!state.note.empty()) return printable(state.note);
  switch (state.screen) {
    case Screen::routes:
      return (state.filter.empty() ? "" : "[" + state.filter + "]   ") +
             "q quit  s sort  / filter  p pause  enter requests  e loops  d servers  ? help";
    case Screen::requests:
      return "escape back  enter one request's budget  p pause  q quit";
    case Screen::loops:
    case Screen::servers:
      return "escape back  p pause  q quit";
    case Screen::request:
    case Screen::help:
      break;
  }
  return "escape back  q quit";
}

std::vector<Line> body(const LiveView& view, const State& state, Size size) {
  switch (state.screen) {
    case Screen::requests:
      return request_list(view, state, size);
    case Screen::request:
      return request_screen(view, state, size);
    case Screen::loops:
      return loop_screen(view, size);
    case Screen::servers:
      return server_screen(view, size);
    case Screen::help:
      return help_screen();
    case Screen::routes:
      break;
  }
  std::vector<Line> text = route_screen(view, state, size);
  if (size.rows) return text;
  const auto below = [&](std::vector<Line> more) {
    text.emplace_back();
    for (Line& line : more) text.push_back(std::move(line));
  };
  if (!view.window.facts.loops.empty()) below(loop_screen(view, size));
  if (!view.window.facts.peers.empty()) below(server_screen(view, size));
  return text;
}

// The picked place may be gone by now.
State within(const LiveView& view, State state) {
  move(state.route, routes_shown(view, state).size(), 0);
  move(state.request, requests_shown(view, state).size(), 0);
  return state;
}

}  // namespace

std::vector<const RouteStats*> routes_shown(const LiveView& view, const State& state) {
  std::vector<const RouteStats*> list;
  for (const auto& route : view.window.routes)
    if ((route.method + " " + route.route).find(state.filter) != std::string::npos) list.push_back(&route);
  std::stable_sort(list.begin(), list.end(), [&](const RouteStats* a, const RouteStats* b) {
    if (state.sort == Sort::name) return a->route < b->route;
    return sort_value(*a, state.sort) > sort_value(*b, state.sort);
  });
  return list;
}

std::vector<const attribution::RecentRequest*> requests_shown(const LiveView& view, const State& state) {
  std::vector<const attribution::RecentRequest*> list;
  const auto routes = routes_shown(view, state);
  if (state.route >= routes.size()) return list;
  for (const auto& request : view.now->slowest)
    if (request.route == routes[state.route]->route && request.example.method == routes[state.route]->method)
      list.push_back(&request);
  return list;
}

void press(State& state, int key, const LiveView& view) {
  state.note.clear();
  if (state.typing) return type(state, key);
  switch (key) {
    case 'q':
      state.over = true;
      return;
    case 's':
      state.sort = static_cast<Sort>((static_cast<int>(state.sort) + 1) % 5);
      return;
    case '/':
      state.typing = state.screen == Screen::routes;
      return;
    case 'p':
    case ' ':
      state.paused = !state.paused;
      return;
    case 'e':
      state.screen = Screen::loops;
      return;
    case 'd':
      state.screen = Screen::servers;
      return;
    case '?':
    case 'h':
      state.screen = Screen::help;
      return;
    case kEnter:
      return enter(state, view);
    case kEscape:
    case kBackspace:
      return go_back(state);
    default:
      break;
  }
  if (state.screen == Screen::routes) move(state.route, routes_shown(view, state).size(), key);
  if (state.screen == Screen::requests) move(state.request, requests_shown(view, state).size(), key);
}

std::vector<Line> lines(const LiveView& view, const State& shown, Size size) {
  const State state = within(view, shown);
  std::vector<Line> text = header(view, state, size);
  Size left_over = size;
  if (size.rows) left_over.rows = size.rows > text.size() + 1 ? size.rows - text.size() - 1 : 1;
  for (Line& line : body(view, state, left_over)) text.push_back(std::move(line));
  if (size.rows) {
    text.resize(size.rows - std::min<std::size_t>(size.rows, 1));
    text.push_back({{keys_of(state), Paint::faint}});
  }
  for (Line& line : text) line = cut(std::move(line), size.columns);
  return text;
}

std::string plain_text(const LiveView& view, const State& state, std::size_t columns) {
  std::string text;
  for (const Line& line : lines(view, state, {columns, 0})) {
    const std::string all = text_of(line);
    text += all.substr(0, all.find_last_not_of(' ') + 1) + "\n";
  }
  return text + "\n";
}

}  // namespace plateau::sink::top
