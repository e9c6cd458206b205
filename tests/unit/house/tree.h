// The project's own files.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules.h"

namespace plateau::house {

struct SourceFile {
  std::string path;  // relative to the top of the tree
  std::string text;
};

// Every file below the folder `top` whose name ends as a C or C++ source or header, sorted by path.
std::vector<SourceFile> sources(std::string_view top);

// The text of a file, by its path from the top of the tree; empty if there is no such file.
std::string text_of(std::string_view path);

using Rule = std::function<Breaches(std::string_view path, std::string_view text)>;

// All breaches of a rule in the files.
Breaches check_all(const std::vector<SourceFile>& files, const Rule& rule);

}  // namespace plateau::house
