#include "httpd/truth_line.h"

#include <cstring>

#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kAlignment = 8;

struct Packed {
  std::uint64_t seq, bytes_in, bytes_out, rx_ns, read_ns, write_ns;
  std::int32_t tid_read, tid_write, status;
  std::uint32_t stages;                    // which spans follow, a bit each
  std::uint32_t connection, method, path;  // sizes of the texts that follow the spans
  std::uint32_t size;                      // of all
};
static_assert(kStageNames.size() <= 32);

}  // namespace

std::size_t packed_size(std::string_view connection, const RequestRecord& record) {
  std::size_t size = sizeof(Packed) + connection.size() + record.method.size() + record.path.size();
  for (const Span& span : record.stages) size += span.begin != 0 ? sizeof span : 0;
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

void pack(char* space, std::string_view connection, const RequestRecord& record) {
  Packed packed{.seq = record.seq,
                .bytes_in = record.bytes_in,
                .bytes_out = record.bytes_out,
                .rx_ns = record.rx_ns,
                .read_ns = record.read_ns,
                .write_ns = record.write_ns,
                .tid_read = record.tid_read,
                .tid_write = record.tid_write,
                .status = record.status,
                .stages = 0,
                .connection = static_cast<std::uint32_t>(connection.size()),
                .method = static_cast<std::uint32_t>(record.method.size()),
                .path = static_cast<std::uint32_t>(record.path.size()),
                .size = static_cast<std::uint32_t>(packed_size(connection, record))};
  char* at = space + sizeof packed;
  const auto put = [&at](const void* bytes, std::size_t size) {
    std::memcpy(at, bytes, size);
    at += size;
  };
  for (std::size_t i = 0; i < record.stages.size(); ++i) {
    if (record.stages[i].begin == 0) continue;
    packed.stages |= 1u << i;
    put(&record.stages[i], sizeof(Span));
  }
  put(connection.data(), connection.size());
  put(record.method.data(), record.method.size());
  put(record.path.data(), record.path.size());
  std::memcpy(space, &packed, sizeof packed);
}

std::size_t append_packed(std::string& out, std::string_view bytes) {
  Packed packed;
  std::memcpy(&packed, bytes.data(), sizeof packed);
  const char* at = bytes.data() + sizeof packed;
  RequestRecord record{.seq = packed.seq,
                       .method = {},
                       .path = {},
                       .status = packed.status,
                       .bytes_in = packed.bytes_in,
                       .bytes_out = packed.bytes_out,
                       .tid_read = packed.tid_read,
                       .tid_write = packed.tid_write,
                       .rx_ns = packed.rx_ns,
                       .read_ns = packed.read_ns,
                       .write_ns = packed.write_ns};
  for (std::size_t i = 0; i < record.stages.size(); ++i) {
    if ((packed.stages & (1u << i)) == 0) continue;
    std::memcpy(&record.stages[i], at, sizeof(Span));
    at += sizeof(Span);
  }
  const std::string_view connection(at, packed.connection);
  record.method.assign(at + packed.connection, packed.method);
  record.path.assign(at + packed.connection + packed.method, packed.path);
  append_record(out, connection, record);
  return packed.size;
}

std::string connection_prefix(std::uint64_t number, std::string_view peer) {
  std::string prefix = "{\"conn\":";
  toolkit::append_number(prefix, number);
  prefix.append(",\"peer\":\"").append(peer).append("\",\"seq\":");
  return prefix;
}

namespace {

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  out.append(name);
  toolkit::append_number(out, value);
}

void append_stages(std::string& out, const StageSpans& stages) {
  bool first = true;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].begin == 0) continue;
    out.append(first ? "\"" : ",\"").append(kStageNames[i]).append("\":[");
    toolkit::append_number(out, stages[i].begin);
    out.push_back(',');
    toolkit::append_number(out, stages[i].end);
    out.push_back(']');
    first = false;
  }
}

}  // namespace

void append_record(std::string& out, std::string_view connection, const RequestRecord& record) {
  out.append(connection);
  toolkit::append_number(out, record.seq);
  out.append(",\"method\":\"");
  toolkit::append_escaped(out, record.method);
  out.append("\",\"path\":\"");
  toolkit::append_escaped(out, record.path);
  append_field(out, "\",\"status\":", static_cast<std::uint64_t>(record.status));
  append_field(out, ",\"bytes_in\":", record.bytes_in);
  append_field(out, ",\"bytes_out\":", record.bytes_out);
  append_field(out, ",\"tid_read\":", static_cast<std::uint64_t>(record.tid_read));
  append_field(out, ",\"tid_write\":", static_cast<std::uint64_t>(record.tid_write));
  append_field(out, ",\"rx_ns\":", record.rx_ns);
  append_field(out, ",\"read_ns\":", record.read_ns);
  append_field(out, ",\"write_ns\":", record.write_ns);
  out.append(",\"stages\":{");
  append_stages(out, record.stages);
  out.append("}}\n");
}

}  // namespace plateau::httpd
