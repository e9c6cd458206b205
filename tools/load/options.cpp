#include "load/options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>
#include <string_view>

#include "toolkit/duration.h"
#include "toolkit/field_text.h"
#include "toolkit/one_line.h"

namespace plateau::load {
namespace {

constexpr std::uint64_t kDefaultDurationNs = 10'000'000'000;
constexpr std::uint64_t kMaxBody = 64ull << 20;

// What CLI11 fills in; the rest of the checking is ours.
struct Given {
  Options options;
  std::string duration;
  std::string timeout = "10s";
  std::string keep_alive = "on";
};

void declare(CLI::App& app, Given& given) {
  Options& o = given.options;
  app.set_version_flag("--version", PLATEAU_VERSION);
  app.footer(
      "Example: plateau-load http://127.0.0.1:8080/ --connections 64 --duration 10s\n"
      "Exit status: 0 every request was answered, 1 some were not, 2 wrong usage.");
  app.add_option("url", o.url_text, "http://host:port/path")->required();
  app.add_option("--connections", o.connections, "connections at a time")
      ->check(CLI::Range(1u, 100'000u))
      ->capture_default_str();
  app.add_option("--duration", given.duration, "stop sending after D (10s, unless --requests is given)");
  app.add_option("--requests", o.requests, "send exactly N requests in total")
      ->check(CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max() / 2));
  app.add_option("--rate", o.rate, "open loop: R requests/s, latency counted from the scheduled send")
      ->check(CLI::Range(0.001, 10'000'000.0));
  app.add_option("--keepalive", given.keep_alive, "off: one request a connection")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  app.add_option("--pipeline", o.pipeline, "requests in flight on one connection")
      ->check(CLI::Range(1u, 1024u))
      ->capture_default_str();
  app.add_option("--method", o.method, "request method")->capture_default_str();
  app.add_option("--body-size", o.body_size, "bytes of body sent with each request")
      ->check(CLI::Range(std::uint64_t{0}, kMaxBody));
  app.add_option("--path", o.paths, "request target in place of the URL's; several are taken in turn");
  app.add_option("--header", o.headers, "another field, as in 'Name: value'; may be repeated");
  app.add_flag("--json", o.json, "print the result as one JSON object");
  app.add_option("--log", o.log, "write one JSON object a request to this file");
  app.add_option("--timeout", given.timeout, "longest wait for a connect or a response")
      ->capture_default_str();
}

bool all_of_class(std::string_view text, bool (*belongs)(char)) {
  for (const char c : text) {
    if (!belongs(c)) return false;
  }
  return !text.empty();
}

Status check_texts(const Options& options) {
  if (!all_of_class(options.method, toolkit::is_token)) {
    return fail("--method: '" + options.method + "' is not a method", ExitCode::usage);
  }
  for (const std::string& path : options.paths) {
    if (!path.starts_with('/') || !all_of_class(path, toolkit::is_visible)) {
      return fail("--path: '" + path + "' is not a path that begins with / and has no blanks",
                  ExitCode::usage);
    }
  }
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    const bool named = colon != std::string::npos &&
                       all_of_class(std::string_view(header).substr(0, colon), toolkit::is_token);
    if (!named || !all_of_class(header, toolkit::is_field_value)) {
      return fail("--header: '" + header + "' is not of the form 'Name: value'", ExitCode::usage);
    }
  }
  return success();
}

Status set_durations(Given& given) {
  Options& options = given.options;
  const Result<std::uint64_t> timeout = toolkit::parse_duration_ns(given.timeout);
  if (!timeout || *timeout == 0) return fail("--timeout: wanted a duration above 0", ExitCode::usage);
  options.timeout_ns = *timeout;
  if (given.duration.empty()) {
    options.duration_ns = options.requests == 0 ? kDefaultDurationNs : 0;
    return success();
  }
  const Result<std::uint64_t> duration = toolkit::parse_duration_ns(given.duration);
  if (!duration || *duration == 0) return fail("--duration: wanted a duration above 0", ExitCode::usage);
  options.duration_ns = *duration;
  return success();
}

Result<Options> finish(Given given) {
  Options& options = given.options;
  Result<Url> url = parse_url(options.url_text);
  if (!url) return url.error();
  options.url = std::move(url).value();
  options.keep_alive = given.keep_alive == "on";
  if (options.paths.empty()) options.paths.push_back(options.url.path);
  if (!options.keep_alive && options.pipeline > 1) {
    return fail("--pipeline needs --keepalive on", ExitCode::usage);
  }
  if (Status status = set_durations(given); !status) return status.error();
  if (Status status = check_texts(options); !status) return status.error();
  return std::move(options);
}

}  // namespace

Result<Invocation> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Puts an HTTP server under load and measures what comes back.", "plateau-load");
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
  Result<Options> options = finish(std::move(given));
  if (!options) return toolkit::one_line(options.error());
  return Invocation{std::move(options).value(), false, {}};
}

}  // namespace plateau::load
