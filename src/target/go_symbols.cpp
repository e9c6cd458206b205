#include "target/go_symbols.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace plateau::target {
namespace {

// Magic numbers of runtime.pcHeader, by the release that brought them.
constexpr std::uint32_t kGo116 = 0xfffffffa, kGo118 = 0xfffffff0, kGo120 = 0xfffffff1;
constexpr std::size_t kMostFunctions = 1 << 22;
constexpr std::size_t kLongestName = 1024;

class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class T>
  std::optional<T> at(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return {};
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(value));
    return value;
  }

  std::string_view text_at(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return {};
    const auto* text = static_cast<const char*>(static_cast<const void*>(bytes_.data() + offset));
    const auto most = std::min<std::size_t>(kLongestName, bytes_.size() - offset);
    return {text, strnlen(text, most)};
  }

 private:
  std::span<const std::byte> bytes_;
};

// Where the parts of the table are.
struct Layout {
  std::uint64_t functions = 0;
  std::uint64_t text_start = 0;
  std::uint64_t names = 0;
  std::uint64_t table = 0;  // of functions: pairs of an address and where its record is, from here on
  bool offsets = false;     // 32-bit pairs, addresses counted from text_start
};

std::optional<Layout> layout_of(const Bytes& bytes) {
  const auto magic = bytes.at<std::uint32_t>(0);
  const auto pointer = bytes.at<std::uint8_t>(7);
  if (!magic || !pointer || *pointer != 8) return {};
  const auto word = [&](int index) {
    return bytes.at<std::uint64_t>(8 + 8 * static_cast<std::uint64_t>(index));
  };
  const bool later = *magic == kGo118 || *magic == kGo120;
  if (!later && *magic != kGo116) return {};
  const auto functions = word(0);
  const auto text = later ? word(2) : std::optional<std::uint64_t>(0);
  const auto names = word(later ? 3 : 2), table = word(later ? 7 : 6);
  if (!functions || !text || !names || !table || *functions > kMostFunctions) return {};
  return Layout{*functions, *text, *names, *table, later};
}

}  // namespace

Result<GoSymbols> GoSymbols::parse(std::span<const std::byte> table, std::uint64_t text_start) {
  const Bytes bytes(table);
  auto layout = layout_of(bytes);
  if (!layout) return fail("not a table of Go functions that is known here (Go 1.16 or later, 64 bits)");
  if (layout->offsets && layout->text_start == 0) layout->text_start = text_start;
  GoSymbols symbols;
  const std::uint64_t width = layout->offsets ? 4 : 8;
  const auto entry = [&](std::uint64_t index) -> std::optional<std::uint64_t> {
    const std::uint64_t at = layout->table + index * width;
    if (!layout->offsets) return bytes.at<std::uint64_t>(at);
    const auto value = bytes.at<std::uint32_t>(at);
    return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
  };
  for (std::uint64_t i = 0; i < layout->functions; i++) {
    const auto start = entry(2 * i), record = entry(2 * i + 1);
    if (!start || !record) break;
    // A record begins with the function's address, as wide as in the table, then its name's offset.
    const auto name = bytes.at<std::uint32_t>(layout->table + *record + width);
    if (!name) continue;
    const auto text = bytes.text_at(layout->names + *name);
    symbols.functions_.push_back(
        {layout->text_start + *start, static_cast<std::uint32_t>(symbols.names_.size())});
    symbols.names_.append(text).push_back('\0');
  }
  symbols.end_ = layout->text_start + entry(2 * layout->functions).value_or(0);
  if (symbols.functions_.empty()) return fail("a table of Go functions without any");
  std::ranges::stable_sort(symbols.functions_, {}, &Function::start);
  return symbols;
}

std::string_view GoSymbols::name_of(std::uint64_t address) const {
  const auto after = std::ranges::upper_bound(functions_, address, {}, &Function::start);
  if (after == functions_.begin() || (end_ && address >= end_)) return {};
  return std::string_view(names_.c_str() + std::prev(after)->name);
}

std::optional<std::uint64_t> GoSymbols::address_of(std::string_view name) const {
  const auto found = std::ranges::find_if(
      functions_, [&](const Function& function) { return name == names_.c_str() + function.name; });
  return found == functions_.end() ? std::nullopt : std::optional(found->start);
}

}  // namespace plateau::target
