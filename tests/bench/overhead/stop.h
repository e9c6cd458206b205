// SIGINT and SIGTERM end a measurement in order: what was measured so far is still reported.
#pragma once

namespace plateau::overhead {

// From here on the two only set a flag, and interrupt a poll().
void catch_stop_signals();

bool stop_requested();

}  // namespace plateau::overhead
