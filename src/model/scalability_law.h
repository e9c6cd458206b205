// Gunther's Universal Scalability Law: throughput against the number of customers (or threads, or CPUs),
//
//   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)),
//
// lambda the throughput of one, sigma the share that is serial (contention), kappa the cost of keeping a pair
// coherent. N. J. Gunther: A General Theory of Computational Scalability Based on Rational Functions, 2008;
// Guerrilla Capacity Planning, 2007, chapter 4. Descriptive: it extrapolates what was seen, and says nothing
// of what a fix does.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"

namespace plateau::model {

struct LoadPoint {
  double load = 0;        // N >= 1
  double throughput = 0;  // requests/s, > 0
};

struct ScalabilityLaw {
  double lambda = 0;     // requests/s, > 0
  double sigma = 0;      // 0…1
  double kappa = 0;      // >= 0
  double r_squared = 0;  // explained share of the variance; of a flat plateau about 0, however good the fit
  double standard_error = 0;  // requests/s: root of the residual sum of squares over points less parameters

  double throughput(double load) const;
  // N at the highest throughput, sqrt((1 - sigma)/kappa); nullopt: it rises for ever.
  std::optional<double> peak_load() const;
  // The throughput's limit: at the peak, or lambda/sigma where there is none; nullopt: linear, no limit.
  std::optional<double> highest_throughput() const;
};

// Least squares of the throughput with the parameters kept in their ranges. Refuses, with the reason and what
// to measure: points out of range, fewer than four different loads, loads that span less than a factor of
// four, a standard error of more than 15 % of the mean throughput.
Result<ScalabilityLaw> fit_scalability_law(const std::vector<LoadPoint>& points);

}  // namespace plateau::model
