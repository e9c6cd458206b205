#include "httpd/truth.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>

#include "base/clock.h"
#include "httpd/stamp_clock.h"
#include "httpd/truth_line.h"

namespace plateau::httpd {
namespace {

constexpr std::chrono::milliseconds kWriteEvery{50};
constexpr std::size_t kWriteSize = 256 * 1024;
constexpr std::size_t kCountEvery = 64 * 1024;

}  // namespace

Result<std::unique_ptr<Truth>> Truth::open(const std::string& path) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file.valid()) return fail("cannot write the truth log " + path + ": " + std::strerror(errno));
  return std::unique_ptr<Truth>(new Truth(std::move(file)));
}

Truth::Truth(Fd file) : file_(std::move(file)) {
  stamp_clock().start();
  measure_offset();
  writer_ = std::thread([this] { run(); });
}

Truth::~Truth() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  flush_all();
  writer_.join();
  stamp_clock().stop();
}

void Truth::run() {
  pthread_setname_np(pthread_self(), "truth");
  const sched_param none{};
  sched_setscheduler(0, SCHED_IDLE, &none);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kWriteEvery, [this] { return stopping_; })) {
    lock.unlock();
    stamp_clock().adjust();
    measure_offset();
    {
      const std::lock_guard writing(writing_);
      write_waiting();
    }
    lock.lock();
  }
}

// Who waits for the writer lends it a priority at which it gets on.
void Truth::flush_all() {
  const sched_param none{};
  pthread_setschedparam(writer_.native_handle(), SCHED_OTHER, &none);
  const std::lock_guard writing(writing_);
  write_waiting();
}

// By whoever holds writing_.
void Truth::write_waiting() {
  {
    const std::lock_guard lock(mutex_);
    streams_.insert(streams_.end(), new_streams_.begin(), new_streams_.end());
    new_streams_.clear();
  }
  std::size_t total = 0;
  std::erase_if(streams_, [&](const std::shared_ptr<RecordStream>& stream) {
    const bool last = stream->ended();
    total += stream->read([this](std::string_view records) { write_records(records); });
    return last;
  });
  write_out();
  std::size_t waiting = waiting_.load(std::memory_order_relaxed);
  while (!waiting_.compare_exchange_weak(waiting, waiting - std::min(waiting, total))) {
  }
}

void Truth::write_records(std::string_view records) {
  while (!records.empty()) {
    const std::size_t most = text_size_ + most_line_size(records);
    if (most > text_.size()) text_.resize(std::max(most, 2 * kWriteSize));
    char* const line = text_.data() + text_size_;
    text_size_ += static_cast<std::size_t>(write_line(line, records) - line);
    records.remove_prefix(first_packed_size(records));
    if (text_size_ >= kWriteSize) write_out();
  }
}

// A disk that is full loses lines; the server goes on serving and says so once.
void Truth::write_out() {
  std::string_view rest(text_.data(), text_size_);
  while (!rest.empty()) {
    const ssize_t written = ::write(file_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      static std::atomic_flag said;
      if (!said.test_and_set()) dprintf(STDERR_FILENO, "truth log incomplete: %s\n", std::strerror(errno));
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  text_size_ = 0;
}

// The tightest of a few bracketed readings, so that being scheduled out in between does no harm.
void Truth::measure_offset() {
  std::uint64_t tightest = std::numeric_limits<std::uint64_t>::max();
  for (int round = 0; round < 8; ++round) {
    const std::uint64_t before = monotonic_ns();
    const std::uint64_t real = clock_ns(CLOCK_REALTIME);
    const std::uint64_t width = monotonic_ns() - before;
    if (width >= tightest) continue;
    tightest = width;
    realtime_offset_ns_.store(real - (before + width / 2), std::memory_order_relaxed);
  }
}

TruthBuffer::TruthBuffer(Truth& truth) : truth_(truth), stream_(std::make_shared<RecordStream>()) {
  const std::lock_guard lock(truth_.mutex_);
  truth_.new_streams_.push_back(stream_);
}

TruthBuffer::~TruthBuffer() {
  stream_->end();
}

void TruthBuffer::append(std::string_view connection, const RequestRecord& record, StageSet stages) {
  const std::size_t size = packed_size(connection, record, stages);
  pack(stream_->reserve(size), size, connection, record, stages);
  stream_->commit(size);
  uncounted_ += size;
  if (uncounted_ < kCountEvery) return;
  const std::size_t waiting = truth_.waiting_.fetch_add(uncounted_, std::memory_order_relaxed);
  uncounted_ = 0;
  stamp_clock().adjust();  // the writer may not get to it for seconds
  if (waiting > Truth::kMostWaiting) truth_.flush_all();
}

}  // namespace plateau::httpd
