#include "httpd/hot_path.h"

#include <algorithm>
#include <ctime>
#include <optional>

#include "httpd/http_date.h"
#include "httpd/request_head.h"
#include "httpd/session.h"

namespace plateau::httpd {
namespace {

std::int64_t now_second() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now.tv_sec;
}

struct PlainHead {
  std::string_view bytes;
  std::string path;
};

// The first head in `bytes` if it is a plain GET that keeps the connection.
std::optional<PlainHead> plain_head(std::string_view bytes) {
  HeadParser parser;
  const HeadResult result = parser.parse(bytes);
  if (result.status != HeadStatus::complete) return std::nullopt;
  const RequestHead& head = parser.head();
  const bool plain = head.kind == Method::get && head.minor_version == 1 && head.keep_alive &&
                     !head.chunked && head.content_length == 0 && !head.expect_continue;
  if (!plain) return std::nullopt;
  return PlainHead{bytes.substr(0, result.consumed), std::string(head.path)};
}

// What a session of its own answers to the request; nothing if it is not a 200 that leaves the connection
// open.
std::optional<std::string> answer_of(const Service& service, std::string_view head) {
  Session session(service);
  const std::span<char> space = session.space();
  if (space.size() < head.size()) return std::nullopt;
  std::copy(head.begin(), head.end(), space.begin());
  session.received(head.size(), {});
  if (session.step() != Step::work) return std::nullopt;
  session.worked();
  std::string answer;
  while (session.step() == Step::write) {
    const std::string_view pending = session.pending();
    answer += pending;
    session.sent(pending.size());
  }
  const int status = session.record().status;
  if (session.step() != Step::proceed || status != 200) return std::nullopt;
  session.proceed();
  if (!session.idle()) return std::nullopt;
  return answer;
}

}  // namespace

HotPath::HotPath(Service& service) : service_(service) {
  known_.reserve(kMostKnown);
  joined_.reserve(kMostAnswer);
}

const HotPath::Known* HotPath::find(std::string_view bytes) {
  if (last_ < known_.size() && bytes.starts_with(known_[last_].head)) return &known_[last_];
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (!bytes.starts_with(known_[i].head)) continue;
    last_ = i;
    return &known_[i];
  }
  return nullptr;
}

std::string_view HotPath::answer(std::string_view bytes) {
  if (now_second() != second_) renew_dates();
  const Known* known = find(bytes);
  if (known == nullptr) return {};
  if (known->head.size() == bytes.size()) return known->answer;
  joined_.clear();
  while (known != nullptr) {
    joined_.append(known->answer);
    bytes.remove_prefix(known->head.size());
    if (bytes.empty()) return joined_;
    known = find(bytes);
  }
  return {};
}

void HotPath::renew_dates() {
  second_ = now_second();
  const std::string_view date = http_date();
  for (Known& known : known_) {
    std::copy(date.begin(), date.end(), known.answer.begin() + static_cast<std::ptrdiff_t>(known.date_at));
  }
}

void HotPath::learn(std::string_view bytes) {
  std::optional<PlainHead> head = plain_head(bytes);
  if (!head || find(head->bytes) != nullptr) return;
  std::optional<std::string> answer = answer_of(service_, head->bytes);
  if (!answer || answer->size() > kMostAnswer) return;
  const std::size_t date = answer->find("\r\nDate: ");
  if (date == std::string::npos) return;
  Known made{.head = std::string(head->bytes),
             .answer = std::move(*answer),
             .path = std::move(head->path),
             .date_at = date + 8};
  if (known_.size() < kMostKnown) {
    known_.push_back(std::move(made));
  } else {
    known_[replace_++ % kMostKnown] = std::move(made);
  }
  second_ = 0;
}

}  // namespace plateau::httpd
