// Exact mean value analysis of a closed network with one class of customers.
//
// Reiser and Lavenberg: Mean-Value Analysis of Closed Multichain Queuing Networks, JACM 27(2), 1980;
// Lazowska, Zahorjan, Graham, Sevcik: Quantitative System Performance, 1984, sections 6.4 and 8.2 (delay,
// queueing and load-dependent stations). The usual recursion for a multi-server station takes the probability
// that it is empty as 1 minus the others, which loses all digits near saturation. Here it comes from Reiser's
// identity
//
//   p_k(0|n) = p_k(0|n-1) X(n) / X_without_k(n)
//
// (M. Reiser: Mean-value analysis and convolution method for queue-dependent servers in closed queueing
// networks, Performance Evaluation 1(1), 1981), in which nothing is subtracted: exact to rounding for
// thousands of customers and any number of servers. Its price is that the network is solved for each subset
// of its stations with several servers or rates: 2^M solutions for M of them.
//
// Times in seconds, rates per second.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/network.h"

namespace plateau::model {

struct StationMeans {
  double residence = 0;  // s, all visits of a request together, waiting included
  double queue = 0;      // mean number at the station, those in service included
  double utilisation =
      0;  // of each server; of a delay: mean number there; with rates: X over the highest one
};

struct ClosedSolution {
  unsigned customers = 0;
  double throughput = 0;               // requests/s
  double response = 0;                 // s; the sum of the residences
  std::vector<StationMeans> stations;  // in the network's order
};

inline constexpr unsigned kMostCustomers = 100'000;
inline constexpr unsigned kMostSubsets = 10;  // stations with several servers or rates

// For 1 … customers, element n - 1 for n. Fails on values out of range, on none or more than kMostCustomers
// customers, on more than kMostSubsets stations with several servers or rates, and on a network without any
// demand or think time.
Result<std::vector<ClosedSolution>> solve_closed(const ClosedNetwork& network, unsigned customers);

// Throughputs only, element n for n customers, 0 for none: what a flow-equivalent station needs.
Result<std::vector<double>> closed_throughputs(const ClosedNetwork& network, unsigned customers);

// Probability of j = 0 … customers at station `index`, exact: p(j|n) = p(0|n-j) X(n-j+1) … X(n) / (rate(1) …
// rate(j)). By the arrival theorem (Lavenberg and Reiser; Sevcik and Mitrani), taken for one customer less,
// it is what an arriving request finds.
Result<std::vector<double>> marginal_distribution(const ClosedNetwork& network, std::size_t index,
                                                  unsigned customers);

}  // namespace plateau::model
