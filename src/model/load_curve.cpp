#include "model/load_curve.h"

#include <algorithm>
#include <cmath>

#include "model/prediction.h"

namespace plateau::model {
namespace {

constexpr double kBeyond = 4;
constexpr int kSteps = 9;
constexpr unsigned kMostToSimulate = 5'000;

// By about equal factors, today's among them.
std::vector<unsigned> levels(unsigned today) {
  const double most = std::min<double>(kMostToSimulate, std::max(8.0, today * kBeyond));
  std::vector<unsigned> list{today};
  for (int i = 0; i <= kSteps; i++)
    list.push_back(static_cast<unsigned>(std::lround(std::pow(most, static_cast<double>(i) / kSteps))));
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace

LoadCurve load_curve_of(const ServiceModel& model) {
  LoadCurve curve;
  if (model.load.rate || model.load.customers == 0 || model.load.customers > kMostToSimulate) return curve;
  curve.today = model.load.customers;
  const double ceiling = ceiling_of(model);
  if (std::isfinite(ceiling)) curve.ceiling = ceiling;
  for (const unsigned customers : levels(curve.today)) {
    ServiceModel other = model;
    other.load.customers = customers;
    const auto prediction = predict(other, {1, 2'000, 12'000});
    if (!prediction || !prediction->steady) continue;
    curve.points.push_back({customers, prediction->throughput.value, prediction->p50, prediction->p99});
  }
  return curve;
}

}  // namespace plateau::model
