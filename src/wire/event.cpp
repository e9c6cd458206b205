#include "wire/event.h"

#include <algorithm>
#include <string>

namespace plateau::wire {
namespace {

Error malformed(const char* what) {
  return fail(std::string("malformed record: ") + what);
}

template <class Fixed>
const Fixed* fixed_part(std::span<const std::byte> record) {
  return record.size() < sizeof(Fixed) ? nullptr
                                       : static_cast<const Fixed*>(static_cast<const void*>(record.data()));
}

std::string_view text_at(std::span<const std::byte> record, std::size_t offset, std::size_t len) {
  return {static_cast<const char*>(static_cast<const void*>(record.data() + offset)), len};
}

// Fixed parts lie at multiples of eight.
constexpr std::size_t aligned(std::size_t offset) {
  return (offset + 7) / 8 * 8;
}

Result<Event> decode_turn(std::span<const std::byte> record) {
  const auto* turn = fixed_part<pl_turn>(record);
  if (!turn) return malformed("short turn");
  if (turn->in_len > PL_CAPTURE_IN || turn->out_len > PL_CAPTURE_OUT || turn->tail_len > PL_TAIL)
    return malformed("lengths of a turn out of range");
  const std::size_t end = sizeof(pl_turn) + turn->in_len + turn->out_len;
  if (record.size() < end) return malformed("turn cut off");
  if (turn->in_len > turn->bytes_in || turn->out_len > turn->bytes_out)
    return malformed("more bytes captured than moved");
  Turn whole{turn, text_at(record, sizeof(pl_turn), turn->in_len),
             text_at(record, sizeof(pl_turn) + turn->in_len, turn->out_len)};
  if (turn->flags & PL_TURN_PARKS) {
    whole.parks = fixed_part<pl_parks>(record.subspan(std::min(aligned(end), record.size())));
    if (!whole.parks) return malformed("turn cut off");
  }
  return Event{whole};
}

Result<Event> decode_close(std::span<const std::byte> record) {
  const auto* close = fixed_part<pl_close>(record);
  if (!close) return malformed("short close");
  return Event{Close{close}};
}

Result<Event> decode_waker(std::span<const std::byte> record) {
  const auto* waker = fixed_part<pl_waker>(record);
  if (!waker) return malformed("short waker");
  if (waker->stack_len > PL_STACK_SLICE || record.size() < sizeof(pl_waker) + waker->stack_len)
    return malformed("stack cut off");
  return Event{Waker{waker, record.subspan(sizeof(pl_waker), waker->stack_len)}};
}

Result<Event> decode_pause(std::span<const std::byte> record) {
  const auto* pause = fixed_part<pl_pause>(record);
  if (!pause) return malformed("short pause");
  if (pause->to_ns < pause->from_ns) return malformed("a pause that ends before it begins");
  return Event{Pause{pause}};
}

// `fixed`: the size of what comes before the stack.
Status check_stack(const pl_sample& sample, std::size_t fixed, std::size_t size) {
  if (sample.data_len > PL_PROFILE_SLICE || size < fixed + sample.data_len)
    return malformed("sampled stack cut off");
  if (sample.kernel_frames > PL_KERNEL_FRAMES) return malformed("kernel frames of a sample out of range");
  return success();
}

Result<Event> decode_sample(std::span<const std::byte> record) {
  const auto* sample = fixed_part<pl_sample>(record);
  if (!sample) return malformed("short sample");
  if (auto whole = check_stack(*sample, sizeof(*sample), record.size()); !whole) return whole.error();
  return Event{Sample{sample, record.subspan(sizeof(*sample), sample->data_len)}};
}

Result<Event> decode_wake(std::span<const std::byte> record) {
  const auto* wake = fixed_part<pl_wake>(record);
  if (!wake) return malformed("short wake-up");
  if (auto whole = check_stack(wake->by, sizeof(*wake), record.size()); !whole) return whole.error();
  return Event{Wake{wake, record.subspan(sizeof(*wake), wake->by.data_len)}};
}

Result<Event> decode_slept(std::span<const std::byte> record) {
  const auto* slept = fixed_part<pl_slept>(record);
  if (!slept) return malformed("short end of a sleep");
  if (slept->woken_ns < slept->from_ns) return malformed("a sleep that ends before it begins");
  return Event{Slept{slept}};
}

Result<Event> decode_stop(std::span<const std::byte> record) {
  const auto* stop = fixed_part<pl_stop>(record);
  if (!stop) return malformed("short stop");
  if (stop->to_ns && stop->to_ns < stop->from_ns) return malformed("a stop that ends before it begins");
  return Event{Stop{stop}};
}

}  // namespace

Result<Event> decode(std::span<const std::byte> bytes) {
  const auto* header = fixed_part<pl_header>(bytes);
  if (!header) return malformed("short header");
  if (header->size < sizeof(pl_header) || header->size > bytes.size()) return malformed("size out of range");
  const auto record = bytes.first(header->size);
  switch (header->kind) {
    case PL_RECORD_TURN:
      return decode_turn(record);
    case PL_RECORD_CLOSE:
      return decode_close(record);
    case PL_RECORD_WAKER:
      return decode_waker(record);
    case PL_RECORD_PAUSE:
      return decode_pause(record);
    case PL_RECORD_SAMPLE:
      return decode_sample(record);
    case PL_RECORD_SLEPT:
      return decode_slept(record);
    case PL_RECORD_STOP:
      return decode_stop(record);
    case PL_RECORD_WAKE:
      return decode_wake(record);
    default:
      return malformed("unknown kind");
  }
}

}  // namespace plateau::wire
