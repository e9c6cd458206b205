// A pool of kept TCP connections to a helper process that answers after a delay.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::httpd {

class Downstream {
 public:
  // Starts the helper and connects `connections` times. The helper is this program once more, in a session of
  // its own and no child of this process, so that who follows the server does not follow it; it ends when
  // this process does.
  static Result<std::unique_ptr<Downstream>> start(std::uint32_t connections, std::uint64_t delay_ns);

  // A connection nobody else uses; waits for one. give_back() it.
  int take();
  void give_back(int connection);

  // Writes a question and reads the answer. Blocks.
  void ask(int connection);

 private:
  Downstream() = default;

  std::vector<Fd> sockets_;
  Fd life_;           // the helper lives while the other end of this pipe is open
  std::mutex mutex_;  // guards free_
  std::condition_variable given_back_;
  std::vector<int> free_;
};

// The first argument that makes the program the helper. Others: listening socket, life pipe, connections,
// nanoseconds.
inline constexpr const char* kDownstreamHelper = "--downstream-helper";
int run_downstream_helper(int argc, const char* const* argv);

}  // namespace plateau::httpd
