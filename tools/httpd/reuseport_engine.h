// Several epoll loops, each in a thread of its own with a listener of its own on the same port: the kernel
// spreads the connections over them.
#pragma once

#include "httpd/engine.h"

namespace plateau::httpd {

class ReuseportEngine : public Engine {
 public:
  explicit ReuseportEngine(Service& service) : service_(service) {}
  Result<bool> run(int listener, int stop_fd) override;

 private:
  Service& service_;
};

}  // namespace plateau::httpd
