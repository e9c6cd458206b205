// Where libnghttp2 meets Http2Session.
#pragma once

struct nghttp2_session;

namespace plateau::httpd {

class Http2Session;

// A server session that reports to `owner`; null without memory. Delete it with nghttp2_session_del().
nghttp2_session* new_http2_session(Http2Session* owner);

}  // namespace plateau::httpd
