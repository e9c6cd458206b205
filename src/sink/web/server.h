// The web server that is built in, for scrapers and for the page: GNU libmicrohttpd with one thread. Bounded
// against whoever connects: so many connections at most, of which the one that is longest without a whole
// request goes first when they get scarce, so much memory a connection, so many bytes of answers that nobody
// reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sink/listen_address.h"
#include "sink/web/message.h"
#include "sink/web/security.h"

namespace plateau::sink::web {

struct Limits {
  unsigned connections = 64;
  unsigned spare = 16;  // connections that are kept free by closing the ones idle for longest
  unsigned idle_s = 10;
  std::size_t connection_memory = 16 * 1024;  // a request's head must fit
  std::size_t unread_bytes = 16 * 1024 * 1024;
};

struct Counts {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> evicted{0};  // connections closed for room
  std::atomic<std::uint64_t> denied{0};   // requests without the right name and password
};

class Server {
 public:
  // Listens from here on. Its thread takes no signals. Fails if the address is taken or not to be had.
  static Result<std::unique_ptr<Server>> start(const ListenAddress& address, Roads roads,
                                               Security security = {}, const Limits& limits = {});
  // Ends at once: answers under way are cut.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "http://127.0.0.1:9464", with the port that is listened on.
  std::string url() const;
  std::uint16_t port() const;
  const Counts& counts() const;

 private:
  struct Daemon;
  explicit Server(std::unique_ptr<Daemon> daemon);

  std::unique_ptr<Daemon> daemon_;
};

}  // namespace plateau::sink::web
