#include "app/lab/load.h"

#include <csignal>
#include <nlohmann/json.hpp>

#include "app/lab/place.h"

namespace plateau::app::lab {
namespace {

using nlohmann::json;

constexpr int kSlackMs = 30'000;
constexpr double kLongestSeconds = 600;

std::string duration_text(double seconds) {
  return std::to_string(static_cast<std::uint64_t>(seconds * 1000)) + "ms";
}

template <class T>
T number_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<T>() : T{};
}

}  // namespace

Load::Load(Child child, std::optional<MemoryFile> log, double seconds)
    : child_(std::move(child)), log_(std::move(log)), seconds_(seconds) {}

Result<Load> Load::start(const LoadPlan& plan) {
  const auto program = find_program("plateau-load");
  if (!program) return program.error();
  Command command{{*program, plan.url, "--json"}, plan.cpus, {}};
  command.arguments.insert(command.arguments.end(), plan.arguments.begin(), plan.arguments.end());
  if (plan.seconds > 0)
    command.arguments.insert(command.arguments.end(), {"--duration", duration_text(plan.seconds)});
  std::optional<MemoryFile> log;
  if (plan.log) {
    auto file = MemoryFile::make();
    if (!file) return file.error();
    log.emplace(std::move(*file));
    command.files.push_back(log->fd());
    command.arguments.insert(command.arguments.end(), {"--log", child_path(0)});
  }
  auto child = Child::start(command);
  if (!child) return child.error();
  return Load(std::move(*child), std::move(log), plan.seconds > 0 ? plan.seconds : kLongestSeconds);
}

void Load::stop() {
  child_.signal(SIGINT);
}

Result<Load::Report> Load::finish(const std::function<void()>& tick) {
  const auto ending = child_.finish(static_cast<int>(seconds_ * 1000) + kSlackMs, tick);
  if (!ending) return ending.error();
  auto figures = parse_load(child_.out());
  if (figures) return Report{*figures, ending->cpu_ns};
  const std::string why = child_.last_error_line();
  const bool unknown = ending->status == static_cast<int>(ExitCode::usage);
  if (unknown && !why.empty()) return fail(why, ExitCode::usage);
  return fail(figures.error().message + (why.empty() ? "" : ": " + why));
}

Result<std::vector<LoggedRequest>> Load::requests() const {
  std::vector<LoggedRequest> requests;
  std::string wrong;
  if (!log_) return requests;
  const auto read = log_->for_each_line([&](std::string_view line) {
    const auto request = parse_logged(line);
    if (!request)
      wrong = request.error().message;
    else if (request->done_ns != 0)
      requests.push_back(*request);
  });
  if (!read) return read.error();
  if (!wrong.empty()) return fail(wrong);
  return requests;
}

Result<LoadFigures> parse_load(std::string_view text) {
  const json report = json::parse(text, nullptr, false);
  if (!report.is_object() || !report.contains("latency_ns") || !report["latency_ns"].is_object())
    return fail("plateau-load printed no result");
  LoadFigures figures;
  figures.answered = number_of<std::uint64_t>(report, "answered");
  figures.seconds = number_of<double>(report, "seconds");
  figures.per_second = number_of<double>(report, "throughput");
  figures.connects = number_of<std::uint64_t>(report, "connects");
  const json& latency = report["latency_ns"];
  figures.p50_ns = number_of<double>(latency, "p50");
  figures.p99_ns = number_of<double>(latency, "p99");
  figures.p999_ns = number_of<double>(latency, "p99.9");
  figures.max_ns = number_of<double>(latency, "max");
  if (report.contains("errors") && report["errors"].is_object())
    for (const auto& [cause, count] : report["errors"].items())
      if (count.is_number_unsigned()) figures.errors += count.get<std::uint64_t>();
  return figures;
}

Result<LoggedRequest> parse_logged(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object() || !object.contains("scheduled_ns") || !object.contains("done_ns"))
    return fail("a line of the load's log is not understood: " + std::string(line.substr(0, 80)));
  return LoggedRequest{number_of<std::uint64_t>(object, "scheduled_ns"),
                       number_of<std::uint64_t>(object, "done_ns")};
}

}  // namespace plateau::app::lab
