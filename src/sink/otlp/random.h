// Where random bits come from.
#pragma once

#include <cstdint>
#include <functional>

namespace plateau::sink::otlp {

using Random = std::function<std::uint64_t()>;  // 64 of them

}  // namespace plateau::sink::otlp
