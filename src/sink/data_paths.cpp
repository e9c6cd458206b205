#include "sink/data_paths.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "attribution/data_path.h"
#include "base/units.h"

namespace plateau::sink {
namespace {

using attribution::Summary;

std::string path_words(std::string_view path) {
  if (path == "zerocopy") return "MSG_ZEROCOPY";
  if (path == "ktls") return "kTLS, encrypted by the kernel";
  if (path == "unknown") return "a path not known";
  return std::string(path);
}

std::string sent_words(const wire::Facts& facts) {
  const auto sent = static_cast<double>(facts.counters[PL_COUNT_BYTES_OUT]);
  std::string text;
  for (const auto& [path, bytes] : attribution::path_bytes(facts))
    text += (text.empty() ? "" : ", ") + format_percent(static_cast<double>(bytes) / sent) +
            (text.empty() ? " of bytes leave by " : " by ") + path_words(path);
  return text.empty() ? "nothing was sent over TCP" : text;
}

bool all_in_view(const wire::ViewFact& view) {
  return view.looked_at && !view.hidden && view.bypasses.empty();
}

// What became of MSG_ZEROCOPY; empty: nobody told.
std::string zerocopy_words(const wire::Facts& facts) {
  const std::uint64_t all = facts.counters[PL_COUNT_ZEROCOPIES];
  const std::uint64_t copied = facts.counters[PL_COUNT_ZEROCOPIES_COPIED];
  if (all == 0) return {};
  const std::string sends = format_count(all) + (all == 1 ? " send" : " sends");
  if (copied == 0) return "of " + sends + " with MSG_ZEROCOPY the kernel copied none";
  return format_count(copied) + " of " + sends + " with MSG_ZEROCOPY (" +
         format_percent(static_cast<double>(copied) / static_cast<double>(all)) +
         ") were copied by the kernel after all";
}

std::string outside_words(const wire::ViewFact& view) {
  if (view.looked_at == 0) return "";
  if (all_in_view(view)) return "; 0 % is outside view";
  const bool certain = std::any_of(view.bypasses.begin(), view.bypasses.end(),
                                   [](const wire::BypassFact& b) { return !b.possible; });
  return certain ? "; how much goes outside view is not known"
                 : "; whether anything goes outside view is not known";
}

}  // namespace

std::string bypass_sentence(const wire::BypassFact& bypass) {
  std::string text = "process " + std::to_string(bypass.pid);
  if (!bypass.comm.empty()) text += " (" + bypass.comm + ")";
  text += " has " + bypass.what;
  const bool several = bypass.count > 1 && bypass.what.starts_with(std::to_string(bypass.count) + " ");
  const std::string them = several ? "them" : "it";
  if (bypass.possible)
    return text + ": what may go through " + them + " is outside Plateau's view and is never attributed";
  return text + ": what goes through " + them + " is outside Plateau's view and is never attributed";
}

std::string data_paths_text(const Summary& summary) {
  const wire::ViewFact& view = summary.facts.view;
  std::string text = "DATA PATHS (bytes sent)\n  " + sent_words(summary.facts) + outside_words(view) + "\n";
  if (const auto words = zerocopy_words(summary.facts); !words.empty()) text += "  " + words + "\n";
  if (const auto ktls = attribution::ktls_connections(summary.facts))
    text += "  " + format_count(ktls) + (ktls == 1 ? " connection has" : " connections have") +
            " TLS in the kernel (kTLS): seen like any other\n";
  for (const auto& bypass : view.bypasses) text += "  " + bypass_sentence(bypass) + "\n";
  if (view.hidden)
    text += "  " + format_count(view.hidden) + " of " + format_count(view.looked_at) +
            " processes do not let their descriptors be read: what they send by other roads is not known\n";
  return text;
}

nlohmann::ordered_json outside_view_json(const Summary& summary) {
  const wire::ViewFact& view = summary.facts.view;
  if (view.looked_at == 0) return nullptr;
  nlohmann::ordered_json json;
  json["share"] = all_in_view(view) ? nlohmann::ordered_json(0) : nlohmann::ordered_json();
  json["processes"] = view.looked_at;
  json["hidden"] = view.hidden;
  json["bypasses"] = nlohmann::ordered_json::array();
  for (const auto& b : view.bypasses)
    json["bypasses"].push_back({{"pid", b.pid},
                                {"comm", b.comm},
                                {"kind", b.kind},
                                {"what", b.what},
                                {"count", b.count},
                                {"possible", b.possible},
                                {"text", bypass_sentence(b)}});
  json["text"] = sent_words(summary.facts) + outside_words(view);
  return json;
}

}  // namespace plateau::sink
