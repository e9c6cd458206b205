// Any bytes as a record of the ring: an error, or views that stay inside it.

#include <cstring>
#include <functional>
#include <vector>

#include "../http/require.h"
#include "wire/event.h"

namespace {

using namespace plateau::wire;

struct Record {
  std::span<const std::byte> bytes;

  void holds(const void* data, std::size_t size) const {
    const auto* begin = bytes.data();
    const auto* at = static_cast<const std::byte*>(data);
    const bool inside = size == 0 || (std::less_equal<>()(begin, at) && at + size <= begin + bytes.size());
    require(inside, "a view stays inside its record");
  }
};

void check(const Record& record, const Event& event) {
  if (const auto* turn = std::get_if<Turn>(&event)) {
    record.holds(turn->fixed, sizeof(*turn->fixed));
    record.holds(turn->in.data(), turn->in.size());
    record.holds(turn->out.data(), turn->out.size());
    require(turn->in.size() <= turn->fixed->bytes_in && turn->out.size() <= turn->fixed->bytes_out,
            "no more is captured than moved");
    require(turn->fixed->tail_len <= PL_TAIL, "a tail fits");
  } else if (const auto* close = std::get_if<Close>(&event)) {
    record.holds(close->fixed, sizeof(*close->fixed));
  } else if (const auto* waker = std::get_if<Waker>(&event)) {
    record.holds(waker->fixed, sizeof(*waker->fixed));
    record.holds(waker->stack.data(), waker->stack.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint64_t> words((size + 7) / 8);
  if (size) std::memcpy(words.data(), data, size);
  const Record record{std::as_bytes(std::span(words)).first(size)};
  const auto event = decode(record.bytes);
  if (event) check(record, *event);
  require(event.ok() || !event.error().message.empty(), "an error says something");
  return 0;
}
