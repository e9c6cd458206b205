#include "differential/verdict.h"

#include <algorithm>
#include <sstream>

namespace plateau::live {
namespace {

std::string told(const Truth& truth) {
  std::ostringstream text;
  text << truth.seq << " " << truth.method << " " << truth.path << " " << truth.status << " in "
       << truth.bytes_in << " out " << truth.bytes_out << (truth.write_ns == 0 ? " not sent" : "");
  return text.str();
}

std::string told(const SeenRequest& seen) {
  std::ostringstream text;
  text << seen.seq << " " << seen.method << " " << seen.path << " " << seen.status.value_or(0) << " in "
       << seen.bytes_in << " out " << seen.bytes_out << " " << seen.framing << " " << seen.outcome;
  return text.str();
}

bool sums_up(const SeenRequest& seen) {
  return seen.latency_ns && stage_sum(seen) == *seen.latency_ns;
}

// Both messages are within what is kept of a turn, so that their ends were seen: of what goes out of files,
// or in many pieces, not all is.
bool kept(const Truth& truth, const SeenRequest& seen) {
  return truth.bytes_in <= kKept && truth.bytes_out <= kKept && seen.data_path == "copy";
}

// Where an end was not seen plateau infers it, and where the pipeline before it did, the next beginning too.
bool may_be_inferred(const Witnesses& w, std::size_t at) {
  const std::size_t first = at < kMostPipelined ? 0 : at - kMostPipelined;
  for (std::size_t i = first; i <= at; ++i) {
    if (!kept(w.truths[i], w.seen[i])) return true;
  }
  return false;
}

// Of a request whose answer is out as a whole. The figures are right even where ends were inferred.
bool same(const Truth& truth, const SeenRequest& seen) {
  return seen.method == truth.method && seen.path == truth.path && seen.status == truth.status &&
         seen.bytes_in == truth.bytes_in && seen.bytes_out == truth.bytes_out && seen.outcome == "answered" &&
         seen.framing != "unknown" && sums_up(seen);
}

// Of one that the client gave up: no status that the server did not give, and no other request's.
bool same_given_up(const Truth& truth, const SeenRequest& seen) {
  const bool status = seen.status == truth.status || (!seen.status && seen.outcome != "answered");
  return seen.method == truth.method && seen.path == truth.path && status;
}

// What is no request for the server is none of which plateau could know a method: 400, and the close.
bool same_refusal(const Truth& truth, const SeenRequest& seen) {
  return seen.status == truth.status && seen.bytes_out == truth.bytes_out;
}

bool agree(const Truth& truth, const SeenRequest& seen) {
  if (truth.status == 400 && truth.method.empty()) return same_refusal(truth, seen);
  return truth.write_ns == 0 ? same_given_up(truth, seen) : same(truth, seen);
}

// A message that was never whole is no request to the server; plateau may say that it began, and nothing
// else.
bool begun_only(const Witnesses& w, const SeenRequest& seen) {
  const bool broken = w.conversation.ending == Ending::broken_head ||
                      w.conversation.ending == Ending::broken_body ||
                      w.conversation.ending == Ending::abandon;
  return broken && !seen.status && seen.outcome == "unanswered" && seen.bytes_out == 0;
}

void check_client(const Witnesses& w, std::vector<std::string>& wrong) {
  const auto& answers = w.played.answers;
  if (answers.size() > w.truths.size()) wrong.push_back("more answers than the server tells of");
  for (std::size_t i = 0; i < std::min(answers.size(), w.truths.size()); ++i) {
    const bool same = answers[i].status == w.truths[i].status && answers[i].bytes == w.truths[i].bytes_out;
    if (!same) {
      wrong.push_back("client has " + std::to_string(answers[i].status) + " of " +
                      std::to_string(answers[i].bytes) + " bytes for " + told(w.truths[i]));
    }
  }
}

}  // namespace

std::vector<std::string> disagreements(const Witnesses& w, std::size_t& exact) {
  std::vector<std::string> wrong;
  check_client(w, wrong);
  const std::size_t both = std::min(w.truths.size(), w.seen.size());
  for (std::size_t i = 0; i < both; ++i) {
    const bool refused = w.truths[i].status == 400 && w.truths[i].method.empty();
    const bool followed = w.seen[i].framing == "exact" || refused || may_be_inferred(w, i);
    if (w.truths[i].seq != w.seen[i].seq || !followed || !agree(w.truths[i], w.seen[i])) {
      wrong.push_back("server: " + told(w.truths[i]) + "; plateau: " + told(w.seen[i]));
    } else {
      ++exact;
    }
  }
  for (std::size_t i = both; i < w.truths.size(); ++i) wrong.push_back("missed: " + told(w.truths[i]));
  for (std::size_t i = both; i < w.seen.size(); ++i) {
    if (!begun_only(w, w.seen[i])) wrong.push_back("invented: " + told(w.seen[i]));
  }
  if (!w.played.fault.empty()) wrong.push_back("client: " + w.played.fault);
  return wrong;
}

// In order, and each the server's own of its time.
std::vector<std::string> false_claims(const Witnesses& w, std::size_t& exact) {
  std::vector<std::string> wrong;
  auto truth = w.truths.begin();
  for (const SeenRequest& seen : w.seen) {
    if (seen.framing != "exact" || seen.outcome != "answered") continue;
    const auto found = std::find_if(truth, w.truths.end(), [&](const Truth& t) { return agree(t, seen); });
    if (found == w.truths.end()) {
      wrong.push_back("claimed: " + told(seen));
    } else {
      truth = found + 1;
      ++exact;
    }
  }
  if (!w.played.fault.empty()) wrong.push_back("client: " + w.played.fault);
  return wrong;
}

}  // namespace plateau::live
