// The live view in a terminal, as values: what is shown, what a key does, and the lines of a screen. Pure;
// screen.h puts them on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sink/live/live_view.h"

namespace plateau::sink::top {

enum class Paint : std::uint8_t { plain, bold, faint, warm, picked, stage };

// Text of one look. `stage`: whose colour, where the paint is a stage's.
struct Span {
  std::string text;
  Paint paint = Paint::plain;
  attribution::Stage stage = attribution::Stage::unattributed;
};
using Line = std::vector<Span>;

// Printable ASCII, without what the paint adds.
std::string text_of(const Line& line);

// One letter a stage, the same everywhere, so that a bar can be read without colour.
char letter(attribution::Stage stage);

enum class Sort : std::uint8_t { rate, p50, p99, time, name };
enum class Screen : std::uint8_t { routes, requests, request, loops, servers, help };

struct State {
  Screen screen = Screen::routes;
  Sort sort = Sort::rate;
  std::string filter;  // routes that contain it; empty: all
  bool typing = false;
  bool paused = false;
  bool over = false;        // the user has had enough
  std::size_t route = 0;    // picked, of the routes shown
  std::size_t request = 0;  // picked, of the requests shown
  std::string note;         // the last line that would have gone to stderr
};

struct Size {
  std::size_t columns = 80;
  std::size_t rows = 24;  // 0: as many as it takes, and no keys: for a pipe
};

// Keys that are no characters, as numbers beyond those.
enum Key : int { kUp = 1000, kDown, kPageUp, kPageDown, kEnter, kEscape, kBackspace, kOther };

// What a key does to the state.
void press(State& state, int key, const LiveView& view);

// At most `size.rows` lines of at most `size.columns` characters.
std::vector<Line> lines(const LiveView& view, const State& state, Size size);

// For a pipe: each line without blanks at its end, an empty one at the end.
std::string plain_text(const LiveView& view, const State& state, std::size_t columns);

}  // namespace plateau::sink::top
