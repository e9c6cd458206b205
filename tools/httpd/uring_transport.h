// A transport whose sends and receives are completed by a ring: what a connection asks for has either been
// completed already or is started, and asked for again once it is.
#pragma once

#include <sys/socket.h>

#include <array>
#include <string>

#include "httpd/transport.h"
#include "httpd/uring.h"

namespace plateau::httpd {

class UringTransport final : public Transport {
 public:
  // Completions of receives carry `tag`, those of sends `tag` + kSendTag.
  UringTransport(Fd socket, Uring& ring, std::uint64_t tag);

  IoResult receive(std::span<char> space, std::uint64_t* stamp_ns) override;
  IoResult send(std::string_view bytes) override;
  IoResult sendv(std::span<const iovec> pieces) override;

  bool sends_later() const override { return true; }
  bool buffered() const override { return input_at_ < input_.size(); }
  bool waiting() const override;

  void on_received(const io_uring_cqe& completion);
  void on_sent(const io_uring_cqe& completion);

  // There is something for receive(): bytes, or the end.
  bool readable() const { return ended_ || input_at_ < input_.size(); }
  // The ring still has something of this connection.
  bool in_flight() const { return receiving_ || sending_; }

  static constexpr std::uint64_t kSendTag = 1;

 private:
  void start_receiving();
  void go_on_receiving();
  IoResult started(io_uring_sqe* sqe);
  bool take_result(IoResult& io);

  Uring& ring_;
  const std::uint64_t tag_;
  std::string input_;
  std::size_t input_at_ = 0;
  bool ended_ = false;
  bool receiving_ = false;
  bool held_back_ = false;  // receiving was stopped because nobody reads
  bool sending_ = false;
  bool has_result_ = false;
  int result_ = 0;
  std::array<iovec, 16> pieces_{};
  msghdr message_{};
};

}  // namespace plateau::httpd
