#include "httpd/options.h"

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "httpd/bottleneck_switches.h"
#include "httpd/presets.h"
#include "httpd/protocol_switches.h"
#include "httpd/switches.h"
#include "toolkit/one_line.h"

namespace plateau::httpd {
namespace {

struct Given {
  std::vector<std::string> values;    // one a row of switches()
  std::vector<CLI::Option*> options;  // likewise
  std::string preset;
  bool list = false;
};

std::string preset_names() {
  std::string names;
  for (const Preset& preset : presets()) names += (names.empty() ? "" : "|") + std::string(preset.name);
  return names;
}

void declare(CLI::App& app, Given& given) {
  app.set_version_flag("--version", PLATEAU_VERSION);
  app.footer("Example: plateau-httpd --preset plateau --port 8080");
  given.values.resize(switches().size());
  for (std::size_t i = 0; i < switches().size(); ++i) {
    const Switch& row = switches()[i];
    given.options.push_back(
        app.add_option("--" + std::string(row.name), given.values[i], std::string(row.meaning))
            ->type_name(std::string(row.values))
            ->default_str(std::string(row.standard)));
  }
  app.add_option("--preset", given.preset, "a named set of switches; explicit switches override it")
      ->type_name(preset_names());
  app.add_flag("--list-switches", given.list, "explain every switch and the symptom it plants");
}

Status apply_preset(Options& options, const std::string& name) {
  if (name.empty()) return success();
  for (const Preset& preset : presets()) {
    if (preset.name != name) continue;
    preset.apply(options);
    return success();
  }
  return fail("--preset: '" + name + "' is not one of " + preset_names(), ExitCode::usage);
}

bool was_given(const Given& given, std::string_view name) {
  for (std::size_t i = 0; i < switches().size(); ++i) {
    if (switches()[i].name == name) return given.options[i]->count() > 0;
  }
  return false;
}

Status check(const Options& options, const Given& given) {
  if (options.section != SectionKind::none && options.hold_ns == 0) {
    return fail("--section global and sharded need --hold D, for instance --hold 340us", ExitCode::usage);
  }
  if (options.section == SectionKind::none && was_given(given, "hold")) {
    return fail("--hold does nothing without --section global or sharded", ExitCode::usage);
  }
  const auto was = [&given](std::string_view name) { return was_given(given, name); };
  if (Status status = check_bottlenecks(options, was); !status) return status;
  return check_protocol(options, was);
}

Result<Options> resolve(const Given& given) {
  Options options;
  if (Status status = apply_preset(options, given.preset); !status) return status.error();
  for (std::size_t i = 0; i < switches().size(); ++i) {
    if (given.options[i]->count() == 0) continue;
    const Switch& row = switches()[i];
    if (Status status = row.apply(options, given.values[i]); !status) {
      return fail("--" + std::string(row.name) + ": " + status.error().message, ExitCode::usage);
    }
  }
  if (Status status = check(options, given); !status) return status.error();
  return options;
}

}  // namespace

Result<Invocation> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("The reference server of Plateau: every bottleneck is a switch.", "plateau-httpd");
  Given given;
  declare(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    return Invocation{{}, true, std::string(PLATEAU_VERSION) + "\n"};
  } catch (const CLI::CallForHelp&) {
    return Invocation{{}, true, app.help()};
  } catch (const CLI::ParseError& error) {
    return toolkit::one_line(fail(std::string(error.what()) + " (see --help)", ExitCode::usage));
  }
  if (given.list) return Invocation{{}, true, list_switches()};
  Result<Options> options = resolve(given);
  if (!options) return toolkit::one_line(options.error());
  return Invocation{std::move(options).value(), false, {}};
}

}  // namespace plateau::httpd
