// The subcommands. Each runs to its end and returns the process's exit status; errors are one line on stderr.
#pragma once

#include <cstdint>
#include <string>

#include "app/source.h"
#include "base/result.h"

namespace plateau::app {

enum class Format { text, json };

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
  std::string holders_folded;  // file for the holders' folded stacks; empty: none
};
ExitCode run_explain(const ExplainOptions& options);

struct DoctorOptions {
  int pid = 0;
  probe::Detail detail = probe::Detail::normal;
  std::vector<std::string> providers;  // as of CaptureOptions
  Format format = Format::text;
};
ExitCode run_doctor(const DoctorOptions& options);

struct RecordOptions {
  CaptureOptions capture;
  std::string output;
};
ExitCode run_record(const RecordOptions& options);

struct AttachOptions {
  CaptureOptions capture;
  std::string listen = "127.0.0.1:9464";
};
ExitCode run_attach(const AttachOptions& options);

// The whole command line. Never throws.
int run(int argc, char** argv);

}  // namespace plateau::app
