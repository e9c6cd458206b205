// Takes SIGINT and SIGTERM as they come, whatever the engine is busy with: the first one stops the server,
// the second ends the process.
#pragma once

#include <functional>
#include <thread>

#include "base/fd.h"

namespace plateau::httpd {

class StopSignals {
 public:
  struct Acts {
    std::function<void()> first;
    std::function<void()> second;  // the last act before the process ends with status 1
  };

  // `signals` is a signalfd that nobody else reads; it outlives this.
  StopSignals(int signals, Acts acts);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Readable from the first signal on; invalid if there are no descriptors left.
  const Fd& stop() const { return stop_; }

 private:
  void watch() const;

  const int signals_;
  const Acts acts_;
  Fd stop_;
  Fd ending_;
  std::thread thread_;
};

}  // namespace plateau::httpd
