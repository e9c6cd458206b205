// Sends a response's head and shared body in the ways that do not copy the body in user space.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/fd.h"
#include "httpd/options.h"
#include "httpd/response.h"
#include "httpd/transport.h"

namespace plateau::httpd {

// What the kernel made of MSG_ZEROCOPY.
struct ZerocopyCounts {
  std::atomic<std::uint64_t> sends{0};
  std::atomic<std::uint64_t> completed{0};
  std::atomic<std::uint64_t> copied{0};  // of the completed ones: copied after all
};

// Of one connection. sendfile, splice and zerocopy work on the transport's socket itself, so they need a
// plain one; bodies that are not of the shared pattern go out as with writev.
class BodySender {
 public:
  BodySender(BodyMode mode, ZerocopyCounts& counts) : mode_(mode), counts_(counts) {}

  IoResult send(Transport& transport, const Output& output);
  // Takes the kernel's notes on sends that are complete. The shared body never changes, so nothing waits for
  // them; left alone they would keep an epoll loop awake.
  void read_completions(int socket);

 private:
  IoResult send_vector(Transport& transport, const Output& output);
  IoResult send_file(int socket, const Output& output);
  IoResult send_spliced(int socket, const Output& output);
  IoResult send_zerocopy(int socket, const Output& output);
  bool open_pipe();

  const BodyMode mode_;
  ZerocopyCounts& counts_;
  bool zerocopy_on_ = false;
  Fd pipe_in_, pipe_out_;
  std::size_t in_pipe_ = 0;
};

}  // namespace plateau::httpd
