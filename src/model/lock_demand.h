// What a request asks of a user-space lock, from the hand-overs between its holders.
#pragma once

#include "attribution/summary.h"
#include "model/capture_view.h"
#include "model/model_builder.h"
#include "model/service_model.h"

namespace plateau::model {

// The lock is in use whenever somebody waits for it and never more than always, so by the utilisation law
//
//   contended share / X  <=  D  <=  1 / X.
//
// Service time times hand-overs is a lower bound too: passes that met nobody hand nothing over. (Where it
// makes the lock busy for more than always, the intervals between hand-overs held pauses, and it is left
// out.) Between the bounds the busy share is as in an M/M/1 queue, where u^2 of the time somebody waits, and
// u^2 / (1 - u) on average: the higher of the two. With the passes of a request known it is service time
// times passes, within 5 %.
Estimate lock_demand(const attribution::LockStats& lock, const CaptureView& view, const LockDetail* detail);

// Share of the time in which somebody waits, 0…1.
double contended_share(const attribution::LockStats& lock, const CaptureView& view);

// s a request between hand-overs.
double handed_over_demand(const attribution::LockStats& lock, const CaptureView& view);

// It is a mutex that at least one request in twenty meets.
bool is_modelled(const attribution::LockStats& lock, const attribution::Summary& summary);

// Every lock that is_modelled(), by falling demand. `unknowns` is told what limits them.
std::vector<ServiceCenter> lock_centers(const CaptureView& view, const Supplement& supplement,
                                        std::vector<Unknown>& unknowns);

}  // namespace plateau::model
