// A small graph with every kind of frame, and names that formats must take care with.
#pragma once

#include "sink/flame/graph.h"

namespace plateau::sink::flame::test {

inline Graph example() {
  Graph graph;
  graph.title = "On-CPU time: server (PID 4711)";
  graph.subtitle = "7 requests slower than 50.0 ms in 1.00 s";
  graph.what = "on-CPU time";
  graph.notes = {"lost: nothing & <nobody>"};
  graph.label({});
  const auto slow = graph.label({"/users/{id}", 503});
  const auto start = graph.frame({"start_thread", "/lib/libc.so.6", "", 0, Kind::native});
  const auto handle = graph.frame(
      {"std::vector<int, std::allocator<int> >::push_back(int&&)", "/srv/server", "a.cpp", 12, Kind::native});
  const auto inlined = graph.frame({"hash(char const*)", "/srv/server", "a.cpp", 30, Kind::inlined});
  const auto kernel = graph.frame({"tcp_sendmsg", "", "", 0, Kind::kernel});
  const auto go = graph.frame({"main.(*Server).Serve", "/srv/go", "", 0, Kind::go});
  const auto jit = graph.frame({"LazyCompile:*f /app.js:1", "", "", 0, Kind::jit});
  const auto unknown = graph.frame({"[anon]+0x1234", "", "", 0, Kind::unknown});
  const auto waiting = graph.frame({"[woken, waiting for a CPU]", "", "", 0, Kind::note});
  graph.add({{start, handle, inlined}, 600'000'000, 60, slow});
  graph.add({{start, handle, kernel}, 250'000'000, 25, 0});
  graph.add({{start, handle, kernel}, 50'000'000, 5, slow});
  graph.add({{start, go}, 40'000'000, 4, 0});
  graph.add({{start, jit}, 30'000'000, 3, 0});
  graph.add({{start, unknown, waiting}, 30'000'000, 3, 0});
  return graph;
}

}  // namespace plateau::sink::flame::test
