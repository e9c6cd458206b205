#include "http/trace_context.h"

#include <gtest/gtest.h>

namespace plateau::http {
namespace {

TEST(TraceContext, IsReadFromTheHeader) {
  const auto context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  ASSERT_TRUE(context.valid());
  EXPECT_EQ(context.trace[0], 0x0a);
  EXPECT_EQ(context.trace[15], 0x9c);
  EXPECT_EQ(context.parent[0], 0xb7);
  EXPECT_EQ(context.parent[7], 0x31);
  EXPECT_TRUE(context.sampled);
}

TEST(TraceContext, TellsWhatIsNotSampled) {
  EXPECT_FALSE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").sampled);
}

TEST(TraceContext, TakesLaterVersionsByTheirBeginning) {
  EXPECT_TRUE(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").valid());
}

TEST(TraceContext, RefusesWhatTheSpecificationDoes) {
  for (const char* value : {
           "",
           "00",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
       })
    EXPECT_FALSE(parse_traceparent(value).valid()) << value;
}

}  // namespace
}  // namespace plateau::http
