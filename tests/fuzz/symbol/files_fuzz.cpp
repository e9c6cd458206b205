// Any bytes as one of the files that functions' names come from; the first byte chooses which.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "../http/require.h"
#include "symbol/function_ranges.h"
#include "symbol/jit_dump.h"
#include "symbol/maps.h"
#include "symbol/perf_map.h"
#include "target/go_symbols.h"

namespace {

using namespace plateau::symbol;

CodeNames dump_in_pieces(std::span<const std::byte> bytes, std::size_t piece) {
  JitDump reader;
  CodeNames names;
  std::uint64_t at = 0;
  while (reader.ok() && at < bytes.size()) {
    const auto rest = bytes.subspan(at);
    const auto on = reader.feed(rest.first(std::min(rest.size(), JitDump::kHead + piece)), names);
    if (on == 0) break;
    at += on;
  }
  names.sort();
  return names;
}

CodeNames map_in_pieces(std::string_view text, std::size_t piece) {
  CodeNames names;
  std::size_t at = 0, end = 0;
  while (end < text.size()) {
    end = std::min(text.size(), end + piece);
    at += parse_perf_map(text.substr(at, end - at), names);
  }
  names.sort();
  return names;
}

void require_same(const CodeNames& a, const CodeNames& b, std::span<const std::byte> bytes) {
  require(a.size() == b.size(), "pieces add up");
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 64); i++) {
    const auto address = std::uint64_t{std::to_integer<std::uint8_t>(bytes[i])} << (i % 57);
    require(a.name_of(address) == b.name_of(address), "a name does not depend on how it was read");
    require(a.name_of(address).size() <= CodeNames::kLongestName, "names are bounded");
  }
}

// Perf map and jitdump are read in pieces as in one.
void try_jit(std::span<const std::byte> bytes, std::string_view text) {
  require_same(dump_in_pieces(bytes, bytes.size()), dump_in_pieces(bytes, 1), bytes);
  require_same(map_in_pieces(text, text.size() + 1), map_in_pieces(text, 7), bytes);
}

void try_maps(std::string_view text) {
  auto mappings = parse_maps(text);
  for (const auto& mapping : mappings) require(mapping.start < mapping.end, "a mapping has room");
  for (const auto& file : loaded_files(mappings)) {
    require(file.first.path == "[vdso]" || file.first.path.starts_with('/'), "a file has a path");
    require(!is_jit_dump(file.first), "a dump is no program");
  }
  std::ranges::sort(mappings, {}, &Mapping::start);  // as the kernel prints them
  const CodeRanges code(mappings);
  for (const auto& mapping : mappings) (void)code.contains(mapping.start);
}

void try_go(std::span<const std::byte> bytes) {
  const auto symbols = plateau::target::GoSymbols::parse(bytes, 0x401000);
  if (!symbols) {
    require(!symbols.error().message.empty(), "an error says something");
    return;
  }
  for (std::size_t at = 0; at + 8 <= bytes.size() && at < 512; at += 4) {
    std::uint64_t address = 0;
    std::memcpy(&address, bytes.data() + at, sizeof(address));
    for (const auto one : {address, address & 0xffffffff, 0x401000 + (address & 0xffff)})
      require(symbols->name_of(one).size() <= bytes.size(), "a name lies in the table");
  }
}

// The first half is the header, the second what it leads to.
void try_unwind_tables(std::span<const std::byte> bytes) {
  const Section header{bytes.first(bytes.size() / 2), 0x2000};
  const Section frames{bytes.subspan(bytes.size() / 2), 0x3000};
  for (std::size_t at = 0; at + 4 <= bytes.size() && at < 512; at += 4) {
    std::int32_t distance = 0;
    std::memcpy(&distance, bytes.data() + at, sizeof(distance));
    const auto address = header.address + static_cast<std::uint64_t>(std::int64_t{distance});
    const auto function = function_at(address, header, frames);
    require(!function || address - *function <= UINT32_MAX, "an address lies in its function");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      try_jit(bytes, text);
      break;
    case 1:
      try_maps(text);
      break;
    case 2:
      try_go(bytes);
      break;
    default:
      try_unwind_tables(bytes);
  }
  return 0;
}
