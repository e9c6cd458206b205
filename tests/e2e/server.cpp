#include "server.h"

#include <charconv>
#include <csignal>

namespace plateau::e2e {
namespace {

constexpr int kStartMs = 10'000;
constexpr int kStopMs = 15'000;
constexpr int kLoadMs = 60'000;

std::vector<std::string> command_of(const std::vector<std::string>& switches) {
  std::vector<std::string> command = {PLATEAU_HTTPD, "--port", "0"};
  command.insert(command.end(), switches.begin(), switches.end());
  return command;
}

}  // namespace

Server::Server(const std::vector<std::string>& switches) : process_(command_of(switches)) {
  const std::string line = process_.wait_for_line("listening on ", kStartMs);
  const std::size_t colon = line.rfind(':');
  if (colon != std::string::npos) std::from_chars(line.data() + colon + 1, line.data() + line.size(), port_);
}

std::string Server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

int Server::wait() {
  if (!status_) status_ = process_.finish(kStopMs);
  return *status_;
}

// One that has been signalled already may be gone, or take a second signal for an order to end at once.
int Server::stop() {
  if (!status_ && !signalled_) signal(SIGTERM);
  return wait();
}

void Server::signal(int number) {
  signalled_ = true;
  process_.signal(number);
}

LoadResult run_load(const std::string& url, const std::vector<std::string>& options) {
  std::vector<std::string> command = {PLATEAU_LOAD, url, "--json"};
  command.insert(command.end(), options.begin(), options.end());
  Process load(command);
  LoadResult result;
  result.exit_status = load.finish(kLoadMs);
  result.json = nlohmann::json::parse(load.out(), nullptr, false);
  result.err = load.err();
  return result;
}

LoadResult run_load(const Server& server, const std::vector<std::string>& options) {
  return run_load(server.url(), options);
}

}  // namespace plateau::e2e
