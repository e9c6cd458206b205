// Heads: never a crash, views inside the input, a verdict that does not change with what follows the head.

#include <cstdint>

#include "http/head.h"
#include "require.h"

namespace {

using namespace plateau::http;

bool inside(std::string_view part, std::string_view bytes) {
  if (part.empty() || part == "/") return true;
  return part.data() >= bytes.data() && part.data() + part.size() <= bytes.data() + bytes.size();
}

template <class Head, class Parse>
void check_prefixes(std::string_view bytes, ParseStatus status, const Head& head, Parse&& parse) {
  Head other;
  if (status == ParseStatus::complete) {
    require(head.size > 0 && head.size <= bytes.size(), "the size is within the input");
    require(parse(bytes.substr(0, head.size), other) == ParseStatus::complete, "the head alone is complete");
    require(other.size == head.size && other.framing == head.framing, "and means the same");
    require(parse(bytes.substr(0, head.size - 1), other) == ParseStatus::incomplete, "one byte less is not");
  }
  if (status == ParseStatus::incomplete) {
    require(parse(bytes.substr(0, bytes.size() / 2), other) == ParseStatus::incomplete, "nor is half of it");
  }
}

void check_request(std::string_view bytes) {
  RequestHead head;
  const ParseStatus status = parse_request_head(bytes, head);
  if (status == ParseStatus::malformed) return;
  require(inside(head.method, bytes) && inside(head.target, bytes) && inside(head.traceparent, bytes),
          "views point into the input");
  require(looks_like_request(bytes) || sniff_request(bytes) == Protocol::http2_preface,
          "what parses is sniffed as HTTP/1");
  if (status == ParseStatus::complete) {
    require(!head.method.empty(), "a whole head has a method");
    require(!head.target.empty() || head.has_query || bytes.find('#') != bytes.npos,
            "and a path, or only a query");
    require(head.framing == BodyFraming::length || head.content_length == 0,
            "a length only with its framing");
  }
  check_prefixes(bytes, status, head,
                 [](std::string_view b, RequestHead& h) { return parse_request_head(b, h); });
}

void check_response(std::string_view bytes, bool to_head, bool to_connect) {
  ResponseHead head;
  const auto parse = [=](std::string_view b, ResponseHead& h) {
    return parse_response_head(b, to_head, to_connect, h);
  };
  const ParseStatus status = parse(bytes, head);
  if (status == ParseStatus::malformed) return;
  require(looks_like_response(bytes), "what parses is sniffed as HTTP/1");
  if (status == ParseStatus::complete) {
    require(head.status >= 100 && head.status <= 999, "the status has three digits");
    require(!to_head || head.framing == BodyFraming::none, "no body answers HEAD");
    require(!(head.interim || head.tunnel) || head.framing == BodyFraming::none, "nor follows 1xx");
  }
  check_prefixes(bytes, status, head, parse);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_request(bytes);
  check_response(bytes, false, false);
  check_response(bytes, true, false);
  check_response(bytes, false, true);
  return 0;
}
