#include "symbol/maps.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace plateau::symbol {
namespace {

// Takes the text up to `separator`, and the separator, off the front of `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto field = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return field;
}

bool number(std::string_view text, int base, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

// The kernel writes a newline in a path as \012; every other byte is itself.
std::string unescaped(std::string_view path) {
  std::string result(path);
  for (auto at = result.find("\\012"); at != std::string::npos; at = result.find("\\012", at + 1)) {
    result.replace(at, 4, 1, '\n');
  }
  return result;
}

// "start-end perms offset major:minor inode   path"
std::optional<Mapping> parse_line(std::string_view line) {
  constexpr std::string_view kDeleted = " (deleted)";
  Mapping mapping;
  const bool range = number(take(line, '-'), 16, mapping.start) && number(take(line, ' '), 16, mapping.end);
  const auto permissions = take(line, ' ');
  const bool place = number(take(line, ' '), 16, mapping.offset);
  take(line, ' ');
  if (!range || !place || permissions.size() < 4 || !number(take(line, ' '), 10, mapping.inode)) return {};
  if (mapping.start >= mapping.end) return {};
  mapping.executable = permissions[2] == 'x';
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (line.ends_with(kDeleted)) {
    mapping.deleted = true;
    line.remove_suffix(kDeleted.size());
  }
  mapping.path = unescaped(line);
  return mapping;
}

bool is_file(const Mapping& mapping) {
  return mapping.path == "[vdso]" || (mapping.inode != 0 && mapping.path.starts_with('/'));
}

}  // namespace

bool is_jit_dump(const Mapping& mapping) {
  const auto name = std::string_view(mapping.path).substr(mapping.path.find_last_of('/') + 1);
  return mapping.executable && mapping.inode != 0 && name.starts_with("jit-") && name.ends_with(".dump");
}

std::vector<Mapping> parse_maps(std::string_view text) {
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    if (auto mapping = parse_line(take(text, '\n'))) mappings.push_back(std::move(*mapping));
  }
  return mappings;
}

std::vector<LoadedFile> loaded_files(std::span<const Mapping> mappings) {
  std::vector<LoadedFile> files;
  for (auto at = mappings.begin(); at != mappings.end();) {
    const auto& first = *at;
    bool code = false;
    std::uint64_t end = first.end;
    const auto same = [&](const Mapping& m) { return m.inode == first.inode && m.path == first.path; };
    for (; at != mappings.end() && same(*at); ++at) {
      code = code || at->executable;
      end = at->end;
    }
    if (code && is_file(first) && !is_jit_dump(first)) files.push_back({first, end});
  }
  return files;
}

CodeRanges::CodeRanges(std::span<const Mapping> mappings) {
  for (const auto& mapping : mappings) {
    if (mapping.executable) ranges_.push_back({mapping.start, mapping.end});
  }
}

bool CodeRanges::contains(std::uint64_t address) const {
  const auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), address,
                       [](std::uint64_t value, const Range& range) { return value < range.start; });
  return after != ranges_.begin() && address < std::prev(after)->end;
}

}  // namespace plateau::symbol
