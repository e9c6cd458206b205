#include "httpd/watchdog.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "base/fd.h"

namespace plateau::httpd {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    near = Fd(ends[0]);
    far = Fd(ends[1]);
  }
  // Whether the near end's reading side is shut within `timeout_ms`.
  bool ends_within(int timeout_ms) const {
    pollfd watched{near.get(), POLLIN, 0};
    if (::poll(&watched, 1, timeout_ms) <= 0) return false;
    char byte = 0;
    return ::recv(near.get(), &byte, 1, MSG_DONTWAIT) == 0;
  }
  Fd near, far;
};

ProtocolOptions only(std::uint64_t ProtocolOptions::*limit) {
  ProtocolOptions options;
  options.head_timeout_ns = options.body_timeout_ns = options.idle_timeout_ns = 0;
  options.*limit = 50'000'000;
  return options;
}

TEST(Watchdog, EndsEachKindOfWaitByItsOwnLimit) {
  struct Case {
    std::uint64_t ProtocolOptions::*limit;
    Waiting waiting;
  };
  for (const Case& c : {Case{&ProtocolOptions::idle_timeout_ns, Waiting::request},
                        Case{&ProtocolOptions::head_timeout_ns, Waiting::head},
                        Case{&ProtocolOptions::body_timeout_ns, Waiting::body}}) {
    Watchdog watchdog(only(c.limit));
    const Pair late;
    const Pair busy;
    Watch late_watch;
    Watch busy_watch;
    late_watch.wait(c.waiting, 1);
    busy_watch.busy();
    watchdog.add(busy_watch, busy.near.get());
    watchdog.add(late_watch, late.near.get());
    EXPECT_TRUE(late.ends_within(10'000));
    EXPECT_TRUE(late_watch.expired());
    EXPECT_FALSE(busy_watch.expired());
    EXPECT_FALSE(busy.ends_within(0));
    watchdog.remove(late_watch);
    watchdog.remove(busy_watch);
    EXPECT_EQ(watchdog.size(), 0u);
  }
}

TEST(Watchdog, StopsOnlyThoseThatWaitForARequest) {
  ProtocolOptions none;
  none.head_timeout_ns = none.body_timeout_ns = none.idle_timeout_ns = 0;
  Watchdog watchdog(none);
  const Pair idle;
  const Pair reading;
  const Pair later;
  Watch idle_watch;
  Watch reading_watch;
  Watch later_watch;
  reading_watch.wait(Waiting::body, 1);
  watchdog.add(idle_watch, idle.near.get());
  watchdog.add(reading_watch, reading.near.get());
  watchdog.stop_idle();
  watchdog.add(later_watch, later.near.get());
  EXPECT_TRUE(idle.ends_within(0));
  EXPECT_FALSE(idle_watch.expired());
  EXPECT_FALSE(reading.ends_within(0));
  EXPECT_TRUE(later.ends_within(0));
  for (Watch* watch : {&idle_watch, &reading_watch, &later_watch}) watchdog.remove(*watch);
}

}  // namespace
}  // namespace plateau::httpd
