#include "differential/conversation.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace plateau::live {
namespace {

std::string hexadecimal(std::size_t value, bool upper) {
  const char* const digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[value % 16]);
    value /= 16;
  } while (value != 0);
  return text;
}

}  // namespace

std::string letters(Chance& chance, std::size_t size) {
  std::string text(size, 'a');
  for (char& c : text) c = static_cast<char>('a' + chance.below(26));
  return text;
}

std::string body_of(Chance& chance, std::size_t size) {
  constexpr std::string_view kBait =
      "\r\n0\r\n\r\nGET /bait HTTP/1.1\r\nHost: b\r\n\r\nHTTP/1.1 500 No\r\n\r\n";
  std::string body;
  while (body.size() < size) {
    if (chance.one_in(4)) {
      body += kBait;
    } else {
      body += letters(chance, chance.between(1, 400));
    }
  }
  body.resize(size);
  return body;
}

std::string chunked(Chance& chance, const std::string& body) {
  std::string bytes;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t size = std::min<std::size_t>(body.size() - at, chance.between(1, 3000));
    bytes += (chance.one_in(5) ? "000" : "") + hexadecimal(size, chance.one_in(2));
    if (chance.one_in(4)) bytes += ";name=" + letters(chance, 5);
    if (chance.one_in(9)) bytes += ";quoted=\"a;b\"";
    bytes += "\r\n" + body.substr(at, size) + "\r\n";
    at += size;
  }
  bytes += "0\r\n";
  if (chance.one_in(3)) bytes += "X-Trailer: " + letters(chance, 20) + "\r\n";
  return bytes + "\r\n";
}

std::vector<std::size_t> make_cuts(Chance& chance, std::size_t size) {
  std::vector<std::size_t> cuts;
  if (size < 2 || chance.one_in(2)) return cuts;
  const std::size_t count = chance.between(1, 5);
  for (std::size_t i = 0; i < count; ++i) cuts.push_back(chance.between(1, size - 1));
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

void close_after(Chance& chance, Message& message) {
  message.last = true;
  const std::string line = chance.one_in(2) ? "Connection: close\r\n" : "CONNECTION:  Close \r\n";
  message.bytes.insert(message.bytes.find("\r\n") + 2, line);
  message.head_size += line.size();
}

namespace {

std::string fields(Chance& chance) {
  std::string text = "Host: localhost\r\n";
  // Heads beyond what is captured of a turn, now and then.
  const std::size_t padding = chance.one_in(12) ? chance.between(900, 6000) : chance.below(60);
  if (padding > 0) text += "X-Padding: " + letters(chance, padding) + "\r\n";
  if (chance.one_in(6)) text += "Accept:*/*\r\nX-Empty:\r\n";
  return text;
}

std::string target_of(Chance& chance, std::uint64_t id) {
  const std::string number = std::to_string(id);
  switch (chance.below(6)) {
    case 0:
      return "/bytes/" + std::to_string(chance.one_in(8) ? chance.below(200'000) : chance.below(9'000));
    case 1:
      return "/status/" + std::to_string(std::array{204, 304, 404, 500, 201, 418}[chance.below(6)]);
    case 2:
      return "/no/such/" + number;
    case 3:
      return "/chunked/" + std::to_string(chance.below(40'000));
    default:
      return "/users/" + number;
  }
}

Message reading(Chance& chance, std::uint64_t id) {
  Message message;
  message.method = chance.one_in(4) ? "HEAD" : "GET";
  message.path = target_of(chance, id);
  const std::string query = chance.one_in(5) ? "?q=" + letters(chance, 7) : "";
  message.bytes = message.method + " " + message.path + query + " HTTP/1.1\r\n" + fields(chance) + "\r\n";
  message.head_size = message.bytes.size();
  return message;
}

Message posting(Chance& chance) {
  Message message;
  message.method = "POST";
  message.path = "/echo";
  const std::size_t size = chance.one_in(10) ? chance.below(150'000) : chance.below(3'000);
  std::string body = body_of(chance, size);
  std::string head = "POST /echo HTTP/1.1\r\n" + fields(chance);
  message.awaits_continue = chance.one_in(8);
  if (message.awaits_continue) head += "Expect: 100-continue\r\n";
  if (chance.one_in(2)) {
    head += "Transfer-Encoding: chunked\r\n";
    body = chunked(chance, body);
  } else {
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  // The server says nothing of continuing where there is no body.
  if (body.empty()) message.awaits_continue = false;
  message.bytes = head + "\r\n";
  message.head_size = message.bytes.size();
  message.bytes += body;
  return message;
}

// One of which several, and their answers, are small.
Message small_message(Chance& chance, std::uint64_t id) {
  Message message;
  message.method = chance.one_in(4) ? "HEAD" : chance.one_in(4) ? "POST" : "GET";
  message.path = message.method == "POST" ? "/echo" : "/users/" + std::to_string(id);
  message.bytes = message.method + " " + message.path + " HTTP/1.1\r\nHost: localhost\r\n";
  if (message.method == "POST") {
    const std::string body = letters(chance, chance.below(60));
    message.bytes += chance.one_in(2) ? "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
                                      : "Transfer-Encoding: chunked\r\n\r\n" + chunked(chance, body);
  } else {
    message.bytes += "\r\n";
  }
  return message;
}

Message make_message(Chance& chance, std::uint64_t id) {
  return chance.one_in(4) ? posting(chance) : reading(chance, id);
}

// Who awaits a 100 can have nothing behind it.
Burst make_burst(Chance& chance, std::uint64_t first_id, Pipelines pipelines) {
  Burst burst;
  const bool kept = pipelines == Pipelines::kept;
  const std::size_t depth = chance.one_in(3) ? chance.between(2, kept ? kMostPipelined : 12) : 1;
  std::size_t size = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    const bool small = kept && depth > 1;
    burst.messages.push_back(small ? small_message(chance, first_id + i)
                                   : make_message(chance, first_id + i));
    size += burst.messages.back().bytes.size();
    if (burst.messages.back().awaits_continue) break;
  }
  burst.cuts = make_cuts(chance, size);
  burst.slow = chance.one_in(3);
  return burst;
}

Ending ending_of(Chance& chance) {
  constexpr std::array kRare{Ending::half_close,  Ending::server,      Ending::abandon,
                             Ending::broken_head, Ending::broken_body, Ending::malformed};
  return chance.one_in(2) ? Ending::close : kRare[chance.below(kRare.size())];
}

std::string broken_of(Chance& chance, Ending ending) {
  if (ending == Ending::malformed) {
    constexpr std::array<std::string_view, 4> kNone{
        "GET /\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"};
    return std::string(kNone[chance.below(kNone.size())]);
  }
  const std::string head = "POST /echo HTTP/1.1\r\n" + fields(chance) + "Content-Length: 100000\r\n\r\n";
  if (ending == Ending::broken_head) return head.substr(0, chance.between(1, head.size() - 1));
  return head + letters(chance, chance.below(5'000));
}

}  // namespace

std::size_t Conversation::requests() const {
  return std::accumulate(bursts.begin(), bursts.end(), std::size_t{0},
                         [](std::size_t sum, const Burst& burst) { return sum + burst.messages.size(); });
}

Conversation make_conversation(Chance& chance, std::uint64_t number, Pipelines pipelines) {
  Conversation made;
  made.ending = ending_of(chance);
  const std::size_t bursts = chance.one_in(6) ? chance.between(4, 30) : chance.between(1, 3);
  std::uint64_t id = number * 1'000;
  for (std::size_t i = 0; i < bursts; ++i) {
    made.bursts.push_back(make_burst(chance, id, pipelines));
    id += made.bursts.back().messages.size();
  }
  Message& last = made.bursts.back().messages.back();
  switch (made.ending) {
    case Ending::server:
      close_after(chance, last);
      break;
    case Ending::abandon:
      last.awaits_continue = false;
      break;
    case Ending::broken_head:
    case Ending::broken_body:
    case Ending::malformed:
      made.broken = broken_of(chance, made.ending);
      break;
    case Ending::close:
    case Ending::half_close:
      break;
  }
  return made;
}

}  // namespace plateau::live
