// The subcommands. Each runs to its end and returns the process's exit status; errors are one line on stderr.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/source.h"
#include "base/result.h"
#include "model/fix.h"
#include "sink/otlp/settings.h"

namespace plateau::app {

enum class Format { text, json, html };  // html: of explain only

struct RequestsOptions {
  CaptureOptions capture;
  Format format = Format::text;
  std::uint64_t slower_than_ns = 0;
  std::string route;
  bool quiet = false;
};
ExitCode run_requests(const RequestsOptions& options);

struct ExplainOptions {
  CaptureOptions capture;
  Format format = Format::text;
  std::vector<model::Fix> fixes;     // to predict beside the usual ones
  std::vector<std::string> compare;  // two capture files, in place of the capture
  std::string output;                // file for the result; empty: standard output
  bool brief = false;                // of the text, what fits a terminal's page
  std::string holders_folded;        // file for the holders' folded stacks; empty: none
};
ExitCode run_explain(const ExplainOptions& options);

struct DoctorOptions {
  CaptureOptions capture;  // target (none: the machine alone), detail and providers
  Format format = Format::text;
};
ExitCode run_doctor(const DoctorOptions& options);

struct RecordOptions {
  CaptureOptions capture;
  std::string output;
};
ExitCode run_record(const RecordOptions& options);

enum class FlameKind { cpu, offcpu, lock, copy, fault, wall };
enum class FlameFormat { svg, folded, pprof, speedscope };

struct FlameOptions {
  CaptureOptions capture;
  FlameKind kind = FlameKind::cpu;
  FlameFormat format = FlameFormat::svg;
  bool wakers = false;  // above blocked stacks, those of who ended the wait
  std::string output;
  std::string route;                 // of the requests to draw; empty: any
  int status = 0;                    // 0: any
  std::uint64_t slower_than_ns = 0;  // 0: any
  std::uint64_t faster_than_ns = 0;
  std::uint64_t split_at_ns = 0;        // requests slower than this against the others; 0: not
  std::vector<std::string> difference;  // two files to hold one against the other, in place of a capture
};
ExitCode run_flame(const FlameOptions& options);
// Whether only some requests are asked for.
bool selects(const FlameOptions& options);

struct AttachOptions {
  CaptureOptions capture;
  std::string listen = "127.0.0.1:9464";
  std::string web_config;  // file; empty: plain HTTP for everybody
  std::size_t routes = 200;
  bool exemplars = false;     // keep trace ids of some requests
  bool wait = false;          // for a target that is not there yet
  sink::otlp::Settings otlp;  // what the flags say
};
ExitCode run_attach(const AttachOptions& options);

struct TopOptions {
  CaptureOptions capture;
  std::uint64_t interval_ns = 1'000'000'000;
  bool once = false;  // one snapshot, as text
};
ExitCode run_top(const TopOptions& options);

struct LabOptions {
  std::string name;       // a bundled experiment, or the path of one; empty: list the bundled ones
  std::string output;     // folder for the results; empty: lab-NAME
  int rounds = 0;         // 0: as the experiment says, like the next
  double duration_s = 0;  // of a round's load
  bool quick = false;
  bool strict = false;  // a figure that is not as expected is a failure
  std::vector<std::string> only;
  Format format = Format::text;
};
ExitCode run_lab(const LabOptions& options);

// The whole command line. Never throws.
int run(int argc, char** argv);

}  // namespace plateau::app
