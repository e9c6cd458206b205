#include "httpd/body_reader.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;
constexpr std::size_t kKeepCapacity = 64 * 1024;

}  // namespace

void BodySink::begin(BodyUse use) {
  use_ = use;
  size_ = 0;
  fnv1a_ = kFnvBasis;
  text_.clear();
  if (text_.capacity() > kKeepCapacity) text_.shrink_to_fit();
}

void BodySink::take(std::string_view data) {
  size_ += data.size();
  if (use_ == BodyUse::keep) text_.append(data);
  if (use_ != BodyUse::hash) return;
  for (const char c : data) fnv1a_ = (fnv1a_ ^ static_cast<unsigned char>(c)) * kFnvPrime;
}

void BodyReader::begin(const RequestHead& head, std::uint64_t max) {
  chunked_ = head.chunked;
  max_ = max;
  remaining_ = head.content_length;
  done_ = !chunked_ && remaining_ == 0;
  error_ = remaining_ > max ? 413 : 0;
  if (chunked_) decoder_ = {};
}

std::size_t BodyReader::feed(std::string_view bytes, BodySink& sink) {
  if (done_ || error_ != 0) return 0;
  if (!chunked_) {
    const std::string_view data = bytes.substr(0, remaining_);
    sink.take(data);
    remaining_ -= data.size();
    done_ = remaining_ == 0;
    return data.size();
  }
  const std::size_t consumed = decoder_.feed(bytes, [&](std::string_view data) {
    if (error_ == 0 && sink.size() + data.size() > max_) error_ = 413;
    if (error_ == 0) sink.take(data);
  });
  if (decoder_.failed()) error_ = 400;
  done_ = decoder_.done() && error_ == 0;
  return consumed;
}

}  // namespace plateau::httpd
