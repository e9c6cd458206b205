#include "foreign/verdict.h"

#include <algorithm>
#include <sstream>

namespace plateau::live {
namespace {

std::string told(const Logged* logged) {
  if (!logged) return "nothing";
  std::ostringstream text;
  text << logged->method << " " << logged->path << " " << logged->status << " bytes ";
  logged->bytes ? text << *logged->bytes : text << "?";
  return text.str();
}

std::string told(const SeenRequest* seen) {
  if (!seen) return "nothing";
  std::ostringstream text;
  text << seen->seq << " " << seen->method << " " << seen->path << " " << seen->status.value_or(0) << " out "
       << seen->bytes_out << " in " << seen->bytes_in << " " << seen->framing << " " << seen->outcome;
  return text.str();
}

std::string told(const ReadAnswer* answer) {
  if (!answer) return "nothing";
  return std::to_string(answer->status) + " of " + std::to_string(answer->bytes) + " bytes, body " +
         std::to_string(answer->body);
}

template <class T>
const T* at(const std::vector<T>& list, std::size_t i) {
  return i < list.size() ? &list[i] : nullptr;
}

std::vector<const Message*> messages_of(const Conversation& conversation) {
  std::vector<const Message*> all;
  for (const Burst& burst : conversation.bursts) {
    for (const Message& message : burst.messages) all.push_back(&message);
  }
  return all;
}

// Some logs count the body that a HEAD would have had.
bool log_counts(Counted counted, const Logged& logged, const ReadAnswer& answer) {
  if (counted == Counted::nothing || !logged.bytes) return counted == Counted::nothing;
  if (counted == Counted::bodies && logged.method == "HEAD") return true;
  return *logged.bytes == (counted == Counted::answers ? answer.bytes : answer.body);
}

bool log_agrees(Counted counted, const Message& message, const ReadAnswer& answer, const Logged& logged) {
  return logged.method == message.method && logged.path == message.path && logged.status == answer.status &&
         log_counts(counted, logged, answer);
}

// Of an exchange that the client has whole.
bool seen_agrees(const Message& message, const ReadAnswer& answer, const SeenRequest& seen) {
  return seen.method == message.method && seen.path == message.path && seen.status == answer.status &&
         seen.bytes_in == message.bytes.size() && seen.bytes_out == answer.bytes &&
         seen.outcome == "answered" && seen.framing != "unknown" && seen.latency_ns &&
         stage_sum(seen) == *seen.latency_ns;
}

// Of one that the client gave up. What the server did not log plateau may have seen begin, and no more; what
// it logged as sent plateau has seen. (A log that counts bodies tells what was to be sent.)
bool given_up_agree(const Recipe& recipe, const Logged* logged, const SeenRequest* seen) {
  if (!seen) return !logged || logged->bytes.value_or(0) == 0;
  if (!logged) return !recipe.logs_given_up || (!seen->status && seen->bytes_out == 0);
  const bool counts = recipe.counted == Counted::answers;
  if (!seen->status) return !counts || logged->bytes.value_or(0) == 0;
  const bool bytes = !counts || logged->bytes == seen->bytes_out;
  return seen->status == logged->status && bytes && seen->method == logged->method &&
         seen->path == logged->path;
}

}  // namespace

bool gives_up(Ending ending) {
  return ending == Ending::abandon || ending == Ending::broken_head || ending == Ending::broken_body;
}

std::vector<std::string> disagreements(const ForeignWitnesses& w, std::size_t& right) {
  std::vector<std::string> wrong;
  if (!w.played.fault.empty() && !w.may_break_off) wrong.push_back("client: " + w.played.fault);
  const std::vector<const Message*> messages = messages_of(w.conversation);
  const std::size_t most = std::max({w.logged.size(), w.seen.size(), w.played.answers.size()});
  const bool reset = gives_up(w.conversation.ending);
  for (std::size_t i = 0; i < most; ++i) {
    const Logged* const logged = at(w.logged, i);
    const SeenRequest* const seen = at(w.seen, i);
    const ReadAnswer* const answer = at(w.played.answers, i);
    const bool forgotten = !logged && reset && !w.recipe.logs_given_up;
    const bool whole = answer && seen && i < messages.size() && (logged || forgotten);
    const bool agree = whole ? seen->seq == i && seen_agrees(*messages[i], *answer, *seen) &&
                                   (forgotten || log_agrees(w.recipe.counted, *messages[i], *answer, *logged))
                             : !answer && given_up_agree(w.recipe, logged, seen);
    right += whole && agree;
    if (agree) continue;
    const std::string asked = i < messages.size() ? messages[i]->method + " " + messages[i]->path + " of " +
                                                        std::to_string(messages[i]->bytes.size()) + " bytes"
                                                  : "what it broke off";
    wrong.push_back("asked: " + asked + "; client: " + told(answer) + "; log: " + told(logged) +
                    "; plateau: " + told(seen));
  }
  return wrong;
}

}  // namespace plateau::live
