// What a command says of errors and losses on stderr.
#pragma once

#include "app/pipeline.h"
#include "base/result.h"
#include "wire/facts.h"

namespace plateau::app {

// One line for an error; returns the exit status that goes with it.
ExitCode report(const Error& error);

// A line where something was lost or could not be explained; nothing otherwise.
void log_losses(const wire::Facts& facts, const Pipeline& pipeline);

}  // namespace plateau::app
