#include "app/commands.h"
namespace plateau::app { ExitCode run_attach(const AttachOptions&) { return ExitCode::failed; } }
