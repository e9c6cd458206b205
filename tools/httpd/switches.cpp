#include "httpd/switches.h"

#include <array>
#include <limits>
#include <vector>

#include "httpd/protocol_switches.h"
#include "httpd/switch_values.h"

namespace plateau::httpd {
namespace {

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

constexpr std::array<Switch, 13> kSwitches = {{
    {"host", "ADDRESS", "127.0.0.1", "address to listen on", "",
     [](Options& o, std::string_view v) { return store_text(o.host, v); }},
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
     [](Options& o, std::string_view v) { return store_text(o.truth, v); }},
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
  static const std::vector<Switch> all = [] {
    std::vector<Switch> rows(kSwitches.begin(), kSwitches.end());
    rows.insert(rows.end(), protocol_switches().begin(), protocol_switches().end());
    return rows;
  }();
  return all;
}

std::span<const Preset> presets() {
  return kPresets;
}

std::string list_switches() {
  std::string text;
  for (const Switch& row : switches()) {
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
