#include "httpd/truth_line.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kMostDigits = 20;
constexpr std::size_t kMostFields = 256 + 10 * kMostDigits;  // of a line, texts and stages left out
constexpr std::size_t kMostStage = 32 + 2 * kMostDigits;

struct Packed {
  std::uint64_t seq, bytes_in, bytes_out, rx_ns, read_ns, write_ns;
  std::int32_t tid_read, tid_write, status;
  StageSet stages;                         // whose spans follow
  std::uint32_t connection, method, path;  // sizes of the texts that follow the spans
  std::uint32_t size;                      // of all
};

Packed first_of(std::string_view packed) {
  Packed first;
  std::memcpy(&first, packed.data(), sizeof first);
  return first;
}

// Writes where the caller has made room.
class Writer {
 public:
  explicit Writer(char* to) : to_(to) {}

  void text(std::string_view text) { to_ = std::copy(text.begin(), text.end(), to_); }
  void number(std::uint64_t value) { to_ = std::to_chars(to_, to_ + kMostDigits, value).ptr; }
  void field(std::string_view name, std::uint64_t value) {
    text(name);
    number(value);
  }
  // As toolkit::append_escaped().
  void escaped(std::string_view text) {
    for (const char c : text) {
      if (c == '"' || c == '\\') *to_++ = '\\';
      *to_++ = c;
    }
  }
  char* end() const { return to_; }

 private:
  char* to_;
};

// Writes the spans that `stages` tells of, which begin at `spans`.
void write_stages(Writer& line, StageSet stages, const char* spans) {
  bool first = true;
  for (; stages != 0; stages &= stages - 1) {
    Span span;
    std::memcpy(&span, spans, sizeof span);
    spans += sizeof span;
    line.text(first ? "\"" : ",\"");
    line.text(kStageNames[static_cast<std::size_t>(std::countr_zero(stages))]);
    line.field("\":[", span.begin);
    line.field(",", span.end);
    line.text("]");
    first = false;
  }
}

}  // namespace

std::size_t packed_size(std::string_view connection, const RequestRecord& record, StageSet stages) {
  const std::size_t size = sizeof(Packed) + connection.size() + record.method.size() + record.path.size() +
                           static_cast<std::size_t>(std::popcount(stages)) * sizeof(Span);
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

void pack(char* space, std::size_t size, std::string_view connection, const RequestRecord& record,
          StageSet stages) {
  const Packed packed{.seq = record.seq,
                      .bytes_in = record.bytes_in,
                      .bytes_out = record.bytes_out,
                      .rx_ns = record.rx_ns,
                      .read_ns = record.read_ns,
                      .write_ns = record.write_ns,
                      .tid_read = record.tid_read,
                      .tid_write = record.tid_write,
                      .status = record.status,
                      .stages = stages,
                      .connection = static_cast<std::uint32_t>(connection.size()),
                      .method = static_cast<std::uint32_t>(record.method.size()),
                      .path = static_cast<std::uint32_t>(record.path.size()),
                      .size = static_cast<std::uint32_t>(size)};
  char* at = space;
  const auto put = [&at](const void* bytes, std::size_t count) {
    std::memcpy(at, bytes, count);
    at += count;
  };
  put(&packed, sizeof packed);
  for (; stages != 0; stages &= stages - 1) {
    put(&record.stages[static_cast<std::size_t>(std::countr_zero(stages))], sizeof(Span));
  }
  put(connection.data(), connection.size());
  put(record.method.data(), record.method.size());
  put(record.path.data(), record.path.size());
}

std::size_t first_packed_size(std::string_view packed) {
  return first_of(packed).size;
}

std::size_t most_line_size(std::string_view packed) {
  const Packed first = first_of(packed);
  return kMostFields + first.connection + 2 * std::size_t{first.method} + 2 * std::size_t{first.path} +
         static_cast<std::size_t>(std::popcount(first.stages)) * kMostStage;
}

char* write_line(char* to, std::string_view packed) {
  const Packed first = first_of(packed);
  const auto spans = static_cast<std::size_t>(std::popcount(first.stages)) * sizeof(Span);
  const char* const texts = packed.data() + sizeof first + spans;
  Writer line(to);
  line.text({texts, first.connection});
  line.number(first.seq);
  line.text(",\"method\":\"");
  line.escaped({texts + first.connection, first.method});
  line.text("\",\"path\":\"");
  line.escaped({texts + first.connection + first.method, first.path});
  line.field("\",\"status\":", static_cast<std::uint64_t>(first.status));
  line.field(",\"bytes_in\":", first.bytes_in);
  line.field(",\"bytes_out\":", first.bytes_out);
  line.field(",\"tid_read\":", static_cast<std::uint64_t>(first.tid_read));
  line.field(",\"tid_write\":", static_cast<std::uint64_t>(first.tid_write));
  line.field(",\"rx_ns\":", first.rx_ns);
  line.field(",\"read_ns\":", first.read_ns);
  line.field(",\"write_ns\":", first.write_ns);
  line.text(",\"stages\":{");
  write_stages(line, first.stages, packed.data() + sizeof first);
  line.text("}}\n");
  return line.end();
}

std::string connection_prefix(std::uint64_t number, std::string_view peer) {
  std::string prefix = "{\"conn\":";
  toolkit::append_number(prefix, number);
  prefix.append(",\"peer\":\"").append(peer).append("\",\"seq\":");
  return prefix;
}

}  // namespace plateau::httpd
