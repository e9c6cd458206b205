#include "app/flags.h"

#include "base/units.h"

namespace plateau::app {
namespace {

const std::vector<std::pair<std::string, Format>> kFormats{{"text", Format::text}, {"json", Format::json}};

const std::vector<std::pair<std::string, probe::Detail>> kDetails{
    {probe::kDetailNames[0], probe::Detail::low},
    {probe::kDetailNames[1], probe::Detail::normal},
    {probe::kDetailNames[2], probe::Detail::high}};

// Durations on the command line: text for CLI11, checked by our own parser.
CLI::Validator duration_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const auto parsed = parse_duration(text);
        return parsed ? std::string() : parsed.error().message;
      },
      "DURATION");
}

// "4%", or "off".
CLI::Option* add_max_cost(CLI::App* command, double& share) {
  return command
      ->add_option_function<std::string>(
          "--max-cost",
          [&share](const std::string& text) {
            if (text == "off") {
              share = 0;
              return;
            }
            const std::string number = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
            double percent = 0;
            if (!CLI::detail::lexical_cast(number, percent) || !(percent >= 0.1 && percent <= 100))
              throw CLI::ValidationError("--max-cost", "'" + text + "' is neither off nor from 0.1% to 100%");
            share = percent / 100;
          },
          "What the probes may cost: a share of the target's CPU time, of one CPU's at least; beyond it, "
          "requests are watched a part of the time only")
      ->default_str("2.5%")
      ->type_name("PERCENT|off");
}

void add_ring_size(CLI::App* command, std::size_t& bytes) {
  constexpr std::size_t kLeast = 4096, kMost = std::size_t{1} << 30;
  command
      ->add_option("--ring-size", bytes,
                   "Memory for records on their way from the kernel: more where some are lost because it is "
                   "full (8M; 32M and more for profiles)")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(kLeast, kMost, "from 4K to 1G"))
      ->type_name("BYTES");
}

}  // namespace

CLI::Option* add_duration(CLI::App* command, const std::string& name, std::uint64_t& ns,
                          const std::string& help) {
  return command
      ->add_option_function<std::string>(
          name, [&ns](const std::string& text) { ns = parse_duration(text).value(); }, help)
      ->check(duration_validator());
}

CLI::Option_group* add_process(CLI::App* command, CaptureOptions& capture) {
  auto* group = command->add_option_group("target", "What to look at: exactly one of these");
  group->add_option("--pid", capture.pids, "PID of the server, its children included; repeat for several")
      ->check(CLI::PositiveNumber)
      ->allow_extra_args(false);
  group->add_option("--port", capture.port, "The processes that listen on this TCP port")
      ->check(CLI::Range(1, 65535));
  group->add_option("--comm", capture.comm, "The processes of this name, as ps -eo comm shows it");
  return group;
}

CLI::Option_group* add_target(CLI::App* command, CaptureOptions& capture, bool from_file) {
  auto* group = add_process(command, capture);
  if (from_file)
    group->add_option("--from", capture.from, "A capture made by plateau record; needs no privileges");
  group->require_option(1);
  return group;
}

void add_detail(CLI::App* command, probe::Detail& detail) {
  add_choice(command, "--detail", detail, kDetails,
             "How closely to look: low (no locks, no wake-ups), default, or high (copies and the send path "
             "too); see plateau doctor");
}

void add_provider(CLI::App* command, std::vector<std::string>& providers) {
  command
      ->add_option(
          "--provider", providers,
          "Have a signal given in another way, as in waking=none; may be repeated (see: plateau doctor)")
      ->type_name("SIGNAL=PROVIDER")
      ->allow_extra_args(false);
}

CLI::Option* add_limits(CLI::App* command, CaptureOptions& capture, std::uint64_t& duration_ns) {
  add_duration(command, "--duration", duration_ns, "Stop after this long (10s, 500ms, 2m)");
  add_detail(command, capture.detail);
  add_provider(command, capture.providers);
  add_max_cost(command, capture.max_cost);
  add_ring_size(command, capture.ring_bytes);
  return command->add_option("--count", capture.requests, "Stop after this many requests")
      ->check(CLI::PositiveNumber);
}

void add_format(CLI::App* command, Format& format) {
  add_choice(command, "--format", format, kFormats, "How to write it");
}

}  // namespace plateau::app
