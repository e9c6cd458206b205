#include "app/lab/experiment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/lab/fields.h"
#include "app/lab/measure.h"
#include "attribution/stage.h"
#include "model/cause.h"
#include "model/fix.h"
#include "probe/signal.h"

namespace plateau::app::lab {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 6> kPrograms = {"httpd",    "nginx",          "nethttp",
                                                  "fasthttp", "nethttp_newest", "fasthttp_newest"};
constexpr double kMostConnections = 100'000;

// One of `choices`, as its index; the present value if the field is not there.
template <class Choice, std::size_t N>
void choose(Fields& fields, const char* name, const std::array<const char*, N>& choices, Choice& value) {
  std::string text = choices[static_cast<std::size_t>(value)];
  fields.text(name, text);
  const auto* const found = std::ranges::find(choices, text);
  if (found != choices.end()) {
    value = static_cast<Choice>(found - choices.begin());
    return;
  }
  std::string all;
  for (const char* choice : choices) all += (all.empty() ? "" : ", ") + std::string(choice);
  fields.complain("'" + std::string(name) + "' is '" + text + "', which is not one of " + all);
}

void check_measure(Fields& fields, const std::string& name) {
  if (find_measure(name) == nullptr) fields.complain("there is no measure '" + name + "'");
}

void check_stage(Fields& fields, const std::string& name) {
  if (std::ranges::find(attribution::kStageNames, name) == attribution::kStageNames.end())
    fields.complain("there is no stage '" + name + "'");
}

Expectation read_expectation(const json& object, const std::string& where, std::string& error) {
  Expectation expectation;
  Fields fields(object, where, error);
  fields.text("measure", expectation.measure, true);
  fields.flag("ratio", expectation.ratio);
  fields.number("least", expectation.least);
  fields.number("most", expectation.most);
  fields.no_others();
  check_measure(fields, expectation.measure);
  if (!expectation.least && !expectation.most) fields.complain("neither 'least' nor 'most'");
  return expectation;
}

Planted read_planted(const json& object, bool blind, const std::string& where, std::string& error) {
  Planted planted;
  Fields fields(object, where, error);
  fields.text("stage", planted.stage, true);
  fields.text("truth", planted.truth);
  fields.number("times", planted.times, 0.001, 1000);
  fields.number("us", planted.us, 0, 1e7);
  fields.texts("with", planted.with);
  fields.no_others();
  check_stage(fields, planted.stage);
  for (const std::string& stage : planted.with) check_stage(fields, stage);
  if (planted.truth.empty() == (planted.us <= 0) && !blind) fields.complain("needs either 'truth' or 'us'");
  return planted;
}

void check_cause(Fields& fields, const std::string& name) {
  if (std::ranges::find(model::kCauseNames, name) == model::kCauseNames.end())
    fields.complain("there is no cause '" + name + "'");
}

void check_fix(Fields& fields, const Rung& rung) {
  if (rung.before.empty() != rung.fix.empty()) fields.complain("'before' and 'fix' need each other");
  if (rung.fix.empty()) return;
  if (const auto fix = model::parse_fix(rung.fix); !fix) fields.complain(fix.error().message);
}

// Each fix is asked for at the rung that it is to be applied to.
void ask_for_fixes(Fields& fields, std::vector<Rung>& rungs) {
  for (const Rung& after : rungs) {
    if (after.before.empty()) continue;
    const auto before = std::ranges::find(rungs, after.before, &Rung::name);
    if (before == rungs.end()) return fields.complain("there is no rung '" + after.before + "' to be fixed");
    before->explain.insert(before->explain.end(), {"--fix", after.fix});
  }
}

void read_steps(Fields& fields, Rung& rung) {
  const json* const steps = fields.list("steps");
  if (steps == nullptr) return;
  for (const json& step : *steps) {
    if (!step.is_number_unsigned() || step < 1 || step > kMostConnections)
      return fields.complain("'steps' must be numbers of connections from 1 to 100000");
    rung.steps.push_back(step.get<std::uint32_t>());
  }
  if (!std::ranges::is_sorted(rung.steps)) fields.complain("'steps' must be in rising order");
}

void read_cause(Fields& fields, Rung& rung, std::string& error) {
  fields.texts("base", rung.base);
  fields.text("detail", rung.detail);
  if (!rung.detail.empty() &&
      std::ranges::find(probe::kDetailNames, rung.detail) == probe::kDetailNames.end())
    fields.complain("'detail' is low, default or high");
  fields.text("blind", rung.blind);
  fields.flag("mean", rung.mean);
  fields.texts("spills", rung.spills);
  for (const std::string& stage : rung.spills) check_stage(fields, stage);
  const json* const list = fields.list("plants", true);
  for (std::size_t i = 0; list != nullptr && i < list->size(); i++)
    rung.plants.push_back(read_planted((*list)[i], !rung.blind.empty(), fields.where() + ": plants", error));
  if (rung.plants.empty()) fields.complain("plants nothing");
}

Rung read_rung(const json& object, std::size_t number, Kind kind, const std::string& source,
               std::string& error) {
  Rung rung;
  std::string name;
  if (object.is_object() && object.contains("name") && object["name"].is_string())
    name = " ('" + object["name"].get<std::string>() + "')";
  const std::string where = source + ": rung " + std::to_string(number) + name;
  Fields fields(object, where, error);
  fields.text("name", rung.name, true);
  choose(fields, "program", kPrograms, rung.program);
  fields.texts("server", rung.server);
  fields.texts("load", rung.load);
  fields.flag("all_cpus", rung.all_cpus);
  std::size_t secure = 0;
  choose(fields, "scheme", std::array{"http", "https"}, secure);
  rung.scheme = secure != 0 ? "https" : "http";
  fields.text("path", rung.path);
  if (!rung.path.starts_with('/')) fields.complain("'path' must begin with /");
  fields.figures("report", rung.report);
  for (const auto& [measure, figure] : rung.report) check_measure(fields, measure);
  fields.text("note", rung.note);
  fields.texts("explain", rung.explain);
  fields.texts("cause", rung.cause);
  for (const std::string& cause : rung.cause) check_cause(fields, cause);
  fields.text("before", rung.before);
  fields.text("fix", rung.fix);
  check_fix(fields, rung);
  read_steps(fields, rung);
  if (const json* const list = fields.list("expect"))
    for (const json& item : *list) rung.expect.push_back(read_expectation(item, where + ": expect", error));
  if (kind == Kind::causes) read_cause(fields, rung, error);
  fields.no_others();
  return rung;
}

void read_heading(Fields& fields, Experiment& experiment) {
  fields.text("name", experiment.name, true);
  if (experiment.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    fields.complain("'name' may have small letters, digits and dashes only");
  fields.text("title", experiment.title, true);
  fields.texts("notes", experiment.notes);
  choose(fields, "kind", std::array{"rungs", "causes"}, experiment.kind);
  choose(fields, "cores", std::array{"apart", "shared"}, experiment.cores);
  fields.texts("load", experiment.load);
  fields.texts("columns", experiment.columns, experiment.kind == Kind::rungs);
  for (const std::string& column : experiment.columns) check_measure(fields, column);
  if (experiment.kind == Kind::rungs && experiment.columns.empty()) fields.complain("'columns' is empty");
  fields.flag("samples", experiment.samples);
}

void read_limits(Fields& fields, Experiment& experiment) {
  double least = experiment.least_rounds;
  double most = experiment.most_rounds;
  double requests = 0;
  fields.number("seconds", experiment.seconds, 0.2, 600);
  fields.number("least_rounds", least, 1, 1000);
  fields.number("most_rounds", most, 1, 1000);
  fields.number("spread", experiment.spread, 0.001, 10);
  fields.number("requests", requests, 0, 1e6);
  fields.number("pauses_over_ms", experiment.pauses_over_ms, 0, 1e5);
  if (most < least) fields.complain("'most_rounds' is less than 'least_rounds'");
  experiment.least_rounds = static_cast<int>(least);
  experiment.most_rounds = static_cast<int>(most);
  experiment.requests = static_cast<std::uint64_t>(requests);
  if (experiment.kind == Kind::causes && experiment.requests == 0)
    fields.complain("'requests' must say how many a run has");
}

void check_names(Fields& fields, const std::vector<Rung>& rungs) {
  std::set<std::string> names;
  for (const Rung& rung : rungs)
    if (!names.insert(rung.name).second) fields.complain("two rungs are called '" + rung.name + "'");
}

}  // namespace

Result<Experiment> parse_experiment(std::string_view text, std::string_view source) {
  const std::string where(source);
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(where + ": not JSON", ExitCode::usage);
  Experiment experiment;
  std::string error;
  Fields fields(document, where, error);
  read_heading(fields, experiment);
  read_limits(fields, experiment);
  const json* const rungs = fields.list("rungs", true);
  for (std::size_t i = 0; rungs != nullptr && i < rungs->size(); i++)
    experiment.rungs.push_back(read_rung((*rungs)[i], i + 1, experiment.kind, where, error));
  if (experiment.rungs.empty()) fields.complain("'rungs' is empty");
  check_names(fields, experiment.rungs);
  ask_for_fixes(fields, experiment.rungs);
  fields.no_others();
  if (!error.empty()) return fail(error, ExitCode::usage);
  return experiment;
}

std::vector<Rung> expanded(const std::vector<Rung>& rungs) {
  std::vector<Rung> all;
  for (const Rung& rung : rungs) {
    if (rung.steps.empty()) all.push_back(rung);
    for (const std::uint32_t step : rung.steps) {
      Rung one = rung;
      one.steps.clear();
      one.series = rung.name;
      one.name += " " + std::to_string(step);
      one.connections = step;
      one.load.insert(one.load.end(), {"--connections", std::to_string(step)});
      all.push_back(std::move(one));
    }
  }
  return all;
}

std::vector<std::string> load_arguments(const std::vector<std::string>& common,
                                        const std::vector<std::string>& own) {
  std::vector<std::string> all;
  bool dropped = false;
  for (const std::string& argument : common) {
    if (argument.starts_with("--")) dropped = std::ranges::find(own, argument) != own.end();
    if (!dropped) all.push_back(argument);
  }
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

const char* program_name(Program program) {
  return kPrograms[static_cast<std::size_t>(program)];
}

}  // namespace plateau::app::lab
