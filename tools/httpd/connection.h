// A connection: its socket, its session, and its share of the truth log. Both engines drive it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "httpd/service.h"
#include "httpd/session.h"

namespace plateau::httpd {

class Connection {
 public:
  enum class Outcome : std::uint8_t { want_read, want_write, closed };
  enum class Blocking : bool { no, yes };

  // `number` counts the server's connections from 1; `peer` as in "127.0.0.1:43210". `truth` is null unless
  // service.truth is set, and belongs to the thread that drives this connection.
  Connection(Service& service, Fd socket, std::uint64_t number, std::string_view peer, TruthBuffer* truth);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { service_.watchdog.remove(session_.watch()); }

  // Goes as far as the socket lets it. On a blocking socket that is to the end; otherwise it receives at most
  // once a call, which is what a level-triggered loop wants.
  Outcome drive(Blocking blocking);

  int fd() const { return socket_.get(); }
  bool idle() const { return session_.idle(); }
  // Answered for good, and only waiting for the peer to close; give it kLingerNs, then drop it.
  bool lingering() const { return lingering_; }

  static constexpr std::uint64_t kLingerNs = 1'000'000'000;

 private:
  enum class Io : std::uint8_t { done, would_block, gone };

  Io receive();
  ssize_t receive_stamped(std::span<char> space, Receipt& receipt);
  Io send_pending();
  Outcome linger(Blocking blocking);
  void work();
  void record_truth();

  Service& service_;
  Fd socket_;
  TruthBuffer* truth_;
  std::string truth_prefix_;
  Session session_;
  bool lingering_ = false;
};

}  // namespace plateau::httpd
