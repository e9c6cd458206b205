#include <cctype>

#include "base/units.h"
#include "sink/cause_text.h"
#include "sink/connections.h"
#include "sink/explain.h"
#include "sink/words.h"

namespace plateau::sink {

namespace {

constexpr double kIdle = 0.3;  // share of CPU time from which idleness is worth a word

}  // namespace

std::string wrap(const std::string& text, std::size_t width) {
  std::string out, line;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find_first_of(" \n", at);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      out += line + "\n";
      line.clear();
    }
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    if (end < text.size() && text[end] == '\n') {
      out += line + "\n";
      line.clear();
    }
    at = end + 1;
  }
  return line.empty() ? out : out + line + "\n";
}

namespace {

using attribution::LockStats;
using attribution::Summary;
using model::Ceiling;
using model::Resource;
using model::Verdict;

const LockStats* lock_at(const Summary& summary, std::uint64_t futex) {
  for (const auto& lock : summary.locks)
    if (lock.futex == futex) return &lock;
  return nullptr;
}

std::string lock_verdict(const Summary& summary, const Verdict& verdict, const Ceiling& c) {
  const LockStats* lock = lock_at(summary, c.futex);
  std::string text = "The lock at " + format("0x%llx", static_cast<unsigned long long>(c.futex)) +
                     " is the ceiling: it lets " + per_second(c.per_second) +
                     " requests through at most, and " + per_second(verdict.throughput) + " are served now. ";
  if (!c.holder.empty())
    text += "It is held by " + c.holder + ", ";
  else
    text += "Its holder was not caught in the act; it is held ";
  text += format_duration(lock ? lock->service_ns : c.demand_ns) +
          " at a time, the hand-over to the next thread included. ";
  text += format("On average %.0f threads wait for it", verdict.waiting);
  if (verdict.cpu_idle >= kIdle) text += ", while the CPUs are " + format_percent(verdict.cpu_idle) + " idle";
  text +=
      (verdict.cause() == model::Cause::lock_spinning_holder
           ? ": its holder computes meanwhile, so that faster CPUs would help and more of them will not.\n"
           : ": more CPUs or more threads will not help.\n");
  text +=
      "To lift the ceiling: hold the lock for less time, do the work outside it, or split it into several.";
  return text;
}

// The other server that a loop waits for in its requests' midst, as a sentence after others; empty: it does
// not.
std::string asked_server(const Verdict& verdict) {
  std::string text = verdict.findings.front().asks;
  if (text.empty()) return "";
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return " " + text + ".";
}

std::string loop_verdict(const Verdict& verdict, const Ceiling& c) {
  const std::string asked = asked_server(verdict);
  return "One thread is the ceiling: thread " + std::to_string(c.tid) +
         " is at work or blocked for requests " + format_percent(c.utilisation) + " of the time, " +
         format_duration(c.demand_ns) + " a request, one after the other. That lets " +
         per_second(c.per_second) + " requests through at most, and " + per_second(verdict.throughput) +
         " are served now; the CPUs are " + format_percent(verdict.cpu_idle) + " idle." + asked +
         "\nTo lift the ceiling: more event loops or workers, or " +
         (asked.empty() ? "less time for each request in the loop (see the budget below for what it goes to)."
                        : "no waiting for the other server inside the loop: ask it without blocking.");
}

unsigned usable(const wire::Facts& facts) {
  return facts.allowed_cpus ? facts.allowed_cpus : facts.cpus;
}

std::string cpu_verdict(const Summary& summary, const Verdict& verdict, const Ceiling& c) {
  const unsigned cpus = usable(summary.facts);
  const std::string all = cpus == 1 ? "its one CPU" : "all " + std::to_string(cpus) + " CPUs";
  return "The CPUs are the ceiling: those that the server may use are busy " + format_percent(c.utilisation) +
         " of the time, and a request costs " + format_duration(c.demand_ns) +
         " of CPU in the server. With " + all + " to itself it could serve " + per_second(c.per_second) +
         " requests at most; " + per_second(verdict.throughput) +
         " are served now.\nTo lift the ceiling: less CPU for each request, or more CPUs.";
}

std::string no_verdict(const Summary& summary, const Verdict& verdict) {
  std::string text = "No plateau: nothing that was measured is used up. " + per_second(verdict.throughput) +
                     " requests are served, and the CPUs are " + format_percent(verdict.cpu_idle) +
                     " idle: the load, not the server, is the limit.";
  if (!verdict.ceilings.empty()) {
    const Ceiling& c = verdict.ceilings.front();
    text += " The lowest ceiling known is the " + std::string(model::resource_name(c.resource)) +
            (c.resource == Resource::lock && !c.holder.empty() ? " held by " + c.holder : "") + ", at " +
            per_second(c.per_second) + ".";
  }
  if (summary.facts.complete) return text;
  return text + " The capture was cut off, so that CPU time and locks are not known.";
}

std::string blocked_text(const Verdict& verdict) {
  std::string text = "Requests stand behind each other in too few threads, which wait in their midst. ";
  for (const std::string& line : verdict.findings.front().evidence) text += line + ". ";
  return text + per_second(verdict.throughput) + " are served now, and the CPUs are " +
         format_percent(verdict.cpu_idle) +
         " idle.\nTo lift the ceiling: more event loops or workers, or no waiting inside the loop.";
}

const Ceiling* reached(const Verdict& verdict, Resource resource) {
  for (const Ceiling& c : verdict.ceilings)
    if (c.resource == resource && c.utilisation >= model::kSaturated) return &c;
  return nullptr;
}

std::string ceiling_text(const Summary& summary, const Verdict& verdict) {
  if (const auto text = cause_sentences(summary, verdict); !text.empty()) return text;
  const Ceiling* lock = reached(verdict, Resource::lock);
  const Ceiling* loop = reached(verdict, Resource::loop);
  const Ceiling* cpu = reached(verdict, Resource::cpu);
  switch (verdict.cause()) {
    case model::Cause::lock_blocked_holder:
    case model::Cause::lock_spinning_holder:
      if (lock) return lock_verdict(summary, verdict, *lock);
      break;
    case model::Cause::loop_blocked:
      return loop ? loop_verdict(verdict, *loop) : blocked_text(verdict);
    case model::Cause::cpu_bound:
      if (loop && (!cpu || loop->per_second < cpu->per_second)) return loop_verdict(verdict, *loop);
      if (cpu) return cpu_verdict(summary, verdict, *cpu);
      break;
    default:
      break;
  }
  return no_verdict(summary, verdict);
}

}  // namespace

std::string verdict_text(const Summary& summary, const Verdict& verdict, std::size_t width) {
  const std::string ceiling =
      summary.total.count ? wrap(ceiling_text(summary, verdict), width)
                          : "No requests were seen. Is there traffic, and is this the process that answers "
                            "it? (see: plateau doctor --pid PID)\n";
  return ceiling + wrap(backlog_sentence(summary), width);
}

}  // namespace plateau::sink
