#include "app/page_capture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "attribution/facts_since.h"

namespace plateau::app {

bool PageCapture::wants_facts(std::uint64_t now_ns) {
  if (recorder_) return now_ns >= end_ns_ || full();
  if (const auto asked = desk_.take()) {
    duration_ns_ = *asked;
    return true;
  }
  if (end_ns_ != 0 && now_ns >= end_ns_) {
    end_ns_ = 0;
    desk_.forget();
  }
  return false;
}

void PageCapture::facts(const wire::Facts& facts) {
  if (recorder_)
    end(facts);
  else
    begin(facts);
}

void PageCapture::begin(const wire::Facts& facts) {
  file_ = Fd(memfd_create("plateau-capture", MFD_CLOEXEC));
  wire::File file(file_.valid() ? fdopen(fcntl(file_.get(), F_DUPFD_CLOEXEC, 0), "wb") : nullptr);
  if (!file) {
    desk_.failed(std::string("no memory for a capture: ") + std::strerror(errno));
    return;
  }
  start_ = facts;
  wire::Facts first = attribution::facts_since(facts, facts);
  recorder_.emplace(wire::CaptureWriter::begin(std::move(file), first), true);
  end_ns_ = facts.end_ns + duration_ns_;
}

void PageCapture::end(const wire::Facts& facts) {
  const bool cut = full() && facts.end_ns < end_ns_;
  const Status finished = recorder_->finish(attribution::facts_since(start_, facts));
  recorder_.reset();
  end_ns_ = facts.end_ns + kKeptNs;
  struct stat made {};
  if (!finished || fstat(file_.get(), &made) != 0) {
    desk_.failed(finished ? std::strerror(errno) : finished.error().message);
    return;
  }
  desk_.ready({std::make_shared<const Fd>(std::move(file_)), static_cast<std::uint64_t>(made.st_size)}, cut);
}

void PageCapture::record(std::span<const std::byte> bytes) {
  if (recorder_ && !full()) recorder_->record(bytes);
}

void PageCapture::holder(const wire::HolderSample& sample) {
  if (recorder_ && !full()) recorder_->holder(sample);
}

}  // namespace plateau::app
