// What a server's own access log says of each request.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace plateau::live {

struct Logged {
  std::string peer;    // "127.0.1.2:43210"
  std::string method;  // empty, like path: what came was no request
  std::string path;    // without the query
  int status = 0;      // 0: none
  std::optional<std::uint64_t> bytes;
};

// Requests of each peer, in the order of the log. Three kinds of lines are understood, others are passed
// over:
//   log <tab> peer <tab> request line <tab> status <tab> bytes      what the servers here are told to write
//   INFO:  peer - "request line" status …                           uvicorn
//   {"request":{…},"status":…,"size":…}                             Caddy
std::map<std::string, std::vector<Logged>> read_access_log(const std::string& text);

}  // namespace plateau::live
