// A TCP connection to loopback that sends what it is told and collects what comes back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace plateau::e2e {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);

  bool connected() const { return socket_.valid(); }
  int fd() const { return socket_.get(); }
  bool send(std::string_view bytes);
  void half_close();

  // Whether something, or the end, has come within `timeout_ms`.
  bool readable_within(int timeout_ms) const;

  // Everything received so far once it ends with `ending`, or after five seconds or the peer's close.
  const std::string& read_until(std::string_view ending);
  // The same, once it is at least `size` bytes.
  const std::string& read_size(std::size_t size);
  // Everything until the peer closes; `clean` tells a close from a reset or five seconds of nothing.
  const std::string& read_to_end();
  bool clean() const { return clean_; }

 private:
  bool read_some();

  Fd socket_;
  std::string received_;
  bool clean_ = false;
};

}  // namespace plateau::e2e
