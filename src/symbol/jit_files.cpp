#include "symbol/jit_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "symbol/module_file.h"
#include "symbol/perf_map.h"

namespace plateau::symbol {
namespace {

constexpr std::size_t kMostAtOnce = std::size_t{256} << 20;
constexpr std::size_t kRemembered = 256;
constexpr std::size_t kChunk = 65536;

// The process's number in its own PID namespace: the last of NSpid.
std::string own_pid(int proc_directory) {
  const auto status = read_proc_file(proc_directory, "status");
  if (!status) return {};
  const auto at = status->find("\nNSpid:");
  if (at == std::string::npos) return {};
  const auto end = status->find('\n', at + 1);
  const auto line = status->substr(at + 1, end - at - 1);
  return line.substr(line.find_last_of(" \t") + 1);
}

std::string read_at(int fd, off_t from, std::size_t size) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const auto got = pread(fd, text.data() + done, text.size() - done, from + static_cast<off_t>(done));
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

// /tmp is everybody's: another user's file is no word of the target's.
bool is_its_own(int fd, int proc_directory) {
  struct stat file {
  }, process{};
  if (fstat(fd, &file) != 0 || fstat(proc_directory, &process) != 0) return false;
  return S_ISREG(file.st_mode) && (file.st_uid == process.st_uid || file.st_uid == 0);
}

}  // namespace

void JitFiles::refresh(std::span<const Mapping> mappings) {
  read_map();
  if (const auto dump = std::ranges::find_if(mappings, is_jit_dump); dump != mappings.end()) read_dump(*dump);
}

// A JVM writes the file anew each time it is asked to, others go on writing at its end.
void JitFiles::read_map() {
  const auto pid = own_pid(proc_);
  if (pid.empty()) return;
  const std::string path = "root/tmp/perf-" + pid + ".map";
  const Fd fd(openat(proc_, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!fd.valid() || !is_its_own(fd.get(), proc_)) return;
  const auto kept = static_cast<off_t>(map_end_.size());
  if (read_at(fd.get(), map_read_ - kept, map_end_.size()) != map_end_) {
    map_names_ = {};
    map_end_.clear();
    map_read_ = 0;
  }
  struct stat file {};
  if (fstat(fd.get(), &file) != 0 || file.st_size <= map_read_) return;
  const auto left = std::min(static_cast<std::size_t>(file.st_size - map_read_), kMostAtOnce);
  const auto text = read_at(fd.get(), map_read_, left);
  const auto done = parse_perf_map(text, map_names_);
  map_names_.sort();
  map_read_ += static_cast<off_t>(done);
  map_end_ = (map_end_ + text.substr(0, done));
  map_end_.erase(0, map_end_.size() - std::min(map_end_.size(), kRemembered));
}

void JitFiles::read_dump(const Mapping& mapping) {
  if (dump_path_ != mapping.path) {
    dump_path_ = mapping.path;
    dump_names_ = {};
    dump_ = {};
    dump_read_ = 0;
  }
  const auto fd = open_module(proc_, {mapping, mapping.end});
  if (!fd) return;
  for (std::size_t read = 0; dump_.ok() && read < kMostAtOnce;) {
    const auto bytes = read_at(fd->get(), static_cast<off_t>(dump_read_), kChunk);
    const auto on = dump_.feed(std::as_bytes(std::span(bytes)), dump_names_);
    dump_read_ += on;
    read += bytes.size();
    if (on == 0 || bytes.size() < kChunk) break;
  }
  dump_names_.sort();
}

std::string_view JitFiles::name_of(std::uint64_t address) const {
  const auto name = dump_names_.name_of(address);
  return name.empty() ? map_names_.name_of(address) : name;
}

}  // namespace plateau::symbol
