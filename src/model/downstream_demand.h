// What a request asks of other servers, and of the pool of connections to them.
#pragma once

#include <optional>
#include <vector>

#include "model/capture_view.h"
#include "model/model_builder.h"
#include "model/service_model.h"

namespace plateau::model {

// What the locks tell of a pool (pool_lock.h).
struct PoolSigns {
  bool seen = false;      // one of them hands over its places
  double waited_for = 0;  // share of the time with somebody waiting for one, 0…1
};

// nullopt: requests ask no other server. Where they wait for a connection there are as many as are open to
// the server that is asked, or, where that is not known, as are busy on average. `unknowns` is told what was
// assumed.
std::optional<ServiceCenter> downstream_center(const CaptureView& view, const Supplement& supplement,
                                               const PoolSigns& pool, std::vector<Unknown>& unknowns);

}  // namespace plateau::model
