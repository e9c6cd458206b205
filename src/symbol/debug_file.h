// Finds the separate file with a module's symbols and DWARF. On disk only, unless told otherwise: nothing
// else here, and nothing of libdwfl that this replaces, asks a debuginfod server.
#pragma once

#include <elfutils/libdwfl.h>

#include <string>
#include <vector>

namespace plateau::symbol {

struct DebugSearch {
  // Prefixes for absolute paths: "" is this machine's root, "/proc/.../root" the target's.
  std::vector<std::string> roots = {""};
  // Ask the servers of DEBUGINFOD_URLS for what is not on disk, and wait for their answer.
  bool debuginfod = false;
};

// Searches <root>/usr/lib/debug/.build-id/xx/yyyy.debug, then by .gnu_debuglink beside the module, in .debug/
// beside it, and in <root>/usr/lib/debug/<its directory>. What is found is checked: by build id if the module
// has one, else by the link's CRC. Also finds the supplementary file (.gnu_debugaltlink) of such a file.
// It is a Dwfl_Callbacks::find_debuginfo; *userdata of the module points to a DebugSearch that outlives it.
// Returns an open descriptor with *found set (malloc), or -1.
int find_debug_file(Dwfl_Module* module, void** userdata, const char* module_name, Dwarf_Addr base,
                    const char* file_name, const char* link, GElf_Word crc, char** found);

}  // namespace plateau::symbol
