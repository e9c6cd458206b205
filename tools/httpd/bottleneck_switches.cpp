#include "httpd/bottleneck_switches.h"

#include <array>

#include "httpd/switch_values.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kMaxThreads = 1024;
constexpr std::uint64_t kMaxConnections = 4096;
constexpr std::uint64_t kMaxPlantedBytes = 1ull << 30;

template <class T>
Status store_some(T& place, std::string_view value, std::uint64_t max) {
  if (Status status = store_number(place, value, max); !status) return status;
  if (place == 0) return fail("must be at least 1", ExitCode::usage);
  return success();
}

Status set_pause(Options& o, std::string_view v) {
  const std::size_t slash = v.find('/');
  if (slash == std::string_view::npos) {
    return fail("'" + std::string(v) + "' is not D/T, such as 12.7ms/1.8s", ExitCode::usage);
  }
  BottleneckOptions& b = o.bottleneck;
  if (Status status = store_duration(b.pause_ns, v.substr(0, slash)); !status) return status;
  if (Status status = store_duration(b.pause_every_ns, v.substr(slash + 1)); !status) return status;
  if (b.pause_ns == 0 || b.pause_ns >= b.pause_every_ns) {
    return fail("'" + std::string(v) + "': D must be above 0 and below T", ExitCode::usage);
  }
  return success();
}

constexpr std::array kRows = {
    Switch{"loops", "N", "1", "loops of --engine reuseport, each a thread with a listener of its own",
           "less head-of-line blocking with each; connections stay where the kernel put them",
           [](Options& o, std::string_view v) { return store_some(o.bottleneck.loops, v, kMaxThreads); }},
    Switch{"workers", "N", "4", "threads of --engine pool that do the work and answer",
           "few of them: handoff grows as requests queue",
           [](Options& o, std::string_view v) { return store_some(o.bottleneck.workers, v, kMaxThreads); }},
    Switch{"shards", "N", "4", "sections of --section sharded", "lock wait falls with each",
           [](Options& o, std::string_view v) { return store_some(o.bottleneck.shards, v, kMaxThreads); }},
    Switch{"shard-by", "turn|chance", "turn",
           "how a request comes to one of --shards: each in turn, or by chance, as keys are hashed",
           "chance: some sections have a queue while others idle, so that p50 falls and p99 rises",
           [](Options& o, std::string_view v) {
             return store_choice(o.bottleneck.shard_choice, v,
                                 {{"turn", ShardChoice::turn}, {"chance", ShardChoice::chance}});
           }},
    Switch{"hold-kind", "blocked|spinning", "blocked",
           "blocked: the section's holder sleeps; spinning: it burns CPU",
           "blocked: lock wait with idle CPUs; spinning: lock wait beside a busy holder",
           [](Options& o, std::string_view v) {
             return store_choice(o.bottleneck.hold_kind, v,
                                 {{"blocked", HoldKind::blocked}, {"spinning", HoldKind::spinning}});
           }},
    Switch{"wait-kind", "block|spin", "block",
           "how requests wait for the section: blocked on its mutex, or spinning on it",
           "spin: the wait is cpu, not lock wait, and takes the CPU from the holder",
           [](Options& o, std::string_view v) {
             return store_choice(o.bottleneck.wait_kind, v,
                                 {{"block", WaitKind::block}, {"spin", WaitKind::spin}});
           }},
    Switch{"pause", "D/T", "", "stop the world for D every T: no request begins its work meanwhile",
           "latency cliffs: all requests at once wait for a lock, for up to D", set_pause},
    Switch{
        "memory", "pooled|fresh", "pooled",
        "where a request's --garbage comes from: pooled: memory its thread keeps; fresh: allocated, touched "
        "and freed",
        "fresh: page faults from 64 KiB on, below that the allocator",
        [](Options& o, std::string_view v) {
          return store_choice(o.bottleneck.memory, v,
                              {{"pooled", MemoryKind::pooled}, {"fresh", MemoryKind::fresh}});
        }},
    Switch{"garbage", "BYTES", "0", "memory a request touches, from where --memory says",
           "cpu; with --memory fresh page faults and the allocator's locks",
           [](Options& o, std::string_view v) {
             return store_number(o.bottleneck.garbage, v, kMaxPlantedBytes);
           }},
    Switch{"page-fault", "BYTES", "0", "every request maps BYTES, touches each page and unmaps them",
           "page faults, one for each 4 KiB",
           [](Options& o, std::string_view v) {
             return store_number(o.bottleneck.page_fault, v, kMaxPlantedBytes);
           }},
    Switch{
        "copy", "BYTES", "0", "every request copies BYTES, 64 KiB at a time, from one place to another",
        "cpu, in memmove; the kernel copies no more than without",
        [](Options& o, std::string_view v) { return store_number(o.bottleneck.copy, v, kMaxPlantedBytes); }},
    Switch{
        "disk", "BYTES", "0", "every request writes BYTES to a file in --disk-dir and syncs it",
        "a disk stage",
        [](Options& o, std::string_view v) { return store_number(o.bottleneck.disk, v, kMaxPlantedBytes); }},
    Switch{"disk-dir", "DIR", "/var/tmp", "where --disk writes; the files have no name", "",
           [](Options& o, std::string_view v) { return store_text(o.bottleneck.disk_dir, v); }},
    Switch{"downstream", "K", "0",
           "every request asks a helper process over one of K kept connections, once one is free",
           "downstream; pool wait (a lock) above K at a time, a ceiling of K/--downstream-delay",
           [](Options& o, std::string_view v) {
             return store_number(o.bottleneck.downstream, v, kMaxConnections);
           }},
    Switch{
        "downstream-delay", "D", "0", "how long the helper takes for an answer", "a downstream stage of D",
        [](Options& o, std::string_view v) { return store_duration(o.bottleneck.downstream_delay_ns, v); }},
    Switch{"framing", "auto|length|chunked", "auto",
           "auto: Content-Length for what is fixed or known and at most 8 KiB, else chunks; length, chunked: "
           "always that one. HTTP/1.0 clients get no chunks",
           "chunked: a little more cpu and bytes",
           [](Options& o, std::string_view v) {
             return store_choice(o.bottleneck.framing, v,
                                 {{"auto", FramingRule::automatic},
                                  {"length", FramingRule::length},
                                  {"chunked", FramingRule::chunked}});
           }},
    Switch{"hot-path", "on|off", "off",
           "answer request heads seen before from memory, a pipeline of them in one write, where nothing is "
           "planted or in an access log",
           "nothing: the least a request can cost",
           [](Options& o, std::string_view v) { return store_switch(o.bottleneck.hot_path, v); }},
    Switch{"congestion", "NAME", "",
           "TCP congestion control of the connections, such as reno; without it the kernel's choice",
           "bbr paces what it sends: timers and cpu with every answer",
           [](Options& o, std::string_view v) { return store_text(o.bottleneck.congestion, v); }},
    Switch{"scheduling", "normal|batch", "normal",
           "scheduling policy of the threads that serve: normal: the kernel's standard; batch: SCHED_BATCH, "
           "with which a thread that wakes takes the CPU from nobody, such as a load on the same CPU",
           "normal, on a CPU shared with the load: a wakeup and two context switches for a few requests; "
           "batch: more requests a wakeup, each a little longer in the run queue",
           [](Options& o, std::string_view v) {
             return store_choice(o.bottleneck.scheduling, v,
                                 {{"normal", Scheduling::normal}, {"batch", Scheduling::batch}});
           }},
    Switch{
        "truth-stamps", "on|off", "off",
        "rx_ns in the truth log: the kernel's receive time, which costs every packet of the machine a stamp",
        "", [](Options& o, std::string_view v) { return store_switch(o.bottleneck.truth_stamps, v); }},
};

using Given = std::function<bool(std::string_view)>;

Error useless(std::string_view name, std::string_view without) {
  return fail("--" + std::string(name) + " does nothing without " + std::string(without), ExitCode::usage);
}

Status check_dependents(const Options& o, const Given& given) {
  const BottleneckOptions& b = o.bottleneck;
  struct Need {
    std::string_view name;
    bool met;
    std::string_view without;
  };
  const Need needs[] = {
      {"loops", o.engine == EngineKind::reuseport, "--engine reuseport"},
      {"workers", o.engine == EngineKind::pool, "--engine pool"},
      {"shards", o.section == SectionKind::sharded, "--section sharded"},
      {"shard-by", o.section == SectionKind::sharded, "--section sharded"},
      {"hold-kind", o.section != SectionKind::none, "--section global or sharded"},
      {"wait-kind", o.section != SectionKind::none, "--section global or sharded"},
      {"memory", b.garbage != 0, "--garbage BYTES"},
      {"disk-dir", b.disk != 0, "--disk BYTES"},
      {"downstream-delay", b.downstream != 0, "--downstream K"},
      {"truth-stamps", !o.truth.empty(), "--truth FILE"},
  };
  for (const Need& need : needs) {
    if (given(need.name) && !need.met) return useless(need.name, need.without);
  }
  return success();
}

bool plants_work(const Options& o) {
  const BottleneckOptions& b = o.bottleneck;
  return o.section != SectionKind::none || o.sleep_ns != 0 || o.spin_ns != 0 || b.pause_ns != 0 ||
         b.garbage != 0 || b.page_fault != 0 || b.copy != 0 || b.disk != 0 || b.downstream != 0;
}

bool has_hot_path(const Options& o) {
  const bool loop =
      o.engine == EngineKind::epoll || o.engine == EngineKind::reuseport || o.engine == EngineKind::io_uring;
  return loop && o.body == BodyMode::single;
}

}  // namespace

std::span<const Switch> bottleneck_switches() {
  return kRows;
}

Status check_bottlenecks(const Options& options, const Given& given) {
  if (Status status = check_dependents(options, given); !status) return status;
  const bool from_file = options.body == BodyMode::sendfile || options.body == BodyMode::splice ||
                         options.body == BodyMode::zerocopy;
  if (options.engine == EngineKind::io_uring && from_file) {
    return fail("--engine io_uring sends only --body single, buffered and writev", ExitCode::usage);
  }
  if (given("hot-path") && options.bottleneck.hot_path && !has_hot_path(options)) {
    return fail("--hot-path needs --engine epoll, reuseport or io_uring, and --body single", ExitCode::usage);
  }
  if (options.engine == EngineKind::io_uring && options.bottleneck.truth_stamps) {
    return fail("--truth-stamps: a ring receives without the kernel's stamps; choose another --engine",
                ExitCode::usage);
  }
  return success();
}

bool hot_path_applies(const Options& o) {
  const ProtocolOptions& p = o.protocol;
  const bool same_for_all =
      !p.middleware() && !p.server_timing && p.static_dir.empty() && !p.http2 && p.tls == TlsVersion::off;
  return o.bottleneck.hot_path && has_hot_path(o) && same_for_all && !plants_work(o) &&
         !o.bottleneck.truth_stamps && o.keep_alive && o.requests_per_connection == 0;
}

}  // namespace plateau::httpd
