// What a client says it takes (RFC 9110, section 12.5). Pure.
#pragma once

#include <string>
#include <string_view>

namespace plateau::sink::web {

// Weight from 0 to 1 that the header gives to exactly this media type or coding (parameters other than q and
// the case of letters do not matter); of several the highest; -1 if it is not named.
double weight_of(std::string_view header, std::string_view name);

bool accepts_gzip(std::string_view accept_encoding);
// Whether a scraper likes OpenMetrics as much as plain text, or better.
bool prefers_openmetrics(std::string_view accept);

// In gzip's format, at its fastest.
std::string gzip_quickly(std::string_view bytes);

}  // namespace plateau::sink::web
