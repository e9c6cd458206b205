#include "sink/flame/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace plateau::sink::flame {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, and gzip's header

Bytef* in_of(std::string_view bytes) {
  return const_cast<Bytef*>(static_cast<const Bytef*>(static_cast<const void*>(bytes.data())));
}

}  // namespace

std::string gzip(std::string_view bytes, int level) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = in_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = static_cast<Bytef*>(static_cast<void*>(out.data()));
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool is_gzip(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b");
}

Result<std::string> gunzip(std::string_view bytes, std::size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return fail("zlib cannot start");
  stream.next_in = in_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 65536> chunk;
  int status = Z_OK;
  while (status == Z_OK && out.size() <= most) {
    stream.next_out = static_cast<Bytef*>(static_cast<void*>(chunk.data()));
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(chunk.data(), chunk.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > most) return fail("unpacks to more than " + std::to_string(most >> 20) + " MiB");
  if (status != Z_STREAM_END) return fail("gzip data is damaged or cut off");
  return out;
}

}  // namespace plateau::sink::flame
