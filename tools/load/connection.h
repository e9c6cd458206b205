// One connection of the load generator: its transport, its requests in flight, its response reader.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "load/request_bytes.h"
#include "load/response_reader.h"
#include "load/ring.h"
#include "load/schedule.h"
#include "load/transport.h"

namespace plateau::load {

// Times are monotonic nanoseconds.
struct InFlight {
  Slot slot;
  const Request* request = nullptr;
  std::uint64_t seq = 0;      // on the connection, from 0
  std::uint64_t sent_ns = 0;  // just before the first write of the request
  std::uint64_t first_byte_ns = 0;
};

enum class Link : std::uint8_t { closed, connecting, handshaking, open };

class Connection {
 public:
  Link link() const { return link_; }
  int fd() const { return transport_.fd(); }
  // When the connection's present state began to count against the timeout: its connect, or the send of its
  // oldest request; 0 if nothing is awaited.
  std::uint64_t waiting_since_ns() const;
  // Counts the closes, so that an event of an earlier socket can be told from one of this.
  std::uint32_t generation() const { return generation_; }

  // Begins to connect; 0, or the errno of why not.
  int connect(const Address& address, std::uint64_t now);
  // The socket became writable while connecting: 0 if the connection stands, or the errno of why not.
  int finish_connect(std::uint64_t now);
  bool begin_tls(const TlsContext& context);
  Io handshake() { return transport_.handshake(); }
  const TlsSession& tls() const { return transport_.tls(); }
  // When the TCP connection stood.
  std::uint64_t connected_ns() const { return connected_ns_; }
  // Requests may be added from now on.
  void open() { link_ = Link::open; }
  void close(bool orderly);

  // Queues a request; flush() sends it.
  void add(const Request& request, Slot slot, std::uint64_t now);
  // Once broken, sends nothing more: what the server sent before is still to be read, and then the end.
  Io flush();
  Received read(std::span<char> into) { return transport_.read(into); }
  bool holds_bytes() const { return transport_.holds_bytes(); }
  bool write_broken() const { return write_broken_; }

  ResponseReader& reader() { return reader_; }
  Ring<InFlight>& in_flight() { return in_flight_; }
  const Ring<InFlight>& in_flight() const { return in_flight_; }
  // No response has come on it yet.
  bool fresh() const { return next_seq_ == in_flight_.size(); }
  // This end's address, as in "127.0.0.1:43210".
  std::string local_address() const;

  bool listed = false;         // in the client's list of connections with room
  bool spare = false;          // counted by the client as able to take a request
  bool watches_write = false;  // EPOLLOUT is on
  std::string peer;            // local_address(), where a log wants it

 private:
  Transport transport_;
  Link link_ = Link::closed;
  bool write_broken_ = false;
  std::uint32_t generation_ = 0;
  std::uint64_t connect_ns_ = 0;
  std::uint64_t connected_ns_ = 0;
  std::uint64_t next_seq_ = 0;
  Ring<InFlight> in_flight_;
  Ring<std::string_view> out_;
  std::size_t out_at_ = 0;  // bytes of out_.front() that are sent
  ResponseReader reader_;
};

}  // namespace plateau::load
