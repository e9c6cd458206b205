#include "symbol/perf_map.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/fd.h"
#include "symbol/module_file.h"

namespace plateau::symbol {
namespace {

constexpr off_t kLargestFile = off_t{256} << 20;
constexpr std::size_t kLongestName = 1024;

bool take_number(std::string_view& line, std::uint64_t& value) {
  if (line.starts_with("0x")) line.remove_prefix(2);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value, 16);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return true;
}

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

std::string read_all(int fd, off_t size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const auto got = pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

}  // namespace

void PerfMap::parse(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;  // still being written
    auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    std::uint64_t start = 0, size = 0;
    if (!take_number(line, start) || !take_number(line, size) || line.empty()) continue;
    if (size == 0 || start + size < start) continue;
    if (entries_.size() >= kMostEntries) {
      dropped_++;
      continue;
    }
    entries_.push_back({start, start + size, static_cast<std::uint32_t>(entries_.size()),
                        std::string(line.substr(0, kLongestName))});
    longest_ = std::max(longest_, size);
  }
  std::ranges::stable_sort(entries_, {}, &Entry::start);
}

std::string_view PerfMap::name_of(std::uint64_t address) const {
  auto entry = std::ranges::upper_bound(entries_, address, {}, &Entry::start);
  const Entry* best = nullptr;
  constexpr int kMostTried = 64;
  for (int tried = 0; entry != entries_.begin() && tried < kMostTried; tried++) {
    --entry;
    if (address - entry->start >= longest_) break;
    if (address < entry->end && (!best || entry->order > best->order)) best = &*entry;
  }
  return best ? std::string_view(best->name) : std::string_view();
}

void PerfMapFile::refresh() {
  const auto pid = own_pid(proc_);
  if (pid.empty()) return;
  const std::string path = "root/tmp/perf-" + pid + ".map";
  const Fd fd(openat(proc_, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat file {
  }, process{};
  if (!fd.valid() || fstat(fd.get(), &file) != 0 || fstat(proc_, &process) != 0) return;
  // /tmp is everybody's: another user's file is no word of the target's.
  if (!S_ISREG(file.st_mode) || (file.st_uid != process.st_uid && file.st_uid != 0)) return;
  if (file.st_size == size_ || file.st_size > kLargestFile) return;
  size_ = file.st_size;
  map_ = {};
  map_.parse(read_all(fd.get(), size_));
}

}  // namespace plateau::symbol
