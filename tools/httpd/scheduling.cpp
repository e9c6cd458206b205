#include "httpd/scheduling.h"

#include <sched.h>

#include <cerrno>
#include <cstring>

namespace plateau::httpd {

Status schedule(Scheduling scheduling) {
  const sched_param none{};
  if (scheduling == Scheduling::normal || sched_setscheduler(0, SCHED_BATCH, &none) == 0) return success();
  return fail(std::string("--scheduling batch: ") + std::strerror(errno) + "; use --scheduling normal",
              ExitCode::unsupported);
}

}  // namespace plateau::httpd
