// A graph of many different stacks in each format: time on a CPU and peak memory, each in a process of its
// own.
//   bench_flame [STACKS]
// Exit status 1 where a format takes more than two seconds or 200 MB.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "sink/flame/write.h"

namespace {

namespace flame = plateau::sink::flame;

constexpr double kMostSeconds = 2, kMostMegabytes = 200;

// Twenty frames deep, half of them shared by neighbours, and a leaf of its own for each.
flame::Graph make_graph(std::uint32_t stacks) {
  flame::Graph graph;
  graph.label({});
  for (std::uint32_t i = 0; i < stacks; i++) {
    flame::Stack stack;
    for (std::uint32_t depth = 0, rest = i; depth < 20; depth++, rest /= 2)
      stack.frames.push_back(graph.frame({"namespace_of_it::Class" + std::to_string(depth) + "::function_" +
                                              std::to_string(rest % 7) + "(std::string const&)",
                                          "/usr/sbin/server", "source.cpp", 0, flame::Kind::native}));
    stack.frames.push_back(graph.frame({"leaf_" + std::to_string(i), "", "", 0, flame::Kind::native}));
    stack.ns = 1'000 + i % 13;
    stack.samples = 1;
    graph.add(std::move(stack));
  }
  return graph;
}

// In the child: the graph is made, written, and the figures printed. Whether they are within bounds.
bool measure(const char* name, std::string (*write)(const flame::Graph&), std::uint32_t stacks) {
  const auto graph = make_graph(stacks);
  const auto start = plateau::clock_ns(CLOCK_THREAD_CPUTIME_ID);
  const auto text = write(graph);
  const double seconds = static_cast<double>(plateau::clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 1e9;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double peak = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
  std::printf("%-11s %6.2f s  %6.1f MB at the most, the graph included  %6.1f MB written\n", name, seconds,
              peak, static_cast<double>(text.size()) / 1e6);
  std::fflush(stdout);
  return seconds <= kMostSeconds && peak <= kMostMegabytes;
}

bool in_its_own_process(const char* name, std::string (*write)(const flame::Graph&), std::uint32_t stacks) {
  const pid_t child = fork();
  if (child == 0) _exit(measure(name, write, stacks) ? 0 : 1);
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto stacks = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000);
  bool good = true;
  good &= in_its_own_process("svg", flame::to_svg, stacks);
  good &= in_its_own_process("folded", flame::to_folded, stacks);
  good &= in_its_own_process("pprof", flame::to_pprof, stacks);
  good &= in_its_own_process("speedscope", flame::to_speedscope, stacks);
  return good ? 0 : 1;
}
