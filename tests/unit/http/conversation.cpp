#include "conversation.h"

#include <array>
#include <cstdio>

namespace plateau::http {
namespace {

constexpr std::array<const char*, 4> kFramings = {"none", "length", "chunked", "until_close"};

template <class Head>
std::string describe_tail(const Event<Head>& event) {
  switch (event.kind) {
    case EventKind::head:
    case EventKind::head_cut:
      break;
    case EventKind::message_end:
      return (event.inferred ? "end? @" : "end @") + std::to_string(event.offset);
    case EventKind::lost:
      return "lost " + std::to_string(static_cast<int>(event.cause)) + " @" + std::to_string(event.offset);
    case EventKind::malformed:
      return "malformed @" + std::to_string(event.offset);
    case EventKind::truncated:
      return "truncated @" + std::to_string(event.offset);
  }
  const char* const framing = kFramings[static_cast<std::size_t>(event.head.framing)];
  return std::string(event.kind == EventKind::head ? " head " : " head_cut ") + framing + " " +
         std::to_string(event.head.content_length) + " size " + std::to_string(event.head.size) + " @" +
         std::to_string(event.offset);
}

// A message's framing fields and body, as one direction sends them.
class Writer {
 public:
  Writer(std::mt19937& random, Script& script) : random_(random), script_(script) {}

  unsigned pick(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  bool coin() { return pick(2) == 0; }
  std::size_t at() const { return script_.bytes.size(); }
  void put(const std::string& text) { script_.bytes += text; }
  void event(const std::string& text) { script_.events.push_back(text); }
  void end_message() { event("end @" + std::to_string(at())); }
  std::string eol() { return lf_only_ ? "\n" : "\r\n"; }
  void begin_message() { lf_only_ = pick(4) == 0; }

  // Data that looks like framing, to catch an observer that guesses.
  std::string data() {
    static const std::array<std::string, 6> parts = {"\r\n0\r\n\r\n",          "HTTP/1.1 200 OK\r\n\r\n",
                                                     "GET / HTTP/1.1\r\n\r\n", "5\r\n",
                                                     std::string(3, '\0'),     "plain text "};
    std::string out;
    for (unsigned n = pick(5); n > 0; --n) out += parts[pick(parts.size())];
    return out;
  }

  void put_data(const std::string& bytes) {
    const std::size_t begin = at();
    put(bytes);
    if (!bytes.empty()) script_.skippable.push_back({begin, at()});
  }

  void put_chunked() {
    for (unsigned n = pick(4); n > 0; --n) {
      const std::string bytes = data() + "x";
      char size[20];
      std::snprintf(size, sizeof size, coin() ? "%zx" : "%04zX", bytes.size());
      put(size + std::string(coin() ? ";ext=\"a;b\"" : "") + eol());
      put_data(bytes);
      put(eol());
    }
    put((coin() ? "0" : "000;last") + eol());
    for (unsigned n = pick(3); n > 0; --n) put("Trailer: value" + eol());
    put(eol());
  }

  void put_padding_fields() {
    for (unsigned n = pick(4); n > 0; --n) {
      put("X-Field: " + std::string(pick(40), 'v') + eol() + (coin() ? " folded" + eol() : ""));
    }
  }

  // `declared`: the framing the fields announce; the description is of what holds (`effective`).
  void put_framed(const std::string& first_line, const std::string& named, BodyFraming declared,
                  BodyFraming effective, const std::string& fields = "") {
    const std::size_t begin = at();
    const std::string body = data();
    put(first_line + eol());
    put_padding_fields();
    put(fields);
    if (declared == BodyFraming::length) put("Content-Length: " + std::to_string(body.size()) + eol());
    if (declared == BodyFraming::chunked) put("Transfer-Encoding:" + eol() + " gzip, Chunked" + eol());
    put_padding_fields();
    put(eol());
    const std::size_t length = effective == BodyFraming::length ? body.size() : 0;
    event(named + " head " + kFramings[static_cast<std::size_t>(effective)] + " " + std::to_string(length) +
          " size " + std::to_string(at() - begin) + " @" + std::to_string(begin));
    if (effective == BodyFraming::chunked) put_chunked();
    if (effective == BodyFraming::length || effective == BodyFraming::until_close) put_data(body);
  }

 private:
  std::mt19937& random_;
  Script& script_;
  bool lf_only_ = false;
};

constexpr std::array<BodyFraming, 3> kBounded = {BodyFraming::none, BodyFraming::length,
                                                 BodyFraming::chunked};

void put_request(Writer& w, const std::string& method, BodyFraming framing, const std::string& fields = "") {
  w.begin_message();
  w.put(w.pick(5) == 0 ? "\r\n" : "");
  const std::string target =
      method == "CONNECT" ? "host:443" : "/path/" + std::to_string(w.pick(100)) + "?q=1";
  w.put_framed(method + " " + target + " HTTP/1.1", method, framing, framing, fields);
  w.end_message();
}

void put_response(Writer& w, bool to_head) {
  w.begin_message();
  for (unsigned n = w.pick(4) == 0 ? 2 : 0; n > 0; --n) {
    w.put_framed("HTTP/1.1 103 Hints", "103", BodyFraming::none, BodyFraming::none);
  }
  static const std::array<const char*, 4> statuses = {"200", "404", "204", "304"};
  const std::string status = statuses[w.pick(statuses.size())];
  const BodyFraming declared = kBounded[1 + w.pick(2)];
  const bool bodiless = to_head || status == "204" || status == "304";
  w.put_framed("HTTP/1.1 " + status + (w.coin() ? " Reason" : ""), status, declared,
               bodiless ? BodyFraming::none : declared);
  w.end_message();
}

void put_exchange(Conversation& c, Writer& up, Writer& down) {
  static const std::array<const char*, 4> methods = {"GET", "HEAD", "POST", "DELETE"};
  const std::string method = methods[up.pick(methods.size())];
  put_request(up, method, method == "GET" || method == "HEAD" ? BodyFraming::none : kBounded[up.pick(3)]);
  put_response(down, method == "HEAD");
  c.kinds.push_back(method == "HEAD" ? RequestKind::head : RequestKind::other);
}

void put_upgrade(Conversation& c, Writer& up, Writer& down) {
  put_request(up, "GET", BodyFraming::none, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
  down.put_framed("HTTP/1.1 101 Switching", "101", BodyFraming::none, BodyFraming::none);
  down.end_message();
  up.put_data("\x81\x05hello GET / HTTP/1.1\r\n\r\n");
  down.put_data("\x81\x05hello HTTP/1.1 200 OK\r\n\r\n");
  c.kinds.push_back(RequestKind::other);
}

void put_connect(Conversation& c, Writer& up, Writer& down) {
  put_request(up, "CONNECT", BodyFraming::none);
  down.put_framed("HTTP/1.1 200 Established", "200", BodyFraming::length, BodyFraming::none);
  down.end_message();
  up.put_data("\x16\x03\x01 anything");
  down.put_data("\x16\x03\x03 anything");
  c.kinds.push_back(RequestKind::connect);
}

void put_last_response(Conversation& c, Writer& up, Writer& down) {
  put_request(up, "GET", BodyFraming::none);
  down.put_framed("HTTP/1.1 200 OK", "200", BodyFraming::none, BodyFraming::until_close);
  down.end_message();
  c.kinds.push_back(RequestKind::other);
}

}  // namespace

std::string describe(const RequestEvent& event) {
  const bool named = event.kind == EventKind::head || event.kind == EventKind::head_cut;
  return (named ? std::string(event.head.method) : "") + describe_tail(event);
}

std::string describe(const ResponseEvent& event) {
  const bool named = event.kind == EventKind::head || event.kind == EventKind::head_cut;
  return (named ? std::to_string(event.head.status) : "") + describe_tail(event);
}

Conversation make_conversation(std::mt19937& random) {
  Conversation c;
  Writer up(random, c.requests);
  Writer down(random, c.responses);
  for (unsigned n = up.pick(6); n > 0; --n) put_exchange(c, up, down);
  switch (up.pick(4)) {
    case 0:
      put_upgrade(c, up, down);
      break;
    case 1:
      put_connect(c, up, down);
      break;
    case 2:
      put_last_response(c, up, down);
      break;
    default:
      put_exchange(c, up, down);
  }
  return c;
}

}  // namespace plateau::http
