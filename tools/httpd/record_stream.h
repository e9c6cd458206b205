// Records on their way from the thread that makes them to the one that writes them: one of each, no lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace plateau::httpd {

class RecordStream {
 public:
  RecordStream();
  RecordStream(const RecordStream&) = delete;
  RecordStream& operator=(const RecordStream&) = delete;
  ~RecordStream();

  // By the maker: room for one record of `size` bytes, 8-byte aligned; commit() the same size once it is
  // filled in.
  char* reserve(std::size_t size);
  void commit(std::size_t size);
  void end() { ended_.store(true, std::memory_order_release); }

  // By the reader: hands what was committed since, run by run, to on_records(string_view). Returns the bytes.
  template <class OnRecords>
  std::size_t read(OnRecords&& on_records) {
    std::size_t total = 0;
    while (true) {
      const std::string_view run = next_run();
      if (!run.empty()) on_records(run);
      total += run.size();
      if (!next_chunk()) return total;
    }
  }
  // The maker is gone. True before read() means that read() takes the last.
  bool ended() const { return ended_.load(std::memory_order_acquire); }

 private:
  struct Chunk {
    explicit Chunk(std::size_t size) : capacity(size), bytes(std::make_unique_for_overwrite<char[]>(size)) {}

    const std::size_t capacity;
    const std::unique_ptr<char[]> bytes;
    std::atomic<std::size_t> committed{0};
    std::atomic<Chunk*> next{nullptr};  // set once nothing more comes into this one
  };

  std::string_view next_run();
  bool next_chunk();

  Chunk* filling_;  // the maker's
  std::atomic<bool> ended_{false};
  alignas(64) Chunk* reading_;  // the reader's, like read_
  std::size_t read_ = 0;
};

}  // namespace plateau::httpd
