// An io_uring with a ring of buffers that the kernel receives into.
#pragma once

#include <liburing.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace plateau::httpd {

class Uring {
 public:
  Uring() = default;
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;
  ~Uring();

  // ExitCode::unsupported if this kernel, or who set it up, refuses.
  Status open();

  // An entry to fill in; submits what there is if there is none left.
  io_uring_sqe* next();
  // Submits, and waits for a completion for at most `timeout_ms`.
  void submit_and_wait(int timeout_ms);
  // Hands each completion at hand to on_completion(const io_uring_cqe&).
  template <class OnCompletion>
  void drain(OnCompletion&& on_completion) {
    unsigned head = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(&ring_, head, cqe) {
      ++taken_;
      on_completion(*cqe);
    }
    io_uring_cq_advance(&ring_, std::exchange(taken_, 0));
  }
  // Whether a completion tagged `tag` that drain() has not handed out yet brings bytes.
  bool holds_data(std::uint64_t tag) const;

  // What a receive put into a buffer; give_back() the buffer once read.
  std::string_view received(std::uint16_t buffer, std::size_t size) const;
  void give_back(std::uint16_t buffer);

  static constexpr int kBufferGroup = 0;

 private:
  io_uring ring_{};
  bool opened_ = false;
  unsigned taken_ = 0;  // completions that drain() has handed out but not given back to the ring
  io_uring_buf_ring* buffers_ = nullptr;
  std::unique_ptr<char[]> memory_;
};

}  // namespace plateau::httpd
