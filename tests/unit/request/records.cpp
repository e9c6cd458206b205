#include "records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <variant>

namespace plateau::request::test {
namespace {

template <class Fixed>
Fixed* fixed_part(std::vector<std::uint64_t>& words) {
  return static_cast<Fixed*>(static_cast<void*>(words.data()));
}

template <class Fixed>
std::vector<std::uint64_t> words_of(const Fixed& fixed, std::string_view in, std::string_view out) {
  std::vector<std::uint64_t> words((sizeof(fixed) + in.size() + out.size() + 7) / 8);
  char* to = static_cast<char*>(static_cast<void*>(words.data()));
  std::memcpy(to, &fixed, sizeof(fixed));
  std::copy(in.begin(), in.end(), to + sizeof(fixed));
  std::copy(out.begin(), out.end(), to + sizeof(fixed) + in.size());
  return words;
}

std::string_view captured(const std::string& bytes, std::size_t wanted, std::size_t most) {
  return std::string_view(bytes).substr(0, std::min(wanted, most));
}

}  // namespace

Record::Record(const pl_turn& fixed, std::string_view in, std::string_view out)
    : words_(words_of(fixed, in, out)), size_(sizeof(fixed) + in.size() + out.size()) {
  turn().header.size = static_cast<pl_u32>(size_);
  turn().header.kind = PL_RECORD_TURN;
  turn().in_len = static_cast<pl_u16>(in.size());
  turn().out_len = static_cast<pl_u16>(out.size());
}

Record::Record(const pl_close& fixed) : words_(words_of(fixed, {}, {})), size_(sizeof(fixed)) {
  auto* header = fixed_part<pl_header>(words_);
  header->size = sizeof(fixed);
  header->kind = PL_RECORD_CLOSE;
}

bool Record::is_turn() const {
  return static_cast<const pl_header*>(static_cast<const void*>(words_.data()))->kind == PL_RECORD_TURN;
}
pl_turn& Record::turn() {
  return *fixed_part<pl_turn>(words_);
}
const pl_turn& Record::turn() const {
  return *static_cast<const pl_turn*>(static_cast<const void*>(words_.data()));
}
std::string_view Record::payload() const {
  return {static_cast<const char*>(static_cast<const void*>(words_.data())) + sizeof(pl_turn),
          size_ - sizeof(pl_turn)};
}

std::uint64_t Charge::sum() const {
  return std::accumulate(before.begin(), before.end(), std::uint64_t{0}) +
         std::accumulate(state.begin(), state.end(), std::uint64_t{0}) + rest;
}

Tracer::Tracer(std::uint64_t conn, std::uint64_t start_ns) : conn_(conn), now_(start_ns) {}

pl_turn Tracer::begin(const TurnSpec& spec) {
  pl_turn fixed{};
  fixed.conn = conn_;
  fixed.seq = seq_++;
  fixed.flags = static_cast<pl_u16>(spec.flags);
  fixed.previous_parts = static_cast<pl_u8>(std::min<unsigned>(parts_, 255));
  parts_ = 0;
  now_ += spec.idle_ns;
  fixed.ready_ns = now_;
  fixed.tgid = 100;
  fixed.reader_tid = spec.in.empty() ? 0 : 101;
  fixed.role = PL_ROLE_SERVER;
  fixed.addr.family = PL_FAMILY_INET;
  fixed.addr.local_port = 80;
  return fixed;
}

std::vector<Record> Tracer::turn(const TurnSpec& spec) {
  std::vector<Record> records;
  pl_turn fixed = begin(spec);
  const bool answered =
      std::any_of(spec.parts.begin(), spec.parts.end(), [](const Part& p) { return !p.out.empty(); });
  const std::vector<Part> nothing{Part{}};
  for (const Part& part : spec.parts.empty() ? nothing : spec.parts) {
    const std::string& in = fixed.part == 0 ? spec.in : part.in;
    fill(fixed, in, part, fixed.part == 0 ? spec.reads : 1);
    records.emplace_back(fixed, captured(in, spec.captured_in, PL_CAPTURE_IN),
                         captured(part.out, part.captured, PL_CAPTURE_OUT));
    fixed.part++;
    parts_++;
  }
  if (!answered) records.back().turn().flags |= PL_TURN_UNANSWERED;
  return records;
}

void Tracer::fill(pl_turn& fixed, const std::string& in, const Part& part, unsigned reads) {
  const Charge& charge = part.charge;
  const std::uint64_t waited = std::accumulate(charge.before.begin(), charge.before.end(), std::uint64_t{0});
  const bool sends = !part.out.empty();
  if (fixed.part != 0) {
    fixed.flags = PL_TURN_CONTINUED;
    fixed.ready_ns = 0;
    fixed.previous_parts = 0;
  }
  fixed.in_offset = in_offset_;
  fixed.out_offset = out_offset_;
  fixed.bytes_in = in.size();
  fixed.bytes_out = part.out.size();
  in_offset_ += in.size();
  out_offset_ += part.out.size();
  fixed.calls_in = in.empty() ? 0 : reads;
  fixed.calls_out = sends;
  fixed.recv_first_ns = in.empty() ? 0 : now_ + waited;
  now_ += charge.sum();
  fixed.recv_last_ns = in.empty() ? 0 : sends ? fixed.recv_first_ns : now_;
  fixed.send_first_ns = fixed.send_last_ns = sends ? now_ : 0;
  fixed.header.ts = now_ + 100;
  fixed.writer_tid = sends ? 102 : 0;
  fixed.paths = sends ? PL_PATH_COPY : 0;
  fixed.tail_len = part.tail && part.out.size() >= PL_TAIL ? PL_TAIL : 0;
  std::copy(part.out.end() - fixed.tail_len, part.out.end(), fixed.tail);
  std::copy(charge.before.begin(), charge.before.end(), fixed.before);
  std::copy(charge.state.begin(), charge.state.end(), fixed.state);
}

Record Tracer::close() {
  pl_close close{};
  close.conn = conn_;
  close.header.ts = now_ + 1000;
  close.bytes_in = in_offset_;
  close.bytes_out = out_offset_;
  close.turns = seq_;
  close.last_parts = parts_;
  return Record(close);
}

Observed::Observed(StitcherLimits limits)
    : stitcher([this](const Request& request) { requests.push_back(request); }, limits) {}

void Observed::feed(const Record& record) {
  const auto event = wire::decode(record.bytes());
  ASSERT_TRUE(event.ok()) << event.error().message;
  if (const auto* turn = std::get_if<wire::Turn>(&*event)) stitcher.turn(*turn);
  if (const auto* close = std::get_if<wire::Close>(&*event)) stitcher.close(*close);
}

void Observed::feed(const std::vector<Record>& records) {
  for (const Record& record : records) feed(record);
}

std::vector<std::string> paths(const Observed& seen) {
  std::vector<std::string> list;
  for (const Request& request : seen.requests) list.push_back(request.path);
  return list;
}

std::vector<Record> three_exchanges(Tracer& server) {
  std::vector<Record> records;
  for (int i = 0; i < 3; i++) {
    const std::string out = ok("0123456789", 200 + i);
    for (auto& record : server.turn({get("/" + std::to_string(i)), {{out.substr(0, 20)}, {out.substr(20)}}}))
      records.push_back(std::move(record));
  }
  return records;
}

std::string get(std::string_view path, std::string_view headers) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: example\r\n" + std::string(headers) + "\r\n";
}
std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}
std::string ok(std::string_view body, int status) {
  return "HTTP/1.1 " + std::to_string(status) + " Fine\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}
std::string chunked_head() {
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
}
std::string chunk(std::string_view data) {
  char size[32];
  std::snprintf(size, sizeof(size), "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}

}  // namespace plateau::request::test
