// The connections of the web server by when they were last of use, and the answers that are still to be read.
// For the server's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>

namespace plateau::sink::web {

class ConnectionTable {
 public:
  struct Connection {
    int fd = -1;
    std::size_t answer = 0;  // bytes of the last one
  };
  struct Unread {
    std::string body;
    ConnectionTable* table = nullptr;
  };

  // Beyond `most` connections, and beyond `unread_bytes` of answers, the one that is longest without a whole
  // request is shut down, which the server sees as its end.
  ConnectionTable(std::size_t most, std::size_t unread_bytes) : most_(most), unread_most_(unread_bytes) {}

  // The handle of a new connection, which is evicted as late as the others.
  void* came(int fd);
  void gone(void* connection);
  // A whole request came on it.
  void asked(void* connection);
  // Takes the body until read() gives it back.
  Unread* answering(void* connection, std::string body);
  static void read(void* unread);

  std::uint64_t evicted() const { return evicted_; }
  std::size_t unread_bytes() const { return unread_; }
  std::size_t open() const { return open_.size(); }

 private:
  using Place = std::list<Connection>::iterator;
  void evict(Place connection);

  std::size_t most_;
  std::size_t unread_most_;
  std::list<Connection> open_;  // the one that is longest of no use first
  std::list<Connection> shut_;  // not yet gone
  std::size_t unread_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace plateau::sink::web
