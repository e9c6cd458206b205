// A reader (the calling thread) receives requests with epoll and hands them over to workers through a queue.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/fd.h"
#include "httpd/connection.h"
#include "httpd/engine.h"

namespace plateau::httpd {

class PoolEngine : public Engine {
 public:
  explicit PoolEngine(Service& service) : service_(service) {}
  Result<bool> run(int listener, int stop_fd) override;

 private:
  // Parked, it is the reader's and watched once by epoll; else it is in the queue or a worker's.
  struct Entry {
    std::unique_ptr<Connection> connection;
    bool parked = true;
    std::uint64_t queued_ns = 0;
    std::uint64_t drop_at_ns = 0;  // of a lingering connection; 0 otherwise
  };

  bool watch(int operation, int fd, std::uint32_t events, void* tag);
  void accept_all();
  void on_event(Entry& entry, bool writable);
  void hand_over(Entry& entry);
  void work(std::size_t number);
  Entry* next_in_queue();
  void settle(Entry& entry, Connection::Outcome outcome);
  bool turn_ended();
  void begin_stopping(int stop_fd);
  void drop_overdue(std::uint64_t now);

  Service& service_;
  Fd epoll_;
  int listener_ = -1;
  std::optional<TruthBuffer> truth_;   // the reader's
  std::uint64_t accept_again_ns_ = 0;  // 0: accepting
  std::uint64_t give_up_ns_ = 0;       // end of the grace once stopping

  std::mutex mutex_;  // guards what follows
  std::condition_variable queued_;
  std::deque<Entry*> queue_;
  std::unordered_map<Entry*, std::unique_ptr<Entry>> entries_;
  std::size_t lingering_ = 0;
  bool quit_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace plateau::httpd
