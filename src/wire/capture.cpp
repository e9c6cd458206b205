#include "wire/capture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "wire/facts_json.h"

namespace plateau::wire {
namespace {

constexpr std::array<char, 8> kMagic{'P', 'L', 'A', 'T', 'E', 'A', 'U', '\n'};
constexpr std::uint32_t kStart = 1, kRecord = 2, kHolder = 3, kEnd = 4, kStack = 5, kSample = 6;
constexpr std::uint32_t kMaxBlock = 64u << 20;  // bytes

struct Prologue {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t wire_version;
};

struct BlockHeader {
  std::uint32_t kind;
  std::uint32_t length;
};

std::size_t padding(std::size_t length) {
  return (8 - length % 8) % 8;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

}  // namespace

Result<CaptureWriter> CaptureWriter::create(const std::string& path, const Facts& start, bool profiled) {
  struct stat before {};
  if (stat(path.c_str(), &before) == 0 && !S_ISREG(before.st_mode))
    return fail("cannot record to " + path + ": it is not a regular file");
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail("cannot record to " + path + ": " + std::strerror(errno));
  File file(fdopen(fd, "wb"));
  if (!file) return fail("cannot record to " + path + ": " + std::strerror(errno));
  return begin(std::move(file), start, profiled);
}

CaptureWriter CaptureWriter::begin(File file, const Facts& start, bool profiled) {
  CaptureWriter writer(std::move(file));
  const Prologue prologue{kMagic, profiled ? kCaptureVersion : kOldestCaptureVersion, PL_WIRE_VERSION};
  writer.failed_ |= std::fwrite(&prologue, sizeof(prologue), 1, writer.file_.get()) != 1;
  writer.text_block(kStart, to_json(start));
  return writer;
}

void CaptureWriter::block(std::uint32_t kind, std::span<const std::byte> bytes) {
  static constexpr std::array<char, 8> zeros{};
  const BlockHeader header{kind, static_cast<std::uint32_t>(bytes.size())};
  bytes_ += sizeof(header) + bytes.size() + padding(bytes.size());
  failed_ |= std::fwrite(&header, sizeof(header), 1, file_.get()) != 1;
  if (!bytes.empty()) failed_ |= std::fwrite(bytes.data(), bytes.size(), 1, file_.get()) != 1;
  if (const auto pad = padding(bytes.size())) failed_ |= std::fwrite(zeros.data(), pad, 1, file_.get()) != 1;
}

void CaptureWriter::text_block(std::uint32_t kind, const std::string& text) {
  block(kind, std::as_bytes(std::span(text)));
}

void CaptureWriter::record(std::span<const std::byte> bytes) {
  block(kRecord, bytes);
}

void CaptureWriter::holder(const HolderSample& sample) {
  text_block(kHolder, to_json(sample));
}

void CaptureWriter::stack(const ProfileStack& stack) {
  text_block(kStack, to_json(stack));
}

void CaptureWriter::sample(const StackSample& sample) {
  block(kSample, std::as_bytes(std::span(&sample, 1)));
}

Status CaptureWriter::finish(const Facts& end) {
  text_block(kEnd, to_json(end));
  failed_ |= std::fflush(file_.get()) != 0;
  if (failed_)
    return fail("the capture is incomplete: writing failed (" + std::string(std::strerror(errno)) + ")");
  return success();
}

Error CaptureReader::broken(const std::string& why) const {
  return fail(path_ + ": " + why);
}

Result<CaptureReader> CaptureReader::open(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"));
  if (!file) return fail("cannot read " + path + ": " + std::strerror(errno));
  CaptureReader reader(std::move(file), path);
  Prologue prologue{};
  if (std::fread(&prologue, sizeof(prologue), 1, reader.file_.get()) != 1 || prologue.magic != kMagic)
    return reader.broken("not a plateau capture: make one with plateau record");
  if (prologue.version > kCaptureVersion || prologue.wire_version > PL_WIRE_VERSION)
    return reader.broken("recorded by a newer plateau: read it with that version or a later one");
  if (prologue.version < kOldestCaptureVersion || prologue.wire_version < kOldestWireVersion)
    return reader.broken("recorded by an older plateau whose format is no longer read: use that version");
  Block block;
  const Next first = reader.next(block);
  if (first == Next::damaged || (first == Next::block && block.kind != kStart))
    return reader.broken("does not begin with what a capture begins with: the file is damaged");
  if (first == Next::end) return reader.broken("cut off before its first record: nothing to read");
  auto facts = facts_from_json(text_of(block.bytes));
  if (!facts) return reader.broken(facts.error().message);
  reader.facts_ = std::move(*facts);
  return reader;
}

CaptureReader::Next CaptureReader::next(Block& block) {
  BlockHeader header{};
  if (std::fread(&header, sizeof(header), 1, file_.get()) != 1) return Next::end;
  if (header.length > kMaxBlock) return Next::damaged;
  const std::size_t size = header.length + padding(header.length);
  buffer_.resize(size / 8);
  if (size && std::fread(buffer_.data(), size, 1, file_.get()) != 1) return Next::end;
  block = {header.kind, std::as_bytes(std::span(buffer_)).first(header.length)};
  return Next::block;
}

Status CaptureReader::hand_out(const Block& block, const CaptureSink& sink) {
  if (block.kind == kRecord) {
    sink.record(block.bytes);
  } else if (block.kind == kHolder) {
    const auto sample = holder_from_json(text_of(block.bytes));
    if (!sample) return broken(sample.error().message);
    sink.holder(*sample);
  } else if (block.kind == kStack) {
    auto stack = stack_from_json(text_of(block.bytes));
    if (!stack) return broken(stack.error().message);
    sink.stack(std::move(*stack));
  } else if (block.kind == kSample) {
    StackSample sample;
    if (block.bytes.size() != sizeof(sample) && block.bytes.size() != kSampleWithoutWaker)
      return broken("a sample of impossible length: the file is damaged");
    std::memcpy(&sample, block.bytes.data(), block.bytes.size());
    sink.sample(sample);
  } else {
    return broken("unknown block kind " + std::to_string(block.kind) + ": the file is damaged");
  }
  return success();
}

Status CaptureReader::read(const CaptureSink& sink) {
  Block block;
  for (Next got = next(block); got != Next::end; got = next(block)) {
    if (got == Next::damaged) return broken("a block of impossible length: the file is damaged");
    if (block.kind != kEnd) {
      if (auto handed = hand_out(block, sink); !handed) return handed;
      continue;
    }
    auto facts = facts_from_json(text_of(block.bytes));
    if (!facts) return broken(facts.error().message);
    facts_ = std::move(*facts);
    facts_.complete = true;
    return success();
  }
  facts_.complete = false;
  return success();
}

}  // namespace plateau::wire
