#include "httpd/record_stream.h"

#include <algorithm>

namespace plateau::httpd {
namespace {

constexpr std::size_t kFirstChunk = 4 * 1024;
constexpr std::size_t kLargestChunk = 64 * 1024;

}  // namespace

RecordStream::RecordStream() : filling_(new Chunk(kFirstChunk)), reading_(filling_) {}

RecordStream::~RecordStream() {
  while (reading_ != nullptr) {
    const std::unique_ptr<Chunk> done(reading_);
    reading_ = done->next.load(std::memory_order_acquire);
  }
}

char* RecordStream::reserve(std::size_t size) {
  const std::size_t used = filling_->committed.load(std::memory_order_relaxed);
  if (used + size <= filling_->capacity) return filling_->bytes.get() + used;
  Chunk* const full = filling_;
  filling_ = new Chunk(std::max(size, std::min(2 * full->capacity, kLargestChunk)));
  full->next.store(filling_, std::memory_order_release);
  return filling_->bytes.get();
}

void RecordStream::commit(std::size_t size) {
  const std::size_t used = filling_->committed.load(std::memory_order_relaxed);
  filling_->committed.store(used + size, std::memory_order_release);
}

std::string_view RecordStream::next_run() {
  const std::size_t committed = reading_->committed.load(std::memory_order_acquire);
  const std::string_view run(reading_->bytes.get() + read_, committed - read_);
  read_ = committed;
  return run;
}

// `next` is looked at before `committed` once more: after it was set, nothing is added.
bool RecordStream::next_chunk() {
  Chunk* const next = reading_->next.load(std::memory_order_acquire);
  if (next == nullptr) return false;
  if (read_ < reading_->committed.load(std::memory_order_acquire)) return true;
  delete reading_;
  reading_ = next;
  read_ = 0;
  return true;
}

}  // namespace plateau::httpd
