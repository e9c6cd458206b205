#include "harness/load.h"

#include <gtest/gtest.h>

namespace plateau::live {
namespace {

constexpr int kLoadEndMs = 60'000;

}  // namespace

std::vector<std::string> load_command(const Server& server, const std::vector<std::string>& options) {
  std::vector<std::string> command = {PLATEAU_LOAD, server.url(), "--json"};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

std::uint64_t run_load(const Server& server, const std::vector<std::string>& options,
                       const ChildOptions& child) {
  Child load(load_command(server, options), child);
  const int status = load.finish(kLoadEndMs);
  EXPECT_EQ(status, 0) << load.out() << load.err();
  const auto json = nlohmann::json::parse(load.out(), nullptr, false);
  return json.is_object() ? json.value("answered", std::uint64_t{0}) : 0;
}

}  // namespace plateau::live
