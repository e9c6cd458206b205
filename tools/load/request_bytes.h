// The bytes of the requests, made once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/options.h"
#include "load/targets.h"

namespace plateau::load {

struct Request {
  std::string head;       // with the body behind it where that is small
  std::string_view body;  // what of the body is not in `head`; shared by all requests
  std::uint32_t target = 0;

  std::size_t bytes() const { return head.size() + body.size(); }
};

class RequestBytes {
 public:
  explicit RequestBytes(const Options& options);
  RequestBytes(const RequestBytes&) = delete;
  RequestBytes& operator=(const RequestBytes&) = delete;

  // The `index`-th request of the run.
  const Request& of(std::uint64_t index) const { return requests_[order_.at(index)]; }

 private:
  TargetOrder order_;
  std::string body_;  // as it goes on the wire
  std::vector<Request> requests_;
};

// `body` in the chunked transfer coding, in chunks of `chunk_size` bytes (at least 1).
std::string chunked(std::string_view body, std::uint64_t chunk_size);

}  // namespace plateau::load
