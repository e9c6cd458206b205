#include "model/other_servers.h"

#include <gtest/gtest.h>

namespace plateau::model {
namespace {

using Downstreams = std::vector<wire::DownstreamFact>;

TEST(OtherServers, AreToldByTheirConnections) {
  EXPECT_EQ(connections_text({}), "");
  EXPECT_EQ(connections_text({{"10.0.0.1:5432", 1}}), "1 connection to 10.0.0.1:5432");
  EXPECT_EQ(connections_text({{"a:1", 1'200}, {"b:2", 2}, {"c:3", 1}, {"d:4", 1}}),
            "1,200 connections to a:1, 2 to b:2, 1 to c:3 and others");
}

TEST(OtherServers, APoolIsTheOneOfAboutAsManyConnectionsAsAreBusy) {
  const Downstreams all = {{"db:5432", 16}, {"cache:6379", 4}, {"log:514", 1}};
  const auto name = [&](double busy) {
    const auto* pool = pool_of(all, busy);
    return pool ? pool->address : "none";
  };
  EXPECT_EQ(name(15.2), "db:5432");
  EXPECT_EQ(name(16.2), "db:5432") << "an average has its error";
  EXPECT_EQ(name(3.8), "cache:6379");
  EXPECT_EQ(name(1.1), "log:514");
  EXPECT_EQ(name(17), "none") << "more are in use than there are";
  EXPECT_EQ(name(7), "none") << "half of it is free: it is no pool that requests wait for";
  EXPECT_EQ(pool_of({}, 1), nullptr);
}

}  // namespace
}  // namespace plateau::model
