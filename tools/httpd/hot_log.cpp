#include "httpd/hot_log.h"

#include <algorithm>

#include "httpd/stamp_clock.h"

namespace plateau::httpd {

RequestRecord& HotLog::add() {
  if (count_ == records_.size()) {
    RequestRecord& made = records_.emplace_back();
    made.method = "GET";
    made.status = 200;
  }
  return records_[count_++];
}

void HotLog::begin(HotPath& hot, std::string_view bytes, const Receipt& receipt, Session& session) {
  hot.each(bytes, [&](std::string_view path, std::size_t request, std::size_t answer) {
    RequestRecord& record = add();
    record.path.assign(path);
    record.bytes_in = request;
    record.bytes_out = answer;
    record.read_ns = receipt.read_ns;
    record.tid_read = record.tid_write = receipt.tid;
    bytes_ += answer;
  });
  std::uint64_t seq = session.pass(count_);
  for (std::size_t i = 0; i < count_; ++i) records_[i].seq = seq++;
  send_ns_ = stamp_clock().now();
}

void HotLog::end(TruthBuffer& truth, std::string_view connection, std::size_t unsent) {
  const std::uint64_t now = stamp_clock().now();
  std::uint64_t sent = bytes_ - unsent;
  for (std::size_t i = 0; i < count_; ++i) {
    RequestRecord& record = records_[i];
    record.write_ns = record.bytes_out <= sent ? now : 0;
    record.bytes_out = std::min(record.bytes_out, sent);
    sent -= record.bytes_out;
    at(record.stages, Stage::send) = {send_ns_, now};
    truth.append(connection, record, set_of(Stage::send));
  }
  count_ = 0;
  bytes_ = 0;
}

}  // namespace plateau::httpd
