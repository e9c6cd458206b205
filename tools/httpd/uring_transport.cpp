#include "httpd/uring_transport.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace plateau::httpd {
namespace {

constexpr std::size_t kMostInput = 64 * 1024;

}  // namespace

UringTransport::UringTransport(Fd socket, Uring& ring, std::uint64_t tag)
    : Transport(std::move(socket)), ring_(ring), tag_(tag) {
  start_receiving();
}

void UringTransport::start_receiving() {
  io_uring_sqe* const sqe = ring_.next();
  io_uring_prep_recv_multishot(sqe, fd(), nullptr, 0, 0);
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->buf_group = Uring::kBufferGroup;
  io_uring_sqe_set_data64(sqe, tag_);
  receiving_ = true;
}

void UringTransport::on_received(const io_uring_cqe& completion) {
  if ((completion.flags & IORING_CQE_F_BUFFER) != 0) {
    const auto buffer = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    if (completion.res > 0) input_ += ring_.received(buffer, static_cast<std::size_t>(completion.res));
    ring_.give_back(buffer);
  }
  if ((completion.flags & IORING_CQE_F_MORE) != 0) {
    if (input_.size() - input_at_ <= kMostInput || held_back_) return;
    held_back_ = true;
    io_uring_sqe* const sqe = ring_.next();
    io_uring_prep_cancel64(sqe, tag_, 0);
    io_uring_sqe_set_data64(sqe, 0);
    return;
  }
  receiving_ = false;
  const bool goes_on = completion.res > 0 || completion.res == -ENOBUFS || completion.res == -EINTR;
  if (held_back_) return go_on_receiving();
  if (goes_on) return start_receiving();
  ended_ = true;
}

// Once all that was held back is read, and the receive that was called off has ended: whichever comes last.
void UringTransport::go_on_receiving() {
  if (!held_back_ || receiving_ || !input_.empty()) return;
  held_back_ = false;
  start_receiving();
}

IoResult UringTransport::receive(std::span<char> space, std::uint64_t*) {
  const std::size_t count = std::min(space.size(), input_.size() - input_at_);
  if (count == 0) return {ended_ ? IoStatus::gone : IoStatus::want_read, 0};
  std::memcpy(space.data(), input_.data() + input_at_, count);
  input_at_ += count;
  if (input_at_ == input_.size()) {
    input_.clear();
    input_at_ = 0;
    go_on_receiving();
  }
  return {IoStatus::done, count};
}

// What has left the socket may be on its way through the ring; so the socket is asked first.
bool UringTransport::waiting() const {
  return Transport::waiting() || ring_.holds_data(tag_);
}

IoResult UringTransport::send(std::string_view bytes) {
  IoResult io;
  if (sending_ || take_result(io)) return sending_ ? IoResult{IoStatus::want_write, 0} : io;
  io_uring_sqe* const sqe = ring_.next();
  io_uring_prep_send(sqe, fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return started(sqe);
}

IoResult UringTransport::sendv(std::span<const iovec> pieces) {
  IoResult io;
  if (sending_ || take_result(io)) return sending_ ? IoResult{IoStatus::want_write, 0} : io;
  const std::size_t count = std::min(pieces.size(), pieces_.size());
  std::copy_n(pieces.begin(), count, pieces_.begin());
  message_ = {};
  message_.msg_iov = pieces_.data();
  message_.msg_iovlen = count;
  io_uring_sqe* const sqe = ring_.next();
  io_uring_prep_sendmsg(sqe, fd(), &message_, MSG_NOSIGNAL);
  return started(sqe);
}

IoResult UringTransport::started(io_uring_sqe* sqe) {
  io_uring_sqe_set_data64(sqe, tag_ + kSendTag);
  sending_ = true;
  return {IoStatus::want_write, 0};
}

void UringTransport::on_sent(const io_uring_cqe& completion) {
  sending_ = false;
  has_result_ = true;
  result_ = completion.res;
}

bool UringTransport::take_result(IoResult& io) {
  if (!has_result_) return false;
  has_result_ = false;
  if (result_ == -EINTR || result_ == -EAGAIN) return false;
  io =
      result_ < 0 ? IoResult{IoStatus::gone, 0} : IoResult{IoStatus::done, static_cast<std::size_t>(result_)};
  return true;
}

}  // namespace plateau::httpd
