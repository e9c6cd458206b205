#include "sink/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>

namespace plateau::sink {
namespace {

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  ListenAddress address;
  address.host = host.empty() || host == "localhost" ? "127.0.0.1" : std::string(host);
  in_addr ip{};
  if (parse_port(port, address.port) && inet_pton(AF_INET, address.host.c_str(), &ip) == 1) return address;
  return fail(
      "'" + std::string(text) + "' is not an address to listen on: write it as 127.0.0.1:9464 (IPv4 only)",
      ExitCode::usage);
}

}  // namespace plateau::sink
