// Tells the server of SIGINT and SIGTERM while its engine is busy: of the first at once, and the second ends
// the process.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "base/fd.h"

namespace plateau::httpd {

class StopSignals {
 public:
  struct Acts {
    std::function<void()> first;   // may run more than once
    std::function<void()> second;  // the last act before the process ends with status 1
  };

  // `signals` is a signalfd and outlives this. The first signal stays in it, so that whoever else waits for
  // it sees it too, until take_first().
  StopSignals(int signals, Acts acts);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Takes the first signal, if it has come and was not taken yet: the next one is the second. From any
  // thread.
  void take_first();

 private:
  void watch();
  void wake() const;

  const int signals_;
  const Acts acts_;
  Fd woken_;
  std::mutex mutex_;  // of take_first()
  std::atomic<bool> taken_{false};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace plateau::httpd
