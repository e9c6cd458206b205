#include "httpd/switches.h"

#include <array>
#include <limits>

#include "toolkit/duration.h"

namespace plateau::httpd {
namespace {

using toolkit::parse_duration_ns;
using toolkit::parse_number;

Error unknown(std::string_view value, std::string_view wanted) {
  return fail("'" + std::string(value) + "' is not one of " + std::string(wanted), ExitCode::usage);
}

template <class T>
Status store_number(T& place, std::string_view value, std::uint64_t max) {
  const Result<std::uint64_t> number = parse_number(value, max);
  if (!number) return number.error();
  place = static_cast<T>(*number);
  return success();
}

Status store_duration(std::uint64_t& place, std::string_view value) {
  const Result<std::uint64_t> ns = parse_duration_ns(value);
  if (!ns) return ns.error();
  place = *ns;
  return success();
}

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

template <class T, std::size_t N>
Status store_choice(T& place, std::string_view value, const Choice<T> (&choices)[N]) {
  std::string names;
  for (const Choice<T>& choice : choices) {
    if (choice.name == value) {
      place = choice.value;
      return success();
    }
    names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  return unknown(value, names);
}

Status set_engine(Options& o, std::string_view v) {
  return store_choice(o.engine, v, {{"thread", EngineKind::thread}, {"epoll", EngineKind::epoll}});
}
Status set_body(Options& o, std::string_view v) {
  return store_choice(o.body, v, {{"single", BodyMode::single}, {"buffered", BodyMode::buffered}});
}
Status set_section(Options& o, std::string_view v) {
  return store_choice(o.section, v, {{"none", SectionKind::none}, {"global", SectionKind::global}});
}
Status set_keep_alive(Options& o, std::string_view v) {
  return store_choice(o.keep_alive, v, {{"on", true}, {"off", false}});
}
Status set_text(std::string& place, std::string_view v) {
  if (v.empty()) return fail("must not be empty", ExitCode::usage);
  place = v;
  return success();
}

constexpr std::array<Switch, 13> kSwitches = {{
    {"host", "ADDRESS", "127.0.0.1", "address to listen on", "",
     [](Options& o, std::string_view v) { return set_text(o.host, v); }},
    {"port", "N", "8080", "port to listen on; 0 lets the kernel pick", "",
     [](Options& o, std::string_view v) { return store_number(o.port, v, 65535); }},
    {"engine", "thread|epoll", "thread",
     "thread: one blocking thread a connection; epoll: one level-triggered loop in one thread",
     "thread: wake-ups and run queue; epoll: busy loop (head-of-line blocking) as soon as a request blocks",
     set_engine},
    {"body", "single|buffered", "single",
     "single: head and body in one write; buffered: head, then the body through a 4 KiB buffer",
     "buffered: several copies and one send call per 4 KiB of response", set_body},
    {"size", "BYTES", "1024", "body bytes of GET /", "copy cost and send calls grow with it",
     [](Options& o, std::string_view v) { return store_number(o.size, v, kMaxBody); }},
    {"section", "none|global", "none", "global: every request passes one mutex-guarded section",
     "lock wait behind one holder, idle CPUs, a ceiling of 1/hold", set_section},
    {"hold", "D", "0", "time a request holds the section; the hand-over to a waiter counts as part of it",
     "sets the ceiling: 340us is 2,941 requests/s",
     [](Options& o, std::string_view v) { return store_duration(o.hold_ns, v); }},
    {"sleep", "D", "0", "every request sleeps D in nanosleep", "a sleep stage of D",
     [](Options& o, std::string_view v) { return store_duration(o.sleep_ns, v); }},
    {"spin", "D", "0", "every request burns D of CPU", "a cpu stage of D",
     [](Options& o, std::string_view v) { return store_duration(o.spin_ns, v); }},
    {"keepalive", "on|off", "on", "off: one request a connection", "handshakes and accept wait",
     set_keep_alive},
    {"requests-per-connection", "N", "0", "close a connection after N requests; 0: never",
     "handshakes now and then",
     [](Options& o, std::string_view v) {
       return store_number(o.requests_per_connection, v, std::numeric_limits<std::uint32_t>::max());
     }},
    {"backlog", "N", "1024", "length of the accept queue (the kernel's somaxconn caps it)",
     "a short one: connections refused or delayed under bursts",
     [](Options& o, std::string_view v) { return store_number(o.backlog, v, 1'000'000); }},
    {"truth", "FILE", "", "write what the server did, one JSON object a request", "",
     [](Options& o, std::string_view v) { return set_text(o.truth, v); }},
}};

constexpr std::array<Preset, 2> kPresets = {{
    {"plateau", "--engine thread --section global --hold 340us: a hard ceiling of 2,941 requests/s",
     [](Options& o) {
       o.engine = EngineKind::thread;
       o.section = SectionKind::global;
       o.hold_ns = 340'000;
     }},
    {"fast", "--engine epoll --body single --section none: nothing planted",
     [](Options& o) {
       o.engine = EngineKind::epoll;
       o.body = BodyMode::single;
       o.section = SectionKind::none;
     }},
}};

}  // namespace

std::span<const Switch> switches() {
  return kSwitches;
}

std::span<const Preset> presets() {
  return kPresets;
}

std::string list_switches() {
  std::string text;
  for (const Switch& row : kSwitches) {
    text.append("--").append(row.name).append(" ").append(row.values);
    if (!row.standard.empty()) text.append("  (default ").append(row.standard).append(")");
    text.append("\n    ").append(row.meaning).append("\n");
    if (!row.symptom.empty()) text.append("    symptom: ").append(row.symptom).append("\n");
  }
  for (const Preset& preset : kPresets) {
    text.append("--preset ").append(preset.name).append("\n    ").append(preset.meaning).append("\n");
  }
  return text;
}

}  // namespace plateau::httpd
