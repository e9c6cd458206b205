#include "symbol/perf_map.h"

#include <charconv>
#include <cstdint>

namespace plateau::symbol {
namespace {

bool take_number(std::string_view& line, std::uint64_t& value) {
  if (line.starts_with("0x")) line.remove_prefix(2);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value, 16);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return true;
}

}  // namespace

std::size_t parse_perf_map(std::string_view text, CodeNames& names) {
  std::size_t done = 0;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', done)) {
    auto line = text.substr(done, end - done);
    done = end + 1;
    std::uint64_t start = 0, size = 0;
    if (take_number(line, start) && take_number(line, size)) names.add(start, size, line);
  }
  return done;
}

}  // namespace plateau::symbol
