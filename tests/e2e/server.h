// A plateau-httpd on a port of its own, and plateau-load against it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "process.h"

namespace plateau::e2e {

class Server {
 public:
  // Starts it with `switches` on port 0 and waits until it listens; port() is 0 if it never does.
  explicit Server(const std::vector<std::string>& switches);

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/") const;

  pid_t pid() const { return process_.pid(); }
  void signal(int number);
  // Waits for its end, the first time; the exit status.
  int wait();
  const std::string& err() const { return process_.err(); }

  // Asks it to stop and waits, the first time; the exit status.
  int stop();

 private:
  Process process_;
  std::uint16_t port_ = 0;
  bool signalled_ = false;
  std::optional<int> status_;
};

struct LoadResult {
  int exit_status = -1;
  nlohmann::json json;  // of --json; discarded if there was none
  std::string err;
};

LoadResult run_load(const std::string& url, const std::vector<std::string>& options);
LoadResult run_load(const Server& server, const std::vector<std::string>& options);

}  // namespace plateau::e2e
