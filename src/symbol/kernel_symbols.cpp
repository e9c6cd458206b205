#include "symbol/kernel_symbols.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace plateau::symbol {
namespace {

// kallsyms gives no sizes. An address further than this past the last symbol before it is in no function.
constexpr std::uint64_t kLargestFunction = 1 << 20;
constexpr std::size_t kLargestNames = std::size_t{1} << 30;  // offsets are 32 bits wide

struct Entry {
  std::uint64_t address = 0;
  std::string_view name;
};

// False if the line is not a text symbol. "__pfx_" symbols name the padding before a function.
bool parse_line(std::string_view line, Entry& entry) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), entry.address, 16);
  if (error != std::errc{}) return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (line.size() < 4 || line[0] != ' ' || line[2] != ' ') return false;
  if (std::string_view("tTwW").find(line[1]) == std::string_view::npos) return false;
  line.remove_prefix(3);
  entry.name = line.substr(0, line.find_first_of(" \t"));
  return !entry.name.empty() && !entry.name.starts_with("__pfx_");
}

}  // namespace

Result<KernelSymbols> KernelSymbols::load() {
  std::ifstream file("/proc/kallsyms");
  if (!file) {
    return fail(
        "cannot read /proc/kallsyms: kernel functions stay unnamed; mount /proc or build the kernel with"
        " CONFIG_KALLSYMS",
        ExitCode::unsupported);
  }
  return parse(file);
}

Result<KernelSymbols> KernelSymbols::parse(std::istream& text) {
  KernelSymbols result;
  bool hidden = false;
  for (std::string line; std::getline(text, line);) {
    Entry entry;
    if (!parse_line(line, entry)) continue;
    hidden = hidden || entry.address == 0;
    if (entry.address != 0 && result.names_.size() < kLargestNames) result.add(entry.address, entry.name);
  }
  if (result.symbols_.empty()) {
    return fail(hidden
                    ? "/proc/kallsyms shows no addresses: run as root, or set kernel.kptr_restrict to 0 or 1"
                    : "/proc/kallsyms lists no functions",
                ExitCode::unsupported);
  }
  std::stable_sort(result.symbols_.begin(), result.symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  result.symbols_.shrink_to_fit();
  result.names_.shrink_to_fit();
  return result;
}

void KernelSymbols::add(std::uint64_t address, std::string_view name) {
  symbols_.push_back({address, static_cast<std::uint32_t>(names_.size())});
  names_.append(name).push_back('\0');
}

std::string_view KernelSymbols::name_of(std::uint64_t address) const {
  const auto by_address = [](std::uint64_t value, const Symbol& symbol) { return value < symbol.address; };
  const auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address, by_address);
  if (after == symbols_.begin()) return {};
  const auto found = std::prev(after)->address;
  if (address - found > kLargestFunction) return {};
  // Of several names for one address the first listed is taken.
  const auto first =
      std::lower_bound(symbols_.begin(), after, found,
                       [](const Symbol& symbol, std::uint64_t value) { return symbol.address < value; });
  return std::string_view(names_.c_str() + first->name);
}

std::vector<std::string_view> KernelSymbols::names_of(std::span<const std::uint64_t> stack) const {
  std::vector<std::string_view> names;
  names.reserve(stack.size());
  // A return address may be the first byte of the next function where the call does not return.
  for (const auto address : stack) names.push_back(name_of(address - 1));
  return names;
}

KernelWait KernelSymbols::classify(std::span<const std::uint64_t> stack) const {
  return classify_wait(names_of(stack));
}

LockClass KernelSymbols::classify_lock(std::span<const std::uint64_t> stack) const {
  return symbol::classify_lock(names_of(stack));
}

}  // namespace plateau::symbol
