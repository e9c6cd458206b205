// A line on the terminal while a capture runs; nothing where stderr is no terminal.
#pragma once

#include <cstdint>

#include "wire/facts.h"

namespace plateau::app {

class Progress {
 public:
  // `wanted`: false where the command's own output runs on the same terminal.
  explicit Progress(bool wanted);

  // Shown once a second, from the first second on.
  void show(const wire::Facts& facts, std::uint64_t requests);
  void clear();

 private:
  bool on_;
  bool shown_ = false;
  std::uint64_t last_ns_ = 0;
};

}  // namespace plateau::app
