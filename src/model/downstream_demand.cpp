#include "model/downstream_demand.h"

#include "base/units.h"
#include "model/load_model.h"
#include "model/operational_laws.h"
#include "model/other_servers.h"
#include "model/pool_lock.h"
#include "model/variability.h"

namespace plateau::model {
namespace {

using attribution::Stage;

constexpr double kLeastDownstream = 1e-9;  // s
constexpr double kWaitsForPlaces =
    0.2;                         // share of latency asleep on condition variables that hints at a pool
constexpr double kAlways = 0.9;  // of the time: somebody always waits for a place
constexpr double kHandedOn = 2;  // times what the other server takes: for longer no place is in use

// s that a request has a place for, of which `busy` s the other server takes. Where somebody always waits for
// one, all are in use, or on their way to the next: by the utilisation law D = K/X.
double in_place(const CaptureView& view, unsigned places, double busy, double waited_for) {
  const double all = waited_for >= kAlways ? places / view.throughput() : busy;
  return all < busy || all > kHandedOn * busy ? busy : all;
}

Unknown unknown_size(bool pool) {
  return {"the number of downstream connections",
          pool ? "taken as those busy on average (Little's law), because requests wait for one"
               : "taken as large enough, no request waits for one",
          "read it from the server's configuration"};
}

}  // namespace

std::optional<ServiceCenter> downstream_center(const CaptureView& view, const Supplement& supplement,
                                               const PoolSigns& signs, std::vector<Unknown>& unknowns) {
  const double busy = view.stage({Stage::downstream});
  if (busy <= kLeastDownstream) return std::nullopt;
  const bool pool =
      signs.seen || (view.response() > 0 && signalled(view) / view.response() > kWaitsForPlaces);
  const double used = number_inside(view.throughput(), busy);
  const auto* open = pool ? pool_of(view.summary().facts.downstreams, used) : nullptr;
  ServiceCenter center;
  center.name = "downstream";
  center.role = Role::downstream;
  center.servers = open ? open->connections : pool ? whole(used) : 0;
  if (supplement.downstream_pool) center.servers = *supplement.downstream_pool;
  center.demand = measured(in_place(view, center.servers, busy, signs.waited_for));
  center.scv = kUsualVariation + view.variation({Stage::downstream});
  center.evidence = "time asleep on other sockets and descriptors, " +
                    format_duration(static_cast<std::uint64_t>(busy * 1e9)) + " a request";
  if (open) center.evidence += "; " + connections_text({*open}) + ", and requests wait for one";
  if (!open && !supplement.downstream_pool) unknowns.push_back(unknown_size(pool));
  return center;
}

}  // namespace plateau::model
