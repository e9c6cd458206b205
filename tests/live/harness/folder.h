// A temporary folder of the test's own, gone with everything in it at the end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace plateau::live {

class Folder {
 public:
  // Open to every user.
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path() const { return path_.string(); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& contents);

}  // namespace plateau::live
