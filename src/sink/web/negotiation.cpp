#include "sink/web/negotiation.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "sink/flame/gzip.h"

namespace plateau::sink::web {
namespace {

constexpr std::string_view kBlanks = " \t";

// The text up to the separator, which is taken off the rest; without the blanks around it.
std::string_view next(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  std::string_view item = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  item.remove_prefix(std::min(item.find_first_not_of(kBlanks), item.size()));
  const std::size_t last = item.find_last_not_of(kBlanks);
  return last == std::string_view::npos ? std::string_view() : item.substr(0, last + 1);
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return lower(x) == lower(y);
  });
}

// A weight that cannot be read is none at all.
double weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = next(parameters, ';');
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    double q = 0;
    const auto [end, error] = std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), q);
    return error == std::errc() && end == parameter.data() + parameter.size() && q >= 0 && q <= 1 ? q : 0;
  }
  return 1;
}

}  // namespace

double weight_of(std::string_view header, std::string_view name) {
  double best = -1;
  while (!header.empty()) {
    std::string_view item = next(header, ',');
    if (same(next(item, ';'), name)) best = std::max(best, weight(item));
  }
  return best;
}

bool accepts_gzip(std::string_view accept_encoding) {
  const double gzip = weight_of(accept_encoding, "gzip");
  return gzip > 0 || (gzip < 0 && weight_of(accept_encoding, "*") > 0);
}

bool prefers_openmetrics(std::string_view accept) {
  const double openmetrics = weight_of(accept, "application/openmetrics-text");
  return openmetrics > 0 && openmetrics >= weight_of(accept, "text/plain");
}

std::string gzip_quickly(std::string_view bytes) {
  return flame::gzip(bytes, Z_BEST_SPEED);
}

}  // namespace plateau::sink::web
