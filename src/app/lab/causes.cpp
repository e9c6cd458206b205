#include "app/lab/runner.h"

namespace plateau::app::lab {

void run_causes(Outcome&, const Place&, const Progress&) {}

}  // namespace plateau::app::lab
