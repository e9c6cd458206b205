// What is said to a server that no one here wrote, and who tells what of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "differential/play_all.h"
#include "foreign/access_log.h"
#include "foreign/foreign_server.h"
#include "foreign/recipe.h"
#include "harness/seen_request.h"

namespace plateau::live {

using SeenByPeer = std::map<std::string, std::vector<SeenRequest>>;

// Each peer's in their order.
SeenByPeer by_peer(const std::vector<SeenRequest>& requests);

class ForeignTalk {
 public:
  // `first`: the number of its first conversation (play_all).
  ForeignTalk(const Recipe& recipe, std::size_t requests, std::size_t first = 0);

  // To its end.
  void play(std::uint16_t port);
  // Until the log holds all that was answered: what a server logs after its answer it may not come to log
  // once it is told to end.
  void await_log(ForeignServer& server) const;
  // Fails the running test where somebody disagrees, and takes the peers it knows out of `seen`.
  void judge(std::map<std::string, std::vector<Logged>> log, SeenByPeer& seen, bool may_break_off = false);
  std::size_t size() const { return conversations_.size(); }

 private:
  const Recipe& recipe_;
  std::size_t first_;
  std::vector<Conversation> conversations_;
  std::vector<Played> played_;
};

}  // namespace plateau::live
