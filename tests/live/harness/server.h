// The servers that plateau is tried on, each on a port of its own on loopback.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/child.h"
#include "harness/folder.h"

namespace plateau::live {

// Ends its server when it goes.
class Server {
 public:
  Server(Server&&) = default;
  Server& operator=(Server&&) = delete;
  ~Server();

  pid_t pid() const { return child_->pid(); }
  std::string pid_text() const { return std::to_string(pid()); }
  // 0: it did not start.
  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/") const;
  Child& child() { return *child_; }

  // A path whose answer, 200, has a length that few others of the run share.
  std::string distinct_path(std::uint64_t i) const;

  // Ends it in order; its exit status, or -1 if it had ended before.
  int stop();

 private:
  Server() = default;
  friend Server start_httpd(const std::vector<std::string>&, const ChildOptions&);
  friend Server start_nginx(int);
  friend Server start_go();
  friend Server start_go_stages(const std::vector<std::string>&, const std::string&);
  friend Server start_ring(const std::vector<std::string>&);
  friend Server start_handover(const std::string&);

  std::unique_ptr<Folder> folder_;
  std::unique_ptr<Child> child_;
  std::uint16_t port_ = 0;
  bool sized_paths_ = false;
};

// On a free port, unless a switch says another one.
Server start_httpd(const std::vector<std::string>& switches, const ChildOptions& options = {});
Server start_nginx(int workers);
Server start_go();
// tests/targets/gostages; `build` "" or "_stripped".
Server start_go_stages(const std::vector<std::string>& switches, const std::string& build = "");
// tests/targets/ring: it answers a path with the path.
Server start_ring(const std::vector<std::string>& switches);
// tests/targets/handover: so does it.
Server start_handover(const std::string& mode);

// Why it cannot be started here; empty: it can.
std::string missing_nginx();
std::string missing_go();

// A port that nothing listens on.
std::uint16_t free_port();

// Child processes and threads, from /proc.
std::vector<pid_t> children_of(pid_t pid);
std::vector<pid_t> threads_of(pid_t pid);

}  // namespace plateau::live
