#include "httpd/protocol_switches.h"

#include <array>

#include "httpd/switch_values.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kMaxHeadLimit = 1 << 20;
constexpr std::uint64_t kMinHeadLimit = 64;

Status set_middleware(Options& o, std::string_view v) {
  bool on = false;
  if (Status status = store_switch(on, v); !status) return status;
  o.protocol.request_id = o.protocol.trace = on;
  return success();
}
Status set_max_head(Options& o, std::string_view v) {
  std::uint32_t bytes = 0;
  if (Status status = store_number(bytes, v, kMaxHeadLimit); !status) return status;
  if (bytes < kMinHeadLimit) return fail("must be at least 64 bytes", ExitCode::usage);
  o.protocol.max_head = bytes;
  return success();
}
Status set_tls(Options& o, std::string_view v) {
  return store_choice(o.protocol.tls, v,
                      {{"off", TlsVersion::off}, {"1.2", TlsVersion::v1_2}, {"1.3", TlsVersion::v1_3}});
}

constexpr std::array kRows = {
    Switch{"middleware", "on|off", "off", "both --request-id and --trace",
           "a little cpu and larger heads in every response", set_middleware},
    Switch{"request-id", "on|off", "off", "take X-Request-Id over, or make one, and return it", "",
           [](Options& o, std::string_view v) { return store_switch(o.protocol.request_id, v); }},
    Switch{"trace", "on|off", "off",
           "take a W3C traceparent over (same trace, new span), or make one, and return it", "",
           [](Options& o, std::string_view v) { return store_switch(o.protocol.trace, v); }},
    Switch{"access-log", "FILE|-", "", "one JSON object a request, to FILE or standard output, buffered", "",
           [](Options& o, std::string_view v) { return store_text(o.protocol.access_log, v); }},
    Switch{"static", "DIR", "", "serve the files below DIR as /static/..., up to 64 MiB each",
           "disk reads for files that are not cached",
           [](Options& o, std::string_view v) { return store_text(o.protocol.static_dir, v); }},
    Switch{"server-timing", "on|off", "off",
           "planted stages in a Server-Timing field; without it only for requests with X-Plateau-Timing: 1",
           "", [](Options& o, std::string_view v) { return store_switch(o.protocol.server_timing, v); }},
    Switch{"max-head", "BYTES", "16384", "largest request head; above it 431, or 414 for the request line",
           "", set_max_head},
    Switch{"max-headers", "N", "100", "most fields in a head; above it 431", "",
           [](Options& o, std::string_view v) { return store_number(o.protocol.max_headers, v, 100'000); }},
    Switch{"max-body", "BYTES", "67108864", "largest request body; above it 413", "",
           [](Options& o, std::string_view v) { return store_number(o.protocol.max_body, v, kMaxBody); }},
    Switch{"head-timeout", "D", "10s", "time for a head to arrive, then 408; 0: none", "",
           [](Options& o, std::string_view v) { return store_duration(o.protocol.head_timeout_ns, v); }},
    Switch{"body-timeout", "D", "1m", "time for a body to arrive, then 408; 0: none", "",
           [](Options& o, std::string_view v) { return store_duration(o.protocol.body_timeout_ns, v); }},
    Switch{"idle-timeout", "D", "2m", "close a connection without a request after D; 0: never",
           "a short one: handshakes",
           [](Options& o, std::string_view v) { return store_duration(o.protocol.idle_timeout_ns, v); }},
    Switch{"max-connections", "N", "0", "connections above N are answered 503 and closed; 0: no limit",
           "errors and handshakes under more connections than N",
           [](Options& o, std::string_view v) {
             return store_number(o.protocol.max_connections, v, 10'000'000);
           }},
    Switch{"drain-timeout", "D", "5s", "time that requests under way have to finish after SIGTERM or SIGINT",
           "", [](Options& o, std::string_view v) { return store_duration(o.protocol.drain_timeout_ns, v); }},
    Switch{"tls", "off|1.2|1.3", "off", "serve HTTPS by OpenSSL, this version only",
           "cpu in each handshake and for each byte", set_tls},
    Switch{"tls-resumption", "on|off", "on", "let clients resume sessions, by ticket or session id",
           "off: a full handshake for every connection",
           [](Options& o, std::string_view v) { return store_switch(o.protocol.tls_resumption, v); }},
    Switch{"http2", "on|off", "off",
           "HTTP/2 beside HTTP/1.1: with prior knowledge in clear, by ALPN over TLS",
           "many requests in one turn of a connection: busy loop among its streams",
           [](Options& o, std::string_view v) { return store_switch(o.protocol.http2, v); }},
    Switch{"cert", "FILE", "", "PEM certificate chain; without it a self-signed one for localhost is made",
           "", [](Options& o, std::string_view v) { return store_text(o.protocol.cert, v); }},
    Switch{"key", "FILE", "", "PEM key of --cert", "",
           [](Options& o, std::string_view v) { return store_text(o.protocol.key, v); }},
};

Status needs_tls(const Options& options, const std::function<bool(std::string_view)>& given) {
  if (options.protocol.tls != TlsVersion::off) return success();
  for (const std::string_view name : {"tls-resumption", "cert", "key"}) {
    if (given(name)) return fail("--" + std::string(name) + " does nothing without --tls", ExitCode::usage);
  }
  return success();
}

// Bodies that go from a file or page to the socket pass by what encrypts or frames them.
Status check_transport(const Options& o) {
  const bool tls = o.protocol.tls != TlsVersion::off;
  const bool needs_socket =
      o.body == BodyMode::sendfile || o.body == BodyMode::splice || o.body == BodyMode::zerocopy;
  if (tls && needs_socket) {
    return fail("--body sendfile, splice and zerocopy cannot go through --tls; choose another --body",
                ExitCode::usage);
  }
  if (tls && o.engine == EngineKind::io_uring) {
    return fail("--tls does not go with --engine io_uring; choose another --engine", ExitCode::usage);
  }
  if (tls && o.bottleneck.truth_stamps) {
    return fail("--truth-stamps does not go with --tls: stamps belong to records, not to requests",
                ExitCode::usage);
  }
  if (o.protocol.http2 && o.body != BodyMode::single) {
    return fail("--http2 frames bodies itself: it goes with --body single only", ExitCode::usage);
  }
  if (o.protocol.http2 && o.bottleneck.framing != FramingRule::automatic) {
    return fail("--http2 has a framing of its own: leave --framing out", ExitCode::usage);
  }
  return success();
}

}  // namespace

std::span<const Switch> protocol_switches() {
  return kRows;
}

Status check_protocol(const Options& options, const std::function<bool(std::string_view)>& given) {
  if (given("middleware") && (given("request-id") || given("trace"))) {
    return fail("--middleware is --request-id and --trace together: give it, or these", ExitCode::usage);
  }
  if (given("cert") != given("key")) {
    return fail("--cert and --key go together: give both, or neither", ExitCode::usage);
  }
  if (Status status = check_transport(options); !status) return status;
  return needs_tls(options, given);
}

}  // namespace plateau::httpd
