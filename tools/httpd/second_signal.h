// Ends the process at once when a second SIGINT or SIGTERM comes while it drains.
#pragma once

#include <functional>
#include <thread>

#include "base/fd.h"

namespace plateau::httpd {

class SecondSignal {
 public:
  // `signals` is readable for the first one, which is taken out of it; if it is not, nothing is watched.
  // `last_act` runs before the process ends with status 1.
  SecondSignal(int signals, std::function<void()> last_act);
  ~SecondSignal();

 private:
  void watch(int signals, const std::function<void()>& last_act) const;

  Fd cancelled_;
  std::thread thread_;
};

}  // namespace plateau::httpd
