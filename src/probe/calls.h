// System calls by number, as the kernel side reads them: bpf/wire.h, PL_CALL.
#pragma once

#include <span>

#include "bpf/call_table.h"

namespace plateau::probe {

// Writes the table for the architecture this is built for. `table` has PL_CALLS entries.
void fill_calls(std::span<pl_u8> table);

}  // namespace plateau::probe
