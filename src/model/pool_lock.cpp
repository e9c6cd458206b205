#include "model/pool_lock.h"

namespace plateau::model {

using attribution::Stage;

double computed(const CaptureView& view) {
  return view.stage({Stage::cpu, Stage::copy_in, Stage::copy_out, Stage::tcp_send});
}

bool guards_pool(const CaptureView& view, double held) {
  const double others = computed(view) + view.stage({Stage::sleep, Stage::disk, Stage::page_fault,
                                                     Stage::lock_kernel, Stage::runqueue});
  return computed(view) < kHolderComputes * held && held > 1.3 * others &&
         view.stage({Stage::downstream}) > held;
}

}  // namespace plateau::model
