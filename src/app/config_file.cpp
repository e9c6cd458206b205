#include "app/config_file.h"

#include <CLI/CLI.hpp>

#include <fstream>
#include <set>
#include <sstream>
#include <utility>

namespace plateau::app {
namespace {

const std::string kFlag = "--config";
const std::set<std::string> kTargets{"--pid", "--port", "--comm"};

// Takes the file's name out of the arguments; empty if there is none.
Result<std::string> take_file(std::vector<std::string>& arguments) {
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    if (at->starts_with(kFlag + "=")) {
      std::string name = at->substr(kFlag.size() + 1);
      arguments.erase(at);
      return name;
    }
    if (*at != kFlag) continue;
    if (at + 1 == arguments.end()) return fail(kFlag + " needs the name of a file", ExitCode::usage);
    std::string name = *(at + 1);
    arguments.erase(at, at + 2);
    return name;
  }
  return std::string();
}

std::set<std::string> flags_in(const std::vector<std::string>& arguments) {
  std::set<std::string> flags;
  for (const auto& argument : arguments)
    if (argument.starts_with("--")) flags.insert(argument.substr(0, argument.find('=')));
  for (const auto& target : kTargets)
    if (flags.contains(target)) {
      flags.insert(kTargets.begin(), kTargets.end());
      break;
    }
  return flags;
}

Result<std::vector<CLI::ConfigItem>> read_items(const std::string& file) {
  std::ifstream in(file);
  if (!in || in.peek() == std::ifstream::traits_type::eof())
    return fail("configuration file '" + file + "' cannot be read, or is empty", ExitCode::usage);
  try {
    return CLI::ConfigTOML().from_config(in);
  } catch (const std::exception& error) {
    return fail("configuration file '" + file + "': " + error.what(), ExitCode::usage);
  }
}

}  // namespace

Result<std::vector<std::string>> expand_config(const std::vector<std::string>& arguments) {
  std::vector<std::string> given = arguments;
  auto file = take_file(given);
  if (!file) return file.error();
  if (file->empty()) return given;
  const auto items = read_items(*file);
  if (!items) return items.error();
  const auto flags = flags_in(given);
  for (const auto& item : *items) {
    if (!item.parents.empty())
      return fail(
          "configuration file '" + *file + "': '" + item.parents.front() + "' is a table: keys stand alone",
          ExitCode::usage);
    const std::string flag = "--" + item.name;
    if (flag == kFlag) return fail("configuration file '" + *file + "' names another one", ExitCode::usage);
    if (flags.contains(flag)) continue;
    for (const auto& value : item.inputs) given.push_back(flag + "=" + value);
  }
  return given;
}

}  // namespace plateau::app
