#include "app/lab/server.h"

#include <charconv>
#include <csignal>

#include "app/lab/nginx.h"
#include "app/lab/place.h"

namespace plateau::app::lab {
namespace {

constexpr int kStartMs = 10'000;
constexpr int kStopMs = 20'000;
constexpr std::string_view kAnnouncement = "listening on 127.0.0.1:";
constexpr int kNotRun = 127;

// 0 until the line is there in full.
std::uint16_t announced_port(const std::string& text) {
  const std::size_t found = text.find(kAnnouncement);
  if (found == std::string::npos || text.find('\n', found) == std::string::npos) return 0;
  const char* const digits = text.data() + found + kAnnouncement.size();
  std::uint16_t port = 0;
  std::from_chars(digits, text.data() + text.size(), port);
  return port;
}

// A server that ends at once with the status of wrong usage does not know a switch.
Error not_started(Child& child, const Error& why) {
  const auto ending = child.finish(kStartMs);
  const bool unknown =
      ending && (ending->status == static_cast<int>(ExitCode::usage) || ending->status == kNotRun);
  if (!unknown || child.last_error_line().empty()) return why;
  return fail(child.last_error_line(), ExitCode::usage);
}

const char* file_name(Program program) {
  switch (program) {
    case Program::httpd:
      return "plateau-httpd";
    case Program::nethttp:
      return "gohttp";
    case Program::fasthttp:
      return "gofasthttp";
    case Program::nethttp_newest:
      return "gohttp_newest";
    case Program::fasthttp_newest:
      return "gofasthttp_newest";
    case Program::nginx:
      break;
  }
  return "nginx";
}

}  // namespace

Server::Server(Child child, std::uint16_t port, std::optional<MemoryFile> truth)
    : child_(std::move(child)), port_(port), truth_(std::move(truth)) {}

std::string Server::url(const std::string& scheme, const std::string& path) const {
  return scheme + "://127.0.0.1:" + std::to_string(port_) + path;
}

Result<Server> Server::start(const ServerPlan& plan) {
  const auto program = find_program(file_name(plan.program));
  if (!program) return program.error();
  return plan.program == Program::nginx ? start_nginx(plan) : start_announcing(*program, plan);
}

Result<Server> Server::start_announcing(const std::string& program, const ServerPlan& plan) {
  Command command{{program}, plan.cpus, {}};
  command.arguments.insert(command.arguments.end(), plan.arguments.begin(), plan.arguments.end());
  if (plan.program == Program::httpd) command.arguments.insert(command.arguments.end(), {"--port", "0"});
  std::optional<MemoryFile> truth;
  if (plan.truth) {
    auto file = MemoryFile::make();
    if (!file) return file.error();
    truth.emplace(std::move(*file));
    command.files.push_back(truth->fd());
    command.arguments.insert(command.arguments.end(), {"--truth", child_path(0)});
  }
  auto child = Child::start(command);
  if (!child) return child.error();
  const auto announced = [&] { return announced_port(child->err()) != 0; };
  if (auto up = child->wait_until(announced, kStartMs, "it said where it listens"); !up)
    return not_started(*child, up.error());
  const std::uint16_t port = announced_port(child->err());
  return Server(std::move(*child), port, std::move(truth));
}

Result<Server> Server::start_nginx(const ServerPlan& plan) {
  const std::uint16_t port = free_port();
  auto configuration = MemoryFile::make();
  auto pid_file = MemoryFile::make();
  if (!configuration) return configuration.error();
  if (!pid_file) return pid_file.error();
  const std::string text = nginx_configuration(port, child_path(1), plan.arguments);
  if (auto written = configuration->write(text); !written) return written.error();
  auto child = Child::start(
      {{"nginx", "-c", child_path(0), "-e", "stderr"}, plan.cpus, {configuration->fd(), pid_file->fd()}});
  if (!child) return child.error();
  const auto up = child->wait_until([&] { return answers(port); }, kStartMs, "it accepted connections");
  if (!up) return up.error();
  return Server(std::move(*child), port, std::nullopt);
}

Status Server::stop() {
  child_.signal(SIGTERM);
  const auto ending = child_.finish(kStopMs);
  return ending ? success() : Status(ending.error());
}

}  // namespace plateau::app::lab
