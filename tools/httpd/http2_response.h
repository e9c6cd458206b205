// An answer as HTTP/2 fields and data.
#pragma once

#include "httpd/http2_stream.h"

struct nghttp2_session;

namespace plateau::httpd {

// Hands the stream's answer to the session; false if it was not taken. The stream must live until it closes.
bool submit_http2_answer(nghttp2_session* session, Http2Stream& stream);

}  // namespace plateau::httpd
