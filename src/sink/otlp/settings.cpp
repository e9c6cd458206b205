#include "sink/otlp/settings.h"

#include <algorithm>
#include <charconv>

namespace plateau::sink::otlp {
namespace {

bool visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// RFC 9110's token.
bool token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// A percent sign that begins no escape stands for itself.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    unsigned byte = 0;
    const bool escape =
        text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3;
    out += escape ? static_cast<char>(byte) : text[i];
    if (escape) i += 2;
  }
  return out;
}

// "a=b,c=d", in the form of W3C's baggage.
Result<Pairs> parse_list(const char* variable, std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return fail(std::string(variable) + " is not of the form name=value,name=value", ExitCode::usage);
    pairs.emplace_back(percent_decoded(trimmed(item.substr(0, equals))),
                       percent_decoded(trimmed(item.substr(equals + 1))));
  }
  return pairs;
}

Error bad_endpoint(const std::string& endpoint, const std::string& why) {
  return fail("OTLP endpoint '" + endpoint + "' " + why + ": give one as in http://127.0.0.1:4318",
              ExitCode::usage);
}

bool good_port(std::string_view text) {
  unsigned port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size() && port > 0 &&
         port < 65536;
}

// host, host:port, [v6] or [v6]:port
bool good_authority(std::string_view text) {
  std::size_t end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    end = close + 1 == text.size() ? std::string_view::npos : close + 1;
    if (end != std::string_view::npos && text[end] != ':') return false;
  }
  if (end == std::string_view::npos) return !text.empty();
  return end > 0 && good_port(text.substr(end + 1));
}

Status check_endpoint(const std::string& endpoint) {
  std::string_view rest = endpoint;
  if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else if (rest.starts_with("https://"))
    rest.remove_prefix(8);
  else
    return bad_endpoint(endpoint, "begins with neither http:// nor https://");
  if (!visible(endpoint) || rest.find_first_of("?#") != std::string_view::npos)
    return bad_endpoint(endpoint, "is no plain address");
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos)
    return fail("the OTLP endpoint holds a name or password: give them as a header (--otlp-header)",
                ExitCode::usage);
  if (!good_authority(authority)) return bad_endpoint(endpoint, "has no host, or no such port");
  return success();
}

Status check_headers(const Pairs& headers) {
  for (const auto& [name, value] : headers)
    if (!token(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return fail("OTLP header '" + name + "' cannot be sent", ExitCode::usage);
  return success();
}

Status take_attributes(Settings& settings, const Environment& environment) {
  auto listed = parse_list("OTEL_RESOURCE_ATTRIBUTES", environment("OTEL_RESOURCE_ATTRIBUTES"));
  if (!listed) return listed.error();
  if (settings.service_name.empty()) settings.service_name = environment("OTEL_SERVICE_NAME");
  for (auto& [name, value] : *listed)
    if (name != "service.name")
      settings.attributes.emplace_back(std::move(name), std::move(value));
    else if (settings.service_name.empty())
      settings.service_name = std::move(value);
  return success();
}

}  // namespace

Result<std::pair<std::string, std::string>> parse_header(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || !token(trimmed(text.substr(0, equals))))
    return fail("'" + std::string(text.substr(0, equals)) + "' is not of the form name=value",
                ExitCode::usage);
  return std::pair(std::string(trimmed(text.substr(0, equals))),
                   std::string(trimmed(text.substr(equals + 1))));
}

Result<Settings> complete(Settings flags, const Environment& environment) {
  Settings settings = std::move(flags);
  if (settings.endpoint.empty()) settings.endpoint = environment("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (settings.endpoint.empty()) return settings;
  if (auto good = check_endpoint(settings.endpoint); !good) return good.error();
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  if (settings.headers.empty()) {
    auto headers = parse_list("OTEL_EXPORTER_OTLP_HEADERS", environment("OTEL_EXPORTER_OTLP_HEADERS"));
    if (!headers) return headers.error();
    settings.headers = std::move(*headers);
  }
  if (auto good = check_headers(settings.headers); !good) return good.error();
  if (settings.certificates.empty()) settings.certificates = environment("OTEL_EXPORTER_OTLP_CERTIFICATE");
  if (auto taken = take_attributes(settings, environment); !taken) return taken.error();
  return settings;
}

}  // namespace plateau::sink::otlp
