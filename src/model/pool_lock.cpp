#include "model/pool_lock.h"

#include <algorithm>

namespace plateau::model {

using attribution::Stage;

namespace {

constexpr double kWholeAnswer = 0.8;  // of the wait for another server, that a place is held for at the least

// What else a request might do with the lock held.
double other_work(const CaptureView& view) {
  return computed(view) + view.stage({Stage::sleep, Stage::disk, Stage::page_fault, Stage::lock_kernel});
}

}  // namespace

double computed(const CaptureView& view) {
  return view.stage({Stage::cpu, Stage::copy_in, Stage::copy_out, Stage::tcp_send});
}

bool guards_pool(const CaptureView& view, const attribution::LockStats& lock) {
  if (!lock.is_mutex()) return false;
  const double downstream = view.stage({Stage::downstream});
  const double between = static_cast<double>(lock.service_ns) / 1e9;
  if (lock.is_signalled() && downstream > other_work(view) && between > kWholeAnswer * downstream)
    return true;
  const double handed_over =
      view.per_request(static_cast<double>(lock.service_ns) * static_cast<double>(lock.handovers));
  const double held = std::min(handed_over, 1 / std::max(1e-9, view.throughput()));
  const double others = other_work(view) + view.stage({Stage::runqueue});
  return computed(view) < kHolderComputes * held && held > 1.3 * others && downstream > held;
}

double signalled(const CaptureView& view) {
  double all = 0, held = 0;
  for (const auto& lock : view.summary().locks) {
    all += static_cast<double>(lock.owed_wait_ns);
    if (lock.is_mutex() && !guards_pool(view, lock)) held += static_cast<double>(lock.owed_wait_ns);
  }
  return view.stage({Stage::lock_user}) * (all > 0 ? 1 - held / all : 1);
}

}  // namespace plateau::model
