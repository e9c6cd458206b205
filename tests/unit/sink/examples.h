// Values to show: a summary in which every part has something, and the requests that it is made of.
#pragma once

#include <cstdint>
#include <string>

#include "attribution/budget.h"
#include "attribution/summary.h"
#include "request/request.h"

namespace plateau::sink {

// An answered GET on connection 7, readable at 1 s, 200 us long: 100 us in run, 60 us asleep on a futex, 20
// us before its thread woke, 20 us not accounted for.
request::Request example_request(const std::string& path, int status);

// One of Go's: 200 us, of which its goroutine was parked 100: 60 on a channel, 30 for the collector.
request::Request parked_request(const std::string& path);

// A lock held by `holder` in process 4711. Its waits: `waits`, 1 ms each, all owed to requests.
wire::LockFact lock_fact(std::uint64_t futex, std::uint64_t waits);
wire::HolderSample holder_sample(std::uint64_t futex, const std::string& holder, std::uint64_t weight);

// Facts of a complete capture of one second: one loss of each cause the kernel counts, cost measured.
wire::Facts example_facts();

// Sums up `aggregate` with example_facts() and `locks`.
attribution::Summary example_summary(const attribution::Aggregate& aggregate,
                                     std::vector<wire::LockFact> locks = {});

// 100 requests on three routes, and one contended lock held by bank::settle.
attribution::Summary full_summary();

}  // namespace plateau::sink
