#include "sink/cause_text.h"

#include "sink/words.h"

namespace plateau::sink {
namespace {

using model::Cause;

struct Words {
  const char* what;
  const char* cure;
};

// nullptr: told elsewhere.
const Words* words_of(Cause cause) {
  static constexpr Words kCopy{
      "Copying is the ceiling: the CPUs are used up, mostly by moving the answers' bytes",
      "To lift the ceiling: send bodies by sendfile or without a user copy, in fewer and larger writes."};
  static constexpr Words kPool{
      "A pool is exhausted: requests wait until one of its members is free",
      "To lift the ceiling: enlarge the pool, or let each request keep its member for less time."};
  static constexpr Words kDownstream{
      "The server waits for another one: that is where its requests' time goes",
      "To lift the ceiling: a faster answer from there, fewer questions a request, or a cache."};
  static constexpr Words kAccept{
      "Connections wait to be accepted",
      "To lift the ceiling: accept in more threads, keep connections open, or enlarge the backlog."};
  static constexpr Words kSend{
      "The network, or the clients, are the limit: answers wait for room in the send buffer",
      "To lift the ceiling: larger send buffers, smaller answers, or clients that read faster."};
  static constexpr Words kPauses{
      "The world stops now and then: for a while no request is answered, then all that waited are",
      "To get rid of it: look for a collector's pauses, a lock that all take, or a timer of that period."};
  static constexpr Words kWait{
      "Each request waits on its own: more at a time would be served",
      "To serve more: more connections at a time, or shorter waits (see the budget below)."};
  switch (cause) {
    case Cause::copy_bound:
      return &kCopy;
    case Cause::pool_exhausted:
      return &kPool;
    case Cause::downstream_bound:
      return &kDownstream;
    case Cause::accept_bound:
      return &kAccept;
    case Cause::send_bound:
      return &kSend;
    case Cause::stop_the_world_pauses:
      return &kPauses;
    case Cause::wait_bound:
      return &kWait;
    default:
      return nullptr;
  }
}

}  // namespace

std::string cause_sentences(const attribution::Summary& summary, const model::Verdict& verdict) {
  const Words* words = words_of(verdict.cause());
  if (!words) return "";
  std::string text = std::string(words->what) + ". ";
  for (const std::string& line : verdict.findings.front().evidence) {
    std::string sentence = line;
    if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
    text += sentence + ". ";
  }
  text += per_second(verdict.throughput) + " are served now, and the CPUs are " +
          format_percent(verdict.cpu_idle) + " idle.\n";
  if (!summary.facts.complete) text += "The capture was cut off, so that CPU time and locks are not known.\n";
  return text + words->cure;
}

}  // namespace plateau::sink
