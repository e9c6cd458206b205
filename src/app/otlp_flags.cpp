#include "app/otlp_flags.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "app/flags.h"
#include "base/units.h"

namespace plateau::app {

void add_otlp(CLI::App* command, sink::otlp::Settings& settings) {
  const std::string group = "OpenTelemetry";
  command
      ->add_option("--otlp-endpoint", settings.endpoint,
                   "Export over OTLP/HTTP to this address, as in http://127.0.0.1:4318 "
                   "(else $OTEL_EXPORTER_OTLP_ENDPOINT)")
      ->type_name("URL")
      ->group(group);
  command
      ->add_option_function<std::vector<std::string>>(
          "--otlp-header",
          [&settings](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              auto header = sink::otlp::parse_header(text);
              if (!header) throw CLI::ValidationError("--otlp-header", header.error().message);
              settings.headers.push_back(std::move(*header));
            }
          },
          "Send this header with it; may be repeated (else $OTEL_EXPORTER_OTLP_HEADERS)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->group(group);
  add_duration(command, "--otlp-interval", settings.interval_ns, "Export metrics this often")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return parse_duration(text).value() >= 100'000'000 ? "" : "shorter than 100ms";
          },
          ""))
      ->default_str("10s")
      ->group(group);
  add_duration(command, "--otlp-slower-than", settings.slower_than_ns,
               "Export spans of requests that took at least this long")
      ->group(group);
  command
      ->add_option(
          "--otlp-sample", settings.sample,
          "Export spans of the requests whose caller's trace is sampled (header traceparent), and of "
          "one in N of those whose caller says nothing")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->group(group);
  command
      ->add_option("--otlp-max-requests", settings.requests_per_second,
                   "Export spans of so many requests a second at most")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(group);
  command
      ->add_option("--otlp-service", settings.service_name,
                   "The service's name (else $OTEL_SERVICE_NAME, else the target's command)")
      ->type_name("NAME")
      ->group(group);
}

Result<sink::otlp::Settings> complete_otlp(const sink::otlp::Settings& flags) {
  return sink::otlp::complete(flags, [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value ? value : "");
  });
}

}  // namespace plateau::app
