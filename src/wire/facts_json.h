// Facts and holder samples as JSON, as a capture file holds them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/facts.h"

namespace plateau::wire {

std::string to_json(const Facts& facts);
Result<Facts> facts_from_json(std::string_view text);

std::string to_json(const HolderSample& sample);
Result<HolderSample> holder_from_json(std::string_view text);

}  // namespace plateau::wire
