#include "model/cause_rules.h"

#include <algorithm>
#include <optional>

#include "base/units.h"
#include "model/capture_view.h"
#include "model/other_servers.h"
#include "model/pause_rule.h"
#include "model/pool_lock.h"

namespace plateau::model {
namespace {

using attribution::Stage;
using attribution::Summary;

// Shares of a request's time from which a wait is a cause, and of the CPU time from which a part of it is.
constexpr double kMuch = 0.4, kHandedOver = 0.25, kPoolWait = 0.2, kCopies = 0.4;
constexpr double kComputing = 0.6;  // of the time busy: a loop that computes
constexpr double kHeldUp = 0.5;     // of what a loop is held up by: that is what it waits for
constexpr double kFullLooks = 0.05;
constexpr double kCrowd = 1.25;  // requests inside for each thread from which on they stand behind each other
// A client that sends the next request so soon had only waited for the answer, ns.
constexpr std::uint64_t kPrompt = 1'500'000;
constexpr double kRushed = 0.5;  // share of a connection's time that a request is inside

std::string percent(double share) {
  return format_percent(share);
}

std::string duration(double seconds) {
  return format_duration(static_cast<std::uint64_t>(std::max(0.0, seconds) * 1e9));
}

class Rules {
 public:
  Rules(const Summary& summary, const Verdict& verdict) : s_(summary), verdict_(verdict), view_(summary) {}

  std::vector<Finding> findings() {
    ceilings();
    pools();
    sockets();
    if (list_.empty()) behind_others();
    if (list_.empty())
      if (auto pauses = pauses_of(s_)) list_.push_back(std::move(*pauses));
    if (list_.empty() && is_rushed()) waits();
    std::stable_sort(list_.begin(), list_.end(),
                     [](const Finding& a, const Finding& b) { return a.share > b.share; });
    if (list_.empty()) list_.push_back(is_rushed() ? client_bound() : nothing());
    return std::move(list_);
  }

 private:
  double share(std::initializer_list<Stage> stages) const { return view_.share(stages); }
  void add(Cause cause, double part, std::vector<std::string> evidence) {
    list_.push_back({cause, part, std::move(evidence), {}});
  }

  void ceilings() {
    for (const Ceiling& c : verdict_.ceilings) {
      if (c.utilisation < kSaturated) continue;
      switch (c.resource) {
        case Resource::lock:
          lock(c);
          break;
        case Resource::loop:
          loop(c);
          break;
        case Resource::cpu:
          cpu(c);
      }
    }
  }

  double cpu_per_request() const { return view_.per_request(s_.facts.target_cpu_s * 1e9); }

  void lock(const Ceiling& c) {
    const double held = static_cast<double>(c.demand_ns) / 1e9;
    const double on_cpu = held > 0 ? std::min(1.0, computed(view_) / held) : 0;
    std::vector<std::string> evidence{
        "somebody waits for the lock " + percent(c.utilisation) + " of the time, " +
            percent(c.latency_share) + " of the requests' time goes there",
        "it is held " + duration(held) + " a request, in which a request computes " +
            duration(computed(view_)) + " in all"};
    add(on_cpu >= kHolderComputes ? Cause::lock_spinning_holder : Cause::lock_blocked_holder, c.latency_share,
        std::move(evidence));
  }

  void pool_of_connections(double waiting) {
    if (std::any_of(list_.begin(), list_.end(),
                    [](const Finding& f) { return f.cause == Cause::pool_exhausted; }))
      return;
    const double downstream = share({Stage::downstream});
    add(Cause::pool_exhausted, std::min(1.0, share({Stage::lock_user}) + downstream),
        {"requests wait " + percent(std::max(waiting, share({Stage::lock_user}))) +
             " of their time for a connection to the other server, and " + percent(downstream) +
             " for its answer",
         "connections in use on average: " +
             std::to_string(static_cast<int>(view_.throughput() * view_.stage({Stage::downstream}) + 0.5)) +
             open_connections("; ")});
  }

  // ", 4 connections to 10.1.2.3:5432 are open", after `before`.
  std::string open_connections(const std::string& before) const {
    const std::string text = connections_text(s_.facts.downstreams);
    return text.empty() ? "" : before + "open are " + text;
  }

  // What a loop waits for in its requests, where that is another server.
  std::string asks_others() const {
    const double downstream = view_.stage({Stage::downstream});
    if (downstream <= 0 || share({Stage::downstream}) < kHeldUp * held_up()) return "";
    return "in its own turn a request waits " + duration(downstream) + " for another server" +
           open_connections("; ");
  }

  void blocked_loop(double part, std::vector<std::string> evidence) {
    std::string asks = asks_others();
    if (!asks.empty()) evidence.push_back(asks);
    list_.push_back({Cause::loop_blocked, part, std::move(evidence), std::move(asks)});
  }

  void loop(const Ceiling& c) {
    const auto thread =
        std::find_if(s_.threads.begin(), s_.threads.end(), [&](const auto& t) { return t.tid == c.tid; });
    const double busy_ns =
        thread == s_.threads.end() ? 0 : thread->busy() * static_cast<double>(thread->elapsed_ns);
    const double on_cpu = busy_ns > 0 ? static_cast<double>(thread->run_ns) / busy_ns : 0;
    std::vector<std::string> evidence{
        "thread " + std::to_string(c.tid) + " is busy " + percent(c.utilisation) + " of the time, on a CPU " +
            percent(std::min(1.0, on_cpu)) + " of that",
        "requests spend " + percent(share({Stage::busy_loop, Stage::accept_wait})) +
            " of their time behind others of the same thread"};
    // A thread that computes all the time, or would if others left it its CPU, is a CPU used up, whatever
    // else the machine has left.
    if (on_cpu + queued_of(1 - on_cpu) >= kComputing)
      compute(c.latency_share + share({Stage::cpu, Stage::copy_in, Stage::copy_out, Stage::tcp_send}),
              std::move(evidence));
    else
      blocked_loop(c.latency_share + held_up(), std::move(evidence));
  }

  // Of a share of time that threads are at work and on no CPU: what they wait for one, going by their
  // requests.
  double queued_of(double off_cpu) const {
    const double queued = share({Stage::runqueue});
    const double asleep = held_up() + share({Stage::lock_user, Stage::lock_socket});
    return queued > 0 ? off_cpu * queued / (queued + asleep) : 0;
  }

  // The work that others stand behind, asleep.
  double held_up() const {
    return share({Stage::sleep, Stage::disk, Stage::downstream, Stage::page_fault, Stage::lock_kernel});
  }

  void cpu(const Ceiling& c) {
    const unsigned cpus = std::max(1u, s_.facts.allowed_cpus ? s_.facts.allowed_cpus : s_.facts.cpus);
    const double mine = s_.facts.target_cpu_s / (view_.duration() * cpus);
    if (mine < 0.25 * c.utilisation) return;  // used up by others
    std::string busy = "the CPUs that it may use are busy " + percent(c.utilisation) + " of the time";
    if (mine < 0.8 * c.utilisation) busy += ", " + percent(c.utilisation - mine) + " for other programs";
    compute(std::max(c.latency_share, share({Stage::busy_loop}) + c.latency_share),
            {std::move(busy), "a request computes " + duration(cpu_per_request()) + " and waits " +
                                  duration(view_.stage({Stage::runqueue})) + " for a CPU"});
  }

  void compute(double part, std::vector<std::string> evidence) {
    if (std::any_of(list_.begin(), list_.end(), [](const Finding& f) {
          return f.cause == Cause::cpu_bound || f.cause == Cause::copy_bound;
        }))
      return;
    const double computed = share({Stage::cpu, Stage::copy_in, Stage::copy_out, Stage::tcp_send});
    const double copies = share({Stage::copy_in, Stage::copy_out, Stage::tcp_send});
    const bool copy_bound = computed > 0 && copies / computed >= kCopies && bytes_out() >= 16'384;
    if (copies > 0)
      evidence.push_back("of what it computes in a request, " + percent(copies / computed) +
                         " is copying and the TCP send path");
    else if (bytes_out() >= 65'536)
      evidence.push_back("it sends " + format_bytes(static_cast<std::uint64_t>(bytes_out())) +
                         " a request: capture with --detail high to see what copying takes");
    add(copy_bound ? Cause::copy_bound : Cause::cpu_bound, part, std::move(evidence));
  }

  double bytes_out() const {
    return s_.total.count ? static_cast<double>(s_.total.bytes_out) / static_cast<double>(s_.total.count) : 0;
  }

  void pools() {
    const double handed = share({Stage::handoff});
    if (handed >= kHandedOver && !s_.threads.empty()) {
      double busy = 0;
      for (const auto& t : s_.threads) busy += t.busy();
      busy /= static_cast<double>(s_.threads.size());
      add(Cause::pool_exhausted, handed,
          {"requests wait " + percent(handed) + " of their time for one of the " +
               std::to_string(s_.threads.size()) + " threads that answer",
           "those are busy " + percent(busy) + " of the time"});
    }
    const double downstream = share({Stage::downstream}),
                 waiting = signalled(view_) / std::max(1e-9, view_.response());
    if (downstream > 0.02 && waiting >= kPoolWait) pool_of_connections(waiting);
  }

  void sockets() {
    const double accept = share({Stage::accept_wait});
    const auto full =
        std::find_if(s_.facts.accept_queues.begin(), s_.facts.accept_queues.end(), [](const auto& q) {
          return q.looks && static_cast<double>(q.full_looks) >= kFullLooks * static_cast<double>(q.looks);
        });
    if (full != s_.facts.accept_queues.end())
      add(Cause::accept_bound, std::max(accept, kMuch),
          {"the accept queue of " + full->address + " was full at " +
           percent(static_cast<double>(full->full_looks) / static_cast<double>(full->looks)) +
           " of the looks"});
    else if (accept >= kMuch && list_.empty())
      add(Cause::accept_bound, accept,
          {"requests spend " + percent(accept) + " of their time before their connection is accepted"});
    const double send = share({Stage::send_wait});
    if (send >= kMuch)
      add(Cause::send_bound, send,
          {"answers wait " + percent(send) + " of the requests' time for room in the send buffer"});
  }

  // Few threads, and requests that stand behind each other, though the threads count as idle: they wait for
  // something that might be work.
  void behind_others() {
    const double behind = share({Stage::busy_loop});
    const double inside = view_.throughput() * view_.response();
    if (behind < kMuch || s_.threads.empty() || kCrowd * static_cast<double>(s_.threads.size()) > inside)
      return;
    std::vector<std::string> evidence{
        "requests spend " + percent(behind) +
            " of their time behind others of the same thread; threads that answer: " +
            std::to_string(s_.threads.size()),
        "of the rest, waits for another server are " + percent(share({Stage::downstream})) + ", timers " +
            percent(share({Stage::sleep})) + " of the time"};
    blocked_loop(behind + held_up(), std::move(evidence));
  }

  // Requests that wait for something of their own, one beside the other.
  void waits() {
    const double downstream = share({Stage::downstream});
    if (downstream >= kMuch)
      add(Cause::downstream_bound, downstream,
          {"requests wait " + percent(downstream) + " of their time, " +
           duration(view_.stage({Stage::downstream})) + ", for another server" + open_connections("; ")});
    const double own = share({Stage::sleep, Stage::disk, Stage::page_fault});
    if (own >= kMuch)
      add(Cause::wait_bound, own,
          {"asleep in timers " + percent(share({Stage::sleep})) + ", for the disk " +
           percent(share({Stage::disk})) + ", for pages " + percent(share({Stage::page_fault})) +
           " of the requests' time"});
  }

  // Clients send the next request as soon as they have the answer.
  bool is_rushed() const {
    const auto& think = s_.insight.pattern.think();
    if (think.count() < 20) return false;
    const double z = static_cast<double>(think.quantile(0.5)) / 1e9;
    return think.quantile(0.5) <= kPrompt || view_.response() / (view_.response() + z) >= kRushed;
  }

  Finding client_bound() const {
    const auto think = s_.insight.pattern.think().quantile(0.5);
    return {Cause::client_bound,
            0,
            {format_duration(think) + " after an answer comes the next request on its connection: " +
                 "the clients wait for nothing else",
             "the CPUs are idle " + percent(verdict_.cpu_idle) + " of the time"}};
  }

  Finding nothing() const {
    return {Cause::none, 0, {"the CPUs are idle " + percent(verdict_.cpu_idle) + " of the time"}};
  }

  const Summary& s_;
  const Verdict& verdict_;
  CaptureView view_;
  std::vector<Finding> list_;
};

}  // namespace

std::vector<Finding> findings_of(const Summary& summary, const Verdict& verdict) {
  return Rules(summary, verdict).findings();
}

}  // namespace plateau::model
