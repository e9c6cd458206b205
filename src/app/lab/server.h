// A server under a lab's load.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/lab/child.h"
#include "app/lab/experiment.h"
#include "app/lab/memory_file.h"

namespace plateau::app::lab {

struct ServerPlan {
  Program program = Program::httpd;
  std::vector<std::string> arguments;
  std::vector<int> cpus;
  bool truth = false;  // have plateau-httpd write its truth log
};

class Server {
 public:
  // On a free port of loopback; returns once it accepts connections. ExitCode::usage: this server does not
  // know a switch, or is not on this machine.
  static Result<Server> start(const ServerPlan& plan);

  pid_t pid() const { return child_.pid(); }
  std::uint16_t port() const { return port_; }
  std::string url(const std::string& scheme, const std::string& path) const;

  // Ends it in order. The truth log is whole from then on.
  Status stop();
  const MemoryFile* truth() const { return truth_ ? &*truth_ : nullptr; }

 private:
  Server(Child child, std::uint16_t port, std::optional<MemoryFile> truth);
  static Result<Server> start_nginx(const ServerPlan& plan);
  static Result<Server> start_announcing(const std::string& program, const ServerPlan& plan);

  Child child_;
  std::uint16_t port_;
  std::optional<MemoryFile> truth_;
};

}  // namespace plateau::app::lab
