#include "httpd/uring.h"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace plateau::httpd {
namespace {

// The first that the kernel knows: completions are handled by the loop's own thread as it asks for them
// (Linux 6.1), or when it next enters the kernel (5.19), or in between by interrupting it.
constexpr std::array kModes = {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
                               IORING_SETUP_COOP_TASKRUN, 0u};
constexpr unsigned kEntries = 4096;
constexpr unsigned kBuffers = 1024;
constexpr unsigned kBufferSize = 4096;
constexpr std::size_t kRingBytes = kBuffers * sizeof(io_uring_buf);

Error refused(const char* what, int error) {
  return fail(std::string("--engine io_uring: ") + what + ": " + std::strerror(error) +
                  "; this needs Linux 6.0 with kernel.io_uring_disabled=0; choose another --engine",
              ExitCode::unsupported);
}

}  // namespace

Status Uring::open() {
  int error = -EINVAL;
  for (std::size_t i = 0; i < kModes.size() && error == -EINVAL; ++i) {
    error = io_uring_queue_init(kEntries, &ring_, kModes[i]);
  }
  if (error < 0) return refused("the kernel gives no ring", -error);
  opened_ = true;
  void* const memory = mmap(nullptr, kRingBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return refused("no memory", errno);
  buffers_ = static_cast<io_uring_buf_ring*>(memory);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(memory);
  registration.ring_entries = kBuffers;
  registration.bgid = kBufferGroup;
  error = io_uring_register_buf_ring(&ring_, &registration, 0);
  if (error < 0) return refused("the kernel takes no buffer ring", -error);
  io_uring_buf_ring_init(buffers_);
  memory_ = std::make_unique_for_overwrite<char[]>(std::size_t{kBuffers} * kBufferSize);
  for (unsigned i = 0; i < kBuffers; ++i) give_back(static_cast<std::uint16_t>(i));
  return success();
}

Uring::~Uring() {
  if (opened_) io_uring_queue_exit(&ring_);
  if (buffers_ != nullptr) munmap(buffers_, kRingBytes);
}

io_uring_sqe* Uring::next() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
  while (sqe == nullptr) {
    io_uring_submit(&ring_);
    sqe = io_uring_get_sqe(&ring_);
  }
  return sqe;
}

void Uring::submit_and_wait(int timeout_ms) {
  __kernel_timespec timeout{timeout_ms / 1000, (timeout_ms % 1000) * 1'000'000};
  io_uring_cqe* cqe = nullptr;
  io_uring_submit_and_wait_timeout(&ring_, &cqe, 1, timeout_ms < 0 ? nullptr : &timeout, nullptr);
}

bool Uring::holds_data(std::uint64_t tag) const {
  unsigned head = 0;
  unsigned number = 0;
  io_uring_cqe* cqe = nullptr;
  io_uring_for_each_cqe(&ring_, head, cqe) {
    if (number++ >= taken_ && cqe->user_data == tag && cqe->res > 0) return true;
  }
  return false;
}

std::string_view Uring::received(std::uint16_t buffer, std::size_t size) const {
  return {memory_.get() + std::size_t{buffer} * kBufferSize, size};
}

void Uring::give_back(std::uint16_t buffer) {
  io_uring_buf_ring_add(buffers_, memory_.get() + std::size_t{buffer} * kBufferSize, kBufferSize, buffer,
                        io_uring_buf_ring_mask(kBuffers), 0);
  io_uring_buf_ring_advance(buffers_, 1);
}

}  // namespace plateau::httpd
