#include "sink/request_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <numeric>

#include "base/units.h"
#include "sink/request_names.h"

namespace plateau::sink {
namespace {

using attribution::Budget;
using attribution::kStageNames;
using attribution::kStages;
using request::Request;

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

bool plain(unsigned char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

// Bytes that are not printable ASCII are escaped one by one, as Latin-1: a path may hold anything.
void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (plain(byte)) {
      out += c;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
      out += escaped;
    }
  }
  out += '"';
}

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_number(out, value);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_string(out, value);
}

void append_flag(std::string& out, std::string_view name, bool value) {
  out += ",\"";
  out += name;
  out += value ? "\":true" : "\":false";
}

void append_budget(std::string& out, const Budget& budget) {
  append_field(out, "latency_ns", budget.latency_ns);
  out += ",\"stages\":{";
  for (std::size_t i = 0; i < kStages; i++) {
    out += i ? ",\"" : "\"";
    out += kStageNames[i];
    out += "\":";
    append_number(out, budget.ns[i]);
  }
  out += '}';
  if (!attribution::is_told(budget.parked)) return;
  out += ",\"parked\":{";
  for (std::size_t i = 0; i < PL_PARKS; i++) {
    out += i ? ",\"" : "\"";
    out += attribution::kParkNames[i];
    out += "\":";
    append_number(out, budget.parked[i]);
  }
  out += '}';
}

// Of a Go server's request, where the collector is watched.
void append_collector(std::string& out, const Request& r, const Budget& budget) {
  if (!r.gc_pause_known && !r.gc_assist_known) return;
  out += ",\"gc\":{\"pause_ns\":";
  r.gc_pause_known ? append_number(out, std::min(r.gc_pause_ns, budget.latency_ns)) : void(out += "null");
  out += ",\"assist_ns\":";
  r.gc_assist_known ? append_number(out, std::min(r.gc_assist_ns, budget[attribution::Stage::cpu]))
                    : void(out += "null");
  out += '}';
}

std::uint64_t unix_ns(std::uint64_t monotonic, std::int64_t offset) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(monotonic) + offset);
}

std::string clock_time(std::uint64_t ns) {
  const auto seconds = static_cast<time_t>(ns / 1'000'000'000);
  tm local{};
  localtime_r(&seconds, &local);
  char text[16], out[32];
  std::strftime(text, sizeof(text), "%H:%M:%S", &local);
  std::snprintf(out, sizeof(out), "%s.%06u", text, static_cast<unsigned>(ns / 1000 % 1'000'000));
  return out;
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return out;
}

// " (timer 1.02 ms, runnable 3.10 us)": of what is parked, the largest two.
std::string largest_parks(const attribution::Parks& parks) {
  if (!attribution::is_told(parks)) return "";
  std::array<std::size_t, PL_PARKS> order;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return parks[a] > parks[b]; });
  std::string text;
  for (std::size_t i = 0; i < 2 && parks[order[i]]; i++)
    text += (i ? ", " : " (") + std::string(attribution::kParkNames[order[i]]) + " " +
            format_duration(parks[order[i]]);
  return text + ")";
}

std::string largest_stages(const Budget& budget) {
  std::array<std::size_t, kStages> order;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return budget.ns[a] > budget.ns[b]; });
  std::string text;
  for (std::size_t i = 0; i < 5 && budget.ns[order[i]]; i++) {
    if (i) text += ", ";
    text += std::string(kStageNames[order[i]]) + " " + format_duration(budget.ns[order[i]]);
    if (order[i] == index(attribution::Stage::parked)) text += largest_parks(budget.parked);
  }
  return text;
}

}  // namespace

void append_json(std::string& out, const Request& r, const Budget& budget, std::string_view route,
                 std::int64_t realtime_offset_ns) {
  out += "{\"ts\":";
  append_number(out, unix_ns(r.ready_ns, realtime_offset_ns));
  append_field(out, "conn", r.conn);
  append_field(out, "seq", r.seq);
  append_field(out, "method", r.method);
  append_field(out, "path", r.path);
  append_field(out, "route", route);
  if (r.status)
    append_field(out, "status", static_cast<std::uint64_t>(r.status));
  else
    out += ",\"status\":null";
  if (r.measured) {
    append_budget(out, budget);
    append_collector(out, r, budget);
  } else
    out += ",\"latency_ns\":null,\"stages\":null";
  append_field(out, "bytes_in", r.bytes_in);
  append_field(out, "bytes_out", r.bytes_out);
  append_field(out, "calls_in", r.calls_in);
  append_field(out, "calls_out", r.calls_out);
  if (const auto calls = r.calls_made())
    append_field(out, "downstream_calls", *calls);
  else
    out += ",\"downstream_calls\":null";
  append_field(out, "tid", r.writer_tid ? r.writer_tid : r.reader_tid);
  append_field(out, "reader_tid", r.reader_tid);
  append_field(out, "pid", r.tgid);
  if (r.goid)
    append_field(out, "goid", r.goid);
  else
    out += ",\"goid\":null";
  if (r.paths)
    append_field(out, "data_path", path_names(r.paths));
  else
    out += ",\"data_path\":null";
  append_flag(out, "partial", r.partial);
  append_field(out, "framing", framing_name(r.framing));
  append_field(out, "outcome", outcome_name(r.outcome));
  append_flag(out, "handoff", r.handoff);
  append_flag(out, "pipelined", r.pipelined);
  append_field(out, "retransmits", r.retransmits);
  append_field(out, "peer", end_point(r.addr, r.addr.peer, r.addr.peer_port));
  append_field(out, "local", end_point(r.addr, r.addr.local, r.addr.local_port));
  append_field(out, "ready_ns", r.ready_ns);
  append_field(out, "end_ns", r.end_ns);
  out += "}\n";
}

std::string text_header() {
  return "TIME             STATUS    LATENCY  METHOD  PATH                              WHERE IT WENT\n";
}

void append_text(std::string& out, const Request& r, const Budget& budget, std::int64_t realtime_offset_ns) {
  const std::string status = r.status ? std::to_string(r.status) : "-";
  const std::string method = r.method.empty() ? "-" : printable(r.method);
  const std::string path = r.path.empty() ? "-" : printable(r.path);
  char line[256];
  std::snprintf(line, sizeof(line), "%s  %-6s %10s  %-6.16s  %-32.120s  ",
                clock_time(unix_ns(r.ready_ns, realtime_offset_ns)).c_str(), status.c_str(),
                r.measured ? format_duration(budget.latency_ns).c_str() : "-", method.c_str(), path.c_str());
  out += line;
  if (r.measured) out += largest_stages(budget);
  if (r.partial) out += "  (partial)";
  if (r.outcome != request::Outcome::answered) out += "  (" + std::string(outcome_name(r.outcome)) + ")";
  out += '\n';
}

}  // namespace plateau::sink
