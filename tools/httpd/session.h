// One connection's HTTP/1 protocol without its input and output: the owner moves bytes and does the work, the
// session says what is next. Requests are answered one at a time in order, so pipelining needs nothing more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "httpd/body_reader.h"
#include "httpd/exchange.h"
#include "httpd/request_head.h"
#include "httpd/response.h"
#include "httpd/service.h"
#include "httpd/truth.h"
#include "httpd/watchdog.h"

namespace plateau::httpd {

enum class Step : std::uint8_t {
  read,     // receive into space(), then received() or ended()
  work,     // run the workload, then worked()
  write,    // send pending(), then sent()
  proceed,  // the response is out and record() final; then proceed()
  linger,   // half-close and read on for a while, so that the peer gets the answer and no reset
  close
};

// When the bytes of one receive call arrived (both 0 if nobody keeps count).
struct Receipt {
  std::uint64_t rx_ns = 0;    // at the kernel, monotonic; 0 if unknown
  std::uint64_t read_ns = 0;  // here
  int tid = 0;
};

class Session {
 public:
  // `peer` as in "127.0.0.1:43210", for the access log.
  explicit Session(const Service& service, std::string peer = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  Step step() const { return step_; }
  // No request has begun: closing now cuts nobody off.
  bool idle() const { return step_ == Step::read && !open_; }

  std::span<char> space();
  void received(std::size_t count, const Receipt& receipt);
  void ended();  // the peer sends no more, or its time is up

  // Answer what comes first with 503 and close.
  void turn_away() { turned_away_ = true; }
  bool turned_away() const { return turned_away_; }
  const std::string& peer() const { return peer_; }
  // Nothing has been received yet.
  bool fresh() const { return seq_ == 0 && !open_; }
  // While stopping: whether the socket holds more than was received. Tell it before worked().
  void more_waiting(bool more) { more_waiting_ = more; }
  Watch& watch() { return watch_; }
  // So many requests are answered without the session; the number of the first.
  std::uint64_t pass(std::uint64_t count) { return std::exchange(seq_, seq_ + count); }
  // A request came that is answered without the session.
  void note_activity() { watch_.wait(Waiting::request, ++activity_ << 32); }

  void worked();

  std::string_view pending() const { return interim_.empty() ? writer_.pending() : interim_; }
  // What is pending is of the response, not leave to send a body.
  bool responding() const { return interim_.empty(); }
  Output output() const { return interim_.empty() ? writer_.output() : Output{.head = interim_}; }
  void sent(std::size_t count);  // of pending() or output()
  void proceed();

  RequestRecord& record() { return record_; }

 private:
  enum class Phase : std::uint8_t { head, body };

  std::string_view buffered() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count);
  void process();
  void open_request();
  void read_head();
  void accept_head();
  void begin_body();
  void read_body();
  void want_more();
  void respond();
  void respond_error(int status, std::string_view allow = {});
  void frame(Reply& reply);
  void forget_request();

  const Service& service_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_;
  std::size_t begin_ = 0, end_ = 0;

  Step step_ = Step::read;
  Phase phase_ = Phase::head;
  bool open_ = false;    // a request has begun
  bool ended_ = false;   // the peer's side is closed
  bool close_ = false;   // after this response
  bool broken_ = false;  // the request's end is unknown: linger before closing
  bool turned_away_ = false;
  bool more_waiting_ = false;
  std::uint64_t activity_ = 0;
  std::uint64_t seq_ = 0;  // of the current request
  Receipt receipt_;

  HeadParser parser_;
  BodyReader body_;
  std::string peer_;
  Exchange exchange_;
  Watch watch_;
  int minor_version_ = 1;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  std::string_view interim_;
  ResponseWriter writer_;
  RequestRecord record_;
};

}  // namespace plateau::httpd
