#include "httpd/http2_session.h"

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace plateau::httpd {
namespace {

// A client by the same library, joined to a session by memory.
class Peer {
 public:
  explicit Peer(const Service& service) : server_(service, name_, watch_) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &Peer::header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &Peer::data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &Peer::closed);
    nghttp2_session_client_new(&client_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(client_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Peer() { nghttp2_session_del(client_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::int32_t ask(const std::string& method, const std::string& path, const std::string& body = {},
                   const std::vector<std::pair<std::string, std::string>>& more = {}) {
    std::vector<std::pair<std::string, std::string>> head = {
        {":method", method}, {":path", path}, {":scheme", "http"}, {":authority", "a"}};
    head.insert(head.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> fields;
    for (const auto& [name, value] : head) fields.push_back(field(name, value));
    body_ = body;
    nghttp2_data_provider provider{};
    provider.source.ptr = &body_;
    provider.read_callback = &Peer::read;
    return nghttp2_submit_request(client_, nullptr, fields.data(), fields.size(),
                                  method == "POST" ? &provider : nullptr, nullptr);
  }

  // Moves bytes both ways, at most `accepted` at a time towards the client, until neither has any.
  void exchange(std::size_t accepted = std::string::npos) {
    bool moved = true;
    while (moved) {
      moved = false;
      const std::uint8_t* bytes = nullptr;
      ssize_t count = 0;
      while ((count = nghttp2_session_mem_send(client_, &bytes)) > 0) {
        server_.received({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count)}, {});
        moved = true;
      }
      while (Http2Stream* const stream = server_.next()) server_.answer(*stream);
      std::string_view pending = server_.pending();
      while (!pending.empty()) {
        pending = pending.substr(0, accepted);
        ASSERT_EQ(nghttp2_session_mem_recv(client_, reinterpret_cast<const std::uint8_t*>(pending.data()),
                                           pending.size()),
                  static_cast<ssize_t>(pending.size()));
        server_.sent(pending.size(), ++now_);
        moved = true;
        pending = server_.pending();
      }
      for (auto& stream : server_.take_finished()) finished_.push_back(std::move(stream));
    }
  }

  struct Got {
    std::map<std::string, std::string> fields;
    std::string body;
    bool closed = false;
  };

  Http2Session& server() { return server_; }
  Watch& watch() { return watch_; }
  Got& got(std::int32_t id) { return got_[id]; }
  const std::vector<std::unique_ptr<Http2Stream>>& finished() const { return finished_; }

 private:
  static nghttp2_nv field(const std::string& name, const std::string& value) {
    auto* const n = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(name.data()));
    auto* const v = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(value.data()));
    return {n, v, name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  }
  static std::string text(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                    void* peer) {
    static_cast<Peer*>(peer)->got_[frame->hd.stream_id].fields[text(name, name_size)] =
        text(value, value_size);
    return 0;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t size, void* peer) {
    static_cast<Peer*>(peer)->got_[id].body += text(bytes, size);
    return 0;
  }
  static int closed(nghttp2_session*, std::int32_t id, std::uint32_t, void* peer) {
    static_cast<Peer*>(peer)->got_[id].closed = true;
    return 0;
  }
  static ssize_t read(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t size,
                      std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& rest = *static_cast<std::string*>(source->ptr);
    const std::size_t count = std::min(size, rest.size());
    std::copy_n(rest.begin(), count, to);
    rest.erase(0, count);
    if (rest.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  std::string name_ = "127.0.0.1:1";
  Watch watch_;
  Http2Session server_;
  nghttp2_session* client_ = nullptr;
  std::string body_;
  std::map<std::int32_t, Got> got_;
  std::vector<std::unique_ptr<Http2Stream>> finished_;
  std::uint64_t now_ = 0;
};

TEST(Http2Session, AnswersTheSameRoutes) {
  const Service service(Options{}, nullptr);
  Peer peer(service);
  const std::int32_t user = peer.ask("GET", "/users/7?q=1");
  const std::int32_t none = peer.ask("GET", "/nowhere");
  const std::int32_t head = peer.ask("HEAD", "/bytes/9");
  const std::int32_t empty = peer.ask("GET", "/status/204");
  peer.exchange();
  EXPECT_EQ(peer.got(user).fields[":status"], "200");
  EXPECT_EQ(peer.got(user).fields["content-type"], "application/json");
  EXPECT_EQ(peer.got(user).body, "{\"id\":7,\"name\":\"user\"}\n");
  EXPECT_EQ(peer.got(none).fields[":status"], "404");
  EXPECT_EQ(peer.got(head).fields["content-length"], "9");
  EXPECT_EQ(peer.got(head).body, "");
  EXPECT_EQ(peer.got(empty).fields[":status"], "204");
  EXPECT_EQ(peer.got(empty).fields.count("content-length"), 0u);
  EXPECT_TRUE(peer.server().idle());
}

TEST(Http2Session, MovesBodiesBeyondEveryWindowAndPiece) {
  const Service service(Options{}, nullptr);
  Peer peer(service);
  const std::int32_t down = peer.ask("GET", "/bytes/3000017");
  const std::int32_t up = peer.ask("POST", "/echo", std::string(3'000'017, 'z'));
  peer.exchange(1009);
  EXPECT_EQ(peer.got(down).body.size(), 3'000'017u);
  EXPECT_EQ(peer.got(down).body.substr(0, 10), "0123456789");
  EXPECT_TRUE(peer.got(up).body.starts_with("{\"length\":3000017,")) << peer.got(up).body;
}

TEST(Http2Session, KeepsARecordOfEachStream) {
  Options options;
  const Service service(options, nullptr);
  Peer peer(service);
  for (int i = 0; i < 3; ++i) peer.ask("GET", "/users/1");
  peer.exchange();
  ASSERT_EQ(peer.finished().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    RequestRecord& record = peer.finished()[i]->record();
    EXPECT_EQ(record.seq, i);
    EXPECT_EQ(record.status, 200);
    EXPECT_GT(record.bytes_in, 9u);
    EXPECT_GT(record.bytes_out, 9u + 23u);
    EXPECT_NE(record.write_ns, 0u);
  }
}

TEST(Http2Session, ObeysTheLimits) {
  Options options;
  options.protocol.max_body = 10;
  options.protocol.max_headers = 3;
  const Service service(options, nullptr);
  Peer peer(service);
  const std::int32_t large = peer.ask("POST", "/echo", std::string(100'000, 'x'));
  peer.exchange();
  EXPECT_EQ(peer.got(large).fields[":status"], "413");
  EXPECT_TRUE(peer.got(large).closed);
  const std::int32_t many = peer.ask("GET", "/", {}, {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
  const std::int32_t fine = peer.ask("GET", "/users/1");
  peer.exchange();
  EXPECT_EQ(peer.got(many).fields[":status"], "431");
  EXPECT_EQ(peer.got(fine).fields[":status"], "200");
}

TEST(Http2Session, TakesOverIdAndTrace) {
  Options options;
  options.protocol.request_id = options.protocol.trace = true;
  const Service service(options, nullptr);
  Peer peer(service);
  const std::int32_t id = peer.ask(
      "GET", "/", {},
      {{"x-request-id", "r-1"}, {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  peer.exchange();
  EXPECT_EQ(peer.got(id).fields["x-request-id"], "r-1");
  EXPECT_TRUE(peer.got(id).fields["traceparent"].starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
}

TEST(Http2Session, TurnsAwayAndEnds) {
  const Service service(Options{}, nullptr);
  Peer peer(service);
  peer.server().turn_away();
  const std::int32_t id = peer.ask("GET", "/");
  peer.exchange();
  EXPECT_EQ(peer.got(id).fields[":status"], "503");
  EXPECT_TRUE(peer.server().done());
}

TEST(Http2Session, EndsOnceFinishedAndAnswered) {
  const Service service(Options{}, nullptr);
  Peer peer(service);
  const std::int32_t id = peer.ask("GET", "/users/1");
  peer.exchange();
  EXPECT_FALSE(peer.server().done());
  peer.server().finish();
  peer.exchange();
  EXPECT_TRUE(peer.server().done());
  EXPECT_EQ(peer.got(id).fields[":status"], "200");
}

TEST(Http2Session, EndsAtBytesThatAreNoHttp2) {
  const Service service(Options{}, nullptr);
  const std::string name;
  Watch watch;
  Http2Session session(service, name, watch);
  session.received("PRI * HTTP/1.1\r\n\r\nnonsense that is long enough", {});
  EXPECT_TRUE(session.done());
}

}  // namespace
}  // namespace plateau::httpd
