// The rules of the house, as functions of a file's name and text, so that they can be tried on small files.
//
// Every function returns one line for each breach, "PATH:LINE: what is wrong", and nothing if there is none.
// Paths are relative to the top of the tree, with '/' between their parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plateau::house {

using Breaches = std::vector<std::string>;

// Who may include whom in src/, word for word the table of the design (section 4).
inline constexpr std::string_view kTable = R"(
| folder | may include |
|---|---|
| wire, target, http | base |
| probe | base, wire, target |
| request | base, wire, http |
| attribution | base, wire, request |
| model | base, attribution |
| symbol | base, target |
| sink | base, request, attribution, model, symbol |
| app | all |
)";

// A folder of src/ that stands in the table, or "base", which everybody may include and which includes
// nobody.
bool is_folder(std::string_view name);

// Includes of a file in src/: only what the table allows; "bpf/wire.h" and its like, which both sides
// compile, where wire may be included, itself or through another folder; libbpf and the skeleton in src/probe
// alone; always as "folder/file".
Breaches check_includes(std::string_view path, std::string_view text);

// Purity of a file in src/wire, http, request, attribution or model: no system call, no clock, no thread. The
// capture file's writer and reader (src/wire/capture.cpp) is exempt; files elsewhere are never in breach.
Breaches check_purity(std::string_view path, std::string_view text);

// Licence of a file in bpf/: an SPDX line within its first three that offers GPL-2.0-only, without which the
// kernel refuses the programs.
Breaches check_licence(std::string_view path, std::string_view text);

}  // namespace plateau::house
