// An outcome with known figures.
#pragma once

#include "app/lab/outcome.h"

namespace plateau::app::lab {

inline Round round_of(double per_second, double p99_ms) {
  Round round;
  round.figures.load.per_second = per_second;
  round.figures.load.p99_ns = p99_ms * 1e6;
  return round;
}

inline Said said_with(double ceiling) {
  Said said;
  said.bound = true;
  said.text = "The lock <a&b> is the ceiling.\n";
  said.per_second = 990;
  said.p99_ns = 21e6;
  said.ceilings = {{"lock", ceiling, 0.99, 1e6, "app::hold(app::Section&)"}, {"cpu", 5000, 0.1, 2e5, ""}};
  said.stage_ns = {{"lock_user", 9e6}, {"cpu", 1e6}, {"wakeup", 1e3}};
  return said;
}

// "slow" with three rounds and figures of the report; "fast | 2x" with one; "odd" skipped.
inline Outcome an_outcome() {
  Outcome outcome;
  outcome.experiment.name = "known";
  outcome.experiment.title = "known <figures>";
  outcome.experiment.columns = {"throughput", "p99_ms"};
  outcome.notes = {"a note"};
  outcome.machine = "a machine";
  outcome.place = "a place";
  outcome.least_rounds = 1;
  outcome.most_rounds = 3;
  Rung slow;
  slow.name = "slow";
  slow.report = {{"throughput", 2940}, {"p99_ms", 138}};
  slow.expect = {{"throughput", false, 950, 1050}};
  RungOutcome first{slow, "", false, {round_of(990, 20), round_of(1010, 22), round_of(1000, 21)}, {}, 0};
  first.rounds[2].said = said_with(1001);
  Rung fast;
  fast.name = "fast | 2x";
  fast.report = {{"throughput", 3760}};
  fast.expect = {{"throughput", true, 2.5, {}}};
  RungOutcome second{fast, "", false, {round_of(2000, 7)}, {}, 0};
  second.rounds[0].said = said_with(2002);
  Rung odd;
  odd.name = "odd";
  outcome.rungs = {first, second, {odd, "no such switch, \"odd\"", false, {}, {}, 0}};
  return outcome;
}

}  // namespace plateau::app::lab
