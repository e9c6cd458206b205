// Which language runtime a process runs on: it decides what a thread's time means.
#pragma once

#include <sys/types.h>

#include <string>

namespace plateau::target {

enum class Runtime { native, go, jvm, node, python, dotnet, ruby, unknown };

const char* runtime_name(Runtime runtime);

// From the executable's ELF sections and the mapped libraries; unknown where /proc does not let us look.
Runtime runtime_of(pid_t pid);

// The executable's path as its own mount namespace names it; empty if unknown.
std::string executable_of(pid_t pid);

}  // namespace plateau::target
