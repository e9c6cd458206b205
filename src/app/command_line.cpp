#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "app/commands.h"
#include "app/config_file.h"
#include "app/flags.h"
#include "app/otlp_flags.h"
#include "app/report_losses.h"
#include "base/units.h"

namespace plateau::app {
namespace {

struct Line {
  RequestsOptions requests;
  ExplainOptions explain;
  DoctorOptions doctor;
  RecordOptions record;
  FlameOptions flame;
  AttachOptions attach;
  TopOptions top;
  LabOptions lab;
  std::map<std::string, std::uint64_t> durations;
  std::function<ExitCode()> chosen;
};

const std::vector<std::pair<std::string, Format>> kPageFormats{
    {"text", Format::text}, {"json", Format::json}, {"html", Format::html}};

double seconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

void add_requests(CLI::App& app, Line& line) {
  auto* command = app.add_subcommand("requests", "One line a request, with where its time went");
  add_target(command, line.requests.capture, true);
  add_limits(command, line.requests.capture, line.durations["requests"])
      ->description("Stop after showing this many");
  add_format(command, line.requests.format);
  add_duration(command, "--slower-than", line.requests.slower_than_ns,
               "Only requests that took at least this long");
  command->add_option("--route", line.requests.route, "Only requests of this route, as in /users/{id}");
  command->footer("Example: plateau requests --pid 4711 --slower-than 50ms");
  command->callback([&line] {
    line.requests.capture.duration_s = seconds(line.durations["requests"]);
    line.chosen = [&line] { return run_requests(line.requests); };
  });
}

void add_frequency(CLI::App* command, unsigned& frequency) {
  command->add_option("--frequency", frequency, "Stacks a second and CPU, of threads on one")
      ->check(CLI::Range(1, 9999))
      ->capture_default_str();
}

void add_debuginfod(CLI::App* command, bool& asks) {
  command->add_flag(
      "--debuginfod", asks,
      "Ask the servers of $DEBUGINFOD_URLS for debug files that are not here: names for stripped "
      "programs, and a wait for each");
}

void add_profile(CLI::App* command, CaptureOptions& capture, const std::string& help) {
  command
      ->add_option_function<std::string>(
          "--profile",
          [&capture](const std::string& kind) {
            capture.profile.cpu = kind == "cpu" || kind == "wall";
            capture.profile.sleep = kind == "offcpu" || kind == "wall";
            capture.profile.fault = kind == "fault";
          },
          help)
      ->check(CLI::IsMember({"cpu", "offcpu", "wall", "fault"}))
      ->type_name("cpu|offcpu|wall|fault");
  add_frequency(command, capture.frequency_hz);
}

void add_wakers(CLI::App* command, bool& wakers) {
  command->add_flag("--wakers", wakers,
                    "With the stacks of blocked threads those of who woke them: one more for each wait");
}

void add_explain(CLI::App& app, Line& line) {
  auto* command =
      app.add_subcommand("explain", "Says where the time goes, what the ceiling is and who holds it");
  line.durations["explain"] = 10'000'000'000;
  add_target(command, line.explain.capture, true)
      ->add_option("--compare", line.explain.compare, "What changed from one capture to another")
      ->expected(2)
      ->type_name("BEFORE AFTER");
  add_limits(command, line.explain.capture, line.durations["explain"]);
  add_choice(command, "--format", line.explain.format, kPageFormats,
             "How to write it; html is one page that needs nothing else");
  command->add_flag("--brief", line.explain.brief,
                    "Of the text what fits a terminal's page: verdict, cause and what to do");
  command->add_option("-o,--output", line.explain.output, "Write it to this file");
  command
      ->add_option_function<std::vector<std::string>>(
          "--fix",
          [&line](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              auto fix = model::parse_fix(text);
              if (!fix) throw CLI::ValidationError("--fix", fix.error().message);
              line.explain.fixes.push_back(std::move(*fix));
            }
          },
          "Predict this fix too, as in shorten_lock=0.3, shard_lock=4, add_workers=16; may be repeated")
      ->type_name("FIX[=VALUE]")
      ->allow_extra_args(false);
  add_profile(command, line.explain.capture,
              "Take stacks too: what allocation, and connections that are opened for each request, cost");
  command->add_option("--holders-folded", line.explain.holders_folded,
                      "Write the lock holders' stacks to this file, folded, for a flamegraph");
  command->footer("Example: plateau explain --port 8080 --duration 10s");
  command->callback([&line, command] {
    const bool replay = (command->get_option("--from")->count() > 0 || !line.explain.compare.empty()) &&
                        command->get_option("--duration")->count() == 0;
    line.explain.capture.duration_s = replay ? 0 : seconds(line.durations["explain"]);
    line.chosen = [&line] { return run_explain(line.explain); };
  });
}

void add_doctor(CLI::App& app, Line& line) {
  auto* command =
      app.add_subcommand("doctor", "What this kernel and these privileges allow, and what will be blind");
  add_process(command, line.doctor.capture)->require_option(0, 1);
  add_detail(command, line.doctor.capture.detail);
  add_provider(command, line.doctor.capture.providers);
  add_format(command, line.doctor.format);
  command->footer("Example: plateau doctor --port 8080");
  command->callback([&line] { line.chosen = [&line] { return run_doctor(line.doctor); }; });
}

void add_record(CLI::App& app, Line& line) {
  auto* command = app.add_subcommand("record", "Captures to a file, to be analysed anywhere with --from");
  add_target(command, line.record.capture, false);
  add_limits(command, line.record.capture, line.durations["record"]);
  command->add_option("-o,--output", line.record.output, "The file to write")->required();
  add_profile(
      command, line.record.capture,
      "Take stacks too, for plateau flame --from: of threads on a CPU, of those that sleep, of both, or at "
      "page faults");
  add_wakers(command, line.record.capture.profile.waker);
  add_debuginfod(command, line.record.capture.debuginfod);
  command->footer("Example: plateau record --pid 4711 --duration 30s -o server.plateau");
  command->callback([&line] {
    if (line.record.capture.profile.waker && !line.record.capture.profile.sleep)
      throw CLI::ValidationError("--wakers", "with --profile offcpu and wall only");
    line.record.capture.duration_s = seconds(line.durations["record"]);
    line.chosen = [&line] { return run_record(line.record); };
  });
}

const std::vector<std::pair<std::string, FlameKind>> kFlameKinds{
    {"cpu", FlameKind::cpu},   {"offcpu", FlameKind::offcpu}, {"lock", FlameKind::lock},
    {"copy", FlameKind::copy}, {"fault", FlameKind::fault},   {"wall", FlameKind::wall}};
const std::vector<std::pair<std::string, FlameFormat>> kFlameFormats{{"svg", FlameFormat::svg},
                                                                     {"folded", FlameFormat::folded},
                                                                     {"pprof", FlameFormat::pprof},
                                                                     {"speedscope", FlameFormat::speedscope}};

// A capture, or two files.
void add_flame_target(CLI::App* command, FlameOptions& flame) {
  auto* group = add_process(command, flame.capture);
  group->add_option("--from", flame.capture.from, "A capture made by plateau record --profile");
  group->add_option("--diff", flame.difference, "Two folded or pprof files: before and after")
      ->expected(2)
      ->type_name("BEFORE AFTER");
  group->require_option(1);
}

void add_flame_selection(CLI::App* command, Line& line) {
  auto& flame = line.flame;
  command->add_option("--route", flame.route, "Only requests of this route, as in /users/{id}");
  command->add_option("--status", flame.status, "Only requests answered with this status")
      ->check(CLI::Range(100, 599));
  add_duration(command, "--slower-than", flame.slower_than_ns, "Only requests that took at least this long");
  add_duration(command, "--faster-than", flame.faster_than_ns, "Only requests that took less");
  add_duration(command, "--split-at", flame.split_at_ns,
               "Hold requests that took at least this long against the faster ones (svg)");
}

void add_flame(CLI::App& app, Line& line) {
  auto* command = app.add_subcommand(
      "flame", "Draws flamegraphs: of CPU time, waits, locks, copies, of a class of requests");
  line.durations["flame"] = 10'000'000'000;
  auto& flame = line.flame;
  add_flame_target(command, flame);
  add_limits(command, flame.capture, line.durations["flame"]);
  add_choice(
      command, "--kind", flame.kind, kFlameKinds,
      "Time on a CPU, blocked, waiting for locks (with their holders), copying, page faults, or all time")
      ->default_str("cpu");
  add_choice(command, "--format", flame.format, kFlameFormats, "How to write it")->default_str("svg");
  add_frequency(command, flame.capture.frequency_hz);
  add_wakers(command, flame.wakers);
  add_debuginfod(command, flame.capture.debuginfod);
  add_flame_selection(command, line);
  command->add_option("-o,--output", flame.output, "The file to write")->required();
  command->footer("Example: plateau flame --pid 4711 --kind offcpu --slower-than 50ms -o slow.svg");
  command->callback([&line, command] {
    const bool replay =
        command->get_option("--from")->count() > 0 && command->get_option("--duration")->count() == 0;
    line.flame.capture.duration_s = replay ? 0 : seconds(line.durations["flame"]);
    if (line.flame.split_at_ns && line.flame.format != FlameFormat::svg)
      throw CLI::ValidationError("--split-at", "a difference is drawn as svg only");
    if (!line.flame.difference.empty() && line.flame.format != FlameFormat::svg)
      throw CLI::ValidationError("--diff", "a difference is drawn as svg only");
    if (line.flame.wakers && line.flame.kind != FlameKind::offcpu && line.flame.kind != FlameKind::wall)
      throw CLI::ValidationError("--wakers", "of --kind offcpu and wall only");
    line.chosen = [&line] { return run_flame(line.flame); };
  });
}

void add_attach(CLI::App& app, Line& line) {
  auto* command =
      app.add_subcommand("attach", "Follows the target and serves /metrics for Prometheus until stopped");
  add_target(command, line.attach.capture, false);
  add_limits(command, line.attach.capture, line.durations["attach"]);
  command->add_option("--listen", line.attach.listen, "Address and port to serve on")->capture_default_str();
  command->add_option(
      "--web-config", line.attach.web_config,
      "TLS and passwords for those who connect, in the form of Prometheus' web configuration file");
  command
      ->add_option("--max-routes", line.attach.routes, "Routes with series of their own; the rest is 'other'")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  add_profile(
      command, line.attach.capture,
      "Take stacks all the time, for a flamegraph of the last minute on the page: see plateau record");
  command->add_flag("--wait", line.attach.wait, "Wait for a target that does not run yet");
  command->add_flag("--exemplars", line.attach.exemplars,
                    "Keep trace ids (header traceparent) of some requests, and show them as exemplars");
  add_otlp(command, line.attach.otlp);
  command->add_option("--config", "Read flags from this TOML file, as in: port = 8080")->type_name("FILE");
  command->footer(
      "A target named by --port or --comm is found again after a restart. SIGHUP reads the file of "
      "--web-config "
      "again.\nExample: plateau attach --port 8080");
  command->callback([&line] {
    line.attach.capture.find_again = line.attach.capture.pids.empty();
    line.attach.capture.duration_s = seconds(line.durations["attach"]);
    line.chosen = [&line] { return run_attach(line.attach); };
  });
}

void add_top(CLI::App& app, Line& line) {
  auto* command = app.add_subcommand(
      "top", "A live view in the terminal: rates, latencies and stages by route; plain text in a pipe");
  add_target(command, line.top.capture, true);
  add_limits(command, line.top.capture, line.durations["top"]);
  add_duration(command, "--interval", line.top.interval_ns, "Show it anew this often")->default_str("1s");
  command->add_flag("--once", line.top.once, "Show one interval as text, and end");
  command->footer("Example: plateau top --port 8080");
  command->callback([&line] {
    line.top.capture.duration_s = seconds(line.durations["top"]);
    line.chosen = [&line] { return run_top(line.top); };
  });
}

void add_lab(CLI::App& app, Line& line) {
  auto* command = app.add_subcommand(
      "lab", "Runs a bundled experiment and prints measured beside reported and predicted; lists them");
  command->add_option("name", line.lab.name, "The experiment, or the path of one's file; none: list them");
  command->add_option("--out", line.lab.output, "Folder for the results (default: lab-NAME)");
  command->add_option("--rounds", line.lab.rounds, "Exactly that many, whatever their spread")
      ->check(CLI::Range(1, 1000));
  add_duration(command, "--duration", line.durations["lab"], "Load of one round (3s)");
  command->add_option("--only", line.lab.only, "Only this rung; repeat for several")->allow_extra_args(false);
  command->add_flag("--quick", line.lab.quick, "One short round: to try it, not to quote it");
  command->add_flag("--strict", line.lab.strict, "Exit with 1 if a figure is not as expected");
  add_format(command, line.lab.format);
  command->footer("Example: plateau lab ladder --out ladder");
  command->callback([&line] {
    line.lab.duration_s = seconds(line.durations["lab"]);
    line.chosen = [&line] { return run_lab(line.lab); };
  });
}

// Help and version are results; anything else is one line of what is wrong.
int usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::fprintf(stderr, "plateau: %s (see: plateau --help)\n", error.what());
  return static_cast<int>(ExitCode::usage);
}

void parse(CLI::App& app, int argc, char** argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (!arguments.empty() && arguments.front() == "attach") {
    auto expanded = expand_config({arguments.begin() + 1, arguments.end()});
    if (!expanded) throw CLI::ValidationError(expanded.error().message);
    arguments.resize(1);
    arguments.insert(arguments.end(), expanded->begin(), expanded->end());
  }
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  app.parse(std::move(arguments));
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app(
      "Attaches to a running HTTP server and says, for every request and for the whole server, where the "
      "time went, what the ceiling is, and what would lift it.");
  app.set_version_flag("--version", "plateau " PLATEAU_VERSION);
  app.require_subcommand(1);
  app.footer("Start with: plateau doctor --pid PID, then plateau explain --pid PID");
  Line line;
  add_doctor(app, line);
  add_requests(app, line);
  add_explain(app, line);
  add_attach(app, line);
  add_top(app, line);
  add_record(app, line);
  add_flame(app, line);
  add_lab(app, line);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error of write(), not the end
  try {
    parse(app, argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage(app, error);
  }
  return static_cast<int>(line.chosen());
}

}  // namespace plateau::app
