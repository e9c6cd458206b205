#include "sample.h"

namespace plateau::wire::test {

Facts sample_facts() {
  Facts facts;
  facts.version = "1.2.3";
  facts.kernel = "6.18.0 \"quoted\" ünicode";
  facts.comm = "server \\ (x)";
  facts.executable = "/usr/sbin/server";
  facts.runtime = "native";
  facts.pids = {1, 4711, 2147483647};
  facts.listening = {"0.0.0.0:80", "[::]:443"};
  facts.processes = 3;
  facts.threads = 17;
  facts.cpus = 64;
  facts.allowed_cpus = 16;
  facts.realtime_offset_ns = -1234567890123456789;
  facts.start_ns = 18446744073709551615u;
  facts.end_ns = 5;
  facts.target_cpu_s = 1.25;
  facts.machine_busy = 0.75;
  for (std::size_t i = 0; i < facts.counters.size(); i++) facts.counters[i] = (std::uint64_t{1} << 60) + i;
  LockFact lock;
  lock.futex = 0x7fffdeadbeef;
  lock.tgid = 4711;
  lock.during.waits = 1;
  lock.during.wait_ns = 2;
  lock.during.owed_waits = 3;
  lock.during.owed_wait_ns = 4;
  lock.during.handovers = 5;
  lock.during.services = 6;
  lock.during.service_ns = 7;
  lock.during.contended_ns = 8;
  facts.locks = {lock, {}};
  facts.providers = {{"received", "tp_btf", "fast", ""}, {"copy", "none", "refused", "copy times"}};
  facts.view = {3,
                1,
                {{4711, "server", "af_xdp", "2 AF_XDP sockets", 2, false},
                 {4712, "server", "rdma", "libibverbs.so loaded (RDMA)", 1, true}}};
  facts.accept_queues = {{"0.0.0.0:80", 2, 128, 7, 129, 1'000, 3, 31}, {"[::]:443", 1, 8, 0, 0, 1'000, 0, 0}};
  facts.backlog = {1, 2, 3, 4};
  facts.downstreams = {{"10.1.2.3:5432", 16}, {"[fd00::7]:6379", 2}};
  facts.send_path = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  facts.kernel_locks = {{PL_KERNEL_LOCK_RWSEM, "memory_map", 23, 29}};
  facts.peers = {{"10.0.0.7:5432", 13, 12, 11, 10, 9}};
  facts.lost_peer_calls = 8;
  facts.loops = {{"worker", 1, 2, 3, {"0.0.0.0:80"}, 4, 5, 6, 7, 8, 9, {0, 10, 11}}};
  facts.sockets_unknown = "not allowed";
  facts.cost = {0.5, 1 << 20, 300'000'000, 12'345, 678, 9, 0.04, 0.25, 11};
  return facts;
}

HolderSample sample_holder() {
  HolderSample sample;
  sample.ts = 10;
  sample.futex = 0x7f12;
  sample.wait_ns = 30;
  sample.weight = 40;
  sample.tgid = 50;
  sample.holder_tid = 60;
  sample.waiter_tid = 70;
  sample.frames = {"std::lock_guard<std::mutex>::lock_guard(std::mutex&)", "handle"};
  sample.modules = {"/usr/lib/libstdc++.so.6", "/usr/sbin/server"};
  sample.cut_short = true;
  return sample;
}

}  // namespace plateau::wire::test
