// Which request a sample belongs to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "attribution/profile.h"

namespace plateau::attribution {
namespace {

wire::StackSample on_cpu(std::uint32_t tid, std::uint64_t at, std::uint32_t stack) {
  wire::StackSample sample;
  sample.kind = PL_SAMPLE_CPU;
  sample.tid = tid;
  sample.from_ns = sample.woken_ns = sample.run_ns = at;
  sample.period_ns = 10;
  sample.stack = stack;
  return sample;
}

wire::StackSample asleep(std::uint32_t tid, std::uint64_t from, std::uint64_t woken, std::uint64_t run) {
  wire::StackSample sample;
  sample.kind = PL_SAMPLE_SLEEP;
  sample.tid = tid;
  sample.from_ns = from;
  sample.woken_ns = woken;
  sample.run_ns = run;
  sample.futex = 0xf00;
  sample.stack = 9;
  return sample;
}

// A turn received and answered by one thread: charged from `begin` to `end`.
pl_turn turn(std::uint32_t tid, std::uint64_t conn, std::uint64_t begin, std::uint64_t received,
             std::uint64_t end) {
  pl_turn t{};
  t.conn = conn;
  t.reader_tid = t.writer_tid = tid;
  t.recv_first_ns = t.recv_last_ns = received;
  t.send_first_ns = t.send_last_ns = end;
  t.calls_in = t.calls_out = 1;
  t.state[PL_STATE_RUN] = end - begin;
  return t;
}

request::Request answered(std::uint64_t conn, std::uint64_t ready, std::uint64_t received,
                          std::uint64_t end) {
  request::Request r;
  r.conn = conn;
  r.ready_ns = ready;
  r.recv_ns = received;
  r.end_ns = end;
  r.state[PL_STATE_RUN] = 7;
  r.state[PL_STATE_FUTEX] = 11;
  return r;
}

wire::StackSample at_fault(std::uint32_t tid, std::uint64_t at, std::uint64_t faults) {
  wire::StackSample sample = on_cpu(tid, at, 5);
  sample.kind = PL_SAMPLE_FAULT;
  sample.period_ns = faults;
  return sample;
}

std::uint64_t sum(const Profile& profile, Part part) {
  std::uint64_t ns = 0;
  for (const auto& s : profile.stacks())
    if (s.part == part) ns += s.ns;
  return ns;
}

Profile::Classify every() {
  return [](const request::Request&) { return ProfileClass{0, 3}; };
}

TEST(Profile, ASampleServesTheRequestWhoseTurnWasChargedWithItsTime) {
  Profile profile(every(), false);
  for (const std::uint64_t at : {90, 101, 150, 200, 201}) profile.sample(on_cpu(1, at, 5));
  profile.sample(on_cpu(2, 150, 6));
  profile.turn(turn(1, 77, 100, 120, 200));
  profile.request(answered(77, 95, 120, 200));
  ASSERT_EQ(profile.stacks().size(), 1u);
  const auto stack = profile.stacks()[0];
  EXPECT_EQ(stack.stack, 5u);
  EXPECT_EQ(stack.of.label, 3u);
  EXPECT_EQ(stack.samples, 2u);  // (100, 200], and a sample at 200 comes after the send returned
  EXPECT_EQ(stack.ns, 20u);
  EXPECT_EQ(profile.counts().served, 2u);
  EXPECT_EQ(profile.counts().selected_cpu_ns, 7u);
  EXPECT_EQ(profile.counts().selected_blocked_ns, 11u);
}

TEST(Profile, PageFaultsAreSummedApart) {
  Profile profile(every(), false);
  profile.sample(on_cpu(7, 150, 1));
  profile.sample(at_fault(7, 160, 13));
  profile.sample(at_fault(7, 210, 17));  // after the turn
  profile.turn(turn(7, 1, 100, 120, 200));
  profile.request(answered(1, 90, 120, 200));
  profile.finish();
  EXPECT_EQ(sum(profile, Part::fault), 13u);
  EXPECT_EQ(sum(profile, Part::cpu), 10u);
  EXPECT_EQ(profile.counts().cpu_samples, 1u);
  EXPECT_EQ(profile.take().size(), 2u);
  EXPECT_TRUE(profile.stacks().empty());
}

TEST(Profile, SleepsAreSummedByWhoEndedThem) {
  Profile profile(every(), false);
  for (const std::uint32_t waker : {3u, 5u, wire::kNoStack, 3u}) {
    const std::uint64_t from = 110 + 10 * static_cast<std::uint64_t>(profile.counts().samples);
    auto sample = asleep(1, from, from + 7, from + 9);
    sample.waker = waker;
    profile.sample(sample);
  }
  profile.turn(turn(1, 77, 100, 120, 200));
  profile.request(answered(77, 95, 120, 200));
  std::map<std::uint32_t, std::uint64_t> blocked;
  for (const auto& s : profile.stacks()) {
    if (s.part == Part::blocked) blocked[s.waker] = s.ns;
    if (s.part == Part::runqueue) {
      EXPECT_EQ(s.ns, 8u) << "whoever woke it, it waits for a CPU alone";
    }
  }
  const std::map<std::uint32_t, std::uint64_t> expected{{3, 14}, {5, 7}, {wire::kNoStack, 7}};
  EXPECT_EQ(blocked, expected);
}

TEST(Profile, ASleepCountsAsFarAsItsTurnWasChargedWithIt) {
  Profile profile(every(), false);
  profile.sample(asleep(1, 110, 150, 160));
  profile.sample(asleep(1, 20, 95, 130));  // ends inside
  profile.turn(turn(1, 77, 100, 105, 200));
  profile.request(answered(77, 95, 105, 200));
  EXPECT_EQ(sum(profile, Part::blocked), 40u);
  EXPECT_EQ(sum(profile, Part::runqueue), 10u + 30u);
}

TEST(Profile, RequestsThatAreNotAskedForGetNothing) {
  Profile profile(
      [](const request::Request& r) {
        return r.latency_ns() > 50 ? std::optional<ProfileClass>(ProfileClass{}) : std::nullopt;
      },
      false);
  profile.sample(on_cpu(1, 150, 5));
  profile.sample(on_cpu(1, 250, 6));
  profile.turn(turn(1, 77, 100, 120, 200));
  profile.request(answered(77, 100, 120, 200));
  profile.turn(turn(1, 77, 240, 245, 260));
  profile.request(answered(77, 240, 245, 260));
  ASSERT_EQ(profile.stacks().size(), 1u);
  EXPECT_EQ(profile.stacks()[0].stack, 5u);
  EXPECT_EQ(profile.counts().served, 2u);
  EXPECT_EQ(profile.counts().selected, 1u);
  EXPECT_EQ(profile.counts().passed_over, 1u);
}

TEST(Profile, WhatServedNoRequestIsSummedWhereItIsWanted) {
  for (const bool wanted : {false, true}) {
    Profile profile(every(), wanted);
    profile.sample(on_cpu(1, 50, 5));   // before the turn
    profile.sample(on_cpu(1, 150, 5));  // of a turn whose request never came out
    profile.sample(on_cpu(2, 150, 6));  // of a thread without turns
    profile.turn(turn(1, 77, 100, 120, 200));
    profile.finish();
    EXPECT_EQ(sum(profile, Part::cpu), wanted ? 30u : 0u);
  }
}

TEST(Profile, HandedOverTurnsBelongToBothThreads) {
  Profile profile(every(), false);
  profile.sample(on_cpu(1, 110, 5));
  profile.sample(on_cpu(2, 180, 6));
  auto read = turn(1, 77, 100, 120, 0);
  read.calls_out = 0;
  read.send_last_ns = 0;
  read.state[PL_STATE_RUN] = 20;
  profile.turn(read);
  auto sent = turn(2, 77, 150, 0, 200);
  sent.reader_tid = 1;
  profile.turn(sent);
  profile.request(answered(77, 100, 120, 200));
  EXPECT_EQ(sum(profile, Part::cpu), 20u);
  EXPECT_EQ(profile.stacks().size(), 2u);
}

TEST(Profile, MemoryIsBoundedAndTheLossCounted) {
  ProfileLimits limits;
  limits.waiting_per_thread = 3;
  limits.waiting_for_requests = 2;
  Profile profile(every(), true, limits);
  for (std::uint64_t at = 101; at < 106; at++) profile.sample(on_cpu(1, at, 5));
  EXPECT_EQ(profile.counts().evicted, 2u);
  profile.turn(turn(1, 77, 100, 120, 200));
  EXPECT_EQ(profile.counts().evicted, 3u);
  profile.request(answered(77, 100, 120, 200));
  profile.finish();
  EXPECT_EQ(sum(profile, Part::cpu), 50u);
  EXPECT_EQ(profile.counts().selected, 2u);
}

// Sleeps that ended one after another, of stacks `sleepers` and ended by as many others each.
Profile with_pairs(std::uint32_t sleepers, std::uint32_t wakers, ProfileLimits limits) {
  Profile profile(every(), true, limits);
  for (std::uint32_t i = 0; i < sleepers * wakers; i++) {
    auto sample = asleep(1, 110 + 10 * i, 117 + 10 * i, 117 + 10 * i);
    sample.stack = 1000 + i / wakers;
    sample.waker = 2000 + i % wakers;
    profile.sample(sample);
  }
  profile.finish();
  return profile;
}

TEST(Profile, PairsOfSleeperAndWakerAreBoundedAndTheSleepersStay) {
  ProfileLimits limits;
  limits.pairs = 17;
  const Profile profile = with_pairs(5, 7, limits);
  EXPECT_EQ(profile.counts().other_wakers, 18u);
  EXPECT_EQ(profile.counts().other_stacks, 0u);
  std::map<std::uint32_t, std::uint64_t> by_sleeper;
  std::size_t pairs = 0;
  for (const auto& s : profile.stacks()) {
    by_sleeper[s.stack] += s.ns;
    pairs += s.waker != kOtherStacks;
  }
  EXPECT_EQ(pairs, 17u);
  const std::map<std::uint32_t, std::uint64_t> expected{
      {1000, 49}, {1001, 49}, {1002, 49}, {1003, 49}, {1004, 49}};
  EXPECT_EQ(by_sleeper, expected);
}

TEST(Profile, SumsAreBoundedAndTheirTimeStays) {
  ProfileLimits limits;
  limits.pairs = 3;
  limits.sums = 5;
  Profile profile = with_pairs(11, 1, limits);
  EXPECT_EQ(profile.counts().other_wakers, 8u);
  EXPECT_EQ(profile.counts().other_stacks, 6u);
  EXPECT_EQ(profile.stacks().size(), 6u);
  EXPECT_EQ(sum(profile, Part::blocked), 77u);
  EXPECT_EQ(profile.stacks().back().stack, kOtherStacks);
  EXPECT_EQ(profile.stacks().back().ns, 42u);
  profile.take();
  auto anew = asleep(1, 110, 117, 117);
  anew.waker = 2000;
  profile.sample(anew);
  profile.finish();
  EXPECT_EQ(profile.stacks().at(0).waker, 2000u) << "the room is there again";
}

}  // namespace
}  // namespace plateau::attribution
