// An experiment as data: tools/lab/*.json. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plateau::app::lab {

enum class Kind {
  rungs,   // servers one beside the other, each under the same load
  causes,  // each switch off and on: what it plants against what Plateau's budget shows
};

enum class Program {
  httpd,
  nginx,
  nethttp,  // Go's, built by Debian's compiler with Debian's packages
  fasthttp,
  nethttp_newest,  // built by a newer compiler, with the newest module, that the machine has beside them
  fasthttp_newest
};

enum class Cores {
  apart,   // the server on one, load and plateau on another
  shared,  // all on all
};

// What must come out, or the row is MISSED.
struct Expectation {
  std::string measure;
  bool ratio = false;  // to the first rung; else the value itself
  std::optional<double> least;
  std::optional<double> most;
};

// What a planted cause must add to a stage of the budget.
struct Planted {
  std::string stage;
  std::string truth;  // spans of the server's truth log, joined by +, that say how much; empty: `us` does
  double times = 1;   // that many spans: one for each request that goes first
  double us = 0;      // 0, of a blind rung only: not known
  std::vector<std::string> with;  // stages that the span covers too, such as the CPU time of a write
};

struct Rung {
  std::string name;
  Program program = Program::httpd;
  std::vector<std::string> server;  // arguments; of nginx: directives of its server block
  std::vector<std::string> load;    // arguments of plateau-load after the experiment's own
  bool all_cpus = false;  // the server may use those of the load too, wherever the others' servers run
  std::string scheme = "http";
  std::string path = "/";
  std::map<std::string, double> report;  // the field report's figures, by measure
  std::vector<Expectation> expect;
  std::string note;
  std::vector<std::string> explain;  // arguments of plateau explain
  std::vector<std::string> cause;    // the planted one, as explain names it; others that may be named as well
  // Of a server after a fix: the rung without it, and the fix as plateau explain --fix takes it. What was
  // predicted there stands beside what was measured here.
  std::string before;
  std::string fix;
  // Of a rung that stands for several: it is run with each number of connections.
  std::string series;
  std::vector<std::uint32_t> steps;
  std::uint32_t connections = 0;  // of a step: the x of the series; 0: not a step
  // Kind::causes only.
  std::vector<std::string> base;  // arguments without the cause
  std::string detail;             // of plateau requests, as --detail has it; empty: the default
  std::vector<Planted> plants;
  bool mean = false;  // compare means over all requests, for what strikes only some of them; else medians
  std::vector<std::string> spills;  // stages that the cause moves as well, by its nature
  std::string blind;                // why Plateau cannot show it today; empty: it can
};

struct Experiment {
  std::string name;
  std::string title;  // one line
  std::vector<std::string> notes;
  Kind kind = Kind::rungs;
  Cores cores = Cores::apart;
  std::vector<std::string> load;     // arguments of plateau-load for every rung
  std::vector<std::string> columns;  // measures, the first the one that rounds must agree on
  double seconds = 3;                // a round's load
  int least_rounds = 3;
  int most_rounds = 9;
  double spread = 0.05;        // relative, at which no more rounds are needed
  std::uint64_t requests = 0;  // Kind::causes: of a run
  double pauses_over_ms = 0;   // the log of requests is searched for freezes this long; 0: it is not
  bool samples = false;        // memory, threads, throughput and p99.9 every 200 ms
  std::vector<Rung> rungs;
};

// `source` names the text in errors, which are of one line and say where it is wrong.
Result<Experiment> parse_experiment(std::string_view text, std::string_view source);

// Each rung with steps replaced by one for each step, named "NAME STEP".
std::vector<Rung> expanded(const std::vector<Rung>& rungs);

// The arguments of a rung's load: the experiment's, but for the options that the rung gives itself.
std::vector<std::string> load_arguments(const std::vector<std::string>& common,
                                        const std::vector<std::string>& own);

const char* program_name(Program program);

}  // namespace plateau::app::lab
