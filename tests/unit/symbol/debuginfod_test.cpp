// A server of debug files, asked only by who wants it asked.
#include <dlfcn.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "symbol/process_image.h"
#include "victim_process.h"

namespace plateau::symbol::test {
namespace {

using testing::Contains;
using testing::Field;

std::string build_id(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  elf_version(EV_CURRENT);
  Elf* elf = elf_begin(fd.get(), ELF_C_READ, nullptr);
  const void* bits = nullptr;
  const auto size = dwelf_elf_gnu_build_id(elf, &bits);
  std::string text;
  for (ssize_t i = 0; i < size; ++i) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<const unsigned char*>(bits)[i]);
    text += digits.data();
  }
  elf_end(elf);
  return text;
}

// On loopback; knows one file.
class DebugServer {
 public:
  explicit DebugServer(const std::string& file) : known_("/buildid/" + build_id(file) + "/debuginfo") {
    std::ifstream in(file, std::ios::binary);
    body_.assign(std::istreambuf_iterator<char>(in), {});
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ready_ = bind(socket_.get(), generic, size) == 0 && listen(socket_.get(), 8) == 0 &&
             getsockname(socket_.get(), generic, &size) == 0;
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~DebugServer() {
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  DebugServer(const DebugServer&) = delete;
  DebugServer& operator=(const DebugServer&) = delete;

  bool ready() const { return ready_; }
  const std::string& url() const { return url_; }
  int asked() const { return asked_; }

 private:
  void serve() {
    for (;;) {
      const Fd peer(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer.valid()) return;
      std::string head;
      std::array<char, 1024> chunk{};
      for (ssize_t got = 0; head.find("\r\n\r\n") == std::string::npos;
           head.append(chunk.data(), static_cast<std::size_t>(got)))
        if ((got = recv(peer.get(), chunk.data(), chunk.size(), 0)) <= 0) break;
      asked_++;
      const bool known = head.find(" " + known_ + " ") != std::string::npos;
      const std::string& body = known ? body_ : none_;
      const std::string answer = std::string("HTTP/1.1 ") + (known ? "200 OK" : "404 Not Found") +
                                 "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                                 "\r\n\r\n" + body;
      for (std::size_t done = 0; done < answer.size();) {
        const auto sent = send(peer.get(), answer.data() + done, answer.size() - done, MSG_NOSIGNAL);
        if (sent <= 0) break;
        done += static_cast<std::size_t>(sent);
      }
    }
  }

  std::string known_, body_, none_, url_;
  Fd socket_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  bool ready_ = false;
  std::atomic<int> asked_ = 0;
  std::thread thread_;
};

class Debuginfod : public testing::TestWithParam<bool> {};

TEST_P(Debuginfod, NamesAStrippedProgramWhereItIsAsked) {
  void* client = dlopen("libdebuginfod.so.1", RTLD_LAZY);
  if (client == nullptr) GTEST_SKIP() << "libdebuginfod1 is not installed";
  dlclose(client);
  const Scratch scratch;
  const DebugServer server(victim_path("linked/.debug/victim.debug"));
  ASSERT_TRUE(server.ready());
  setenv("DEBUGINFOD_URLS", server.url().c_str(), 1);
  setenv("DEBUGINFOD_CACHE_PATH", scratch.path().c_str(), 1);
  VictimProcess victim(victim_path("stripped/victim"));
  ASSERT_TRUE(victim.run());
  auto image = ProcessImage::open(victim.pid(), {.debuginfod = GetParam()});
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(image && holder);
  const auto frames = image->symbolize(image->unwind(holder->registers, holder->slice()));
  unsetenv("DEBUGINFOD_URLS");
  unsetenv("DEBUGINFOD_CACHE_PATH");
  const auto named = Contains(Field("name", &Frame::name, "bank::settle(int)"));
  if (GetParam()) {
    EXPECT_THAT(frames, named);
    EXPECT_GE(server.asked(), 1);
  } else {
    EXPECT_THAT(frames, testing::Not(named));
    EXPECT_EQ(server.asked(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Asked, Debuginfod, testing::Bool());

}  // namespace
}  // namespace plateau::symbol::test
