#include "load/run.h"

#include <memory>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace plateau::load {
namespace {

using Logs = std::vector<std::optional<RequestLog>>;

Result<Logs> open_logs(const Options& options) {
  Logs logs(options.threads);
  if (options.log.empty()) return logs;
  Result<RequestLog> first = RequestLog::open(options.log);
  if (!first) return first.error();
  for (std::size_t i = 1; i < logs.size(); ++i) logs[i].emplace(first->another());
  logs.front().emplace(std::move(first).value());
  return logs;
}

Result<Tally> merged(std::vector<Result<Tally>>& results) {
  for (const Result<Tally>& result : results) {
    if (!result) return result.error();
  }
  Tally sum = std::move(results.front()).value();
  for (std::size_t i = 1; i < results.size(); ++i) sum.merge(*results[i]);
  return sum;
}

// The calling thread is the first of them.
Result<Tally> run_threads(const Common& common, Logs logs) {
  const std::uint32_t count = common.options.threads;
  std::vector<Result<Tally>> results(count, fail("the thread did not run"));
  const auto work = [&](std::uint32_t index) {
    results[index] = Client(common, Share{index, count}, std::move(logs[index])).run();
  };
  std::vector<std::jthread> others;
  for (std::uint32_t index = 1; index < count; ++index) others.emplace_back(work, index);
  work(0);
  for (std::jthread& other : others) other.join();
  return merged(results);
}

}  // namespace

Result<Tally> run_load(const Options& options, const Address& address, int stop_fd,
                       const Progress& on_progress) {
  Result<Logs> logs = open_logs(options);
  if (!logs) return logs.error();
  std::optional<TlsContext> tls;
  if (options.url.tls) {
    Result<TlsContext> made = TlsContext::make(options);
    if (!made) return made.error();
    tls.emplace(std::move(made).value());
  }
  const RequestBytes requests(options);
  Checker checker(options.expect, options.targets.size());
  Live live;
  StartGate gate(options.threads);
  const Common common{options,        address, requests, tls ? &*tls : nullptr, checker, live, on_progress,
                      monotonic_ns(), stop_fd, gate};
  return run_threads(common, std::move(logs).value());
}

}  // namespace plateau::load
