// A connection: its transport, its session, and its share of the truth log. Every engine drives it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "httpd/hot_log.h"
#include "httpd/hot_path.h"
#include "httpd/http2_driver.h"
#include "httpd/service.h"
#include "httpd/session.h"
#include "httpd/transport.h"

namespace plateau::httpd {

class Connection {
 public:
  enum class Outcome : std::uint8_t {
    want_read,
    want_write,
    request_ready,  // of Extent::read: a request waits to be answered
    closed
  };
  enum class Blocking : bool { no, yes };
  enum class Extent : std::uint8_t {
    all,
    read,   // up to a request, without working on it
    answer  // what has been received; no receive
  };

  // `number` counts the server's connections from 1; `peer` as in "127.0.0.1:43210". `truth` is null unless
  // service.truth is set, and belongs to the thread that drives this connection.
  Connection(Service& service, std::unique_ptr<Transport> transport, std::uint64_t number,
             std::string_view peer, TruthBuffer* truth);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { service_.watchdog.remove(session_.watch()); }

  // Goes as far as the socket lets it. On a blocking socket that is to the end; otherwise it receives at most
  // once a call, which is what a level-triggered loop wants.
  Outcome drive(Blocking blocking, Extent extent = Extent::all);

  // Another thread drives it from now on, and keeps this log.
  void use(TruthBuffer* truth);
  // Answers from memory what `hot` knows. It outlives the connection and belongs to the thread that drives
  // it.
  void answer_from(HotPath* hot) { hot_ = hot; }
  // The request that is ready, or being answered.
  RequestRecord& record();

  int fd() const { return transport_->fd(); }
  bool idle() const { return http2_ ? http2_->idle() : session_.idle(); }
  // Answered for good, and only waiting for the peer to close; give it kLingerNs, then drop it.
  bool lingering() const { return lingering_; }
  // The last receive emptied the socket, as far as it goes without asking again.
  bool drained() const { return drained_; }
  // The last receive brought nothing.
  bool dry() const { return dry_; }

  static constexpr std::uint64_t kLingerNs = 1'000'000'000;

 private:
  IoResult receive_into(std::span<char> space, std::uint64_t* stamp_ns);
  IoStatus receive();
  IoStatus receive_hot();
  IoStatus send_hot(std::string_view answer);
  IoStatus send_hot_rest();
  IoStatus hot_sent(IoStatus status, std::size_t unsent);
  IoStatus send_pending();
  Outcome linger(Blocking blocking);
  Outcome drive_http2(Blocking blocking, Extent extent);
  bool must_end() const;
  bool become_http2(std::string_view bytes, const Receipt& receipt);
  void work();
  Receipt receipt(std::uint64_t stamp_ns) const;
  void record_truth(bool sent);

  Service& service_;
  std::unique_ptr<Transport> transport_;
  TruthBuffer* truth_;
  std::string truth_prefix_;
  Session session_;
  std::unique_ptr<Http2Driver> http2_;  // once the peer has chosen it, in the session's place
  std::unique_ptr<BodySender> sender_;  // of the body modes that leave the body in place
  HotPath* hot_ = nullptr;
  std::string hot_rest_;  // of answers from memory: what the socket has not taken yet
  HotLog hot_log_;
  bool lingering_ = false;
  bool drained_ = false;
  bool dry_ = false;
};

}  // namespace plateau::httpd
