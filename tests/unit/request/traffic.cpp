#include "traffic.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plateau::request::test {
namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t n) {
  return random() % n;
}
bool one_in(Random& random, std::size_t n) {
  return below(random, n) == 0;
}

std::string secret(Random& random, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; i++) text += kSecret[below(random, kSecret.size())];
  return text;
}

std::string chunked_body(Random& random, std::size_t size) {
  std::string out;
  while (size > 0) {
    const std::size_t n = 1 + below(random, std::min<std::size_t>(size, 700));
    std::string piece = chunk(secret(random, n));
    if (one_in(random, 4)) piece.insert(piece.find('\r'), ";" + secret(random, 5));
    out += piece;
    size -= n;
  }
  out += "0\r\n";
  if (one_in(random, 4)) out += "Trailer: " + secret(random, 9) + "\r\n";
  return out + "\r\n";
}

// A message and its head's size.
struct Message {
  std::string bytes;
  std::size_t head = 0;
};

struct Draft {
  Exchange truth;
  Message request;
  Message response;
  bool expect = false;
};

std::size_t body_size(Random& random, bool small) {
  if (small || one_in(random, 3)) return below(random, 40);
  return below(random, one_in(random, 3) ? 6000 : 900);
}

Message with_body(Random& random, std::string head, bool small) {
  const std::size_t size = body_size(random, small);
  const bool chunked = one_in(random, 3);
  head +=
      chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + std::to_string(size) + "\r\n\r\n";
  return {head + (chunked ? chunked_body(random, size) : secret(random, size)), head.size()};
}

Message make_request(Random& random, Draft& draft, bool small) {
  static constexpr std::array<const char*, 6> methods{"GET", "POST", "HEAD", "DELETE", "PUT", "OPTIONS"};
  draft.truth.method = methods[below(random, methods.size())];
  std::string head = draft.truth.method + " " + draft.truth.path;
  if (one_in(random, 2)) head += "?" + secret(random, 8);
  head += " HTTP/1.1\r\nHost: " + secret(random, 6) + "\r\n";
  if (one_in(random, 3)) head += "Cookie: " + secret(random, small ? 10 : below(random, 300)) + "\r\n";
  const bool body = draft.truth.method[0] == 'P';
  draft.expect = body && !small && one_in(random, 3);
  if (draft.expect) head += "Expect: 100-continue\r\n";
  if (body) return with_body(random, head, small);
  return {head + "\r\n", head.size() + 2};
}

Message make_response(Random& random, Draft& draft, bool small) {
  int& status = draft.truth.status;
  std::string head = "HTTP/1.1 " + std::to_string(status) + " " + secret(random, 4) + "\r\n";
  if (one_in(random, 3)) head += "Set-Cookie: " + secret(random, 20) + "\r\n";
  const bool none = status == 204 || status == 304 || draft.truth.method == "HEAD";
  if (!none) return with_body(random, head, small);
  if (status != 204 && one_in(random, 2)) head += "Content-Length: 77\r\n";
  return {head + "\r\n", head.size() + 2};
}

class ConnectionWriter {
 public:
  ConnectionWriter(Random& random, const TrafficOptions& options, std::uint64_t conn, Traffic& traffic)
      : random_(random),
        options_(options),
        conn_(conn),
        server_(conn, 1'000'000 + below(random, 50'000'000)),
        traffic_(traffic) {}

  void write() {
    while (next_ < options_.exchanges) {
      const std::size_t kind = below(random_, 8);
      if (kind == 0) {
        pipelined();
      } else if (kind == 1 && options_.overlapped) {
        overlapped();
      } else {
        plain();
      }
    }
    last();
    keep({server_.close()});
  }

 private:
  Draft draft(bool small) {
    Draft d;
    d.truth.conn = conn_;
    d.truth.path = "/c" + std::to_string(conn_) + "/" + std::to_string(next_);
    const std::array<int, 3> odd{204, 304, 500};
    d.truth.status = one_in(random_, 5) ? odd[below(random_, 3)] : 210 + next_ % 80;
    d.request = make_request(random_, d, small);
    d.response = make_response(random_, d, small);
    d.truth.bytes_in = d.request.bytes.size();
    d.truth.bytes_out = d.response.bytes.size();
    next_++;
    return d;
  }

  Part part(std::string out) {
    Part p{std::move(out)};
    p.charge.before = {};
    p.charge.before[below(random_, PL_BEFORES)] = below(random_, 10'000);
    p.charge.state = {};
    for (int i = 0; i < 4; i++) p.charge.state[below(random_, PL_STATES)] = below(random_, 10'000);
    p.charge.rest = 1 + below(random_, 1000);
    return p;
  }

  std::vector<Part> cut(const std::string& out) {
    std::vector<std::size_t> cuts{0, out.size()};
    for (std::size_t i = below(random_, 4); i > 0; i--) cuts.push_back(below(random_, out.size() + 1));
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    std::vector<Part> parts;
    for (std::size_t i = 0; i + 1 < cuts.size(); i++)
      parts.push_back(part(out.substr(cuts[i], cuts[i + 1] - cuts[i])));
    for (std::size_t i = 1; i < parts.size(); i++) parts[i].charge.before = {};
    return parts;
  }

  std::vector<Record> turn(std::string in, std::vector<Part> parts) {
    TurnSpec spec{std::move(in), std::move(parts)};
    if (one_in(random_, 4) && !spec.parts.empty()) cut_input(spec);
    spec.idle_ns = 1 + below(random_, 5'000'000);
    return server_.turn(spec);
  }

  // The thread does something else while the request comes in, so that its bytes are in several records.
  void cut_input(TurnSpec& spec) {
    std::vector<Part> reads{part("")};
    for (std::size_t i = 1 + below(random_, 2); i > 0; i--) {
      const std::size_t at = 1 + below(random_, spec.in.size());
      if (at == spec.in.size()) continue;
      reads.insert(reads.begin() + 1, part(""));
      reads[1].in = spec.in.substr(at);
      spec.in.resize(at);
    }
    if (reads.size() > 1 && one_in(random_, 2)) {  // the last of it is read by the thread that answers
      spec.parts.front().in = std::move(reads.back().in);
      reads.pop_back();
    }
    if (reads.size() > 1 || !spec.parts.front().in.empty())
      spec.parts.insert(spec.parts.begin(), reads.begin(), reads.end());
  }

  void keep(std::vector<Record> records) {
    for (Record& record : records) traffic_.records.back().push_back(std::move(record));
  }

  void plain() {
    Draft d = draft(false);
    const std::string body = d.request.bytes.substr(d.request.head);
    if (d.expect && !body.empty()) {
      const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
      keep(turn(d.request.bytes.substr(0, d.request.head), {part(interim)}));
      d.truth.bytes_out += interim.size();
      keep(turn(body, cut(d.response.bytes)));
    } else {
      auto records = turn(d.request.bytes, cut(d.response.bytes));
      if (options_.overcharged && one_in(random_, 10)) {
        records.front().turn().state[PL_STATE_RUN] += 1'000'000'000;
        d.truth.overcharged = true;
      }
      keep(std::move(records));
    }
    traffic_.exchanges.push_back(d.truth);
  }

  void pipelined() {
    std::string in, out;
    for (std::size_t i = 2 + below(random_, 3); i > 0 && in.size() < 700; i--) {
      const Draft d = draft(true);
      in += d.request.bytes;
      out += d.response.bytes;
      traffic_.exchanges.push_back(d.truth);
    }
    keep(turn(in, cut_visibly(out)));
  }

  // No part longer than what is captured.
  std::vector<Part> cut_visibly(const std::string& out) {
    std::vector<Part> parts;
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t n = std::min<std::size_t>(1 + below(random_, 1000), out.size() - at);
      parts.push_back(part(out.substr(at, n)));
      if (at) parts.back().charge.before = {};
      at += n;
    }
    return parts;
  }

  void overlapped() {
    const Draft a = draft(true), b = draft(true);
    const std::string& first = a.response.bytes;
    const std::size_t n = 1 + below(random_, first.size());
    keep(turn(a.request.bytes, {part(first.substr(0, n))}));
    keep(turn(b.request.bytes, cut_visibly(first.substr(n) + b.response.bytes)));
    traffic_.exchanges.push_back(a.truth);
    traffic_.exchanges.push_back(b.truth);
  }

  // How the connection ends: after the last answer, with it, inside it or before it.
  void last() {
    const std::size_t kind = below(random_, 4);
    if (kind == 0) return;
    Draft d = draft(true);
    d.truth.method = "GET";
    d.request.bytes = get(d.truth.path);
    d.request.bytes.replace(d.request.bytes.find("example"), 7, secret(random_, 7));
    d.truth.bytes_in = d.request.bytes.size();
    std::string out = "HTTP/1.1 200 \r\n";
    d.truth.status = 200;
    if (kind == 1) {
      out += "\r\n" + secret(random_, 1 + below(random_, 3000));
    } else if (kind == 2) {
      out += "Content-Length: 2000\r\n\r\n" + secret(random_, below(random_, 1999));
      d.truth.outcome = Outcome::cut;
    } else {
      d.truth.outcome = Outcome::unanswered;
      d.truth.status = 0;
      out.clear();
    }
    d.truth.bytes_out = out.size();
    keep(turn(d.request.bytes, out.empty() ? std::vector<Part>{} : cut(out)));
    traffic_.exchanges.push_back(d.truth);
  }

  Random& random_;
  const TrafficOptions& options_;
  std::uint64_t conn_;
  Tracer server_;
  Traffic& traffic_;
  int next_ = 0;
};

}  // namespace

Traffic make_traffic(std::mt19937& random, const TrafficOptions& options) {
  Traffic traffic;
  for (int i = 1; i <= options.connections; i++) {
    traffic.records.emplace_back();
    ConnectionWriter(random, options, static_cast<std::uint64_t>(i), traffic).write();
  }
  return traffic;
}

std::uint64_t time_of(const Record& record) {
  return static_cast<const pl_header*>(static_cast<const void*>(record.bytes().data()))->ts;
}

std::vector<Record> shuffled(const Traffic& traffic, std::mt19937& random, std::uint64_t late_ns) {
  std::vector<std::pair<std::uint64_t, const Record*>> arrivals;
  for (const auto& connection : traffic.records)
    for (const Record& record : connection)
      arrivals.emplace_back(time_of(record) + random() % (late_ns + 1), &record);
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Record> records;
  for (const auto& [ts, record] : arrivals) records.push_back(*record);
  return records;
}

}  // namespace plateau::request::test
