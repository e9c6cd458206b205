// What a lab found: the rounds of each rung, and what follows from them. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/lab/experiment.h"
#include "app/lab/measure.h"
#include "app/lab/statistics.h"
#include "app/lab/timeline.h"

namespace plateau::app::lab {

// A round: the load runs once with nothing attached, which is what is measured, and once with plateau explain
// attached, which is what it said.
struct Round {
  Figures figures;
  std::optional<Said> said;
  std::string not_said;  // why plateau explain said nothing
  std::vector<Sample> samples;
  std::vector<SlicePoint> slowest;
};

// CPU time of other processes and of the hypervisor, in cores, from which a round counts as disturbed.
inline constexpr double kDisturbed = 0.25;
bool is_disturbed(const MachineFigures& machine);
bool is_disturbed(const Round& round);

// A row of Kind::causes.
struct CauseRow {
  std::string stage;
  double planted_ns = 0;  // what the truth log, or the experiment, says
  double risen_ns = 0;    // of the stage, in Plateau's budget
  std::string other;      // the stage that rose or fell most beside the planted ones
  double other_ns = 0;
  std::size_t seen = 0;  // requests with a budget, with the cause off or on, whichever are fewer
  std::size_t sent = 0;  // with the cause on
  bool ok = false;
  bool other_ok = false;
};

// What became of one rung.
struct RungOutcome {
  Rung rung;
  std::string skipped;  // why it was not run; empty: it was
  bool failed = false;  // skipped because something went wrong, not because something is missing
  std::vector<Round> rounds;
  std::vector<CauseRow> causes;
  int attempts = 0;  // Kind::causes: how often it was measured; the last one counts
};

struct Outcome {
  Experiment experiment;
  std::vector<RungOutcome> rungs;
  std::string machine;
  std::string place;
  MachineFigures noise;            // over the whole run
  std::vector<std::string> notes;  // the experiment's own and those of this run
  double seconds = 0;              // of a round's load, as it was run
  int least_rounds = 0;
  int most_rounds = 0;
  bool interrupted = false;
};

// The rounds that count: the undisturbed ones or, where there are none, all.
std::vector<const Round*> counted_rounds(const RungOutcome& rung);

Spread measured(const RungOutcome& rung, const Measure& measure);

// What was measured or, where only plateau explain has the figure, what it said; none: neither.
std::optional<double> figure_of(const RungOutcome& rung, const Measure& measure);

// Of the rounds that count, the one whose throughput is the median; nullptr if there is none that `suits`.
const Round* middle_round(const RungOutcome& rung, bool (*suits)(const Round&));
// What plateau explain said in the middle one of the rounds in which it said something.
const Said* said_of(const RungOutcome& rung);

// The first rung of the same series that was run: what ratios are to. nullptr if there is none.
const RungOutcome* first_of(const Outcome& outcome, const RungOutcome& rung);

// Whether each rung that was run has that many undisturbed rounds.
bool has_undisturbed(const Outcome& outcome, int rounds);

// The largest relative spread of the experiment's first column over its rungs.
double widest_spread(const Outcome& outcome);

// An expectation and what came of it.
struct Check {
  std::string rung;
  std::string text;
  bool ok = false;
};
std::vector<Check> checks_of(const Outcome& outcome);

// The knee of a series of rungs.
struct Knee {
  std::string series;
  std::string text;
  std::optional<std::uint32_t> throughput_at;  // connections
  std::optional<std::uint32_t> latency_at;     // connections, of p99.9
};
std::vector<Knee> knees_of(const Outcome& outcome);

// One line on how busy the machine was with other things and how far the rounds agree.
std::string noise_text(const Outcome& outcome);

}  // namespace plateau::app::lab
