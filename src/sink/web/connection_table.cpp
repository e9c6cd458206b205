#include "sink/web/connection_table.h"

#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace plateau::sink::web {

void* ConnectionTable::came(int fd) {
  open_.push_back({fd});
  void* handle = &open_.back();
  while (open_.size() > most_) evict(open_.begin());
  return handle;
}

void ConnectionTable::gone(void* connection) {
  const auto is_it = [connection](const Connection& one) { return &one == connection; };
  if (open_.remove_if(is_it) == 0) shut_.remove_if(is_it);
}

void ConnectionTable::asked(void* connection) {
  const auto place =
      std::find_if(open_.begin(), open_.end(), [=](const Connection& one) { return &one == connection; });
  if (place != open_.end()) open_.splice(open_.end(), open_, place);
}

ConnectionTable::Unread* ConnectionTable::answering(void* connection, std::string body) {
  auto unread = std::make_unique<Unread>(Unread{std::move(body), this});
  unread_ += unread->body.size();
  if (!open_.empty() && &open_.back() == connection) open_.back().answer = unread->body.size();
  std::size_t left = unread_;  // those evicted give theirs back a moment later
  for (auto place = open_.begin(); left > unread_most_ && place != open_.end();) {
    const auto next = std::next(place);
    if (&*place != connection && place->answer != 0) {
      left -= std::min(left, place->answer);
      evict(place);
    }
    place = next;
  }
  return unread.release();
}

void ConnectionTable::read(void* unread) {
  const std::unique_ptr<Unread> owned(static_cast<Unread*>(unread));
  owned->table->unread_ -= owned->body.size();
}

void ConnectionTable::evict(Place connection) {
  shutdown(connection->fd, SHUT_RDWR);
  shut_.splice(shut_.end(), open_, connection);
  evicted_++;
}

}  // namespace plateau::sink::web
