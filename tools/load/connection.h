// One connection of the load generator: its socket, its requests in flight, its response reader.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "load/address.h"
#include "load/response_reader.h"
#include "load/schedule.h"

namespace plateau::load {

// Times are monotonic nanoseconds.
struct InFlight {
  Slot slot;
  std::uint64_t seq = 0;      // on the connection, from 0
  std::uint64_t sent_ns = 0;  // just before the first write of the request
  std::uint64_t first_byte_ns = 0;
  std::size_t bytes = 0;  // of the request
};

enum class Link : std::uint8_t { closed, connecting, open };
enum class Io : std::uint8_t { done, would_block, broken };

class Connection {
 public:
  Link link() const { return link_; }
  int fd() const { return socket_.get(); }
  // When the connection's present state began to count against the timeout: its connect, or the send of its
  // oldest request; 0 if nothing is awaited.
  std::uint64_t waiting_since_ns() const;

  // Begins to connect; 0, or the errno of why not.
  int connect(const Address& address, std::uint64_t now);
  // The socket became writable while connecting: 0 if the connection stands, or the errno of why not.
  int finish_connect(bool want_peer);
  void close();

  // Queues a request; flush() sends it.
  void add(std::string_view request, Slot slot, std::uint64_t now);
  Io flush();
  bool has_unsent() const { return out_at_ < out_.size(); }

  ResponseReader& reader() { return reader_; }
  std::deque<InFlight>& in_flight() { return in_flight_; }
  // This end's address, as in "127.0.0.1:43210"; empty unless asked for.
  const std::string& peer() const { return peer_; }

  bool listed = false;         // in the client's list of connections with room
  bool spare = false;          // counted by the client as able to take a request
  bool watches_write = false;  // EPOLLOUT is on

 private:
  Fd socket_;
  Link link_ = Link::closed;
  std::uint64_t connect_ns_ = 0;
  std::uint64_t next_seq_ = 0;
  std::deque<InFlight> in_flight_;
  std::string out_;
  std::size_t out_at_ = 0;
  std::string peer_;
  ResponseReader reader_;
};

}  // namespace plateau::load
