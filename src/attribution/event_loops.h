// Threads that wait for events: what they wait, and what they do else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/facts.h"

namespace plateau::attribution {

// What threads of one kind have in common of their name: "worker-17" and "worker-3" are "worker-*".
std::string thread_kind(std::string_view name);

// The middle of the bucket that holds the p-th quantile of the waits' lengths, p in 0…1; 0 if there is none.
// Off by a tenth at most, from 1 us to half a minute.
std::uint64_t wait_quantile(const std::vector<std::uint64_t>& buckets, double p);

// `of`'s sums come to `sum`'s; name, process and thread stay.
void add_loop(wire::LoopFact& sum, const wire::LoopFact& of);

// Threads of one kind that read connections of the same listening sockets, in one; by falling number of
// waits. Their `tid` is 0.
std::vector<wire::LoopFact> loop_groups(const std::vector<wire::LoopFact>& loops);

}  // namespace plateau::attribution
