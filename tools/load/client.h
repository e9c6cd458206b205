// The load generator's event loop: one thread, one epoll set.
#pragma once

#include <atomic>
#include <barrier>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "load/address.h"
#include "load/connection.h"
#include "load/expectations.h"
#include "load/options.h"
#include "load/plan.h"
#include "load/request_bytes.h"
#include "load/request_log.h"
#include "load/ring.h"
#include "load/schedule.h"
#include "load/tally.h"
#include "load/tls.h"

namespace plateau::load {

// What the threads of a run count together, up to date to 20 ms.
struct Live {
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> errors{0};
  std::atomic<std::uint64_t> mismatches{0};
};

// Called about once a second, in the first thread; `now` in monotonic nanoseconds.
using Progress = std::function<void(const Live&, std::uint64_t now)>;

// Where the threads of a run meet before it begins.
class StartGate {
 public:
  explicit StartGate(std::uint32_t threads) : barrier_(threads, Note{start_ns_}) {}

  // Waits until all threads have come or left; the time at which the last one did.
  std::uint64_t pass() {
    barrier_.arrive_and_wait();
    return start_ns_;
  }
  void leave() { barrier_.arrive_and_drop(); }

 private:
  struct Note {
    std::uint64_t& start_ns;
    void operator()() noexcept { start_ns = monotonic_ns(); }
  };

  std::uint64_t start_ns_ = 0;
  std::barrier<Note> barrier_;
};

// What the clients of a run share. All of it outlives them.
struct Common {
  const Options& options;
  const Address& address;
  const RequestBytes& requests;
  const TlsContext* tls = nullptr;  // null: plain TCP
  Checker& checker;
  Live& live;
  const Progress& on_progress;
  std::uint64_t start_ns = 0;
  int stop_fd = -1;
  StartGate& gate;
};

class Client {
 public:
  Client(const Common& common, Share share, std::optional<RequestLog> log);

  // Puts the share of the load on the address until a limit is reached or stop_fd is readable, and waits for
  // what is under way: at most the timeout, or one second once stopped. Fails if not even a first connection
  // can be had.
  Result<Tally> run();

 private:
  // client.cpp: the loop.
  bool running(std::uint64_t now) const;
  Status open_set();
  Status open_all();
  void begin_plan(std::uint64_t start_ns);
  Status turn();
  std::uint64_t wait_ns(std::uint64_t now) const;
  void handle(std::uint64_t token, std::uint32_t events);
  void housekeep(std::uint64_t now);
  void publish(std::uint64_t now);
  void stop(std::uint64_t now);
  void wrap_up();

  // client_connections.cpp: their life.
  std::uint64_t ramp_due_ns(std::size_t number) const;
  void open_due(std::uint64_t now);
  void connect(Connection& connection, std::uint64_t now);
  void connect_failed(Connection& connection, std::uint64_t now, ErrorKind kind, const std::string& why);
  void connected(Connection& connection);
  void shake_hands(Connection& connection);
  void opened(Connection& connection, std::uint64_t now);
  void retry_connects(std::uint64_t now);
  void expire(Connection& connection, std::uint64_t now);
  void broken(Connection& connection, ErrorKind kind);
  void peer_closed(Connection& connection);
  void drop(Connection& connection, bool orderly);
  void watch(Connection& connection, bool write);

  // client_requests.cpp: what goes over them.
  void dispatch();
  bool issue(Connection& connection, std::uint64_t now);
  void offer(Connection& connection);
  void set_spare(Connection& connection, bool spare);
  void flush(Connection& connection);
  void read(Connection& connection);
  bool take_responses(Connection& connection, std::string_view bytes, std::uint64_t now);
  bool complete(Connection& connection, std::uint64_t now);
  void count_answer(Connection& connection, const InFlight& request, std::uint64_t now);
  void check(const ResponseReader& reader, const InFlight& request, Counts& counts);
  Counts& counts_of(Slot slot) { return tally_.steps[slot.step].counts; }

  const Common& common_;
  const Options& options_;
  Share share_;
  std::optional<RequestLog> log_;
  Schedule schedule_;
  bool head_only_;
  Fd epoll_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  Ring<Connection*> with_room_;
  Ring<Connection*> to_connect_;
  std::size_t opening_ = 0;  // connections neither open nor refused
  std::size_t ramped_ = 0;   // connections that have been opened for the first time
  std::uint64_t spare_ = 0;
  std::uint64_t in_flight_ = 0;
  std::size_t window_ = 0;             // step whose time it is
  std::uint64_t housekeeping_ns_ = 0;  // when next
  std::uint64_t progress_ns_ = 0;      // when next
  std::uint64_t last_open_ns_ = 0;     // a connection stood or an answer came
  bool holding_back_ = false;          // nothing is sent until the plan begins
  std::uint64_t give_up_ns_ = 0;       // after an interrupt; 0: not interrupted
  bool ever_connected_ = false;
  std::optional<Error> fatal_;
  Live published_;
  Tally tally_;
};

}  // namespace plateau::load
