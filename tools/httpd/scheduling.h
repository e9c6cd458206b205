// The kernel's scheduling policy for the threads that serve.
#pragma once

#include "base/result.h"
#include "httpd/bottleneck_options.h"

namespace plateau::httpd {

// Of the calling thread and of those it starts from now on.
Status schedule(Scheduling scheduling);

}  // namespace plateau::httpd
