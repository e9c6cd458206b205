// The files below one directory. Nothing outside it can be reached, neither by .. nor by a symbolic link.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace plateau::httpd {

struct FileQuery {
  std::string_view path;  // percent-encoded, below the directory
  std::string_view if_none_match = {};
  std::string_view if_modified_since = {};
  bool head_only = false;  // leave the content out
};

struct FileAnswer {
  int status = 404;  // 200, 304, 400, 403, 404 or 413 for a file above kMaxBody
  std::uint64_t size = 0;
  std::string content;
  std::string_view type;
  std::string fields;  // whole lines: ETag and Last-Modified
};

class StaticFiles {
 public:
  static Result<std::unique_ptr<StaticFiles>> open(const std::string& directory);
  FileAnswer answer(const FileQuery& query) const;

 private:
  explicit StaticFiles(Fd directory) : directory_(std::move(directory)) {}

  Fd directory_;
};

}  // namespace plateau::httpd
