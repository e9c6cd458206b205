// The load generator's event loop: one thread, one epoll set.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "load/address.h"
#include "load/connection.h"
#include "load/options.h"
#include "load/request_bytes.h"
#include "load/request_log.h"
#include "load/schedule.h"
#include "load/tally.h"

namespace plateau::load {

// Told the tally so far and the time it is, in monotonic nanoseconds.
using Progress = std::function<void(const Tally&, std::uint64_t now)>;

class Client {
 public:
  // `on_progress` is called about once a second during run().
  Client(const Options& options, std::optional<RequestLog> log, Progress on_progress);

  // Puts the load on `address` until a limit is reached or `stop_fd` is readable, and waits for what is under
  // way: at most the timeout, or one second once stopped. Fails if not even a first connection can be had.
  Result<Tally> run(const Address& address, int stop_fd);

 private:
  bool running(std::uint64_t now) const;
  Status open_set(int stop_fd);
  Status turn();
  void dispatch();
  bool issue(Connection& connection, std::uint64_t now);
  void handle(Connection& connection, std::uint32_t events);
  void connected(Connection& connection);
  void read(Connection& connection);
  bool take_responses(Connection& connection, std::string_view bytes, std::uint64_t now);
  bool complete(Connection& connection, std::uint64_t now);
  void broken(Connection& connection, ErrorKind kind);
  void peer_closed(Connection& connection);
  void drop(Connection& connection);
  void connect(Connection& connection, std::uint64_t now);
  void connect_failed(Connection& connection, std::uint64_t now, int error);
  void offer(Connection& connection);
  void set_spare(Connection& connection, bool spare);
  void flush(Connection& connection);
  void watch(Connection& connection, bool write);
  void housekeep(std::uint64_t now);
  void retry_connects(std::uint64_t now);
  void stop(std::uint64_t now);
  void wrap_up();
  std::uint64_t wait_ns(std::uint64_t now) const;

  const Options& options_;
  std::optional<RequestLog> log_;
  Progress on_progress_;
  RequestBytes requests_;
  bool head_only_;
  Address address_;
  Fd epoll_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  std::optional<Schedule> schedule_;
  std::deque<Connection*> with_room_;
  std::deque<Connection*> to_connect_;
  std::uint64_t spare_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t housekeeping_ns_ = 0;  // when next
  std::uint64_t progress_ns_ = 0;      // when next
  std::uint64_t last_open_ns_ = 0;     // a connection stood or an answer came
  std::uint64_t give_up_ns_ = 0;       // after an interrupt; 0: not interrupted
  bool ever_connected_ = false;
  std::optional<Error> fatal_;
  Tally tally_;
};

}  // namespace plateau::load
