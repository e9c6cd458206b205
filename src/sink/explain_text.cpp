#include "sink/collector.h"
#include "sink/connections.h"
#include "sink/data_paths.h"
#include "sink/event_loops.h"
#include "sink/explain.h"
#include "sink/explain_tables.h"
#include "sink/kernel_locks.h"
#include "sink/peers.h"
#include "sink/slow_requests.h"
#include "sink/what_if.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

std::string evidence_lines(const model::Verdict& verdict) {
  std::string text;
  for (const auto& finding : verdict.findings) {
    text += (text.empty() ? "CAUSE    " : "ALSO     ") + std::string(model::name(finding.cause)) + "\n";
    for (const std::string& line : finding.evidence) text += "  " + line + "\n";
  }
  return text;
}

}  // namespace

Explanation explain(attribution::Summary summary, const model::Questions& questions) {
  Explanation e;
  e.verdict = model::judge(summary);
  e.outlook = model::outlook_of(summary, questions);
  e.slow = model::slow_requests_of(summary);
  e.summary = std::move(summary);
  return e;
}

std::string explain_text(const Explanation& e) {
  const attribution::Summary& s = e.summary;
  std::string text = headline(s) + "\n" + verdict_text(s, e.verdict) + "\n";
  if (s.total.count) {
    for (const auto& section : {evidence_lines(e.verdict), budget_table(s.total), what_if_text(e.outlook),
                                route_table(s), lock_table(s), thread_table(s), slow_requests_text(e)})
      if (!section.empty()) text += section + "\n";
  }
  if (s.total.count || s.facts.view.looked_at) text += data_paths_text(s) + "\n";
  for (const auto& section : {event_loops_text(s), collector_text(s), peers_text(s), kernel_locks_text(s),
                              accept_queues_text(s), send_path_text(s)})
    if (!section.empty()) text += section + "\n";
  return text + coverage_lines(s) + cost_lines(s);
}

}  // namespace plateau::sink
