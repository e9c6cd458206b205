// What runs the connections. A new engine is a class here and a value of --engine.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "httpd/service.h"

namespace plateau::httpd {

class Engine {
 public:
  virtual ~Engine() = default;

  // Gets from the kernel what the engine cannot do without. Call it before run().
  virtual Status prepare() { return success(); }

  // Serves connections from `listener` (non-blocking) until `stop_fd` is readable; then takes no more, lets
  // requests under way finish for at most the drain timeout, and returns whether every connection has ended.
  // After false, threads may still be using the service.
  virtual Result<bool> run(int listener, int stop_fd) = 0;
};

// The engine that service.options asks for. `service` must outlive it.
std::unique_ptr<Engine> make_engine(Service& service);

}  // namespace plateau::httpd
