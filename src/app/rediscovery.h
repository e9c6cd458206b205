// Finds a target again that ended and was named by its port or its command.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/source.h"
#include "base/capabilities.h"

namespace plateau::app {

class Rediscovery {
 public:
  struct Found {
    std::vector<pid_t> running;  // the whole target, with what is left of it
    std::string message;         // for the user
  };

  // Finds nothing unless the options ask for it (find_again).
  explicit Rediscovery(const CaptureOptions& options) : options_(options) {}

  // A process of the target has ended.
  void lost(std::uint64_t now_ns);

  // Called often: looks four times a second while a process is missing. `known`: those that were followed.
  std::optional<Found> find(std::uint64_t now_ns, const std::vector<pid_t>& known);

  // To follow processes later on.
  static Capabilities needed_privileges();

 private:
  CaptureOptions options_;
  bool missing_ = false;
  std::uint64_t lost_ns_ = 0;
  std::uint64_t due_ns_ = 0;
};

}  // namespace plateau::app
