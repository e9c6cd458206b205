#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "sample.h"
#include "wire/event.h"

namespace plateau::wire::test {
namespace {

TEST(Decode, ViewsATurnAndItsPayload) {
  const Bytes bytes = turn_of("GET / HTTP/1.1", "HTTP/1.1 200", 42);
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event.ok()) << event.error().message;
  const auto* turn = std::get_if<Turn>(&*event);
  ASSERT_NE(turn, nullptr);
  EXPECT_EQ(turn->fixed->conn, 42u);
  EXPECT_EQ(turn->in, "GET / HTTP/1.1");
  EXPECT_EQ(turn->out, "HTTP/1.1 200");
}

TEST(Decode, ViewsWhatAGoroutineWaitedForBehindThePayload) {
  Bytes bytes = turn_of("GET / HTTP/1.1", "HTTP/1.1 200");
  const std::size_t at = (bytes.size + 7) / 8 * 8;
  bytes.words.resize(at / 8);
  for (pl_u64 ns = 1; ns <= PL_PARKS; ns++) bytes.words.push_back(ns);
  bytes.size = at + sizeof(pl_parks);
  EXPECT_EQ(std::get<Turn>(*decode(bytes.span())).parks, nullptr);
  bytes.as<pl_header>().size = static_cast<pl_u32>(bytes.size);
  bytes.as<pl_turn>().flags |= PL_TURN_PARKS;
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event.ok()) << event.error().message;
  ASSERT_NE(std::get<Turn>(*event).parks, nullptr);
  EXPECT_EQ(std::get<Turn>(*event).parks->ns[PL_PARK_OTHER], 1u);
  EXPECT_EQ(std::get<Turn>(*event).parks->ns[PL_PARK_RUNNABLE], 8u);
  EXPECT_EQ(std::get<Turn>(*event).out, "HTTP/1.1 200");
  bytes.as<pl_header>().size--;
  EXPECT_FALSE(decode(bytes.span()).ok());
}

TEST(Decode, ViewsAClose) {
  const Bytes bytes = close_of(9);
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event.ok());
  ASSERT_TRUE(std::holds_alternative<Close>(*event));
  EXPECT_EQ(std::get<Close>(*event).fixed->conn, 9u);
  EXPECT_EQ(std::get<Close>(*event).fixed->turns, 3u);
}

TEST(Decode, ViewsAWakerAndItsStack) {
  const std::string stack(PL_STACK_SLICE, 's');
  const Bytes bytes = waker_of(stack);
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event.ok());
  ASSERT_TRUE(std::holds_alternative<Waker>(*event));
  EXPECT_EQ(std::get<Waker>(*event).stack.size(), stack.size());
}

TEST(Decode, ViewsAPauseThatEndsAfterItBegan) {
  const Bytes bytes = pause_of(5, 9);
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event.ok());
  ASSERT_TRUE(std::holds_alternative<Pause>(*event));
  EXPECT_EQ(std::get<Pause>(*event).fixed->to_ns, 9u);
  EXPECT_FALSE(decode(pause_of(9, 5).span()).ok());
}

TEST(Decode, TakesTheFullestTurn) {
  EXPECT_TRUE(decode(turn_of(std::string(PL_CAPTURE_IN, 'i'), std::string(PL_CAPTURE_OUT, 'o')).span()).ok());
}

TEST(Decode, IgnoresWhatIsBehindTheRecord) {
  Bytes bytes = turn_of("in", "out");
  bytes.words.resize(bytes.words.size() + 4, ~0ull);
  bytes.size += 32;
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(std::get<Turn>(*event).out, "out");
}

TEST(Decode, RefusesEveryTruncation) {
  for (Bytes whole : {turn_of("request", "response"), close_of(1), waker_of("stack"), pause_of(1, 2)}) {
    for (std::size_t n = 0; n < whole.size; n++) {
      EXPECT_FALSE(decode(whole.first(n)).ok()) << "cut at " << n;
      Bytes claimed = whole;
      claimed.as<pl_header>().size = static_cast<pl_u32>(n);
      EXPECT_FALSE(decode(claimed.span()).ok()) << "claims " << n;
    }
  }
}

// Sets one field of a sound turn to a value that cannot be.
template <class Field, class Value>
void expect_refused(Field pl_turn::*field, Value value) {
  Bytes bytes = turn_of("request", "response");
  bytes.as<pl_turn>().*field = static_cast<Field>(value);
  const auto event = decode(bytes.span());
  ASSERT_FALSE(event.ok()) << static_cast<unsigned long long>(value);
  EXPECT_EQ(event.error().message.rfind("malformed record: ", 0), 0u);
}

TEST(Decode, RefusesLengthsOutOfRange) {
  expect_refused(&pl_turn::in_len, PL_CAPTURE_IN + 1);
  expect_refused(&pl_turn::in_len, 0xffff);
  expect_refused(&pl_turn::out_len, PL_CAPTURE_OUT + 1);
  expect_refused(&pl_turn::out_len, 0xffff);
  expect_refused(&pl_turn::tail_len, PL_TAIL + 1);
  expect_refused(&pl_turn::tail_len, 0xff);
}

TEST(Decode, RefusesMoreBytesCapturedThanMovedOrThanThere) {
  expect_refused(&pl_turn::bytes_in, 6);
  expect_refused(&pl_turn::bytes_out, 7);
  expect_refused(&pl_turn::in_len, 8);
  expect_refused(&pl_turn::out_len, 9);
}

TEST(Decode, RefusesAStackOutOfRange) {
  Bytes bytes = waker_of("stack");
  bytes.as<pl_waker>().stack_len = 6;
  EXPECT_FALSE(decode(bytes.span()).ok());
  bytes.as<pl_waker>().stack_len = 0xffffffff;
  EXPECT_FALSE(decode(bytes.span()).ok());
  EXPECT_FALSE(decode(waker_of(std::string(PL_STACK_SLICE + 1, 's')).span()).ok());
}

TEST(Decode, RefusesUnknownKinds) {
  for (const pl_u16 kind : {pl_u16{0}, pl_u16{5}, pl_u16{0xffff}}) {
    Bytes bytes = close_of(1);
    bytes.as<pl_header>().kind = kind;
    EXPECT_FALSE(decode(bytes.span()).ok()) << kind;
  }
}

TEST(Decode, RefusesSizesBeyondTheBytes) {
  for (const pl_u32 size : {pl_u32{49}, pl_u32{0x80000000}, pl_u32{0xffffffff}}) {
    Bytes bytes = close_of(1);
    bytes.as<pl_header>().size = size;
    EXPECT_FALSE(decode(bytes.span()).ok()) << size;
  }
}

// Whatever a sound record's bytes turn into, its views stay inside it.
TEST(Decode, NeverLooksOutsideOfTheRecord) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; i++) {
    Bytes bytes = i % 2 ? turn_of("request", "response") : waker_of("stack of a waker");
    for (std::size_t flips = 1 + random() % 4; flips > 0; flips--)
      std::as_writable_bytes(std::span(bytes.words))[random() % bytes.size] = std::byte(random() & 0xff);
    const auto event = decode(bytes.span());
    if (!event) continue;
    const auto* begin = static_cast<const void*>(bytes.words.data());
    const auto inside = [&](const void* data, std::size_t size) {
      return std::less_equal<>()(begin, data) &&
             static_cast<const char*>(data) + size <= static_cast<const char*>(begin) + bytes.size;
    };
    if (const auto* turn = std::get_if<Turn>(&*event)) {
      ASSERT_TRUE(inside(turn->in.data(), turn->in.size()) && inside(turn->out.data(), turn->out.size()));
    } else if (const auto* waker = std::get_if<Waker>(&*event)) {
      ASSERT_TRUE(inside(waker->stack.data(), waker->stack.size()));
    }
  }
}

}  // namespace
}  // namespace plateau::wire::test
