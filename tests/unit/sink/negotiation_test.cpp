#include "sink/web/negotiation.h"

#include <gtest/gtest.h>

namespace plateau::sink::web {
namespace {

// As Prometheus 2.42 sends it.
constexpr const char* kPrometheus =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

TEST(Negotiation, GivesOpenMetricsToThoseWhoAskForIt) {
  EXPECT_TRUE(prefers_openmetrics(kPrometheus));
  EXPECT_TRUE(prefers_openmetrics("Application/OpenMetrics-Text"));
  for (const char* accept :
       {"", "*/*", "text/html", "text/plain", "application/openmetrics-text;q=0",
        "text/plain, application/openmetrics-text;q=0.5", "application/openmetrics-text;q=x"})
    EXPECT_FALSE(prefers_openmetrics(accept)) << accept;
}

TEST(Negotiation, CompressesForThoseWhoTakeIt) {
  for (const char* coding : {"gzip", "deflate, GZIP", "gzip;q=0.1", "*", "br;q=1, * ; q=0.5"})
    EXPECT_TRUE(accepts_gzip(coding)) << coding;
  for (const char* coding : {"", "identity", "gzip;q=0", "*;q=0", "gzipped", "gzip;q=0, *"})
    EXPECT_FALSE(accepts_gzip(coding)) << coding;
}

TEST(Negotiation, ReadsWeights) {
  EXPECT_EQ(weight_of("a;q=0.25 , b", "a"), 0.25);
  EXPECT_EQ(weight_of("a;q=0.25 , b", "b"), 1);
  EXPECT_EQ(weight_of("a;x=1;q=0.5", "a"), 0.5);
  EXPECT_EQ(weight_of("a;q=2", "a"), 0);
  EXPECT_EQ(weight_of(",;,=;q", "a"), -1);
}

}  // namespace
}  // namespace plateau::sink::web
