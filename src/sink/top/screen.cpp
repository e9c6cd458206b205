#include "sink/top/screen.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "sink/stage_colour.h"

#undef lines
#undef columns

namespace plateau::sink::top {
namespace {

constexpr short kWarm = 1, kFirstStage = 2, kFirstColour = 16;
constexpr int kManyColours = 256;

// Of a terminal with eight colours, by family.
short plain_colour(std::size_t stage) {
  using attribution::Stage;
  switch (static_cast<Stage>(stage)) {
    case Stage::cpu:
    case Stage::copy_in:
    case Stage::copy_out:
    case Stage::tcp_send:
    case Stage::runqueue:
      return COLOR_CYAN;
    case Stage::lock_user:
    case Stage::lock_socket:
    case Stage::lock_kernel:
      return COLOR_RED;
    case Stage::downstream:
    case Stage::parked:
      return COLOR_GREEN;
    case Stage::disk:
    case Stage::sleep:
    case Stage::send_wait:
    case Stage::page_fault:
      return COLOR_YELLOW;
    case Stage::unattributed:
      return COLOR_WHITE;
    default:
      return COLOR_MAGENTA;
  }
}

// The nearest of the 6x6x6 cube that terminals with 256 colours have.
short cube_colour(std::string_view hex) {
  const long rgb = std::strtol(std::string(hex.substr(1)).c_str(), nullptr, 16);
  const auto step = [](long part) { return part < 48 ? 0L : part < 115 ? 1L : (part - 35) / 40; };
  return static_cast<short>(kFirstColour + 36 * step(rgb >> 16) + 6 * step(rgb >> 8 & 0xff) +
                            step(rgb & 0xff));
}

void make_colours() {
  start_color();
  use_default_colors();
  init_pair(kWarm, COLOR_RED, -1);
  for (std::size_t i = 0; i < attribution::kStages; i++) {
    const short colour = COLORS >= kManyColours ? cube_colour(kStageColours[i]) : plain_colour(i);
    init_pair(static_cast<short>(kFirstStage + static_cast<short>(i)), COLOR_BLACK, colour);
  }
}

bool colours_wanted() {
  const char* no = std::getenv("NO_COLOR");
  return (no == nullptr || *no == '\0') && has_colors();
}

}  // namespace

struct Terminal::Curses {
  SCREEN* screen = nullptr;
  bool colours = false;
};

Terminal::Terminal(std::unique_ptr<Curses> curses) : curses_(std::move(curses)) {}

Terminal::~Terminal() {
  endwin();
  delscreen(curses_->screen);
}

std::unique_ptr<Terminal> Terminal::open() {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return nullptr;
  const char* name = std::getenv("TERM");
  if (name == nullptr || *name == '\0' || std::strcmp(name, "dumb") == 0) return nullptr;
  int error = 0;
  if (setupterm(name, STDOUT_FILENO, &error) != OK || cursor_address == nullptr) return nullptr;
  auto curses = std::make_unique<Curses>();
  curses->screen = newterm(nullptr, stdout, stdin);
  if (curses->screen == nullptr) return nullptr;
  set_escdelay(25);
  cbreak();
  noecho();
  nodelay(stdscr, TRUE);
  keypad(stdscr, TRUE);
  curs_set(0);
  curses->colours = colours_wanted();
  if (curses->colours) make_colours();
  return std::unique_ptr<Terminal>(new Terminal(std::move(curses)));
}

Size Terminal::size() const {
  return {static_cast<std::size_t>(COLS), static_cast<std::size_t>(LINES)};
}

void Terminal::show(const std::vector<Line>& text) {
  const auto attributes = [&](const Span& span) -> chtype {
    switch (span.paint) {
      case Paint::bold:
        return A_BOLD;
      case Paint::faint:
        return A_DIM;
      case Paint::picked:
        return A_REVERSE;
      case Paint::warm:
        return curses_->colours ? static_cast<chtype>(COLOR_PAIR(kWarm)) | A_BOLD : A_BOLD;
      case Paint::stage:
        return curses_->colours ? static_cast<chtype>(COLOR_PAIR(kFirstStage + static_cast<int>(span.stage)))
                                : A_NORMAL;
      case Paint::plain:
        break;
    }
    return A_NORMAL;
  };
  erase();
  for (std::size_t row = 0; row < text.size(); row++) {
    ::move(static_cast<int>(row), 0);
    for (const Span& span : text[row]) {
      attrset(static_cast<attr_t>(attributes(span)));
      addnstr(span.text.c_str(), static_cast<int>(span.text.size()));
    }
  }
  attrset(A_NORMAL);
  refresh();
}

int Terminal::key() {
  switch (const int key = getch()) {
    case KEY_UP:
      return kUp;
    case KEY_DOWN:
      return kDown;
    case KEY_PPAGE:
      return kPageUp;
    case KEY_NPAGE:
      return kPageDown;
    case '\r':
    case '\n':
    case KEY_ENTER:
      return kEnter;
    case 27:
      return kEscape;
    case KEY_BACKSPACE:
    case 127:
    case 8:
      return kBackspace;
    default:
      if (key == ERR) return -1;
      return key > 0x7e ? kOther : key;
  }
}

}  // namespace plateau::sink::top
