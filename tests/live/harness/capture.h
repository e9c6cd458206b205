// A plateau at work on a server.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/child.h"
#include "harness/seen_request.h"

namespace plateau::live {

class Capture {
 public:
  // Starts `plateau` with `arguments` and waits until it says that its probes are live.
  explicit Capture(const std::vector<std::string>& arguments, const ChildOptions& options = {});

  bool ready() const { return ready_; }
  Child& child() { return child_; }

  // Reads the output until it has `lines` lines, or until none has come for 15 seconds; how many there are.
  std::size_t settle(std::size_t lines);

  // Sends `number` and waits for the end; the exit status.
  int stop(int number);
  int finish();

  std::vector<SeenRequest> requests() const { return parse_requests(child_.out()); }

 private:
  Child child_;
  bool ready_;
};

// `plateau requests --format json` on the process and its children; all requests unless `max_cost` says
// otherwise, whatever they cost.
std::vector<std::string> requests_of(pid_t pid, const std::string& max_cost = "off");

// Runs plateau to its end.
struct Ended {
  int status = -1;
  std::string out;
  std::string err;
};
Ended run_plateau(const std::vector<std::string>& arguments, const ChildOptions& options = {});

// Why plateau cannot capture here, for GTEST_SKIP; empty: it can.
std::string cannot_capture();

}  // namespace plateau::live
