#include "sink/connections.h"
#include "sink/data_paths.h"
#include "sink/explain.h"
#include "sink/explain_page.h"
#include "sink/explain_tables.h"
#include "sink/html.h"
#include "sink/kernel_locks.h"
#include "sink/peers.h"
#include "sink/words.h"

namespace plateau::sink {
namespace {

// A line of text becomes a paragraph where the writer broke it on purpose: after a full stop.
std::string paragraphs(const std::string& wrapped) {
  std::string text = "<p>";
  for (std::size_t at = 0; at < wrapped.size();) {
    const std::size_t end = std::min(wrapped.find('\n', at), wrapped.size());
    const std::string line = wrapped.substr(at, end - at);
    text += html_text(line);
    at = end + 1;
    if (at < wrapped.size()) text += line.ends_with('.') && wrapped[at] == 'T' ? "</p>\n<p>" : " ";
  }
  return text + "</p>\n";
}

std::string verdict_html(const Explanation& e) {
  const bool held_up =
      e.verdict.cause() != model::Cause::none && e.verdict.cause() != model::Cause::client_bound;
  std::string text = "<div class=\"verdict" + std::string(held_up ? "" : " none") + "\">\n" +
                     paragraphs(verdict_text(e.summary, e.verdict)) + "<ul>\n";
  for (const auto& finding : e.verdict.findings)
    for (const std::string& line : finding.evidence) text += "<li>" + html_text(line) + "</li>\n";
  return text + "</ul>\n</div>\n";
}

std::string text_section(const char* heading, const std::string& text) {
  if (text.empty()) return "";
  const std::size_t first = text.find('\n');  // the text's own heading
  return section(heading, preformatted(std::string_view(text).substr(first + 1)));
}

}  // namespace

std::string explain_html(const Explanation& e) {
  const attribution::Summary& s = e.summary;
  const std::string head = headline(s);
  const std::size_t line = head.find('\n');
  std::string page = page_head(head.substr(0, line)) + "<h1>" + html_text(head.substr(0, line)) +
                     "</h1>\n<p class=\"facts\">" + html_text(std::string_view(head).substr(line + 1)) +
                     "</p>\n" + verdict_html(e);
  if (s.total.count) {
    page += budgets_html(e) + curve_html(e) + what_if_html(e.outlook) + timeline_html(s.insight.timeline) +
            slow_requests_html(e) + holders_html(s) + text_section("Threads that answer", thread_table(s)) +
            text_section("Data paths", data_paths_text(s));
  }
  page += text_section("Servers that it asks", peers_text(s)) +
          text_section("Kernel locks", kernel_locks_text(s)) +
          text_section("Accept queues", accept_queues_text(s)) +
          text_section("Send path", send_path_text(s)) + text_section("Coverage", coverage_lines(s)) +
          text_section("Plateau's own cost", cost_lines(s));
  return page + page_foot();
}

}  // namespace plateau::sink
