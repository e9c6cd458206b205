// A server that takes and answers requests through an io_uring in the way that its switches name:
//   ring RECEIVE SEND [sqpoll|async]
// It takes a receive for a whole request and answers it with its path.
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace {

constexpr unsigned kEntries = 256;
constexpr std::size_t kConnections = 64;
constexpr std::size_t kSize = 4096;
constexpr int kGroup = 0;

enum class Step : std::uint64_t { accept, receive, send };

// Its input is the first half of its place in the registered buffer, its output the second.
struct Connection {
  plateau::Fd fd;
  char* in = nullptr;
  char* out = nullptr;
  std::size_t head = 0;
  std::size_t size = 0;
  std::array<iovec, 2> pieces{};
  msghdr message{};
};

struct Switches {
  std::string receive;
  std::string send;
  std::string how;
};

class Server {
 public:
  explicit Server(Switches switches) : switches_(std::move(switches)), memory_(kConnections * 2 * kSize) {}

  bool open() {
    const unsigned flags = switches_.how == "sqpoll" ? IORING_SETUP_SQPOLL : 0;
    if (io_uring_queue_init(kEntries, &ring_, flags) != 0) return false;
    const iovec whole{memory_.data(), memory_.size()};
    if (io_uring_register_buffers(&ring_, &whole, 1) != 0) return false;
    for (std::size_t i = 0; i < kConnections; ++i) {
      connections_[i].in = memory_.data() + i * 2 * kSize;
      connections_[i].out = connections_[i].in + kSize;
    }
    return switches_.receive != "multishot" || provide_buffers();
  }

  void serve(int listener) {
    listener_ = listener;
    accept_next();
    while (io_uring_submit_and_wait(&ring_, 1) >= 0) {
      io_uring_cqe* completion = nullptr;
      while (io_uring_peek_cqe(&ring_, &completion) == 0) {
        const io_uring_cqe seen = *completion;
        io_uring_cqe_seen(&ring_, completion);
        on_completion(seen);
      }
    }
  }

 private:
  bool provide_buffers() {
    buffers_ = std::make_unique<std::array<char, kConnections * kSize>>();
    const std::size_t bytes = kConnections * sizeof(io_uring_buf);
    void* const memory = ::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    group_ = static_cast<io_uring_buf_ring*>(memory);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uint64_t>(memory);
    registration.ring_entries = kConnections;
    registration.bgid = kGroup;
    if (io_uring_register_buf_ring(&ring_, &registration, 0) != 0) return false;
    io_uring_buf_ring_init(group_);
    for (unsigned i = 0; i < kConnections; ++i) give_back(static_cast<unsigned short>(i));
    return true;
  }

  void give_back(unsigned short buffer) {
    io_uring_buf_ring_add(group_, buffers_->data() + buffer * kSize, kSize, buffer,
                          io_uring_buf_ring_mask(kConnections), 0);
    io_uring_buf_ring_advance(group_, 1);
  }

  io_uring_sqe* next(Step step, std::size_t index) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    while (sqe == nullptr) {
      io_uring_submit(&ring_);
      sqe = io_uring_get_sqe(&ring_);
    }
    tags_[static_cast<std::size_t>(step)][index] = {step, index};
    pending_ = &tags_[static_cast<std::size_t>(step)][index];
    return sqe;
  }

  void hand_in(io_uring_sqe* sqe) {
    if (switches_.how == "async" && pending_->step != Step::accept) sqe->flags |= IOSQE_ASYNC;
    io_uring_sqe_set_data(sqe, pending_);
  }

  void accept_next() {
    io_uring_sqe* const sqe = next(Step::accept, 0);
    io_uring_prep_accept(sqe, listener_, nullptr, nullptr, SOCK_CLOEXEC);
    hand_in(sqe);
  }

  void receive_next(std::size_t index) {
    Connection& c = connections_[index];
    io_uring_sqe* const sqe = next(Step::receive, index);
    const std::string& kind = switches_.receive;
    if (kind == "multishot") {
      io_uring_prep_recv_multishot(sqe, c.fd.get(), nullptr, 0, 0);
      sqe->flags |= IOSQE_BUFFER_SELECT;
      sqe->buf_group = kGroup;
    } else if (kind == "read") {
      io_uring_prep_read(sqe, c.fd.get(), c.in, kSize, 0);
    } else if (kind == "read_fixed") {
      io_uring_prep_read_fixed(sqe, c.fd.get(), c.in, kSize, 0, 0);
    } else if (kind == "recvmsg") {
      c.pieces[0] = {c.in, kSize};
      c.message = {};
      c.message.msg_iov = c.pieces.data();
      c.message.msg_iovlen = 1;
      io_uring_prep_recvmsg(sqe, c.fd.get(), &c.message, 0);
    } else {
      io_uring_prep_recv(sqe, c.fd.get(), c.in, kSize, 0);
      if (kind == "poll_first") sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    }
    hand_in(sqe);
  }

  void send_answer(std::size_t index) {
    Connection& c = connections_[index];
    io_uring_sqe* const sqe = next(Step::send, index);
    const std::string& kind = switches_.send;
    const auto size = static_cast<unsigned>(c.size);
    if (kind == "sendmsg" || kind == "sendmsg_zc" || kind == "writev") {
      c.pieces = {iovec{c.out, c.head}, iovec{c.out + c.head, c.size - c.head}};
      c.message = {};
      c.message.msg_iov = c.pieces.data();
      c.message.msg_iovlen = c.pieces.size();
      if (kind == "sendmsg") io_uring_prep_sendmsg(sqe, c.fd.get(), &c.message, MSG_NOSIGNAL);
      if (kind == "sendmsg_zc") io_uring_prep_sendmsg_zc(sqe, c.fd.get(), &c.message, MSG_NOSIGNAL);
      if (kind == "writev") io_uring_prep_writev(sqe, c.fd.get(), c.pieces.data(), 2, 0);
    } else if (kind == "write") {
      io_uring_prep_write(sqe, c.fd.get(), c.out, size, 0);
    } else if (kind == "zc") {
      io_uring_prep_send_zc(sqe, c.fd.get(), c.out, size, MSG_NOSIGNAL, 0);
    } else if (kind == "zc_fixed") {
      io_uring_prep_send_zc_fixed(sqe, c.fd.get(), c.out, size, MSG_NOSIGNAL, 0, 0);
    } else {
      io_uring_prep_send(sqe, c.fd.get(), c.out, size, MSG_NOSIGNAL);
    }
    hand_in(sqe);
  }

  void on_completion(const io_uring_cqe& completion) {
    const Tag* const tag = static_cast<const Tag*>(io_uring_cqe_get_data(&completion));
    if ((completion.flags & IORING_CQE_F_NOTIF) != 0) return;
    if (tag->step == Step::accept) return on_accepted(completion.res);
    if (tag->step == Step::receive) return on_received(tag->index, completion);
    if (completion.res <= 0) return connections_[tag->index].fd.reset();
    if (switches_.receive != "multishot") receive_next(tag->index);
  }

  void on_accepted(int fd) {
    if (fd >= 0) {
      std::size_t index = 0;
      while (index + 1 < kConnections && connections_[index].fd.valid()) ++index;
      connections_[index].fd = plateau::Fd(fd);
      receive_next(index);
    }
    accept_next();
  }

  void on_received(std::size_t index, const io_uring_cqe& completion) {
    Connection& c = connections_[index];
    if (completion.res <= 0) return c.fd.reset();
    const auto size = static_cast<std::size_t>(completion.res);
    if ((completion.flags & IORING_CQE_F_BUFFER) != 0) {
      const auto buffer = static_cast<unsigned short>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
      std::memcpy(c.in, buffers_->data() + buffer * kSize, size);
      give_back(buffer);
    }
    const std::string_view request(c.in, size);
    const std::size_t from = request.find(' ') + 1;
    const std::string_view path = request.substr(from, request.find(' ', from) - from);
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n";
    std::memcpy(c.out, head.data(), head.size());
    std::memcpy(c.out + head.size(), path.data(), path.size());
    c.head = head.size();
    c.size = head.size() + path.size();
    send_answer(index);
  }

  struct Tag {
    Step step = Step::accept;
    std::size_t index = 0;
  };

  Switches switches_;
  io_uring ring_{};
  int listener_ = -1;
  std::vector<char> memory_;
  std::unique_ptr<std::array<char, kConnections * kSize>> buffers_;
  io_uring_buf_ring* group_ = nullptr;
  std::array<Connection, kConnections> connections_;
  std::array<std::array<Tag, kConnections>, 3> tags_{};
  Tag* pending_ = nullptr;
};

plateau::Fd listen_on_loopback(sockaddr_in& address) {
  plateau::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool listening = ::bind(fd.get(), generic, length) == 0 && ::listen(fd.get(), 64) == 0 &&
                         ::getsockname(fd.get(), generic, &length) == 0;
  if (!listening) fd.reset();
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  sockaddr_in address{};
  const plateau::Fd listener = listen_on_loopback(address);
  const auto server = std::make_unique<Server>(Switches{argv[1], argv[2], argc > 3 ? argv[3] : ""});
  if (!listener.valid() || !server->open()) return 1;
  std::fprintf(stderr, "listening on 127.0.0.1:%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
  server->serve(listener.get());
  return 1;
}
