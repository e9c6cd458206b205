// Answers kept ready for request heads that came before: the least that a request can cost in user space.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "httpd/service.h"

namespace plateau::httpd {

// Of one loop, and of its thread. Only for services of which hot_path_applies() is true: there an answer
// follows from the request's head alone, but for its date.
class HotPath {
 public:
  explicit HotPath(Service& service);

  // Where to receive; what is in it is nobody's after the next receive.
  std::span<char> space() { return space_; }

  // The answers, in one piece, if all of `bytes` is whole requests known by their heads; else empty. Valid
  // until the next call. Does not allocate.
  std::string_view answer(std::string_view bytes);

  // on_request(path, bytes of the request, bytes of its answer) for each of them, in order, after answer()
  // knew all of `bytes` and before anything is learned.
  template <class OnRequest>
  void each(std::string_view bytes, OnRequest&& on_request) {
    while (const Known* const known = bytes.empty() ? nullptr : find(bytes)) {
      on_request(std::string_view(known->path), known->head.size(), known->answer.size());
      bytes.remove_prefix(known->head.size());
    }
  }

  // Remembers the first request of `bytes` if it is one to keep: a GET without body, answered with 200.
  void learn(std::string_view bytes);

 private:
  struct Known {
    std::string head;
    std::string answer;
    std::string path;
    std::size_t date_at = 0;  // where the Date field's value stands in the answer
  };

  const Known* find(std::string_view bytes);
  void renew_dates();

  static constexpr std::size_t kMostKnown = 16;
  static constexpr std::size_t kMostAnswer = 16 * 1024;

  Service& service_;
  std::array<char, 4096> space_;
  std::vector<Known> known_;
  std::size_t last_ = 0;     // the one found last
  std::size_t replace_ = 0;  // the next to make room
  std::int64_t second_ = 0;  // that the dates are of
  std::string joined_;
};

}  // namespace plateau::httpd
