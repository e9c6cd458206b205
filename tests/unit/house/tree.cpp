#include "tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace plateau::house {
namespace {

namespace fs = std::filesystem;

const fs::path kTop = PLATEAU_SOURCE_DIR;

bool is_source(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".h" || extension == ".c" || extension == ".cpp";
}

}  // namespace

std::vector<SourceFile> sources(std::string_view top) {
  std::vector<SourceFile> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kTop / top, error)) {
    if (!entry.is_regular_file(error) || !is_source(entry.path())) continue;
    const std::string path = entry.path().lexically_relative(kTop).generic_string();
    files.push_back({path, text_of(path)});
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::string text_of(std::string_view path) {
  std::ifstream file(kTop / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Breaches check_all(const std::vector<SourceFile>& files, const Rule& rule) {
  Breaches all;
  for (const SourceFile& file : files) std::ranges::move(rule(file.path, file.text), std::back_inserter(all));
  return all;
}

}  // namespace plateau::house
