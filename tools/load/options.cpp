#include "load/options.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "load/given.h"
#include "toolkit/one_line.h"

namespace plateau::load {
namespace {

constexpr std::uint64_t kMaxBody = 64ull << 20;

constexpr const char* kFooter =
    R"(Latency runs from the send to the last byte of the response; in an open loop (--rate) from the scheduled
send, so that a server that stalls is charged for every request that it keeps waiting. In a closed loop a
connection's set-up is not part of it. Percentiles are at most 0.79 % above the true value; min, max and mean
are exact.

Examples:
  plateau-load http://127.0.0.1:8080/ --connections 64 --duration 10s
  plateau-load http://127.0.0.1:8080/ --connections 400 --rate 1000,2000,4000 --step 5s --json
  plateau-load http://127.0.0.1:8080/ --target /users/7@9 --target /report@1 --seed 1 --expect-status 2xx
  plateau-load http://127.0.0.1:8080/echo --method POST --body-file order.json --chunk-size 4096 --check-body
  plateau-load https://127.0.0.1:8443/ --insecure --tls 1.2 --keepalive off --requests 997

Exit status: 0 every request was answered as expected, 1 some were not, 2 wrong usage.)";

void declare_load(CLI::App& app, Given& given) {
  Options& o = given.options;
  app.add_option("--connections", o.connections, "connections at a time")
      ->check(CLI::Range(1u, 100'000u))
      ->capture_default_str();
  app.add_option("--threads", o.threads, "threads that share the connections")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  app.add_option(
      "--duration", given.duration,
      "stop sending after D (10s, unless --requests is given); a closed loop's time begins once its "
      "connections are open");
  app.add_option("--requests", o.requests, "send exactly N requests in total")
      ->check(CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max() / 4));
  app.add_option("--rate", given.rate,
                 "open loop: R requests/s, or R1,R2,... one after the other with --step");
  app.add_option("--step", given.step, "how long each rate lasts; each gets a result of its own");
  app.add_option("--ramp", given.ramp, "open the connections evenly over D");
  app.add_option("--timeout", given.timeout, "longest wait for a connection or a response")
      ->capture_default_str();
}

void declare_request(CLI::App& app, Given& given) {
  Options& o = given.options;
  app.add_option("--keepalive", given.keep_alive, "off: one request a connection")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  app.add_option("--pipeline", o.pipeline, "requests in flight on one connection")
      ->check(CLI::Range(1u, 1024u))
      ->capture_default_str();
  app.add_option("--method", o.method, "request method")->capture_default_str();
  app.add_option("--header", o.headers, "another field, as in 'Name: value'; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--body-size", given.body_size, "bytes of body sent with each request")
      ->check(CLI::Range(std::uint64_t{0}, kMaxBody));
  app.add_option("--body-file", given.body_file, "file that is sent as the body of each request");
  app.add_option("--chunk-size", o.chunk_size, "send the body chunked, in chunks of N bytes")
      ->check(CLI::Range(std::uint64_t{1}, kMaxBody));
  app.add_option("--path", given.paths, "path in place of the URL's; several are taken in turn")
      ->allow_extra_args(false);
  app.add_option("--target", given.targets, "the same with a weight, as in /a@3; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--seed", given.seed, "shuffle the order of the paths, the same for the same N");
}

void declare_tls(CLI::App& app, Given& given) {
  app.add_option("--tls", given.tls, "only this version (https:// URLs; else the best that both know)")
      ->check(CLI::IsMember({"1.2", "1.3"}));
  app.add_option("--tls-resumption", given.resumption, "resume sessions on later connections")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  app.add_flag("--insecure", given.options.insecure, "take any certificate, self-signed ones too");
}

void declare_checks(CLI::App& app, Given& given) {
  Expectations& expect = given.options.expect;
  app.add_option("--expect-status", given.expect_status, "a response has one of these, as in 200,204 or 2xx");
  app.add_option("--expect-length", given.expect_length, "a response's body has N bytes");
  app.add_option("--expect-body-hash", given.expect_hash, "its body has this FNV-1a hash (64 bits, in hex)");
  app.add_flag("--check-body", expect.same_body, "its body is that of the first response from the same path");
}

void declare(CLI::App& app, Given& given) {
  app.set_version_flag("--version", PLATEAU_VERSION);
  app.footer(kFooter);
  app.add_option("url", given.options.url_text, "http://host:port/path or https://host:port/path")
      ->required();
  declare_load(app, given);
  declare_request(app, given);
  declare_tls(app, given);
  declare_checks(app, given);
  app.add_flag("--json", given.options.json, "print the result as one JSON object");
  app.add_option("--log", given.options.log, "write one JSON object a request to this file");
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
