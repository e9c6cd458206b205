#include "httpd/truth.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>

#include "base/clock.h"
#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kFlushAgeNs = 100'000'000;
constexpr std::size_t kFlushSize = 64 * 1024;

}  // namespace

Result<std::unique_ptr<Truth>> Truth::open(const std::string& path) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file.valid()) return fail("cannot write the truth log " + path + ": " + std::strerror(errno));
  return std::unique_ptr<Truth>(new Truth(std::move(file)));
}

Truth::Truth(Fd file) : file_(std::move(file)) {
  measure_offset();
  flusher_ = std::thread([this] { run(); });
}

Truth::~Truth() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  flusher_.join();
}

// The owner flushes by itself while it is active; twice the age leaves it the time, so that the two hardly
// ever meet at a buffer's mutex.
void Truth::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::nanoseconds(kFlushAgeNs), [this] { return stopping_; })) {
    measure_offset();
    for (TruthBuffer* const buffer : buffers_) buffer->flush_if_older_than(2 * kFlushAgeNs);
  }
}

void Truth::flush_all() {
  const std::lock_guard lock(mutex_);
  for (TruthBuffer* const buffer : buffers_) buffer->flush();
}

// A disk that is full loses lines; the server goes on serving and says so once.
void Truth::write_out(std::string& text) {
  std::string_view rest = text;
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
  text.clear();
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

TruthBuffer::TruthBuffer(Truth& truth) : truth_(truth) {
  const std::lock_guard lock(truth_.mutex_);
  truth_.buffers_.insert(this);
}

TruthBuffer::~TruthBuffer() {
  flush();
  const std::lock_guard lock(truth_.mutex_);
  truth_.buffers_.erase(this);
}

void TruthBuffer::append(std::string_view connection, const RequestRecord& record) {
  const std::uint64_t now = record.write_ns != 0 ? record.write_ns : monotonic_ns();
  const std::lock_guard lock(mutex_);
  if (text_.empty()) oldest_ns_ = now;
  append_record(text_, connection, record);
  if (text_.size() >= kFlushSize || now - oldest_ns_ >= kFlushAgeNs) truth_.write_out(text_);
}

void TruthBuffer::flush() {
  flush_if_older_than(0);
}

void TruthBuffer::flush_if_older_than(std::uint64_t age_ns) {
  const std::lock_guard lock(mutex_);
  if (text_.empty() || monotonic_ns() - oldest_ns_ < age_ns) return;
  truth_.write_out(text_);
}

std::string connection_prefix(std::uint64_t number, std::string_view peer) {
  std::string prefix = "{\"conn\":";
  toolkit::append_number(prefix, number);
  prefix.append(",\"peer\":\"").append(peer).append("\",\"seq\":");
  return prefix;
}

namespace {

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(name);
  toolkit::append_number(out, value);
}

void append_stages(std::string& out, const StageSpans& stages) {
  bool first = true;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].begin == 0) continue;
    out.append(first ? "\"" : ",\"").append(kStageNames[i]).append("\":[");
    toolkit::append_number(out, stages[i].begin);
    out.push_back(',');
    toolkit::append_number(out, stages[i].end);
    out.push_back(']');
    first = false;
  }
}

}  // namespace

void append_record(std::string& out, std::string_view connection, const RequestRecord& record) {
  out.append(connection);
  toolkit::append_number(out, record.seq);
  out.append(",\"method\":\"");
  toolkit::append_escaped(out, record.method);
  out.append("\",\"path\":\"");
  toolkit::append_escaped(out, record.path);
  append_field(out, "\",\"status\":", static_cast<std::uint64_t>(record.status));
  append_field(out, ",\"bytes_in\":", record.bytes_in);
  append_field(out, ",\"bytes_out\":", record.bytes_out);
  append_field(out, ",\"tid_read\":", static_cast<std::uint64_t>(record.tid_read));
  append_field(out, ",\"tid_write\":", static_cast<std::uint64_t>(record.tid_write));
  append_field(out, ",\"rx_ns\":", record.rx_ns);
  append_field(out, ",\"read_ns\":", record.read_ns);
  append_field(out, ",\"write_ns\":", record.write_ns);
  out.append(",\"stages\":{");
  append_stages(out, record.stages);
  out.append("}}\n");
}

}  // namespace plateau::httpd
