#include "httpd/switches.h"

#include <array>
#include <limits>
#include <vector>

#include "httpd/bottleneck_switches.h"
#include "httpd/presets.h"
#include "httpd/protocol_switches.h"
#include "httpd/switch_values.h"

namespace plateau::httpd {
namespace {

Status set_engine(Options& o, std::string_view v) {
  return store_choice(o.engine, v,
                      {{"thread", EngineKind::thread},
                       {"epoll", EngineKind::epoll},
                       {"reuseport", EngineKind::reuseport},
                       {"pool", EngineKind::pool},
                       {"io_uring", EngineKind::io_uring}});
}
Status set_body(Options& o, std::string_view v) {
  return store_choice(o.body, v,
                      {{"single", BodyMode::single},
                       {"buffered", BodyMode::buffered},
                       {"writev", BodyMode::writev},
                       {"sendfile", BodyMode::sendfile},
                       {"splice", BodyMode::splice},
                       {"zerocopy", BodyMode::zerocopy}});
}
Status set_section(Options& o, std::string_view v) {
  return store_choice(
      o.section, v,
      {{"none", SectionKind::none}, {"global", SectionKind::global}, {"sharded", SectionKind::sharded}});
}
Status set_keep_alive(Options& o, std::string_view v) {
  return store_choice(o.keep_alive, v, {{"on", true}, {"off", false}});
}

constexpr std::array<Switch, 13> kSwitches = {{
    {"host", "ADDRESS", "127.0.0.1", "address to listen on", "",
     [](Options& o, std::string_view v) { return store_text(o.host, v); }},
    {"port", "N", "8080", "port to listen on; 0 lets the kernel pick", "",
     [](Options& o, std::string_view v) { return store_number(o.port, v, 65535); }},
    {"engine", "thread|epoll|reuseport|pool|io_uring", "thread",
     "thread: one blocking thread a connection; epoll: one level-triggered loop in one thread; reuseport: "
     "--loops such loops, each with a listener of its own; pool: a reader thread hands requests over to "
     "--workers threads; io_uring: one thread and a ring, with multishot accept and receive",
     "thread: wake-ups and run queue; epoll, reuseport, io_uring: busy loop (head-of-line blocking) as soon "
     "as a request blocks; pool: handoff, and ceilings of --workers at a time",
     set_engine},
    {"body", "single|buffered|writev|sendfile|splice|zerocopy", "single",
     "single: head and body in one write; buffered: head, then the body through a 4 KiB buffer; writev: head "
     "and the shared body in one call without a user copy; sendfile, splice: the body from a file in memory, "
     "by way of a pipe for splice; zerocopy: MSG_ZEROCOPY out of the shared body. Computed bodies, which are "
     "not in that file, go out as with writev",
     "buffered: several copies and one send call per 4 KiB of response; writev: one copy, the kernel's; "
     "sendfile, splice, zerocopy: no copy out of user memory, more calls a response",
     set_body},
    {"size", "BYTES", "1024", "body bytes of GET /", "copy cost and send calls grow with it",
     [](Options& o, std::string_view v) { return store_number(o.size, v, kMaxBody); }},
    {"section", "none|global|sharded", "none",
     "global: every request passes one mutex-guarded section; sharded: one of --shards",
     "lock wait behind one holder, idle CPUs, a ceiling of 1/hold; sharded: of shards/hold", set_section},
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
    {"truth", "FILE", "",
     "write what the server did, one JSON object a request: when it was read and answered, each planted "
     "stage, and send, from the first send call of the answer to the return of the last",
     "a little cpu a request; the lines are made and written when no other thread wants the CPU",
     [](Options& o, std::string_view v) { return store_text(o.truth, v); }},
}};

}  // namespace

std::span<const Switch> switches() {
  static const std::vector<Switch> all = [] {
    std::vector<Switch> rows(kSwitches.begin(), kSwitches.end());
    rows.insert(rows.end(), bottleneck_switches().begin(), bottleneck_switches().end());
    rows.insert(rows.end(), protocol_switches().begin(), protocol_switches().end());
    return rows;
  }();
  return all;
}

std::string list_switches() {
  std::string text;
  for (const Switch& row : switches()) {
    text.append("--").append(row.name).append(" ").append(row.values);
    if (!row.standard.empty()) text.append("  (default ").append(row.standard).append(")");
    text.append("\n    ").append(row.meaning).append("\n");
    if (!row.symptom.empty()) text.append("    symptom: ").append(row.symptom).append("\n");
  }
  for (const Preset& preset : presets()) {
    text.append("--preset ").append(preset.name).append("\n    ").append(preset.meaning).append("\n");
  }
  return text;
}

}  // namespace plateau::httpd
