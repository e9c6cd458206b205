// A server that no one here wrote, at work.
#pragma once

#include <memory>
#include <string>

#include "foreign/access_log.h"
#include "foreign/recipe.h"
#include "harness/child.h"
#include "harness/folder.h"

namespace plateau::live {

// Ends with its object.
class ForeignServer {
 public:
  explicit ForeignServer(const Recipe& recipe);
  ~ForeignServer();
  ForeignServer(const ForeignServer&) = delete;
  ForeignServer& operator=(const ForeignServer&) = delete;

  pid_t pid() const { return child_->pid(); }
  // 0: it did not start.
  std::uint16_t port() const { return port_; }
  Child& child() { return *child_; }

  // Ends it in order; false if it had to be killed.
  bool stop();
  // Whole once it has ended.
  std::map<std::string, std::vector<Logged>> log();

 private:
  int stop_signal_;
  Folder folder_;
  Launch launch_;
  std::unique_ptr<Child> child_;
  std::uint16_t port_ = 0;
};

// Why it cannot be started here; empty: it can.
std::string missing(const Recipe& recipe);

}  // namespace plateau::live
