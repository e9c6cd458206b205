#include "httpd/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

constexpr auto kFlushAge = std::chrono::milliseconds(50);
constexpr std::size_t kFlushSize = 64 * 1024;
constexpr std::size_t kMaxHeld = 16 * 1024 * 1024;

void append_text(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(",\"").append(name).append("\":\"");
  toolkit::append_escaped(out, value);
  out.push_back('"');
}

void append_time(std::string& out, std::uint64_t realtime_ns) {
  const auto seconds = static_cast<std::time_t>(realtime_ns / 1'000'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  out.append(text, size);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06uZ",
                static_cast<unsigned>(realtime_ns % 1'000'000'000 / 1000));
  out.append(fraction);
}

}  // namespace

void append_line(std::string& out, const AccessLine& line, std::uint64_t realtime_ns) {
  out.append("{\"time\":\"");
  append_time(out, realtime_ns);
  out.push_back('"');
  append_text(out, "remote", line.remote);
  append_text(out, "protocol", line.protocol);
  append_text(out, "method", line.method);
  append_text(out, "path", line.path);
  append_text(out, "route", line.route);
  out.append(",\"status\":");
  toolkit::append_number(out, static_cast<std::uint64_t>(line.status));
  out.append(",\"bytes\":");
  toolkit::append_number(out, line.bytes);
  out.append(",\"duration_us\":");
  toolkit::append_number(out, line.duration_ns / 1000);
  append_text(out, "request_id", line.request_id);
  append_text(out, "trace_id", line.trace_id);
  append_text(out, "span_id", line.span_id);
  out.append("}\n");
}

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& path) {
  Fd file(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                      : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file.valid()) {
    return fail("--access-log: cannot write " + path + ": " + std::strerror(errno) +
                "; choose another file, or - for standard output");
  }
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(file)));
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  flusher_.join();
  flush();
}

void AccessLog::write(const AccessLine& line) {
  thread_local std::string formatted;
  formatted.clear();
  append_line(formatted, line, clock_ns(CLOCK_REALTIME));
  const std::lock_guard lock(mutex_);
  if (text_.size() + formatted.size() > kMaxHeld) return;
  text_.append(formatted);
  if (text_.size() >= kFlushSize && text_.size() - formatted.size() < kFlushSize) wake_.notify_one();
}

void AccessLog::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kFlushAge, [this] { return stopping_ || text_.size() >= kFlushSize; });
    lock.unlock();
    flush();
    lock.lock();
  }
}

void AccessLog::flush() {
  const std::lock_guard file_lock(file_mutex_);
  std::string taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(text_);
  }
  write_out(taken);
}

void AccessLog::write_out(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file_.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      if (!said_) dprintf(STDERR_FILENO, "access log incomplete: %s\n", std::strerror(errno));
      said_ = true;
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace plateau::httpd
