// An HTTP/1.1 client that knows of each answer which connection it came on, and as which one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"

namespace plateau::live {

struct Answer {
  std::string path;
  std::string peer;         // our end, as the server sees it: "127.0.0.1:43210"
  std::uint64_t seq = 0;    // on its connection, from 0
  int status = 0;           // 0: not answered
  std::uint64_t bytes = 0;  // head and body
};

// One connection to 127.0.0.1, one request at a time. Answers need a Content-Length.
class HttpConnection {
 public:
  // `protocol` 0 is TCP.
  explicit HttpConnection(std::uint16_t port, int protocol = 0);

  bool connected() const { return socket_.valid(); }
  int fd() const { return socket_.get(); }
  const std::string& peer() const { return peer_; }

  bool send(const std::string& path, bool keep_alive);
  // As above, but the first `ahead` bytes go alone: the rest follows once the server has received them.
  bool send_split(const std::string& path, std::size_t ahead);

  enum class Progress { incomplete, complete, failed };
  // Receives once, and blocks if there is nothing.
  Progress receive();
  // What was sent last and what came back.
  const Answer& answer() const { return answer_; }

  // Both at once; status 0 if it fails or nothing comes for ten seconds.
  Answer exchange(const std::string& path);

 private:
  Progress parse();
  std::string begin(const std::string& path, bool keep_alive);

  Fd socket_;
  std::string peer_;
  std::string received_;
  Answer answer_;
  std::uint64_t sent_ = 0;
};

// Fetches each path once over at most `connections` at a time: kept and reused, or one for each request. Ends
// early where a request fails, so that fewer answers than paths come back.
std::vector<Answer> fetch_all(std::uint16_t port, const std::vector<std::string>& paths,
                              std::size_t connections, bool keep_alive);

}  // namespace plateau::live
