// SIGINT and SIGTERM as a descriptor: a capture ends in order and still prints its result.
#pragma once

#include "base/fd.h"

namespace plateau::app {

class StopSignals {
 public:
  // Blocks the two for the process; restores them when it goes.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

// SIGHUP, which asks a program that runs long to read its configuration again.
class ReloadSignal {
 public:
  // Blocks it for the process, for good.
  ReloadSignal();

  // Whether it came since the last call.
  bool take() const;

 private:
  Fd fd_;
};

}  // namespace plateau::app
