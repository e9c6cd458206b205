#include "httpd/body_sender.h"

#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "httpd/shared_body.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kMostPieces = 16;
constexpr std::size_t kPipePiece = 64 * 1024;

IoResult result_of(ssize_t count) {
  if (count >= 0) return {IoStatus::done, static_cast<std::size_t>(count)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoStatus::want_write, 0};
  if (errno == EINTR) return {IoStatus::done, 0};
  return {IoStatus::gone, 0};
}

IoResult send_text(int socket, std::string_view text, bool more_follows) {
  return result_of(::send(socket, text.data(), text.size(), MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0)));
}

iovec piece_of(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

// What of a body from the shared file the next call can move.
struct FilePart {
  off_t offset;
  std::size_t count;
};

FilePart next_part(const Output& output, std::size_t most) {
  const std::string_view run = SharedBody::instance().run(output.body_at, output.body_left);
  return {static_cast<off_t>(SharedBody::file_offset(output.body_at)), std::min(run.size(), most)};
}

}  // namespace

IoResult BodySender::send(Transport& transport, const Output& output) {
  if (mode_ == BodyMode::writev || !output.shared) return send_vector(transport, output);
  const int socket = transport.fd();
  if (!output.head.empty()) return send_text(socket, output.head, output.body_left > 0);
  if (output.body_left == 0) return send_text(socket, output.tail, false);
  if (mode_ == BodyMode::sendfile) return send_file(socket, output);
  if (mode_ == BodyMode::splice) return send_spliced(socket, output);
  return send_zerocopy(socket, output);
}

IoResult BodySender::send_vector(Transport& transport, const Output& output) {
  std::array<iovec, kMostPieces> pieces;
  std::size_t count = 0;
  if (!output.head.empty()) pieces[count++] = piece_of(output.head);
  std::uint64_t at = output.body_at;
  std::uint64_t left = output.body_left;
  while (left > 0 && count < kMostPieces) {
    const std::string_view run =
        output.shared ? SharedBody::instance().run(at, left) : output.text.substr(at, left);
    pieces[count++] = piece_of(run);
    at += run.size();
    left -= run.size();
  }
  if (left == 0 && !output.tail.empty() && count < kMostPieces) pieces[count++] = piece_of(output.tail);
  return transport.sendv({pieces.data(), count});
}

IoResult BodySender::send_file(int socket, const Output& output) {
  FilePart part = next_part(output, output.body_left);
  return result_of(::sendfile(socket, SharedBody::instance().file(), &part.offset, part.count));
}

IoResult BodySender::send_spliced(int socket, const Output& output) {
  if (!pipe_in_.valid() && !open_pipe()) return {IoStatus::gone, 0};
  if (in_pipe_ == 0) {
    FilePart part = next_part(output, kPipePiece);
    const ssize_t moved =
        ::splice(SharedBody::instance().file(), &part.offset, pipe_in_.get(), nullptr, part.count, 0);
    if (moved <= 0) return result_of(moved == 0 ? -1 : moved);
    in_pipe_ = static_cast<std::size_t>(moved);
  }
  const bool more_follows = output.body_left > in_pipe_ || !output.tail.empty();
  const IoResult io = result_of(
      ::splice(pipe_out_.get(), nullptr, socket, nullptr, in_pipe_, more_follows ? SPLICE_F_MORE : 0));
  in_pipe_ -= io.count;
  return io;
}

bool BodySender::open_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe_out_ = Fd(ends[0]);
  pipe_in_ = Fd(ends[1]);
  return true;
}

IoResult BodySender::send_zerocopy(int socket, const Output& output) {
  if (!zerocopy_on_) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on);
    zerocopy_on_ = true;
  }
  const std::string_view run = SharedBody::instance().run(output.body_at, output.body_left);
  const bool more_follows = output.body_left > run.size() || !output.tail.empty();
  const int flags = MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
  ssize_t count = ::send(socket, run.data(), run.size(), flags | MSG_ZEROCOPY);
  if (count > 0) counts_.sends.fetch_add(1, std::memory_order_relaxed);
  // The socket's allowance of notes is used up: what is sent meanwhile is copied.
  if (count < 0 && errno == ENOBUFS) {
    read_completions(socket);
    count = ::send(socket, run.data(), run.size(), flags);
  }
  const IoResult io = result_of(count);
  if (io.status == IoStatus::done) read_completions(socket);
  return io;
}

void BodySender::read_completions(int socket) {
  if (!zerocopy_on_) return;
  alignas(cmsghdr) std::array<char, 128> control;
  while (true) {
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header == nullptr) continue;
    sock_extended_err note{};
    std::memcpy(&note, CMSG_DATA(header), sizeof note);
    if (note.ee_origin != SO_EE_ORIGIN_ZEROCOPY) continue;
    const std::uint64_t completed = note.ee_data - note.ee_info + 1;
    counts_.completed.fetch_add(completed, std::memory_order_relaxed);
    if ((note.ee_code & SO_EE_CODE_ZEROCOPY_COPIED) != 0) {
      counts_.copied.fetch_add(completed, std::memory_order_relaxed);
    }
  }
}

}  // namespace plateau::httpd
