#include "load/url.h"

#include "toolkit/duration.h"
#include "toolkit/field_text.h"

namespace plateau::load {
namespace {

Error bad_url(std::string_view text, std::string_view why) {
  return fail("'" + std::string(text) + "' " + std::string(why) +
                  "; wanted http://host:port/path or https://host:port/path",
              ExitCode::usage);
}

bool printable(std::string_view text) {
  for (const char c : text) {
    if (!toolkit::is_visible(c)) return false;
  }
  return true;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const bool tls = text.starts_with("https://");
  if (!tls && !text.starts_with("http://")) return bad_url(text, "does not begin with http:// or https://");
  if (!printable(text)) return bad_url(text, "has a blank or a character that is not ASCII");
  std::string_view rest = text.substr(text.find("//") + 2);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t slash = rest.find_first_of("/?");
  Url url;
  url.tls = tls;
  url.authority = rest.substr(0, slash);
  url.path = slash == std::string_view::npos ? "/" : rest.substr(slash);
  if (url.path.front() == '?') url.path.insert(0, "/");

  const std::string_view authority = url.authority;
  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && host_end == std::string_view::npos) return bad_url(text, "has no ]");
  url.host = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  std::string_view port = authority.substr(host_end == std::string_view::npos ? authority.size() : host_end);
  if (bracketed) port.remove_prefix(1);
  if (url.host.empty()) return bad_url(text, "has no host");
  url.port = port.empty() ? std::string(tls ? "443" : "80") : std::string(port.substr(1));
  const Result<std::uint64_t> number = toolkit::parse_number(url.port, 65535);
  if ((!port.empty() && port.front() != ':') || !number || *number == 0)
    return bad_url(text, "has no valid port");
  return url;
}

}  // namespace plateau::load
