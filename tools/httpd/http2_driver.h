// Moves an HTTP/2 connection's bytes, does the work of its requests and keeps their records.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "httpd/http2_session.h"
#include "httpd/service.h"
#include "httpd/transport.h"

namespace plateau::httpd {

// Whether `bytes`, the first of a connection, begin an HTTP/2 connection preface (RFC 9113, section 3.4).
bool begins_http2(std::string_view bytes);

class Http2Driver {
 public:
  // What the connection has and the driver uses; outlives it.
  struct Parts {
    Service& service;
    Transport& transport;
    Watch& watch;
    const std::string& peer;
    const std::string& truth_prefix;
    TruthBuffer* truth;  // may be null
  };

  explicit Http2Driver(const Parts& parts);
  ~Http2Driver();
  Http2Driver(const Http2Driver&) = delete;
  Http2Driver& operator=(const Http2Driver&) = delete;

  void turn_away() { session_.turn_away(); }
  void received(std::string_view bytes, const Receipt& receipt);

  // Goes as far as the transport lets it; gone: close the connection. Without `may_read` it receives only
  // what the transport holds already.
  IoStatus drive(bool blocking, bool may_read);
  // Receives without working on anything.
  IoStatus read_some();
  bool has_work() { return session_.peek() != nullptr; }
  RequestRecord& next_record() { return session_.peek()->record(); }  // only with work
  // Another thread's log from now on.
  void use(TruthBuffer* truth) { parts_.truth = truth; }
  bool idle() const { return session_.idle(); }

 private:
  IoStatus flush();
  IoStatus receive();
  void work(Http2Stream& stream);
  void keep_records();

  Parts parts_;
  Http2Session session_;
  bool ended_ = false;
};

}  // namespace plateau::httpd
