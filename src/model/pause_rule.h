// Pauses of the whole server, from stretches in which nothing was answered.
#pragma once

#include <optional>

#include "attribution/summary.h"
#include "model/cause.h"

namespace plateau::model {

// Stretches in which all requests stood still, though none was for want of a CPU. nullopt: too few, or too
// short to matter.
std::optional<Finding> pauses_of(const attribution::Summary& summary);

}  // namespace plateau::model
