// SIGINT and SIGTERM end a lab in order: its children are ended, and what was measured is still printed.
#pragma once

namespace plateau::app::lab {

// From here on the two only set a flag, and interrupt a poll().
void catch_stop_signals();

bool stop_requested();

}  // namespace plateau::app::lab
