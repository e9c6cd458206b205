#include "httpd/scheduling.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace plateau::httpd {
namespace {

TEST(Scheduling, BatchIsOfTheThreadAndOfThoseItStarts) {
  int own = -1, started = -1;
  std::thread([&] {
    EXPECT_TRUE(schedule(Scheduling::batch));
    own = sched_getscheduler(0);
    std::thread([&] { started = sched_getscheduler(0); }).join();
  }).join();
  EXPECT_EQ(own, SCHED_BATCH);
  EXPECT_EQ(started, SCHED_BATCH);
}

TEST(Scheduling, NormalChangesNothing) {
  const int before = sched_getscheduler(0);
  EXPECT_TRUE(schedule(Scheduling::normal));
  EXPECT_EQ(sched_getscheduler(0), before);
}

}  // namespace
}  // namespace plateau::httpd
