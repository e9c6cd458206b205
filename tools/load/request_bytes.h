// The bytes of the requests, made once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/options.h"

namespace plateau::load {

class RequestBytes {
 public:
  explicit RequestBytes(const Options& options);

  // Of the `index`-th request of the run: the paths take turns.
  std::string_view of(std::uint64_t index) const { return texts_[index % texts_.size()]; }

 private:
  std::vector<std::string> texts_;
};

}  // namespace plateau::load
