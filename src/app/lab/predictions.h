// What plateau explain predicted for a fix, beside what was measured after it. And the causes that it named,
// beside those that were planted. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/lab/outcome.h"
#include "app/lab/table.h"

namespace plateau::app::lab {

// Bounds on the relative errors.
inline constexpr double kThroughputError = 0.1, kP50Error = 0.15, kMedianError = 0.06;

struct PredictionRow {
  std::string rung;
  std::string before;
  std::string fix;
  double measured = 0;  // requests/s
  double measured_p50_ns = 0;
  double predicted = 0;         // 0: nothing was
  double predicted_p50_ns = 0;  // 0: nothing was
  std::string missing;          // why

  double error() const { return measured > 0 ? predicted / measured - 1 : 0; }
  double p50_error() const { return measured_p50_ns > 0 ? predicted_p50_ns / measured_p50_ns - 1 : 0; }
};

// Of the rungs that were run, fix and unfixed. The median over the rounds in which a prediction was made.
std::vector<PredictionRow> predictions_of(const Outcome& outcome);

// Of the absolute errors of the throughput; nullopt: nothing was predicted.
std::optional<double> median_error(const std::vector<PredictionRow>& rows);

struct NamedCause {
  std::string rung;
  std::string planted;
  std::vector<std::string> named;  // in each round that counts
  std::vector<std::string> evidence;
  int right = 0;  // rounds
};
std::vector<NamedCause> causes_named(const Outcome& outcome);

// No rows where the experiment has none.
Table predictions_table(const Outcome& outcome);
Table named_table(const Outcome& outcome);
void add_prediction_checks(const Outcome& outcome, std::vector<Check>& checks);

}  // namespace plateau::app::lab
