// What the programs under tools/ have in common from main() on.
#pragma once

#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::toolkit {

// Prints "program: message" on standard error; the exit status that goes with the error.
int complain(std::string_view program, const Error& error);

// SIGINT and SIGTERM come as a readable descriptor from now on. Call it before the first thread: they are
// blocked in every thread that is made later.
Fd stop_signals();

}  // namespace plateau::toolkit
