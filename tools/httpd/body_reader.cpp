#include "httpd/body_reader.h"

#include "httpd/options.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;

}  // namespace

void BodyReader::begin(const RequestHead& head, bool hashed) {
  chunked_ = head.chunked;
  hashed_ = hashed;
  remaining_ = head.content_length;
  done_ = !chunked_ && remaining_ == 0;
  error_ = remaining_ > kMaxBody ? 413 : 0;
  size_ = 0;
  fnv1a_ = kFnvBasis;
  decoder_ = {};
}

std::size_t BodyReader::feed(std::string_view bytes) {
  if (done_ || error_ != 0) return 0;
  if (!chunked_) {
    const std::string_view data = bytes.substr(0, remaining_);
    take(data);
    remaining_ -= data.size();
    done_ = remaining_ == 0;
    return data.size();
  }
  const std::size_t consumed = decoder_.feed(bytes, [this](std::string_view data) { take(data); });
  if (decoder_.failed()) error_ = 400;
  if (size_ > kMaxBody) error_ = 413;
  done_ = decoder_.done() && error_ == 0;
  return consumed;
}

void BodyReader::take(std::string_view data) {
  size_ += data.size();
  if (!hashed_) return;
  for (const char c : data) fnv1a_ = (fnv1a_ ^ static_cast<unsigned char>(c)) * kFnvPrime;
}

}  // namespace plateau::httpd
