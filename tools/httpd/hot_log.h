// What the truth log says of requests answered from memory, from their receive until their answers are out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "httpd/hot_path.h"
#include "httpd/session.h"
#include "httpd/truth.h"

namespace plateau::httpd {

// Of one connection. Allocates only for a pipeline, or a path, longer than any before.
class HotLog {
 public:
  // All of `bytes` is known to `hot`, and about to be sent. Numbers the requests by `session`.
  void begin(HotPath& hot, std::string_view bytes, const Receipt& receipt, Session& session);
  // `unsent` of the answers' bytes were lost; 0 if all are out.
  void end(TruthBuffer& truth, std::string_view connection, std::size_t unsent);

 private:
  RequestRecord& add();

  std::vector<RequestRecord> records_;
  std::size_t count_ = 0;  // of records_ that are under way
  std::uint64_t bytes_ = 0;
  std::uint64_t send_ns_ = 0;
};

}  // namespace plateau::httpd
