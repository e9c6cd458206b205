// One HTTP/2 stream: a request's fields as they come, and its answer on its way out.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "httpd/exchange.h"
#include "httpd/response.h"
#include "httpd/truth.h"

namespace plateau::httpd {

class Http2Stream {
 public:
  Http2Stream(std::int32_t id, const Service& service, const std::string& peer)
      : id_(id), exchange_(service, peer, "HTTP/2") {}

  std::int32_t id() const { return id_; }
  Exchange& exchange() { return exchange_; }
  RequestRecord& record() { return record_; }

  // 0, or 431 once the fields pass the limits.
  int add_field(std::string_view name, std::string_view value, const ProtocolOptions& limits);
  bool expects_continue() const { return expects_continue_; }
  // All fields have come: begins the exchange.
  void head_complete(bool keep);

  // The answer, and its body's next bytes: copies up to `size` of them to `to`; `last` tells the end.
  Reply& answer();
  std::size_t read_body(char* to, std::size_t size, bool& last);

  bool begun = false;      // the head is complete
  bool complete = false;   // the request is, or refused
  bool refused = false;    // answered before its end
  bool answered = false;   // the answer is submitted
  bool last_sent = false;  // its last frame is in the output

 private:
  std::int32_t id_;
  Exchange exchange_;
  RequestRecord record_;
  std::string method_, path_;
  std::array<std::string, static_cast<std::size_t>(Field::count)> fields_;
  std::uint32_t field_count_ = 0;
  std::size_t field_bytes_ = 0;
  bool expects_continue_ = false;
  Reply reply_;
  std::uint64_t body_at_ = 0;
  std::string scratch_;
};

}  // namespace plateau::httpd
