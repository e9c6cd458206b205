// What doctor says of the probes on Go's runtime.
#include "app/doctor_plan.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace plateau::app {
namespace {

using testing::HasSubstr;
using testing::Not;

probe::Plan plan_of(probe::Detail detail) {
  probe::Plan plan;
  plan.detail = detail;
  return plan;
}

TEST(DoctorPlan, ProbesOnGosRuntimeAreThereAtTheHighLevelOfDetail) {
  const std::string high = go_probes_text(plan_of(probe::Detail::high), "");
  EXPECT_THAT(high, HasSubstr("stop_begin   uprobe/runtime.stopTheWorldWithSema"));
  EXPECT_THAT(high, HasSubstr("cost: about 5.00 us more for each stop of the world"));
  EXPECT_THAT(high, Not(HasSubstr("lost: ")));
  const std::string usual = go_probes_text(plan_of(probe::Detail::normal), "");
  EXPECT_THAT(usual, HasSubstr("stop_end     off "));
  EXPECT_THAT(usual,
              HasSubstr("only with --detail high or more; until then: the garbage collector's pauses"));
  EXPECT_THAT(usual, Not(HasSubstr("cost: ")));
}

TEST(DoctorPlan, ProbesThatCannotGoOnGosRuntimeAreNone) {
  const probe::Plan plan = plan_of(probe::Detail::high);
  const std::string text = go_probes_text(plan, "this kernel has no uprobes");
  EXPECT_THAT(text, HasSubstr("stop_end     none "));
  EXPECT_THAT(text,
              HasSubstr("this kernel has no uprobes; lost: the garbage collector's pauses are not told"));
  const auto json = go_probes_json(plan, "this kernel has no uprobes");
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[1]["provider"], "none");
  EXPECT_EQ(json[1]["providers"][0]["available"], false);
  EXPECT_EQ(json[1]["providers"][0]["chosen"], false);
}

}  // namespace
}  // namespace plateau::app
