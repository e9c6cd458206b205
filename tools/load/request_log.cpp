#include "load/request_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "toolkit/json_text.h"

namespace plateau::load {
namespace {

constexpr std::size_t kFlushSize = 1024 * 1024;

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(name);
  toolkit::append_number(out, value);
}

}  // namespace

Result<RequestLog> RequestLog::open(const std::string& path) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.valid()) return fail("cannot write the log " + path + ": " + std::strerror(errno));
  const auto shared = std::make_shared<Shared>();
  shared->file = std::move(file);
  return RequestLog(shared);
}

void RequestLog::append(std::string_view peer, const InFlight& request, std::uint64_t done_ns, int status,
                        std::uint64_t bytes) {
  text_.append("{\"peer\":\"").append(peer);
  append_field(text_, "\",\"seq\":", request.seq);
  append_field(text_, ",\"scheduled_ns\":", request.slot.scheduled_ns);
  append_field(text_, ",\"sent_ns\":", request.sent_ns);
  append_field(text_, ",\"first_byte_ns\":", request.first_byte_ns);
  append_field(text_, ",\"done_ns\":", done_ns);
  append_field(text_, ",\"status\":", static_cast<std::uint64_t>(status));
  append_field(text_, ",\"bytes\":", bytes);
  text_.append("}\n");
  if (text_.size() >= kFlushSize) flush();
}

bool RequestLog::flush() {
  const std::lock_guard lock(shared_->mutex);
  std::string_view rest = text_;
  while (!rest.empty()) {
    const ssize_t written = ::write(shared_->file.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      complete_ = false;
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  text_.clear();
  return complete_;
}

}  // namespace plateau::load
