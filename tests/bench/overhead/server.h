// The servers that are measured, on CPU 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "overhead/child.h"

namespace plateau::overhead {

inline constexpr int kServerCpu = 0;
inline constexpr int kLoadCpu = 1;  // the load, plateau and this program

enum class ServerKind { nginx, httpd, waits };
const char* server_name(ServerKind kind);

// A folder under the system's temporary one, deleted with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  const std::string& path() const { return path_; }  // empty if it could not be made

 private:
  std::string path_;
};

// A running server that answers every request with a small body; nginx with one worker and no access log,
// plateau-httpd with its preset `fast`, or, as `waits`, one in which each request waits for a timer and for a
// lock. It ends with the object.
class Server {
 public:
  static Result<Server> start(ServerKind kind);

  pid_t pid() const { return child_.pid(); }  // the root of its process tree
  std::string url() const;

 private:
  Server(TemporaryFolder folder, Child child, std::uint16_t port);
  static Result<Server> start_nginx();
  static Result<Server> start_httpd(const std::vector<std::string>& switches);

  TemporaryFolder folder_;
  Child child_;
  std::uint16_t port_;
};

}  // namespace plateau::overhead
