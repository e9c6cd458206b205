#include "symbol/function_ranges.h"

#include <cstring>

namespace plateau::symbol {
namespace {

// DW_EH_PE_*: how a number in these sections is written.
constexpr std::uint8_t kUnsigned4 = 0x03;
constexpr std::uint8_t kSigned4 = 0x0b;
constexpr std::uint8_t kFromSection = 0x30;  // counted from the header's own beginning
constexpr std::uint8_t kTableVersion = 1;
constexpr std::uint64_t kTable = 12;  // where it begins: behind four bytes and two numbers of four
constexpr std::uint64_t kRow = 8;

template <class T>
std::optional<T> read(const Section& section, std::uint64_t offset) {
  if (offset > section.bytes.size() || section.bytes.size() - offset < sizeof(T)) return {};
  T value;
  std::memcpy(&value, section.bytes.data() + offset, sizeof(value));
  return value;
}

bool has_usual_form(const Section& header) {
  const auto version = read<std::uint8_t>(header, 0), count = read<std::uint8_t>(header, 2),
             table = read<std::uint8_t>(header, 3);
  return version == kTableVersion && count == kUnsigned4 && table == (kFromSection | kSigned4);
}

struct Row {
  std::uint64_t function = 0, entry = 0;  // addresses: of the function, and of what .eh_frame says of it
};

std::optional<Row> row_at(const Section& header, std::uint64_t index) {
  const auto function = read<std::int32_t>(header, kTable + kRow * index);
  const auto entry = read<std::int32_t>(header, kTable + kRow * index + 4);
  if (!function || !entry) return {};
  const auto from = [&](std::int32_t distance) {
    return header.address + static_cast<std::uint64_t>(std::int64_t{distance});
  };
  return Row{from(*function), from(*entry)};
}

// The last function of the table, which is sorted, that does not begin behind `address`.
std::optional<Row> last_before(std::uint64_t address, const Section& header) {
  const auto count = read<std::uint32_t>(header, 8);
  if (!count) return {};
  std::optional<Row> best;
  for (std::uint64_t low = 0, high = *count; low < high;) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto row = row_at(header, middle);
    if (!row) return {};
    if (row->function > address) {
      high = middle;
    } else {
      best = row;
      low = middle + 1;
    }
  }
  return best;
}

// Its size, if its entry has the usual form: length, what it belongs to, how far away the function is, size.
std::optional<std::uint64_t> size_of(const Row& row, const Section& frames) {
  const std::uint64_t at = row.entry - frames.address;
  const auto distance = read<std::int32_t>(frames, at + 8);
  const auto size = read<std::uint32_t>(frames, at + 12);
  if (!distance || !size) return {};
  if (row.entry + 8 + static_cast<std::uint64_t>(std::int64_t{*distance}) != row.function) return {};
  return *size;
}

}  // namespace

std::optional<std::uint64_t> function_at(std::uint64_t address, const Section& header,
                                         const Section& frames) {
  if (!has_usual_form(header)) return {};
  const auto row = last_before(address, header);
  if (!row) return {};
  const auto size = size_of(*row, frames);
  if (!size || address - row->function >= *size) return {};
  return row->function;
}

}  // namespace plateau::symbol
