#include "target/proc_net.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace plateau::target {
namespace {

// Cuts the next word off the front of `text`.
std::string_view next_word(std::string_view& text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  const auto end = std::min(text.find(' ', begin), text.size());
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::uint64_t number(std::string_view word, int base) {
  std::uint64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value, base);
  return value;
}

// The kernel prints each 32-bit word of an address as a number in host order.
std::string address_text(std::string_view hex) {
  in6_addr raw{};
  const std::size_t words = hex.size() / 8;
  if (words != 1 && words != 4) return "?";
  for (std::size_t i = 0; i < words; i++) {
    const auto word = static_cast<std::uint32_t>(number(hex.substr(i * 8, 8), 16));
    std::memcpy(&raw.s6_addr[i * 4], &word, sizeof(word));
  }
  char text[INET6_ADDRSTRLEN] = "?";
  inet_ntop(words == 1 ? AF_INET : AF_INET6, &raw, text, sizeof(text));
  return words == 1 ? std::string(text) : "[" + std::string(text) + "]";
}

}  // namespace

// "Num: RefCount Protocol Flags Type St Inode Path"; a path may have blanks in it.
std::optional<UnixListener> parse_unix_listener(std::string_view line) {
  constexpr std::uint64_t kListens = 1u << 16;  // __SO_ACCEPTCON
  constexpr std::uint64_t kStream = 1;
  for (int i = 0; i < 3; i++) next_word(line);
  const std::uint64_t flags = number(next_word(line), 16), type = number(next_word(line), 16);
  next_word(line);
  UnixListener listener{number(next_word(line), 10), {}};
  if (!(flags & kListens) || type != kStream || listener.inode == 0 || line.empty()) return std::nullopt;
  listener.path = line.substr(1);
  for (char& c : listener.path)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return listener;
}

std::optional<ProcNetRow> parse_proc_net(std::string_view line) {
  next_word(line);
  ProcNetRow row;
  row.local = next_word(line);
  if (row.local.find(':') == std::string_view::npos) return std::nullopt;
  next_word(line);
  row.state = static_cast<unsigned>(number(next_word(line), 16));
  for (int field = 0; field < 5; field++) next_word(line);
  row.inode = number(next_word(line), 10);
  return row;
}

Endpoint parse_endpoint(std::string_view hex) {
  const auto colon = std::min(hex.find(':'), hex.size());
  const auto port = colon < hex.size() ? hex.substr(colon + 1) : std::string_view();
  return {address_text(hex.substr(0, colon)), static_cast<std::uint16_t>(number(port, 16))};
}

}  // namespace plateau::target
