// plateau lab: runs the bundled experiments and prints measured beside reported and predicted.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/commands.h"
#include "app/lab/catalogue.h"
#include "app/lab/runner.h"
#include "app/lab/stop.h"
#include "app/lab/writers.h"
#include "app/report_losses.h"
#include "app/write_file.h"

namespace plateau::app {
namespace {

namespace fs = std::filesystem;

Result<lab::Experiment> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail("cannot read " + path + ": " + std::strerror(errno), ExitCode::usage);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return lab::parse_experiment(text, path);
}

std::string names() {
  std::string all;
  for (const lab::Bundled& one : lab::bundled()) all += (all.empty() ? "" : ", ") + std::string(one.name);
  return all;
}

// A bundled one by name, or any by the path of its file.
Result<lab::Experiment> find_experiment(const std::string& name) {
  if (name.find('/') != std::string::npos || name.ends_with(".json")) return read_file(name);
  for (const lab::Bundled& one : lab::bundled())
    if (one.name == name) return lab::parse_experiment(one.text, name + ".json");
  return fail(
      "there is no lab '" + name + "': take one of " + names() + ", or the path of an experiment's file",
      ExitCode::usage);
}

ExitCode list_labs() {
  std::size_t width = 0;
  for (const lab::Bundled& one : lab::bundled()) width = std::max(width, one.name.size());
  for (const lab::Bundled& one : lab::bundled()) {
    const auto experiment = find_experiment(std::string(one.name));
    if (!experiment) return report(experiment.error());
    std::printf("%-*s  %s\n", static_cast<int>(width), experiment->name.c_str(), experiment->title.c_str());
  }
  return ExitCode::ok;
}

// Before minutes of measuring: whether the results can be written at their end.
Status check_folder(const std::string& folder) {
  std::error_code error;
  fs::path there = fs::absolute(folder, error);
  while (!fs::exists(there, error) && there.has_parent_path() && there != there.parent_path())
    there = there.parent_path();
  if (fs::is_directory(there, error) && access(there.c_str(), W_OK | X_OK) == 0) return success();
  return fail("cannot write to " + folder + ": " + there.string() + " is not a folder that can be written to",
              ExitCode::usage);
}

Status write_all(const std::string& folder, const lab::Outcome& outcome) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail("cannot make " + folder + ": " + error.message());
  for (const lab::File& file : lab::files_of(outcome))
    if (auto written = write_file(folder + "/" + file.name, file.contents); !written) return written.error();
  return success();
}

lab::Progress progress_line(const std::string& name) {
  if (isatty(STDERR_FILENO) == 0) return [](const std::string&) {};
  return [name](const std::string& what) {
    std::fprintf(stderr, "\r\033[Kplateau: %s%s%s", name.c_str(), what.empty() ? "" : ", ", what.c_str());
    if (what.empty()) std::fputs("\r\033[K", stderr);
  };
}

bool any_failed(const lab::Outcome& outcome) {
  return std::ranges::any_of(outcome.rungs, [](const lab::RungOutcome& rung) { return rung.failed; });
}

bool any_missed(const lab::Outcome& outcome) {
  const auto checks = lab::checks_of(outcome);
  return std::ranges::any_of(checks, [](const lab::Check& check) { return !check.ok; });
}

}  // namespace

ExitCode run_lab(const LabOptions& options) {
  if (options.name.empty()) return list_labs();
  const auto experiment = find_experiment(options.name);
  if (!experiment) return report(experiment.error());
  const std::string folder = options.output.empty() ? "lab-" + experiment->name : options.output;
  if (auto writable = check_folder(folder); !writable) return report(writable.error());
  lab::RunPlan plan{{}, {}, options.quick, options.only};
  if (options.rounds > 0) plan.rounds = options.rounds;
  if (options.duration_s > 0) plan.seconds = options.duration_s;
  lab::catch_stop_signals();
  const lab::Progress progress = progress_line(experiment->name);
  const auto outcome = lab::run(*experiment, plan, progress);
  progress("");
  if (!outcome) return report(outcome.error());
  const std::string text = options.format == Format::json ? lab::json_of(*outcome) : lab::text_of(*outcome);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    return report(fail("cannot write to standard output"));
  if (outcome->interrupted) return report(fail("interrupted: nothing was written to " + folder));
  if (auto written = write_all(folder, *outcome); !written) return report(written.error());
  std::fprintf(stderr, "plateau: wrote %s/report.html, report.md, result.json and result.csv\n",
               folder.c_str());
  return any_failed(*outcome) || (options.strict && any_missed(*outcome)) ? ExitCode::failed : ExitCode::ok;
}

}  // namespace plateau::app
