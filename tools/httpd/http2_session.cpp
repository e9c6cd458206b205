#include "httpd/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "httpd/http2_callbacks.h"
#include "httpd/http2_response.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kWriteSize = 64 * 1024;
constexpr std::size_t kKeepCapacity = 256 * 1024;
constexpr std::uint32_t kMaxStreams = 128;
constexpr std::int32_t kWindow = 1 << 20;  // bytes a peer may send before it must wait for us

}  // namespace

Http2Session::Http2Session(const Service& service, const std::string& peer, Watch& watch)
    : service_(service), peer_(peer), watch_(watch) {
  session_ = new_http2_session(this);
  broken_ = session_ == nullptr;
  if (broken_) return;
  const std::array<nghttp2_settings_entry, 3> settings = {
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, service.options.protocol.max_head}}};
  broken_ = nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0 ||
            nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow) != 0;
}

Http2Session::~Http2Session() {
  nghttp2_session_del(session_);
}

void Http2Session::received(std::string_view bytes, const Receipt& receipt) {
  if (broken_) return;
  receipt_ = receipt;
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ssize_t taken = nghttp2_session_mem_recv(session_, data, bytes.size());
  if (taken < 0) broken_ = true;
  note_wait();
}

// A wait that took too long is the fault of every request that is still incomplete.
void Http2Session::ended() {
  for (const auto& [id, stream] : streams_) {
    if (stream->complete) continue;
    if (watch_.expired() && stream->begun) {
      refuse(*stream, 408);
    } else {
      nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    }
  }
  finish();
}

void Http2Session::announce_end() {
  if (broken_ || finishing_ || std::exchange(announced_, true)) return;
  nghttp2_submit_shutdown_notice(session_);
}

void Http2Session::finish() {
  if (std::exchange(finishing_, true)) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
}

Http2Stream* Http2Session::find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

Http2Stream& Http2Session::open(std::int32_t id) {
  auto& stream = streams_[id];
  stream = std::make_unique<Http2Stream>(id, service_, peer_);
  RequestRecord& record = stream->record();
  record.seq = opened_++;
  record.rx_ns = receipt_.rx_ns;
  record.read_ns = receipt_.read_ns;
  record.tid_read = receipt_.tid;
  return *stream;
}

void Http2Session::ready(Http2Stream& stream) {
  stream.complete = true;
  ready_.push_back(stream.id());
}

void Http2Session::refuse(Http2Stream& stream, int status) {
  if (stream.complete) return;
  stream.refused = true;
  stream.exchange().refuse(status);
  ready(stream);
}

void Http2Session::request_complete(Http2Stream& stream) {
  if (!stream.complete) ready(stream);
}

Http2Stream* Http2Session::peek() {
  while (!ready_.empty()) {
    if (Http2Stream* const stream = find(ready_.front())) return stream;
    ready_.pop_front();
  }
  return nullptr;
}

Http2Stream* Http2Session::next() {
  Http2Stream* const stream = peek();
  if (stream != nullptr) ready_.pop_front();
  return stream;
}

void Http2Session::answer(Http2Stream& stream) {
  if (turned_away_) stream.exchange().refuse(503);
  stream.answered = true;
  const Options& options = service_.options;
  const bool last = turned_away_ || !options.keep_alive || opened_ == options.requests_per_connection;
  if (!submit_http2_answer(session_, stream)) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id(), NGHTTP2_INTERNAL_ERROR);
  }
  if (last) finish();
  note_wait();
}

std::string_view Http2Session::pending() {
  const bool in_use = !out_.empty();  // by a write that is under way: its bytes stay where they are
  while (!broken_ && !in_use && out_.size() < kWriteSize) {
    const std::uint8_t* data = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_, &data);
    if (count < 0) broken_ = true;
    if (count <= 0) break;
    out_.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(count));
  }
  return std::string_view(out_).substr(sent_);
}

void Http2Session::sent(std::size_t count, std::uint64_t now) {
  sent_ += count;
  if (sent_ < out_.size()) return;
  out_.clear();
  sent_ = 0;
  if (out_.capacity() > kKeepCapacity) out_.shrink_to_fit();
  for (auto& stream : closing_) {
    if (stream->last_sent) stream->record().write_ns = at(stream->record().stages, Stage::send).end = now;
    finished_.push_back(std::move(stream));
  }
  closing_.clear();
}

void Http2Session::closed(std::int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  auto& place = found->second->last_sent ? closing_ : finished_;
  if (found->second->answered) place.push_back(std::move(found->second));
  streams_.erase(found);
  note_wait();
}

void Http2Session::give_up() {
  for (auto& stream : closing_) finished_.push_back(std::move(stream));
  closing_.clear();
  for (auto& [id, stream] : streams_) {
    if (stream->answered) finished_.push_back(std::move(stream));
  }
  streams_.clear();
}

std::vector<std::unique_ptr<Http2Stream>> Http2Session::take_finished() {
  return std::exchange(finished_, {});
}

bool Http2Session::done() const {
  if (broken_) return true;
  if (nghttp2_session_want_write(session_) != 0 || sent_ < out_.size()) return false;
  return nghttp2_session_want_read(session_) == 0 || (finishing_ && streams_.empty());
}

// While a request is worked on, or its answer waits for the peer's window, no time runs.
void Http2Session::note_wait() {
  if (streams_.empty()) return watch_.wait(Waiting::request, opened_ + 1);
  const bool all_complete =
      std::all_of(streams_.begin(), streams_.end(), [](const auto& entry) { return entry.second->complete; });
  if (all_complete) return watch_.busy();
  watch_.wait(Waiting::body, opened_ + 1);
}

}  // namespace plateau::httpd
