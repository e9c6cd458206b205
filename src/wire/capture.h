// The capture file: a recorded run, to be analysed anywhere.
//
// Layout, little endian: the magic "PLATEAU\n", u32 file version, u32 wire version (bpf/wire.h), then blocks
// of u32 kind, u32 length, the bytes, padded to 8. Kinds:
//   1 start   Facts as JSON, as far as known when the probes went live; always first
//   2 record  one ring-buffer record
//   3 holder  a HolderSample as JSON
//   4 end     Facts as JSON; always last, so that a file without it was cut off
// and, since file version 2, where a profile was taken, which makes it version 3:
//   5 stack   a ProfileStack as JSON, before the samples that refer to it
//   6 sample  a StackSample; in version 2 without its waker
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/facts.h"
#include "wire/profile.h"

namespace plateau::wire {

inline constexpr std::uint32_t kCaptureVersion = 3;
inline constexpr std::uint32_t kOldestCaptureVersion = 1;
inline constexpr std::uint32_t kOldestWireVersion = 3;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

class CaptureWriter {
 public:
  // Creates the file, readable by its owner only. Fails if it exists and is not a regular file, or cannot be
  // written.
  // `profiled`: stacks and samples are to come.
  static Result<CaptureWriter> create(const std::string& path, const Facts& start, bool profiled = false);
  // The same to a file that is open.
  static CaptureWriter begin(File file, const Facts& start, bool profiled = false);

  void record(std::span<const std::byte> bytes);
  void holder(const HolderSample& sample);
  void stack(const ProfileStack& stack);
  void sample(const StackSample& sample);
  std::uint64_t bytes() const { return bytes_; }  // written so far
  // Ends the file. Fails if anything could not be written (disk full).
  Status finish(const Facts& end);

 private:
  explicit CaptureWriter(File file) : file_(std::move(file)) {}
  void block(std::uint32_t kind, std::span<const std::byte> bytes);
  void text_block(std::uint32_t kind, const std::string& text);

  File file_;
  bool failed_ = false;
  std::uint64_t bytes_ = 0;
};

struct CaptureSink {
  std::function<void(std::span<const std::byte>)> record;  // aligned to 8
  std::function<void(const HolderSample&)> holder;
  std::function<void(ProfileStack&&)> stack = [](ProfileStack&&) {};
  std::function<void(const StackSample&)> sample = [](const StackSample&) {};
};

class CaptureReader {
 public:
  // Fails with one line on what is no capture, or one of a newer version.
  static Result<CaptureReader> open(const std::string& path);

  // Hands out all records in their order. A file that was cut off gives what it holds; then facts().complete
  // is false. Fails on a malformed block.
  Status read(const CaptureSink& sink);

  // The start's before read(), the end's after it.
  const Facts& facts() const { return facts_; }

 private:
  struct Block {
    std::uint32_t kind = 0;
    std::span<const std::byte> bytes;
  };
  explicit CaptureReader(File file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  // `end`: of the file, or where it was cut.
  enum class Next { block, end, damaged };
  Next next(Block& block);
  Error broken(const std::string& why) const;
  Status hand_out(const Block& block, const CaptureSink& sink);

  File file_;
  std::string path_;
  Facts facts_;
  std::vector<std::uint64_t> buffer_;
};

}  // namespace plateau::wire
