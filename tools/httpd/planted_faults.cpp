#include "httpd/planted_faults.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/fd.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kMapped = 64 * 1024;
constexpr std::size_t kCopyPiece = 64 * 1024;
constexpr std::size_t kWritePiece = 256 * 1024;

// Before the end of a planted function: a call that came last would be a jump, and take its place on the
// stack.
void stay_on_the_stack() {
  asm volatile("");
}

void touch(volatile char* memory, std::uint64_t bytes) {
  for (std::uint64_t at = 0; at < bytes; at += kPage) memory[at] = 1;
}

Error disk_error(const std::string& folder) {
  return fail("--disk: cannot write in " + folder + ": " + std::strerror(errno) +
              "; choose another --disk-dir");
}

}  // namespace

void touch_fresh(std::uint64_t bytes) {
  if (bytes >= kMapped) {
    fault_pages(bytes);
    return stay_on_the_stack();
  }
  char* const memory = static_cast<char*>(std::malloc(bytes));
  if (memory == nullptr) return;
  touch(memory, bytes);
  std::free(memory);
}

void touch_pooled(std::uint64_t bytes) {
  thread_local const std::unique_ptr<char[]> memory = std::make_unique_for_overwrite<char[]>(bytes);
  touch(memory.get(), bytes);
}

void fault_pages(std::uint64_t bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  touch(static_cast<char*>(memory), bytes);
  munmap(memory, bytes);
  stay_on_the_stack();
}

void copy_bytes(std::uint64_t bytes) {
  thread_local const std::unique_ptr<char[]> from = std::make_unique<char[]>(kCopyPiece);
  thread_local const std::unique_ptr<char[]> to = std::make_unique<char[]>(kCopyPiece);
  while (bytes > 0) {
    const std::size_t count = std::min<std::uint64_t>(bytes, kCopyPiece);
    std::memcpy(to.get(), from.get(), count);
    asm volatile("" : : "r"(to.get()) : "memory");  // nobody reads it: the copy is made all the same
    bytes -= count;
  }
}

Status write_and_sync(const std::string& folder, std::uint64_t bytes) {
  const Fd file(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!file.valid()) return disk_error(folder);
  static const std::unique_ptr<char[]> zeros = std::make_unique<char[]>(kWritePiece);
  while (bytes > 0) {
    const ssize_t count = ::write(file.get(), zeros.get(), std::min<std::uint64_t>(bytes, kWritePiece));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk_error(folder);
    bytes -= static_cast<std::uint64_t>(count);
  }
  if (fdatasync(file.get()) != 0) return disk_error(folder);
  return success();
}

void write_and_sync_or_warn(const std::string& folder, std::uint64_t bytes) {
  static std::atomic_flag said;
  const Status status = write_and_sync(folder, bytes);
  if (!status && !said.test_and_set())
    std::fprintf(stderr, "plateau-httpd: %s\n", status.error().message.c_str());
}

}  // namespace plateau::httpd
