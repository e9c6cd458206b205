// The part of the command line that is about the protocol: middleware, files, limits, TLS, HTTP/2.
#pragma once

#include <cstdint>
#include <string>

namespace plateau::httpd {

// The largest body sent or accepted, in bytes.
inline constexpr std::uint64_t kMaxBody = 64ull << 20;

enum class TlsVersion : std::uint8_t { off, v1_2, v1_3 };

struct ProtocolOptions {
  bool request_id = false;     // take over or make X-Request-Id
  bool trace = false;          // take over or make traceparent
  std::string access_log;      // path or "-"; empty: none
  std::string static_dir;      // served below /static/; empty: none
  bool server_timing = false;  // in every response, not only where the request asks
  std::uint32_t max_head = 16 * 1024;
  std::uint32_t max_headers = 100;
  std::uint64_t max_body = kMaxBody;
  std::uint64_t head_timeout_ns = 10'000'000'000;  // 0: none, like the next two
  std::uint64_t body_timeout_ns = 60'000'000'000;
  std::uint64_t idle_timeout_ns = 120'000'000'000;
  std::uint64_t max_connections = 0;  // 0: unlimited
  std::uint64_t drain_timeout_ns = 5'000'000'000;
  TlsVersion tls = TlsVersion::off;
  bool tls_resumption = true;
  std::string cert;  // PEM files; both or none
  std::string key;
  bool http2 = false;

  bool operator==(const ProtocolOptions&) const = default;
  bool logs() const { return !access_log.empty(); }
  bool middleware() const { return request_id || trace || logs(); }
};

}  // namespace plateau::httpd
