// What facts of a capture say of its last part alone.
#pragma once

#include "wire/facts.h"

namespace plateau::attribution {

// From `before`'s end to `now`'s, both of one capture. What is a state and no sum is `now`'s.
wire::Facts facts_since(const wire::Facts& before, wire::Facts now);

}  // namespace plateau::attribution
