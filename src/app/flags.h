// Flags that mean the same in every command.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/commands.h"

namespace plateau::app {

// Nanoseconds, as in 10s or 500ms: text for CLI11, checked by our own parser.
CLI::Option* add_duration(CLI::App* command, const std::string& name, std::uint64_t& ns,
                          const std::string& help);

// --pid, --port, --comm
CLI::Option_group* add_process(CLI::App* command, CaptureOptions& capture);
// ... of which one must be given, or with `from_file` --from.
CLI::Option_group* add_target(CLI::App* command, CaptureOptions& capture, bool from_file);

// An option that is one of a few names: CLI11's own validator shows their numbers to the user.
template <class T>
CLI::Option* add_choice(CLI::App* command, const std::string& flag, T& value,
                        const std::vector<std::pair<std::string, T>>& choices, const std::string& help) {
  std::string names;
  for (const auto& [name, meant] : choices) names += (names.empty() ? "" : "|") + name;
  const auto read = [choices, names](std::string& text) -> std::string {
    for (const auto& [name, meant] : choices) {
      if (text != name) continue;
      text = std::to_string(static_cast<int>(meant));
      return {};
    }
    return "'" + text + "' is not one of " + names;
  };
  return command->add_option(flag, value, help)->transform(CLI::Validator(read, ""))->type_name(names);
}

void add_detail(CLI::App* command, probe::Detail& detail);
void add_provider(CLI::App* command, std::vector<std::string>& providers);
void add_format(CLI::App* command, Format& format);  // text or json

// What every capturing command takes; --count is returned.
CLI::Option* add_limits(CLI::App* command, CaptureOptions& capture, std::uint64_t& duration_ns);

}  // namespace plateau::app
