// From a capture to a service model.
//
// Demands by the utilisation law D = U/X and by the budget's stages; concurrency and think time by Little's
// law and the interactive response time law (operational_laws.h). Stages that are a consequence of queues
// (time behind other requests of a loop, in a run queue, asleep on a lock) are no demands: the model makes
// them anew.
#pragma once

#include <optional>
#include <vector>

#include "attribution/summary.h"
#include "base/result.h"
#include "model/operational_laws.h"
#include "model/service_model.h"

namespace plateau::model {

// What is known of one lock beside the capture's LockStats.
struct LockDetail {
  std::uint64_t futex = 0;
  std::uint32_t tgid = 0;
  std::optional<double> passes;  // a request, contended or not
  std::optional<double> on_cpu;  // share of the time held that its holder computes, 0…1
};

// What the capture may not tell. Each that is absent is estimated or left out, and named in
// ServiceModel::unknowns.
struct Supplement {
  std::optional<double> client_cpu;         // s a request of this machine's CPUs that the load's programs use
  std::optional<unsigned> connections;      // that send requests, on average
  std::optional<double> arrival_rate;       // requests/s of a load that does not wait for answers
  std::optional<unsigned> cpus;             // that the target may use: affinity, quota
  std::optional<unsigned> downstream_pool;  // connections
  std::optional<double> allocation_cpu;     // s a request
  std::optional<double> handshake_cpu;      // s a request
  std::optional<bool> connections_pinned;   // to a loop
  std::vector<LockDetail> locks;
};

struct BuiltModel {
  ServiceModel model;
  std::vector<LawCheck> checks;  // tolerance kLawTolerance
};

inline constexpr double kLawTolerance = 0.1;
inline constexpr std::uint64_t kFewestRequests = 100;

// Fails, with what to do, on fewer than kFewestRequests requests or on requests within
// a millisecond.
Result<BuiltModel> build_model(const attribution::Summary& summary, const Supplement& supplement = {});

}  // namespace plateau::model
