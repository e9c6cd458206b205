#include "sink/request_names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "attribution/data_path.h"

namespace plateau::sink {

// An IPv4 address that a dual-stack socket shows as an IPv6 one is told as what it is.
std::string address_text(const pl_addr& addr, const pl_u8 (&ip)[16]) {
  if (addr.family == PL_FAMILY_UNIX) return "unix";
  constexpr std::array<pl_u8, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  char text[INET6_ADDRSTRLEN] = "?";
  const bool mapped = addr.family == PL_FAMILY_INET6 && std::equal(kMapped.begin(), kMapped.end(), ip);
  const bool v6 = addr.family == PL_FAMILY_INET6 && !mapped;
  inet_ntop(v6 ? AF_INET6 : AF_INET, mapped ? ip + kMapped.size() : ip, text, sizeof(text));
  return text;
}

std::string end_point(const pl_addr& addr, const pl_u8 (&ip)[16], std::uint16_t port) {
  if (addr.family == PL_FAMILY_UNIX) return "unix";
  const std::string text = address_text(addr, ip);
  const bool v6 = text.find(':') != std::string::npos;
  return (v6 ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

std::string path_names(std::uint8_t paths) {
  constexpr auto& names = attribution::kPathNames;
  std::string joined;
  for (std::size_t i = 0; i < names.size(); i++) {
    if (!(paths >> i & 1)) continue;
    if (!joined.empty()) joined += '+';
    joined += names[i];
  }
  return joined;
}

std::string_view framing_name(request::Framing framing) {
  switch (framing) {
    case request::Framing::exact:
      return "exact";
    case request::Framing::inferred:
      return "inferred";
    case request::Framing::unknown:
      break;
  }
  return "unknown";
}

std::string_view outcome_name(request::Outcome outcome) {
  switch (outcome) {
    case request::Outcome::answered:
      return "answered";
    case request::Outcome::cut:
      return "cut";
    case request::Outcome::unanswered:
      break;
  }
  return "unanswered";
}

}  // namespace plateau::sink
