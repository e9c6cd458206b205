#include <algorithm>

#include "http/framing.h"

namespace plateau::http {

void BodyCursor::start(BodyFraming framing, std::uint64_t length) {
  framing_ = framing;
  remaining_ = framing == BodyFraming::length ? length : 0;
  chunks_ = ChunkDecoder();
}

std::size_t BodyCursor::feed(std::string_view bytes) {
  switch (framing_) {
    case BodyFraming::none:
      return 0;
    case BodyFraming::length: {
      const std::uint64_t n = std::min<std::uint64_t>(remaining_, bytes.size());
      remaining_ -= n;
      return static_cast<std::size_t>(n);
    }
    case BodyFraming::chunked:
      return chunks_.feed(bytes);
    case BodyFraming::until_close:
      return bytes.size();
  }
  return 0;
}

std::uint64_t BodyCursor::skip(std::uint64_t bytes) {
  switch (framing_) {
    case BodyFraming::none:
      return 0;
    case BodyFraming::length: {
      const std::uint64_t n = std::min(remaining_, bytes);
      remaining_ -= n;
      return n;
    }
    case BodyFraming::chunked:
      return chunks_.skip(bytes);
    case BodyFraming::until_close:
      return bytes;
  }
  return 0;
}

BodyCursor::State BodyCursor::state() const {
  switch (framing_) {
    case BodyFraming::none:
      return State::done;
    case BodyFraming::length:
      return remaining_ == 0 ? State::done : State::running;
    case BodyFraming::chunked:
      break;
    case BodyFraming::until_close:
      return State::running;
  }
  switch (chunks_.state()) {
    case ChunkDecoder::State::done:
      return State::done;
    case ChunkDecoder::State::broken:
      return State::broken;
    case ChunkDecoder::State::lost:
      return State::lost;
    default:
      return State::running;
  }
}

}  // namespace plateau::http
