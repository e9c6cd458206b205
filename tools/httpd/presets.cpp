#include "httpd/presets.h"

#include <array>
#include <cstdint>

namespace plateau::httpd {
namespace {

// A pass of the planted section stands for what the field report's handler did under its lock.
constexpr std::uint64_t kCopyPartNs = 80'000;         // copying the response body
constexpr std::uint64_t kAllocationPartNs = 195'000;  // allocating and collecting the request's objects
constexpr std::uint64_t kRestPartNs = 65'000;         // what no rung of the ladder removes

void plant_plateau(Options& o) {
  o.engine = EngineKind::thread;
  o.section = SectionKind::global;
  o.hold_ns = kRestPartNs + kAllocationPartNs + kCopyPartNs;
}
void plant_nocopy(Options& o) {
  plant_plateau(o);
  o.body = BodyMode::writev;
  o.hold_ns -= kCopyPartNs;
}
void plant_pooled(Options& o) {
  plant_nocopy(o);
  o.bottleneck.memory = MemoryKind::pooled;
  o.hold_ns -= kAllocationPartNs;
}
void plant_nothing(Options& o) {
  o.engine = EngineKind::epoll;
  o.body = BodyMode::single;
  o.section = SectionKind::none;
  o.bottleneck.hot_path = true;
  o.bottleneck.congestion = "reno";
  o.bottleneck.scheduling = Scheduling::batch;
}
void plant_nothing_on_a_ring(Options& o) {
  plant_nothing(o);
  o.engine = EngineKind::io_uring;
}

void plant_one_loop(Options& o) {
  o.engine = EngineKind::reuseport;
  o.bottleneck.loops = 1;
  o.sleep_ns = 100'000;
}
void plant_handshakes(Options& o) {
  plant_nothing(o);
  o.protocol.tls = TlsVersion::v1_2;
  o.protocol.tls_resumption = false;
  o.keep_alive = false;
}
void plant_pauses(Options& o) {
  plant_nothing(o);
  o.bottleneck.pause_ns = 12'700'000;
  o.bottleneck.pause_every_ns = 1'800'000'000;
}
void plant_copies(Options& o) {
  o.engine = EngineKind::epoll;
  o.body = BodyMode::buffered;
  o.size = 256 * 1024;
}
void plant_threads(Options& o) {
  o.engine = EngineKind::thread;
}

constexpr std::array<Preset, 10> kPresets = {{
    {"plateau",
     "--engine thread --section global --hold 340us: a hard ceiling of 2,941 requests/s. The hold stands for "
     "80us of copying the body, 195us of allocating objects and 65us of the rest, all under one lock",
     plant_plateau},
    {"nocopy",
     "plateau, the body not copied any more: --body writev, and --hold 260us as the copy's 80us are gone. "
     "3,846 requests/s",
     plant_nocopy},
    {"pooled",
     "nocopy, objects pooled: --memory pooled, and --hold 65us as the allocations' 195us are gone too. "
     "15,385 "
     "requests/s",
     plant_pooled},
    {"fast",
     "--engine epoll --body single --section none --hot-path on --congestion reno --scheduling batch: "
     "nothing "
     "planted, and the least the kernel can do behind epoll",
     plant_nothing},
    {"fast-io_uring", "fast with --engine io_uring: less still, as a turn of the loop is one system call",
     plant_nothing_on_a_ring},
    {"reuseport", "--engine reuseport --loops 1 --sleep 100us: one loop, busy while each request sleeps",
     plant_one_loop},
    {"keepalive",
     "fast with --tls 1.2 --tls-resumption off --keepalive off: a full handshake for every request",
     plant_handshakes},
    {"pause", "fast with --pause 12.7ms/1.8s: a stop of the world as a garbage collector makes it",
     plant_pauses},
    {"copy", "--engine epoll --body buffered --size 262144: 256 KiB through a buffer of 4 KiB", plant_copies},
    {"concurrency", "--engine thread: nothing but a thread a connection", plant_threads},
}};

}  // namespace

std::span<const Preset> presets() {
  return kPresets;
}

}  // namespace plateau::httpd
