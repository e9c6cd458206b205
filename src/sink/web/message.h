// What the built-in web server asks of those who answer: a request in, an answer out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace plateau::sink::web {

struct Request {
  std::string path;                            // "/metrics", decoded, without the query
  std::map<std::string, std::string> query;    // decoded; of a name that is there twice the last
  std::map<std::string, std::string> headers;  // by name in lower case; only those that answers depend on

  // Empty if there is none.
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

struct Answer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  // beside Content-Type and what the server adds
  std::shared_ptr<const Fd> file{};  // in place of `body`; so many bytes from its beginning
  std::uint64_t file_bytes = 0;
};

// Called in the server's own thread, one request at a time.
using Handler = std::function<Answer(const Request&)>;

// By path: "/metrics" is that one, "/api/*" is everything below /api/; the longest that fits answers. What
// none fits is 404. Only GET and HEAD come through.
using Roads = std::map<std::string, Handler>;

}  // namespace plateau::sink::web
