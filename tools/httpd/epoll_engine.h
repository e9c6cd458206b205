// One epoll loop in the calling thread: level-triggered, or edge-triggered with a hot path, where being told
// again of what was read already would cost more than it is worth.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/fd.h"
#include "httpd/connection.h"
#include "httpd/engine.h"
#include "httpd/listener.h"

namespace plateau::httpd {

class EpollEngine : public Engine {
 public:
  explicit EpollEngine(Service& service) : service_(service) {}
  Result<bool> run(int listener, int stop_fd) override;

 private:
  struct Entry {
    std::unique_ptr<Connection> connection;
    bool wants_write = false;
    std::uint64_t drop_at_ns = 0;  // of a lingering connection; 0 otherwise
  };

  bool watch(int operation, int fd, std::uint32_t events, void* tag);
  void accept_all();
  void pause_accepting(std::uint64_t now);
  void resume_accepting();
  void drive(Entry& entry, bool peer_ended);
  std::uint32_t interest(bool wants_write) const;
  void drop(Entry& entry);
  void turn_ended();
  void drop_overdue(std::uint64_t now);
  void begin_stopping(int stop_fd);
  int timeout_ms() const;

  Service& service_;
  Fd epoll_;
  int listener_ = -1;
  std::optional<TruthBuffer> truth_;
  std::optional<HotPath> hot_;
  std::unordered_map<int, std::unique_ptr<Entry>> entries_;  // by descriptor
  std::size_t lingering_ = 0;
  std::uint64_t accept_again_ns_ = 0;  // 0: accepting
  std::uint64_t give_up_ns_ = 0;       // end of the grace once stopping
};

}  // namespace plateau::httpd
