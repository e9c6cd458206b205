// A server in the test's own process that does to each connection what a script says: answers, stalls, closes
// in the wrong place. With TLS on it if asked for.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace plateau::e2e {

// The server's end of a connection. What fails makes the rest of the script fail too; none of it blocks for
// more than ten seconds.
class Peer {
 public:
  Peer(Fd socket, SSL_CTX* tls);
  ~Peer();
  Peer(Peer&& other) = delete;

  // The head of the next request, its empty line included; empty at the end of the connection.
  std::string read_head();
  void write(std::string_view bytes);
  // Sends "200 OK" with `body`, and further `fields` that end in CRLF.
  void answer(std::string_view body, std::string_view fields = "");
  // No more will be written; reads on until the client closes, so that it meets no reset.
  void finish();
  // Closes with a reset.
  void reset();

 private:
  long read_some(char* into, std::size_t size);

  Fd socket_;
  SSL* ssl_ = nullptr;
  std::string received_;
};

struct TlsServer {
  int version = 0;       // TLS1_2_VERSION or TLS1_3_VERSION; 0: both
  int refuse_every = 0;  // cuts every n-th connection in place of a handshake; 0: none
};

class ScriptedServer {
 public:
  // Called in a thread for each connection; `number` counts them from 0.
  using Script = std::function<void(Peer&, int number)>;

  explicit ScriptedServer(Script script);
  ScriptedServer(Script script, TlsServer tls);
  // Waits for the scripts, which end once the client is gone.
  ~ScriptedServer();

  std::string url(const std::string& path = "/") const;
  // When each connection was accepted, in monotonic nanoseconds.
  std::vector<std::uint64_t> accepted() const;

 private:
  void listen();
  void accept_all();

  Script script_;
  int refuse_every_ = 0;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, &SSL_CTX_free};
  Fd listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> accepted_;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace plateau::e2e
