#include "httpd/http2_response.h"

#include <nghttp2/nghttp2.h>

#include <string>
#include <vector>

#include "httpd/http_date.h"
#include "toolkit/field_text.h"

namespace plateau::httpd {
namespace {

std::uint8_t* bytes_of(std::string_view text) {
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
}

// Fields whose values outlive the submission, which copies them.
class FieldList {
 public:
  void add(std::string_view name, std::string_view value) {
    fields_.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }

  // Whole lines of HTTP/1; `lowered` keeps their names in lower case.
  void add_lines(std::string_view lines, std::string& lowered) {
    lowered = lines;
    for (char& c : lowered) c = c == '\r' ? '\n' : c;
    std::string_view rest = lowered;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 2));
      const std::size_t colon = line.find(": ");
      if (colon == std::string_view::npos) continue;
      char* const name = lowered.data() + (line.data() - lowered.data());
      for (std::size_t i = 0; i < colon; ++i) name[i] = toolkit::lower(name[i]);
      add(line.substr(0, colon), line.substr(colon + 2));
    }
  }

  const std::vector<nghttp2_nv>& all() const { return fields_; }

 private:
  std::vector<nghttp2_nv> fields_;
};

ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t size, std::uint32_t* flags,
                  nghttp2_data_source* source, void*) {
  bool last = false;
  auto& stream = *static_cast<Http2Stream*>(source->ptr);
  const std::size_t count = stream.read_body(reinterpret_cast<char*>(to), size, last);
  if (last) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

}  // namespace

bool submit_http2_answer(nghttp2_session* session, Http2Stream& stream) {
  const Reply& reply = stream.answer();
  const std::string status = std::to_string(reply.status);
  const std::string length = std::to_string(reply.body.size());
  std::string lowered;
  FieldList fields;
  fields.add(":status", status);
  fields.add("server", "plateau-httpd");
  fields.add("date", http_date());
  const bool bodiless = reply.framing == Framing::none;
  if (!bodiless) fields.add("content-type", reply.type);
  if (!bodiless && stream.exchange().route().kind != RouteKind::chunked) fields.add("content-length", length);
  if (!reply.allow.empty()) fields.add("allow", reply.allow);
  fields.add_lines(reply.fields, lowered);
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = read_body;
  const bool empty = bodiless || reply.head_only || reply.body.size() == 0;
  return nghttp2_submit_response(session, stream.id(), fields.all().data(), fields.all().size(),
                                 empty ? nullptr : &provider) == 0;
}

}  // namespace plateau::httpd
