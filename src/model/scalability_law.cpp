#include "model/scalability_law.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "model/least_squares.h"

namespace plateau::model {
namespace {

constexpr std::size_t kFewestLoads = 4;
constexpr double kLeastSpan = 4;
constexpr double kMostScatter = 0.15;  // of the points around the curve, share of their mean
constexpr int kRounds = 200;
constexpr double kSettled = 1e-12;  // relative change of the residual sum

// X(N) = N / (d + b N + c N (N - 1)), all three >= 0: the law with lambda = 1/(d + b), sigma = b/(d + b),
// kappa = c/(d + b), whose ranges are then kept by themselves.
using Terms = std::array<double, 3>;

Terms basis(double n) {
  return {1, n, n * (n - 1)};
}

double denominator(const Terms& terms, double n) {
  const Terms phi = basis(n);
  return terms[0] * phi[0] + terms[1] * phi[1] + terms[2] * phi[2];
}

double residual_sum(const Terms& terms, const std::vector<LoadPoint>& points) {
  double sum = 0;
  for (const auto& point : points) {
    const double miss = point.throughput - point.load / denominator(terms, point.load);
    sum += miss * miss;
  }
  return sum;
}

// The law is linear in its terms as N/X; a miss of 1 there is one of X^2/N in X.
Terms first_guess(const std::vector<LoadPoint>& points) {
  std::vector<std::array<double, 3>> rows;
  std::vector<double> wanted;
  for (const auto& point : points) {
    const double weight = point.throughput * point.throughput / point.load;
    Terms row = basis(point.load);
    for (double& value : row) value *= weight;
    rows.push_back(row);
    wanted.push_back(weight * point.load / point.throughput);
  }
  return non_negative_least_squares(rows, wanted);
}

// Gauss and Newton's step within the ranges.
Terms improved(const Terms& terms, const std::vector<LoadPoint>& points) {
  std::vector<std::array<double, 3>> rows;
  std::vector<double> wanted;
  for (const auto& point : points) {
    const double below = denominator(terms, point.load), slope = -point.load / (below * below);
    Terms row = basis(point.load);
    for (double& value : row) value *= slope;
    rows.push_back(row);
    wanted.push_back(point.throughput - point.load / below + slope * below);
  }
  return non_negative_least_squares(rows, wanted);
}

Terms between(const Terms& a, const Terms& b, double share) {
  Terms t;
  for (std::size_t i = 0; i < t.size(); i++) t[i] = a[i] + share * (b[i] - a[i]);
  return t;
}

Terms fit(const std::vector<LoadPoint>& points) {
  Terms terms = first_guess(points);
  double sum = residual_sum(terms, points);
  for (int round = 0; round < kRounds; round++) {
    const Terms target = improved(terms, points);
    double share = 1;
    Terms next = target;
    while (share > 1e-9 && !(residual_sum(next, points) < sum)) next = between(terms, target, share /= 2);
    const double smaller = residual_sum(next, points);
    if (!(smaller < sum * (1 - kSettled))) break;
    terms = next;
    sum = smaller;
  }
  return terms;
}

Status check_points(const std::vector<LoadPoint>& points) {
  std::set<double> loads;
  for (const auto& point : points) {
    if (!(point.load >= 1) || !(point.throughput > 0) || !std::isfinite(point.load) ||
        !std::isfinite(point.throughput))
      return fail("scalability law: loads must be at least 1 and throughputs positive");
    loads.insert(point.load);
  }
  if (loads.size() < kFewestLoads)
    return fail("scalability law: " + std::to_string(loads.size()) +
                " different loads were seen, at least 4 are needed: repeat the capture with more or fewer "
                "connections");
  if (*loads.rbegin() < kLeastSpan * *loads.begin())
    return fail(
        "scalability law: the loads seen are too close to each other: add one of at least four times the "
        "lowest");
  return success();
}

double mean_throughput(const std::vector<LoadPoint>& points) {
  double sum = 0;
  for (const auto& point : points) sum += point.throughput;
  return sum / static_cast<double>(points.size());
}

// 1 where there is no variance to explain.
double explained_share(const std::vector<LoadPoint>& points, double left) {
  const double mean = mean_throughput(points);
  double all = 0;
  for (const auto& point : points) all += (point.throughput - mean) * (point.throughput - mean);
  return all > 1e-18 * mean * mean ? 1 - left / all : 1;
}

}  // namespace

double ScalabilityLaw::throughput(double load) const {
  return lambda * load / (1 + sigma * (load - 1) + kappa * load * (load - 1));
}

std::optional<double> ScalabilityLaw::peak_load() const {
  if (kappa <= 0) return std::nullopt;
  return std::max(1.0, std::sqrt((1 - sigma) / kappa));
}

std::optional<double> ScalabilityLaw::highest_throughput() const {
  if (const auto peak = peak_load()) return throughput(*peak);
  if (sigma > 0) return lambda / sigma;
  return std::nullopt;
}

Result<ScalabilityLaw> fit_scalability_law(const std::vector<LoadPoint>& points) {
  if (Status status = check_points(points); !status) return status.error();
  const Terms terms = fit(points);
  const double first = terms[0] + terms[1];
  if (!(first > 0)) return fail("scalability law: no curve of its form comes near the points");
  ScalabilityLaw law;
  law.lambda = 1 / first;
  law.sigma = terms[1] / first;
  law.kappa = terms[2] / first;
  const double left = residual_sum(terms, points);
  law.r_squared = explained_share(points, left);
  law.standard_error = std::sqrt(left / static_cast<double>(std::max<std::size_t>(points.size() - 3, 1)));
  if (law.standard_error > kMostScatter * mean_throughput(points))
    return fail(
        "scalability law: the points scatter by more than 15 % around the best curve: repeat the captures, "
        "longer and with nothing else on the machine");
  return law;
}

}  // namespace plateau::model
