#include "foreign/menu.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

namespace plateau::live {
namespace {

// What plateau keeps of a turn has room for the heads of as many answers.
constexpr std::size_t kMostPipelined = 3;
constexpr std::size_t kBursts = 12;

class Maker {
 public:
  Maker(Chance& chance, const Menu& menu, std::uint64_t first_id)
      : chance_(chance), menu_(menu), id_(first_id) {}

  Conversation make(std::size_t most) {
    Conversation made;
    made.ending = ending();
    const std::size_t bursts = chance_.one_in(4) ? chance_.between(3, kBursts) : chance_.between(1, 3);
    for (std::size_t i = 0; i < bursts && made.requests() < most; ++i) {
      made.bursts.push_back(burst(most - made.requests()));
    }
    const bool pipeline = made.bursts.back().messages.size() > 1;
    if (made.ending == Ending::half_close && pipeline && !menu_.half_close_pipelines)
      made.ending = Ending::server;
    finish(made);
    return made;
  }

 private:
  std::string target(std::string_view place) {
    const std::string number = std::to_string(id_++);
    if (menu_.reference) return reference_target(place, number);
    std::string target = "/" + std::string(place) + (menu_.own_paths ? "/" : "?n=") + number;
    if (menu_.own_paths && chance_.one_in(5)) target += "?q=" + letters(chance_, 7);
    return target;
  }

  std::string reference_target(std::string_view place, const std::string& number) {
    if (place == "e") return "/echo";
    if (place == "t") return "/users/" + number;
    switch (chance_.below(3)) {
      case 0:
        return "/bytes/" + std::to_string(chance_.below(100'000));
      case 1:
        return "/status/" + std::to_string(std::array{204, 304, 404, 500}[chance_.below(4)]);
      default:
        return "/chunked/" + std::to_string(chance_.below(30'000));
    }
  }

  std::string fields() {
    std::string text = "Host: localhost\r\n";
    const std::size_t padding = chance_.one_in(12) ? chance_.between(900, 5'000) : chance_.below(60);
    if (padding > 0) text += "X-Padding: " + letters(chance_, padding) + "\r\n";
    return text;
  }

  Message message(const std::string& method, std::string_view place, const std::string& more) {
    Message message;
    message.method = method;
    message.path = target(place);
    message.bytes = method + " " + message.path + " HTTP/1.1\r\n" + more + "\r\n";
    message.path = message.path.substr(0, message.path.find('?'));
    message.head_size = message.bytes.size();
    return message;
  }

  Message reading() {
    const std::string method = chance_.one_in(5) ? "HEAD" : "GET";
    switch (chance_.below(10)) {
      case 0:
        return message(method, "big", fields());
      case 1:
        return message(method, "big", fields() + "If-Modified-Since: " + std::string(kFilesDate) + "\r\n");
      case 2:
        return message(method, "c", fields() + "Accept-Encoding: gzip\r\n");
      case 3:
        return message(method, "no", fields());
      default:
        return message(method, "t", fields());
    }
  }

  Message posting() {
    const std::size_t size = chance_.one_in(10) ? chance_.below(100'000) : chance_.below(2'000);
    std::string body = body_of(chance_, size);
    std::string more = fields();
    const bool waits = menu_.continues && !body.empty() && chance_.one_in(8);
    if (waits) more += "Expect: 100-continue\r\n";
    const bool in_chunks = chance_.one_in(2);
    if (in_chunks) {
      body = menu_.extensions ? chunked(chance_, body) : in_two_chunks(body);
      more += "Transfer-Encoding: chunked\r\n";
    } else {
      more += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    Message made = message("POST", "e", more);
    made.awaits_continue = waits;
    made.bytes += body;
    return made;
  }

  static std::string in_two_chunks(const std::string& body) {
    const auto chunk = [](const std::string& piece) {
      std::ostringstream text;
      if (!piece.empty()) text << std::hex << piece.size() << "\r\n" << piece << "\r\n";
      return text.str();
    };
    return chunk(body.substr(0, body.size() / 3)) + chunk(body.substr(body.size() / 3)) + "0\r\n\r\n";
  }

  // All of it is within what plateau keeps of a turn, with the head of the next one.
  Message answered_early() {
    const std::string body = body_of(chance_, chance_.below(500));
    Message made = message("POST", "early",
                           "Host: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
    made.bytes += body;
    return made;
  }

  Burst burst(std::size_t most) {
    Burst burst;
    const std::size_t deep = menu_.pipelines && chance_.one_in(4) ? chance_.between(2, kMostPipelined) : 1;
    const std::size_t depth = std::min(deep, most);
    std::size_t size = 0;
    for (std::size_t i = 0; i < depth; ++i) {
      burst.messages.push_back(next(depth));
      size += burst.messages.back().bytes.size();
    }
    burst.cuts = make_cuts(chance_, size);
    if (burst.messages.back().path.starts_with("/early")) burst.cuts = {burst.messages.back().head_size};
    burst.slow = chance_.one_in(3);
    return burst;
  }

  // One of several is small, and so is its answer.
  Message next(std::size_t depth) {
    if (depth > 1) return message(chance_.one_in(3) ? "HEAD" : "GET", "t", "Host: localhost\r\n");
    if (menu_.early && chance_.one_in(10)) return answered_early();
    return menu_.posts && chance_.one_in(4) ? posting() : reading();
  }

  Ending ending() {
    constexpr std::array kRare{Ending::half_close, Ending::server, Ending::abandon, Ending::broken_head,
                               Ending::broken_body};
    const Ending rare = kRare[chance_.below(kRare.size())];
    if (rare == Ending::half_close && !menu_.half_close) return Ending::server;
    return chance_.one_in(2) ? Ending::close : rare;
  }

  void finish(Conversation& made) {
    Message& last = made.bursts.back().messages.back();
    switch (made.ending) {
      case Ending::server:
        make_last(last);
        break;
      case Ending::abandon:
        last.awaits_continue = false;
        break;
      case Ending::broken_head:
      case Ending::broken_body:
        made.broken = broken(made.ending);
        break;
      default:
        break;
    }
  }

  void make_last(Message& message) {
    message.last = true;
    if (menu_.old_version && message.method != "POST" && chance_.one_in(2)) {
      message.bytes.replace(message.bytes.find(" HTTP/1.1"), 9, " HTTP/1.0");
      return;
    }
    const std::string line = "Connection: close\r\n";
    message.bytes.insert(message.bytes.find("\r\n") + 2, line);
    message.head_size += line.size();
  }

  std::string broken(Ending ending) {
    const std::string head =
        "POST " + target("e") + " HTTP/1.1\r\n" + fields() + "Content-Length: 100000\r\n\r\n";
    if (ending == Ending::broken_head) return head.substr(0, chance_.between(1, head.size() - 1));
    return head + letters(chance_, chance_.below(5'000));
  }

  Chance& chance_;
  const Menu& menu_;
  std::uint64_t id_;
};

}  // namespace

std::vector<Conversation> make_foreign_conversations(std::uint64_t seed, std::size_t requests,
                                                     const Menu& menu) {
  std::vector<Conversation> made;
  for (std::size_t count = 0; count < requests; count += made.back().requests()) {
    Chance chance(seed * 1'000'003 + made.size());
    made.push_back(Maker(chance, menu, made.size() * 1'000).make(requests - count));
  }
  return made;
}

}  // namespace plateau::live
