// What is drawn of stacks for which there was no room.
#include <gmock/gmock.h>

#include <map>
#include <string>

#include "app/flame.h"

namespace plateau::app {
namespace {

wire::ProfileStack stack(std::uint32_t id, const std::string& name) {
  wire::ProfileStack stack;
  stack.id = id;
  stack.frames.resize(1);
  stack.frames[0].name = name;
  return stack;
}

// Seven nanoseconds of a request's time.
wire::StackSample asleep(std::uint64_t from, std::uint32_t stack, std::uint32_t waker) {
  wire::StackSample sample;
  sample.kind = PL_SAMPLE_SLEEP;
  sample.tid = 1;
  sample.from_ns = from;
  sample.woken_ns = sample.run_ns = from + 7;
  sample.stack = stack;
  sample.waker = waker;
  return sample;
}

// A request of thread 1, from 100 to 200, with whatever it slept.
void serve(attribution::Profile& profile) {
  pl_turn turn{};
  turn.conn = 1;
  turn.reader_tid = turn.writer_tid = 1;
  turn.recv_first_ns = turn.recv_last_ns = 101;
  turn.send_first_ns = turn.send_last_ns = 200;
  turn.calls_in = turn.calls_out = 1;
  turn.state[PL_STATE_FUTEX] = 100;
  profile.turn(turn);
  request::Request request;
  request.conn = 1;
  request.ready_ns = request.recv_ns = 101;
  request.end_ns = 200;
  profile.request(request);
}

TEST(FlameCollector, WhatThereWasNoRoomForIsDrawnAsOther) {
  FlameOptions options;
  options.kind = FlameKind::offcpu;
  options.wakers = true;
  Pipeline pipeline;
  attribution::ProfileLimits limits;
  limits.pairs = 1;
  limits.sums = 2;
  FlameCollector collector(options, pipeline, limits);
  for (const auto& [id, name] : std::map<std::uint32_t, std::string>{{1, "a"}, {2, "b"}, {4, "w"}, {5, "x"}})
    collector.stack(stack(id, name));
  collector.sample(asleep(110, 1, 4));
  collector.sample(asleep(120, 1, 5));
  collector.sample(asleep(130, 1, wire::kNoStack));
  collector.sample(asleep(140, 2, 4));
  serve(collector.profile());
  const auto graph = collector.graph(wire::Facts(), 0);
  std::map<std::string, std::uint64_t> drawn;
  for (const auto& one : graph.stacks()) {
    std::string names;
    for (const auto frame : one.frames) names += graph.frames()[frame].name + ";";
    drawn[names] += one.ns;
  }
  const std::map<std::string, std::uint64_t> expected{
      {"a;w;", 7}, {"a;[other wakers];", 7}, {"[other stacks];", 14}};
  EXPECT_EQ(drawn, expected);
  const auto quality = collector.quality();
  EXPECT_EQ(quality.blocked_ns, 28u);
  EXPECT_EQ(quality.woken_ns, 7u);
  EXPECT_EQ(quality.stacks, 3u);
}

}  // namespace
}  // namespace plateau::app
