#include <nlohmann/json.hpp>

#include "app/lab/writers.h"

namespace plateau::app::lab {
namespace {

using nlohmann::ordered_json;

ordered_json spread_json(const Spread& spread) {
  return {{"median", spread.median}, {"q1", spread.q1}, {"q3", spread.q3}, {"rounds", spread.count}};
}

ordered_json said_json(const Said& said) {
  ordered_json json{{"in_short", verdict_in_short(said)},
                    {"cause", said.cause},
                    {"evidence", said.evidence},
                    {"text", said.text},
                    {"bound", said.bound},
                    {"requests_per_s", said.per_second},
                    {"cpu_idle", said.cpu_idle},
                    {"requests", said.requests},
                    {"coverage", said.coverage},
                    {"p50_ns", said.p50_ns},
                    {"p99_ns", said.p99_ns},
                    {"p999_ns", said.p999_ns},
                    {"max_ns", said.max_ns},
                    {"stages_mean_ns", said.stage_ns}};
  json["ceilings"] = ordered_json::array();
  for (const CeilingSaid& ceiling : said.ceilings)
    json["ceilings"].push_back({{"resource", ceiling.resource},
                                {"per_second", ceiling.per_second},
                                {"utilisation", ceiling.utilisation},
                                {"demand_ns", ceiling.demand_ns},
                                {"holder", ceiling.holder}});
  return json;
}

ordered_json round_json(const Round& round) {
  ordered_json json;
  for (const Measure& measure : measures())
    if (const auto value = measure.measured(round.figures))
      json["measured"][std::string(measure.name)] = *value;
  json["machine"] = {{"idle_share", round.figures.machine.idle_share},
                     {"steal_cores", round.figures.machine.steal},
                     {"others_cores", round.figures.machine.others}};
  if (round.said) json["plateau"] = said_json(*round.said);
  if (!round.not_said.empty()) json["plateau_failed"] = round.not_said;
  return json;
}

ordered_json cause_json(const CauseRow& row) {
  return {{"stage", row.stage},       {"planted_ns", row.planted_ns},
          {"risen_ns", row.risen_ns}, {"other_stage", row.other},
          {"other_ns", row.other_ns}, {"seen", row.seen},
          {"sent", row.sent},         {"ok", row.ok},
          {"other_ok", row.other_ok}};
}

ordered_json rung_json(const Outcome& outcome, const RungOutcome& rung) {
  ordered_json json{{"name", rung.rung.name},
                    {"program", program_name(rung.rung.program)},
                    {"server", rung.rung.server},
                    {"load", rung.rung.load},
                    {"report", rung.rung.report}};
  if (rung.rung.connections > 0) json["connections"] = rung.rung.connections;
  if (!rung.skipped.empty()) json[rung.failed ? "failed" : "skipped"] = rung.skipped;
  const RungOutcome* const first = first_of(outcome, rung);
  for (const Measure& measure : measures()) {
    const Spread value = measured(rung, measure);
    if (value.count == 0) continue;
    ordered_json& field = json["measured"][std::string(measure.name)];
    field = spread_json(value);
    const double base = first != nullptr ? measured(*first, measure).median : 0;
    if (base > 0) field["ratio"] = value.median / base;
  }
  if (const Said* const said = said_of(rung)) json["plateau"] = said_json(*said);
  for (const Round& round : rung.rounds) json["rounds"].push_back(round_json(round));
  for (const CauseRow& row : rung.causes) json["causes"].push_back(cause_json(row));
  if (rung.attempts > 0) json["attempts"] = rung.attempts;
  if (!rung.rung.blind.empty()) json["blind"] = rung.rung.blind;
  return json;
}

}  // namespace

std::string json_of(const Outcome& outcome) {
  ordered_json json{{"lab", outcome.experiment.name},
                    {"title", outcome.experiment.title},
                    {"machine", outcome.machine},
                    {"place", outcome.place},
                    {"noise", noise_text(outcome)},
                    {"seconds", outcome.seconds},
                    {"least_rounds", outcome.least_rounds},
                    {"most_rounds", outcome.most_rounds},
                    {"spread_bound", outcome.experiment.spread},
                    {"spread", widest_spread(outcome)},
                    {"interrupted", outcome.interrupted},
                    {"notes", outcome.notes}};
  json["rungs"] = ordered_json::array();
  for (const RungOutcome& rung : outcome.rungs) json["rungs"].push_back(rung_json(outcome, rung));
  json["checks"] = ordered_json::array();
  for (const Check& check : checks_of(outcome))
    json["checks"].push_back({{"rung", check.rung}, {"what", check.text}, {"ok", check.ok}});
  for (const Knee& knee : knees_of(outcome)) {
    ordered_json entry{{"series", knee.series}, {"text", knee.text}};
    if (knee.throughput_at) entry["throughput_connections"] = *knee.throughput_at;
    if (knee.latency_at) entry["p999_connections"] = *knee.latency_at;
    json["knees"].push_back(std::move(entry));
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace plateau::app::lab
