// One thread that takes connections, requests and answers through an io_uring.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "httpd/connection.h"
#include "httpd/engine.h"
#include "httpd/uring.h"
#include "httpd/uring_transport.h"

namespace plateau::httpd {

class UringEngine : public Engine {
 public:
  explicit UringEngine(Service& service) : service_(service) {}
  Status prepare() override { return ring_.open(); }
  Result<bool> run(int listener, int stop_fd) override;

 private:
  struct Entry {
    UringTransport* transport = nullptr;  // of the connection
    std::unique_ptr<Connection> connection;
    bool ending = false;           // dropped as soon as the ring has let go of it
    std::uint64_t drop_at_ns = 0;  // of a lingering connection; 0 otherwise
  };

  void on_completion(const io_uring_cqe& completion);
  void accept_connections();
  void add(Fd socket);
  void on_accepted(const io_uring_cqe& completion);
  void on_connection(Entry& entry, const io_uring_cqe& completion);
  void drive(Entry& entry);
  void end(Entry& entry);
  void turn_ended();
  void begin_stopping();
  int timeout_ms() const;

  Service& service_;
  Uring ring_;
  int listener_ = -1;
  std::optional<TruthBuffer> truth_;
  std::optional<HotPath> hot_;
  std::unordered_map<Entry*, std::unique_ptr<Entry>> entries_;
  std::size_t lingering_ = 0;
  std::uint64_t accept_again_ns_ = 0;  // 0: accepting
  std::uint64_t give_up_ns_ = 0;       // end of the grace once stopping
};

}  // namespace plateau::httpd
