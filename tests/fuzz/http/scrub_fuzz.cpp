// Scrubbing: same size, same lines, same parse; a second time changes nothing.

#include <cstdint>
#include <string>

#include "http/head.h"
#include "http/scrub.h"
#include "require.h"

namespace {

using namespace plateau::http;

bool same_lines(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool line_end = a[i] == '\r' || a[i] == '\n';
    if (line_end ? a[i] != b[i] : (b[i] == '\r' || b[i] == '\n')) return false;
  }
  return a.size() == b.size();
}

bool same(const RequestHead& a, const RequestHead& b) {
  return a.method == b.method && a.target == b.target && a.has_query == b.has_query &&
         a.minor_version == b.minor_version && a.framing == b.framing &&
         a.content_length == b.content_length && a.keep_alive == b.keep_alive &&
         a.expect_continue == b.expect_continue && a.upgrade == b.upgrade && a.connect == b.connect &&
         a.size == b.size && a.traceparent == b.traceparent;
}

bool same(const ResponseHead& a, const ResponseHead& b) {
  return a.status == b.status && a.minor_version == b.minor_version && a.framing == b.framing &&
         a.content_length == b.content_length && a.keep_alive == b.keep_alive && a.interim == b.interim &&
         a.tunnel == b.tunnel && a.size == b.size;
}

template <class Head, class Parse>
void check_parse(std::string_view before, std::string_view after, Parse&& parse) {
  Head a;
  Head b;
  const ParseStatus status = parse(before, a);
  const ParseStatus scrubbed = parse(after, b);
  if (status == ParseStatus::malformed) {
    require(scrubbed != ParseStatus::complete, "scrubbing makes no head of what is none");
  } else {
    require(scrubbed == status && same(a, b), "a scrubbed head parses the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string before(reinterpret_cast<const char*>(data), size);
  std::string after = before;
  const std::size_t used = scrub_head(after);
  require(used <= size, "no more than the input is read");
  require(before.substr(used) == after.substr(used), "what follows the head is untouched");
  require(same_lines(before, after), "the lines stay");
  std::string again = after;
  require(scrub_head(again) == used && again == after, "a second time changes nothing");
  if (before.starts_with("HTTP/")) {
    check_parse<ResponseHead>(before, after, [](std::string_view bytes, ResponseHead& head) {
      return parse_response_head(bytes, false, false, head);
    });
  } else {
    check_parse<RequestHead>(before, after, parse_request_head);
  }
  return 0;
}
