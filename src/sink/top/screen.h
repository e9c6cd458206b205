// A terminal that shows lines and hands over keys.
#pragma once

#include <memory>
#include <vector>

#include "sink/top/top.h"

namespace plateau::sink::top {

class Terminal {
 public:
  // Null where standard input and output are no terminal, or one that cannot move its cursor (TERM=dumb).
  // Colours are used where there are some, and NO_COLOR is not set.
  static std::unique_ptr<Terminal> open();
  // Leaves the terminal as it was.
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  Size size() const;
  void show(const std::vector<Line>& lines);
  // A character, or of Key; -1: none was pressed.
  int key();

 private:
  struct Curses;
  explicit Terminal(std::unique_ptr<Curses> curses);
  std::unique_ptr<Curses> curses_;
};

}  // namespace plateau::sink::top
