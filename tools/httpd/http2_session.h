// One connection's HTTP/2 protocol by libnghttp2, without its input and output: what Session is for HTTP/1.
// Streams whose request is complete are answered one at a time, in the order in which they became so.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "httpd/http2_stream.h"
#include "httpd/service.h"
#include "httpd/session.h"
#include "httpd/watchdog.h"

struct nghttp2_session;

namespace plateau::httpd {

class Http2Session {
 public:
  // `peer` and `watch` outlive it.
  Http2Session(const Service& service, const std::string& peer, Watch& watch);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  void turn_away() { turned_away_ = true; }

  void received(std::string_view bytes, const Receipt& receipt);
  // The peer sends no more, or its time is up.
  void ended();
  // Ask the peer, once, to begin no more requests; those it begins all the same are answered.
  void announce_end();
  // Answer what has come, and take no more.
  void finish();

  // The next request to work on, or null; next() takes it, then answer() it.
  Http2Stream* peek();
  Http2Stream* next();
  void answer(Http2Stream& stream);

  // Bytes to write, up to some 64 KiB at a time; empty: none for now. They do not move until sent.
  std::string_view pending();
  // `count` of them were accepted; `now` in monotonic nanoseconds.
  void sent(std::size_t count, std::uint64_t now);

  // The connection is gone: what is under way will not be sent.
  void give_up();

  // Requests answered in full, or given up, since the last call.
  std::vector<std::unique_ptr<Http2Stream>> take_finished();

  bool idle() const { return streams_.empty(); }
  // Nothing more will be read or written.
  bool done() const;

 private:
  friend struct Http2Callbacks;

  Http2Stream* find(std::int32_t id);
  Http2Stream& open(std::int32_t id);
  void ready(Http2Stream& stream);
  void refuse(Http2Stream& stream, int status);
  void request_complete(Http2Stream& stream);
  void closed(std::int32_t id);
  void note_wait();

  const Service& service_;
  const std::string& peer_;
  Watch& watch_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<std::int32_t, std::unique_ptr<Http2Stream>> streams_;
  std::deque<std::int32_t> ready_;
  std::vector<std::unique_ptr<Http2Stream>> closing_;  // whose last bytes are in out_
  std::vector<std::unique_ptr<Http2Stream>> finished_;
  std::string out_;
  std::size_t sent_ = 0;
  Receipt receipt_;
  std::uint64_t opened_ = 0;
  bool turned_away_ = false;
  bool announced_ = false;
  bool finishing_ = false;
  bool broken_ = false;
};

}  // namespace plateau::httpd
