// Looks at the target's sockets while a capture runs: accept queues often, connections now and then, those
// that it opened itself at the start and at the end, and once a second at most between them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "app/accept_queues.h"
#include "app/downstreams.h"
#include "app/send_path.h"
#include "target/process.h"
#include "target/socket_diag.h"
#include "wire/facts.h"

namespace plateau::app {

class SocketWatch {
 public:
  // Takes the first readings.
  void start(const std::vector<target::Process>& processes);
  // Called often; does what is due. It spends less than a hundredth of a CPU's time.
  void tick(std::uint64_t now_ns);
  // Takes the last readings.
  void look(const std::vector<target::Process>& processes);

  void tell(wire::Facts& facts) const;

 private:
  using Backlog = wire::BacklogFact;

  struct Namespace {
    target::SocketDiag diag;
    pid_t pid;  // a process in it
    Backlog first;
    Backlog now;
  };

  void find_listeners(const std::vector<target::Process>& processes);
  void look_at_queues();
  void look_at_connections();
  void look_at_downstreams(const std::vector<target::Process>& processes);
  bool is_accepted(const target::TcpSocket& socket) const;
  void read_counters();

  std::map<std::string, Namespace> namespaces_;  // by the link in /proc/PID/ns
  std::unordered_set<std::uint64_t> listeners_;  // inodes of the target's sockets, those among them
  std::vector<target::Endpoint> addresses_;      // where it listens
  AcceptQueues queues_;
  SendPath send_path_;
  Downstreams downstreams_;
  std::string unknown_;  // why nothing is known
  std::uint64_t listeners_due_ns_ = 0;
  std::uint64_t queues_due_ns_ = 0;
  std::uint64_t connections_due_ns_ = 0;
  std::uint64_t downstreams_due_ns_ = 0;
};

}  // namespace plateau::app
