// Names of just-in-time compiled code by address. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::symbol {

// Where code moved or was thrown away, what is added later stands for its place: the last piece added that
// covers an address wins.
class CodeNames {
 public:
  static constexpr std::size_t kMost = 1 << 20;
  static constexpr std::size_t kLongestName = 1024;

  // What is empty, reaches beyond the last address or has no name is left out; what is beyond the bound is
  // counted. Call sort() after the last, before name_of(). Returns a number for the name, for add_as().
  static constexpr std::uint32_t kNoName = UINT32_MAX;
  std::uint32_t add(std::uint64_t start, std::uint64_t size, std::string_view name);
  // As above, under a name that is known.
  void add_as(std::uint64_t start, std::uint64_t size, std::uint32_t name);
  void sort();

  // The name of the code at `address`; empty: none. Valid until the next add().
  std::string_view name_of(std::uint64_t address) const;

  std::size_t size() const { return pieces_.size(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Piece {
    std::uint64_t start, end;
    std::uint32_t order;  // in which it was added
    std::uint32_t name;
  };
  std::vector<Piece> pieces_;  // once sorted: by start, then order
  std::vector<std::string> names_;
  std::uint64_t longest_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace plateau::symbol
