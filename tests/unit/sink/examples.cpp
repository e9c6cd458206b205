#include "examples.h"

namespace plateau::sink {

request::Request example_request(const std::string& path, int status) {
  request::Request r;
  r.conn = 7;
  r.seq = 3;
  r.addr.family = PL_FAMILY_INET;
  r.addr.local_port = 8080;
  r.addr.peer_port = 50123;
  r.addr.local[0] = r.addr.peer[0] = 127;
  r.addr.local[3] = r.addr.peer[3] = 1;
  r.tgid = 4711;
  r.reader_tid = r.writer_tid = 4712;
  r.method = "GET";
  r.path = path;
  r.status = status;
  r.paths = PL_PATH_COPY | PL_PATH_SENDFILE;
  r.ready_ns = 1'000'000'000;
  r.recv_ns = 1'000'020'000;
  r.first_send_ns = r.end_ns = 1'000'200'000;
  r.bytes_in = 100;
  r.bytes_out = 2'000;
  r.calls_in = 1;
  r.calls_out = 2;
  r.before[PL_BEFORE_WAKEUP] = 20'000;
  r.state[PL_STATE_RUN] = 100'000;
  r.state[PL_STATE_FUTEX] = 60'000;
  return r;
}

wire::LockFact lock_fact(std::uint64_t futex, std::uint64_t waits) {
  wire::LockFact fact;
  fact.futex = futex;
  fact.tgid = 4711;
  fact.during.waits = fact.during.owed_waits = fact.during.handovers = fact.during.services = waits;
  fact.during.wait_ns = fact.during.owed_wait_ns = waits * 1'000'000;
  fact.during.service_ns = waits * 300'000;
  fact.during.contended_ns = 950'000'000;
  return fact;
}

wire::HolderSample holder_sample(std::uint64_t futex, const std::string& holder, std::uint64_t weight) {
  wire::HolderSample sample;
  sample.futex = futex;
  sample.tgid = 4711;
  sample.weight = weight;
  sample.frames = {"__lll_lock_wake", holder, "main"};
  sample.modules = {"/usr/lib/libc.so.6", "/srv/bank", "/srv/bank"};
  return sample;
}

wire::Facts example_facts() {
  wire::Facts facts;
  facts.version = "0.1.0";
  facts.kernel = "6.18.0";
  facts.comm = "bank";
  facts.executable = "/srv/bank";
  facts.detail = "default";
  facts.runtime = "native";
  facts.pids = {4711};
  facts.listening = {"127.0.0.1:8080"};
  facts.processes = 1;
  facts.threads = 9;
  facts.cpus = 2;
  facts.realtime_offset_ns = 1'700'000'000'000'000'000;
  facts.start_ns = 500'000'000;
  facts.end_ns = 1'500'000'000;
  facts.target_cpu_s = 0.25;
  facts.machine_busy = 0.2;
  facts.counters[PL_COUNT_BYTES_IN] = 10'000;
  facts.counters[PL_COUNT_BYTES_OUT] = 200'000;
  facts.counters[PL_COUNT_CONNS_OPENED] = 11;
  facts.counters[PL_COUNT_CONNS_CLOSED] = 5;
  facts.counters[PL_COUNT_DOWNSTREAM_BYTES] = 77;
  for (const auto counter :
       {PL_COUNT_LOST_TURNS, PL_COUNT_LOST_PARTS, PL_COUNT_LOST_CLOSES, PL_COUNT_LOST_WAKERS,
        PL_COUNT_LOST_CONNS, PL_COUNT_LOST_THREADS, PL_COUNT_LOST_LOCKS, PL_COUNT_PAYLOAD_UNREAD})
    facts.counters[counter] = 1;
  facts.providers = {{"received", "tp_btf/sock_recv_length", "", ""},
                     {"waking", "none", "not in this kernel", "lock holders are not known"}};
  facts.view = {1, 0, {{4711, "bank", "af_xdp", "2 AF_XDP sockets", 2, false}}};
  facts.accept_queues = {{"127.0.0.1:8080", 1, 128, 2, 9, 50, 0, 0}};
  facts.backlog = {1, 2, 3, 4};
  facts.send_path = {11, 0, 2, 400'000, 100'000, 20'000, 200'000, 700, 11, 880, 120, 1};
  facts.loops = {{"bank-1",
                  4711,
                  4712,
                  1,
                  {"127.0.0.1:8080"},
                  1'000'000'000,
                  50,
                  600'000'000,
                  630'000'000,
                  300'000'000,
                  20'000'000,
                  std::vector<std::uint64_t>(50, 1)}};
  facts.peers = {{"10.0.0.7:5432", 200, 199, 398'000'000, 20'000, 70'000}};
  facts.lost_peer_calls = 3;
  facts.cost.agent_cpu_s = 0.012;
  facts.cost.agent_rss_bytes = 20u << 20;
  facts.cost.window_ns = 300'000'000;
  facts.cost.window_run_ns = 30'000;
  facts.cost.window_requests = 100;
  facts.complete = true;
  return facts;
}

attribution::Summary example_summary(const attribution::Aggregate& aggregate,
                                     std::vector<wire::LockFact> locks) {
  wire::Facts facts = example_facts();
  facts.locks = std::move(locks);
  request::Counters counters;
  counters.requests = aggregate.requests();
  counters.bytes = aggregate.explained_bytes();
  counters.partial = 2;
  return attribution::summarise(aggregate, facts, counters, 0);
}

request::Request parked_request(const std::string& path) {
  request::Request r = example_request(path, 200);
  r.state = {};
  r.state[PL_STATE_RUN] = 80'000;
  r.before = {};
  r.before[PL_BEFORE_PARKED] = 100'000;
  r.parked[PL_PARK_CHANNEL] = 60'000;
  r.parked[PL_PARK_GC] = 30'000;
  return r;
}

attribution::Summary full_summary() {
  attribution::Aggregate aggregate;
  for (int i = 0; i < 100; i++) {
    request::Request r =
        example_request(i % 4 ? "/users/" + std::to_string(1000 + i) : "/", i % 10 ? 200 : 503);
    if (i % 25 == 24) r = example_request("/slow", 200);
    r.ready_ns += static_cast<std::uint64_t>(i) * 10'000'000;
    r.end_ns = r.ready_ns + 200'000;
    aggregate.add(r, attribution::budget_of(r));
  }
  aggregate.add(holder_sample(0x7f0000001000, "bank::settle", 90));
  aggregate.add(holder_sample(0x7f0000001000, "bank::audit", 10));
  return example_summary(aggregate, {lock_fact(0x7f0000001000, 100)});
}

}  // namespace plateau::sink
