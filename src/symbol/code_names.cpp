#include "symbol/code_names.h"

#include <algorithm>

namespace plateau::symbol {

std::uint32_t CodeNames::add(std::uint64_t start, std::uint64_t size, std::string_view name) {
  if (size == 0 || start + size < start || name.empty()) return kNoName;
  const auto number = static_cast<std::uint32_t>(names_.size());
  const auto before = pieces_.size();
  add_as(start, size, number);
  if (pieces_.size() == before) return kNoName;
  names_.emplace_back(name.substr(0, kLongestName));
  return number;
}

void CodeNames::add_as(std::uint64_t start, std::uint64_t size, std::uint32_t name) {
  if (size == 0 || start + size < start || name == kNoName) return;
  if (pieces_.size() >= kMost) {
    dropped_++;
    return;
  }
  pieces_.push_back({start, start + size, static_cast<std::uint32_t>(pieces_.size()), name});
  longest_ = std::max(longest_, size);
}

void CodeNames::sort() {
  std::ranges::stable_sort(pieces_, {}, &Piece::start);
}

std::string_view CodeNames::name_of(std::uint64_t address) const {
  auto piece = std::ranges::upper_bound(pieces_, address, {}, &Piece::start);
  const Piece* best = nullptr;
  constexpr int kMostTried = 64;
  for (int tried = 0; piece != pieces_.begin() && tried < kMostTried; tried++) {
    --piece;
    if (address - piece->start >= longest_) break;
    if (address < piece->end && (!best || piece->order > best->order)) best = &*piece;
  }
  return best ? std::string_view(names_[best->name]) : std::string_view();
}

}  // namespace plateau::symbol
