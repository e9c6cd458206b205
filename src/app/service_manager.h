// What systemd, or whoever started the program like it does, wants to know: that it is ready, and that it
// lives (sd_notify(3)). Without NOTIFY_SOCKET everything here does nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace plateau::app {

class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET and WATCHDOG_USEC.
  ServiceManager();

  void ready(const std::string& status) { tell("READY=1\nSTATUS=" + status); }
  void reloading();
  void stopping() { tell("STOPPING=1"); }
  // Called often: a sign of life, at half of the time within which one is wanted.
  void alive(std::uint64_t now_ns);

 private:
  void tell(std::string_view message) const;

  Fd socket_;
  std::uint64_t interval_ns_ = 0;  // 0: no watchdog
  std::uint64_t due_ns_ = 0;
};

}  // namespace plateau::app
