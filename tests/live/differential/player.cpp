#include "differential/player.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/fd.h"

namespace plateau::live {
namespace {

constexpr int kTimeoutMs = 20'000;
constexpr std::chrono::microseconds kPause{200};

sockaddr_in address_of(std::uint32_t ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(ip);
  return address;
}

class Player {
 public:
  Player(std::uint16_t port, std::uint64_t number) { connect_to(port, number); }

  Played run(const Conversation& conversation) {
    for (const Burst& burst : conversation.bursts) {
      if (!played_.fault.empty()) break;
      const bool last = &burst == &conversation.bursts.back();
      const bool abandoned = last && conversation.ending == Ending::abandon;
      say(burst);
      if (last && conversation.ending == Ending::half_close) ::shutdown(socket_.get(), SHUT_WR);
      if (!abandoned) await_answers();
    }
    end(conversation);
    played_.answers = reader_.answers();
    return std::move(played_);
  }

 private:
  void connect_to(std::uint16_t port, std::uint64_t number) {
    socket_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto source = static_cast<std::uint32_t>(0x7f010001 + number % 0xfe0000);
    sockaddr_in own = address_of(source, 0);
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const sockaddr_in server = address_of(INADDR_LOOPBACK, port);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
      return fault("connect", errno);
    }
    socklen_t length = sizeof own;
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &length);
    std::array<char, INET_ADDRSTRLEN> text{};
    inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size());
    played_.peer = std::string(text.data()) + ":" + std::to_string(ntohs(own.sin_port));
  }

  void say(const Burst& burst) {
    std::string bytes;
    for (const Message& message : burst.messages) {
      bytes += message.bytes;
      reader_.expect(message.method);
    }
    expected_ += burst.messages.size();
    const Message& last = burst.messages.back();
    const std::size_t hold = last.awaits_continue ? bytes.size() - last.bytes.size() + last.head_size : 0;
    std::size_t at = 0;
    const auto send_to = [&](std::size_t end) {
      if (at < hold && hold <= end) {
        send(std::string_view(bytes).substr(at, hold - at));
        at = hold;
        await_continue();
      }
      send(std::string_view(bytes).substr(at, end - at));
      at = end;
      if (burst.slow) std::this_thread::sleep_for(kPause);
    };
    for (const std::size_t cut : burst.cuts) send_to(cut);
    send_to(bytes.size());
  }

  // Reads what comes meanwhile: a server that waits for its answers to be taken would wait for ever.
  void send(std::string_view bytes) {
    while (!bytes.empty() && played_.fault.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        wait(POLLIN | POLLOUT);
        receive();
      } else {
        fault("send", errno);
      }
    }
  }

  void await_answers() {
    while (played_.fault.empty() && reader_.answers().size() < expected_) await_more("an answer");
  }

  // The answer itself may come instead, where the server will not have the body.
  void await_continue() {
    const std::size_t interim = reader_.interim();
    while (played_.fault.empty() && reader_.interim() == interim && reader_.answers().size() < expected_) {
      await_more("100 Continue");
    }
  }

  void await_more(const char* what) {
    if (closed_) return fault(std::string("closed before ") + what, 0);
    wait(POLLIN);
    receive();
  }

  void end(const Conversation& conversation) {
    switch (conversation.ending) {
      case Ending::server:
      case Ending::half_close:
        return await_end();
      case Ending::malformed:
        reader_.expect("");
        send(conversation.broken);
        return await_end();
      case Ending::broken_head:
      case Ending::broken_body:
        send(conversation.broken);
        [[fallthrough]];
      case Ending::abandon: {
        const linger reset{1, 0};
        setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        return;
      }
      case Ending::close:
        return;
    }
  }

  void await_end() {
    while (played_.fault.empty() && !closed_) {
      wait(POLLIN);
      receive();
    }
    if (played_.fault.empty() && !reader_.between()) fault("closed within an answer", 0);
  }

  void wait(short events) {
    pollfd waited{socket_.get(), events, 0};
    if (::poll(&waited, 1, kTimeoutMs) == 0) fault("nothing within 20 s", 0);
  }

  void receive() {
    std::array<char, 65536> space;
    ssize_t size = 0;
    while ((size = ::recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT)) > 0) {
      reader_.feed({space.data(), static_cast<std::size_t>(size)});
    }
    if (size == 0 && !closed_) reader_.end();
    if (size == 0) closed_ = true;
    if (size < 0 && errno != EAGAIN) fault("receive", errno);
    if (reader_.broken()) fault("no HTTP came back", 0);
  }

  void fault(const std::string& what, int error) {
    if (!played_.fault.empty()) return;
    played_.fault = what + (error != 0 ? std::string(": ") + std::strerror(error) : "");
  }

  Fd socket_;
  AnswerReader reader_;
  std::size_t expected_ = 0;
  bool closed_ = false;
  Played played_;
};

}  // namespace

Played play(const Conversation& conversation, std::uint16_t port, std::uint64_t number) {
  return Player(port, number).run(conversation);
}

}  // namespace plateau::live
