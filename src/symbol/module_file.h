// Opens a file that a process has mapped, whatever became of its name.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "symbol/maps.h"

namespace plateau::symbol {

// `proc_directory` is an open /proc/PID: unlike the number it cannot come to mean another process. Tried in
// turn: map_files (exact, deleted files too, needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE), exe, and the
// path under the process's own root. The last two only if the inode is the mapped one. [vdso] is copied out
// of the memory of the process. Only regular files are opened, so that this never blocks.
Result<Fd> open_module(int proc_directory, const LoadedFile& file);

// The whole text of a file of /proc/PID; up to 64 MiB. Fails with ExitCode::unsupported for want of
// privilege, with no_target if the process is gone.
Result<std::string> read_proc_file(int proc_directory, const char* name);

}  // namespace plateau::symbol
