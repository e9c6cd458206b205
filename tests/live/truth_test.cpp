// Plateau's figures against the reference server's own clock readings. The contract's bound: 5 % of the true
// value or 20 us, whichever is more.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/quantile.h"
#include "harness/truth_run.h"

namespace plateau::live {
namespace {

using Nanoseconds = std::int64_t;
using Figure = std::function<Nanoseconds(const Pair&)>;

constexpr Nanoseconds kMillisecond = 1'000'000;

// How far a figure is from the truth, in bounds: 1 is just good enough.
double miss(Nanoseconds figure, Nanoseconds truth) {
  const Nanoseconds bound = std::max<Nanoseconds>(truth / 20, 20'000);
  return static_cast<double>(std::abs(figure - truth)) / static_cast<double>(bound);
}

Figure stage(const std::string& name) {
  return [name](const Pair& pair) { return static_cast<Nanoseconds>(pair.seen.stages.at(name)); };
}

Figure span(const std::string& name) {
  return [name](const Pair& pair) { return static_cast<Nanoseconds>(pair.truth.span_ns(name)); };
}

Figure operator+(const Figure& a, const Figure& b) {
  return [a, b](const Pair& pair) { return a(pair) + b(pair); };
}

// What of the truth lies between the two: the figure itself if it does.
Figure nearest(const Figure& figure, const Figure& least, const Figure& most) {
  return [=](const Pair& p) { return std::clamp(figure(p), least(p), std::max(least(p), most(p))); };
}

Nanoseconds median(const std::vector<Pair>& pairs, const Figure& figure) {
  std::vector<Nanoseconds> values;
  for (const Pair& pair : pairs) values.push_back(figure(pair));
  return quantile(values, 0.5);
}

Nanoseconds seen_latency(const Pair& pair) {
  return static_cast<Nanoseconds>(pair.seen.latency_ns.value_or(0));
}

Nanoseconds true_latency(const Pair& pair) {
  return static_cast<Nanoseconds>(pair.truth.latency_ns());
}

// What is wrong with one run; every figure looked at is printed.
class Findings {
 public:
  explicit Findings(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {
    if (pairs_.empty()) complain("no complete run");
  }

  // Of the latencies' differences, request by request: the median and p99.
  Findings& latency() { return each("latency", seen_latency, true_latency, {0.5, 0.99}); }

  Findings& each(const std::string& what, const Figure& figure, const Figure& truth,
                 const std::vector<double>& quantiles) {
    if (pairs_.empty()) return *this;
    std::vector<double> misses;
    for (const Pair& pair : pairs_) misses.push_back(miss(figure(pair), truth(pair)));
    for (const double p : quantiles) {
      char rank[16];
      std::snprintf(rank, sizeof rank, " p%g", p * 100);
      judge(what + rank, quantile(misses, p), "");
    }
    return *this;
  }

  Findings& medians(const std::string& what, const Figure& figure, const Figure& truth) {
    if (pairs_.empty()) return *this;
    return value(what, median(pairs_, figure), median(pairs_, truth));
  }

  Findings& planted(const std::string& what, const Figure& figure, Nanoseconds truth) {
    if (pairs_.empty()) return *this;
    return value(what, median(pairs_, figure), truth);
  }

  const std::string& complaints() const { return complaints_; }

 private:
  Findings& value(const std::string& what, Nanoseconds figure, Nanoseconds truth) {
    judge(what + " median", miss(figure, truth),
          std::to_string(figure) + " ns for " + std::to_string(truth) + ": ");
    return *this;
  }

  void judge(const std::string& what, double missed, const std::string& values) {
    char text[64];
    std::snprintf(text, sizeof text, "%.2f of the bound\n", missed);
    const std::string line = "  " + what + ": " + values + text;
    std::fputs(line.c_str(), stdout);
    if (missed > 1) complain(line);
  }

  void complain(const std::string& line) { complaints_ += line; }

  std::vector<Pair> pairs_;
  std::string complaints_;
};

class Truthful : public LiveTestWith<const char*> {
 protected:
  Findings observe(std::size_t connections, std::size_t requests, std::vector<std::string> switches) {
    switches.insert(switches.end(), {"--engine", GetParam()});
    return Findings(run_with_truth({switches, connections, requests}));
  }
};

// Nothing can bring plateau and the server closer than they are, but a machine busy with other things drives
// them apart: one good run in three is enough.
void expect_good_run(const std::function<Findings()>& run) {
  std::string complaints;
  for (int attempt = 0; attempt < 3; ++attempt) {
    complaints = run().complaints();
    if (complaints.empty()) return;
  }
  ADD_FAILURE() << complaints;
}

INSTANTIATE_TEST_SUITE_P(Engines, Truthful, testing::Values("epoll", "thread"),
                         [](const auto& engine) { return std::string(engine.param); });

// One loop, or one thread: nothing else of the server's can take its CPU.
TEST_P(Truthful, LatencyOfSmallRequests) {
  const std::size_t connections = std::string(GetParam()) == "epoll" ? 16 : 1;
  expect_good_run([&] { return observe(connections, 5003, {}).latency(); });
}

// Here a thread often loses its CPU to another between its send and its look at the clock, and the client is
// late too: for that tail all that is known is that the answer went between the receive and the earlier of
// both.
TEST_P(Truthful, LatencyAtSaturation) {
  const Figure received = [](const Pair& p) {
    return static_cast<Nanoseconds>(p.truth.read_ns - p.truth.begin_ns);
  };
  expect_good_run([&] {
    return observe(16, 10007, {})
        .each("latency", seen_latency, true_latency, {0.5})
        .each("latency in its bounds", seen_latency, nearest(seen_latency, received, true_latency), {0.99});
  });
}

// The wait from a timer's end to the CPU is the truth's sleep and plateau's runqueue: the planted time is
// what the stage has to be.
TEST_P(Truthful, SleepIsSleep) {
  expect_good_run([&] {
    return observe(4, 1009, {"--sleep", "1ms"})
        .latency()
        .planted("sleep", stage("sleep"), kMillisecond)
        .medians("sleep and runqueue", stage("sleep") + stage("runqueue"), span("sleep"));
  });
}

// Beside the spin, which is of CPU time, the server reads, parses and sends.
TEST_P(Truthful, SpinningIsCpu) {
  const Figure work = [](const Pair& p) {
    const auto served = static_cast<Nanoseconds>(p.truth.write_ns - p.truth.read_ns);
    return kMillisecond + served - static_cast<Nanoseconds>(p.truth.span_ns("spin"));
  };
  expect_good_run([&] {
    return observe(1, 1009, {"--spin", "1ms"}).latency().medians("cpu", stage("cpu"), work);
  });
}

// Held in a sleep: the holder's stage is sleep, the others' is the lock.
TEST_P(Truthful, HoldingALockAndWaitingForIt) {
  expect_good_run([&] {
    return observe(4, 1009, {"--section", "global", "--hold", "1ms"})
        .latency()
        .medians("lock_user", stage("lock_user"), span("section_wait"))
        .medians("hold", stage("sleep"), span("section_hold"));
  });
}

// At the plateau's hold the time from a wake-up to the CPU is no longer small beside it. The server's
// readings cannot tell it from the hold and the wait: the three together are the truth, and the hold is the
// sleep and a part of the runqueue, which holds the way out of the lock too.
TEST_P(Truthful, HoldAndWaitAtThePlateau) {
  const Figure sleep = stage("sleep");
  const Figure runqueue = stage("runqueue");
  const Figure hold = span("section_hold");
  expect_good_run([&] {
    return observe(16, 2003, {"--section", "global", "--hold", "340us"})
        .latency()
        .medians("lock_user", stage("lock_user"), span("section_wait"))
        .medians("hold", nearest(hold, sleep, sleep + runqueue), hold)
        .each("lock, hold and runqueue", stage("lock_user") + sleep + runqueue, span("section_wait") + hold,
              {0.5});
  });
}

}  // namespace
}  // namespace plateau::live
