#include "httpd/http2_callbacks.h"

#include <nghttp2/nghttp2.h>

#include <string_view>

#include "httpd/http2_session.h"
#include "httpd/stamp_clock.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kFrameHead = 9;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint64_t wire_size(const nghttp2_frame& frame) {
  return kFrameHead + frame.hd.length;
}

bool opens_request(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

bool ends_stream(const nghttp2_frame& frame) {
  return (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) &&
         (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

}  // namespace

struct Http2Callbacks {
  static Http2Session& of(void* owner) { return *static_cast<Http2Session*>(owner); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* owner) {
    if (opens_request(*frame)) of(owner).open(frame->hd.stream_id);
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                    void* owner) {
    Http2Session& session = of(owner);
    Http2Stream* const stream = session.find(frame->hd.stream_id);
    if (stream == nullptr || !opens_request(*frame)) return 0;
    const int error = stream->add_field(text_of(name, name_size), text_of(value, value_size),
                                        session.service_.options.protocol);
    if (error != 0) session.refuse(*stream, error);
    return 0;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* owner) {
    Http2Session& self = of(owner);
    Http2Stream* const stream = self.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->record().bytes_in += wire_size(*frame);
    if (opens_request(*frame) && !stream->refused) head_complete(session, *frame, self, *stream);
    if (ends_stream(*frame)) self.request_complete(*stream);
    return 0;
  }

  static void head_complete(nghttp2_session* session, const nghttp2_frame& frame, Http2Session& self,
                            Http2Stream& stream) {
    stream.head_complete(self.service_.truth != nullptr);
    if (!stream.expects_continue() || ends_stream(frame)) return;
    static constexpr std::string_view kName = ":status";
    static constexpr std::string_view kValue = "100";
    const nghttp2_nv status{const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(kName.data())),
                            const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(kValue.data())),
                            kName.size(), kValue.size(), NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, stream.id(), nullptr, &status, 1, nullptr);
  }

  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t size, void* owner) {
    Http2Session& session = of(owner);
    Http2Stream* const stream = session.find(id);
    if (stream == nullptr || stream->complete) return 0;
    BodySink& body = stream->exchange().body();
    if (body.size() + size > session.service_.options.protocol.max_body) {
      session.refuse(*stream, 413);
    } else {
      body.take(text_of(bytes, size));
    }
    return 0;
  }

  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* owner) {
    Http2Stream* const stream = of(owner).find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    RequestRecord& record = stream->record();
    record.bytes_out += wire_size(*frame);
    Span& send = at(record.stages, Stage::send);
    if (of(owner).service_.truth && stream->answered && send.begin == 0) send.begin = stamp_clock().now();
    if (!ends_stream(*frame)) return 0;
    stream->last_sent = true;
    // The peer may stop sending what nobody will read.
    if (stream->refused) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    }
    return 0;
  }

  static int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t, void* owner) {
    of(owner).closed(id);
    return 0;
  }
};

nghttp2_session* new_http2_session(Http2Session* owner) {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) return nullptr;
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &Http2Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &Http2Callbacks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &Http2Callbacks::frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &Http2Callbacks::data);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, &Http2Callbacks::frame_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &Http2Callbacks::stream_closed);
  nghttp2_session* session = nullptr;
  if (nghttp2_session_server_new(&session, callbacks, owner) != 0) session = nullptr;
  nghttp2_session_callbacks_del(callbacks);
  return session;
}

}  // namespace plateau::httpd
