// Nanoseconds per head, per exchange, per route lookup.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "http/framing.h"
#include "http/head.h"
#include "http/route.h"
#include "http/scrub.h"

namespace plateau::http {
namespace {

// As a load generator sends it: 48 bytes.
constexpr std::string_view kShortRequest = "GET /users/1 HTTP/1.1\r\nHost: 127.0.0.1:18080\r\n\r\n";

constexpr std::string_view kBrowserRequest =
    "GET /products/4711/reviews?page=2&sort=newest HTTP/1.1\r\nHost: shop.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=all\r\n"
    "Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n"
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n";

// As nginx answers: 238 bytes.
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 06 Jan 2025 10:00:00 GMT\r\nContent-Type: "
    "text/html\r\n"
    "Content-Length: 615\r\nLast-Modified: Mon, 06 Jan 2025 09:00:00 GMT\r\nConnection: keep-alive\r\n"
    "ETag: \"677b8c3a-267\"\r\nAccept-Ranges: bytes\r\n\r\n";

void BM_RequestHead(benchmark::State& state, std::string_view bytes) {
  RequestHead head;
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes);
    benchmark::DoNotOptimize(parse_request_head(bytes, head));
    benchmark::DoNotOptimize(head);
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK_CAPTURE(BM_RequestHead, short, kShortRequest);
BENCHMARK_CAPTURE(BM_RequestHead, browser, kBrowserRequest);

void BM_ResponseHead(benchmark::State& state) {
  std::string_view bytes = kResponse;
  ResponseHead head;
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes);
    benchmark::DoNotOptimize(parse_response_head(bytes, false, false, head));
    benchmark::DoNotOptimize(head);
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(BM_ResponseHead);

// One exchange through both streams: request, response head, and 615 bytes of body that were not captured.
void BM_Exchange(benchmark::State& state) {
  RequestStream requests;
  ResponseStream responses;
  std::uint64_t events = 0;
  const auto count = [&events](const auto&) { ++events; };
  for (auto _ : state) {
    requests.feed(kShortRequest, count);
    responses.feed(
        kResponse, [] { return RequestKind::other; }, count);
    responses.skip(615, count);
  }
  if (events != 4 * static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("events are missing");
}
BENCHMARK(BM_Exchange);

void BM_ChunkedBody(benchmark::State& state) {
  std::string body;
  for (int i = 0; i < 16; ++i) body += "1000\r\n" + std::string(4096, 'x') + "\r\n";
  body += "0\r\n\r\n";
  for (auto _ : state) {
    ChunkDecoder decoder;
    benchmark::DoNotOptimize(decoder.feed(body));
  }
}
BENCHMARK(BM_ChunkedBody);

void BM_RouteRepeated(benchmark::State& state) {
  RouteTable table;
  std::string_view path = "/products/4711/reviews";
  for (auto _ : state) {
    benchmark::DoNotOptimize(path);
    benchmark::DoNotOptimize(table.template_of(path));
  }
}
BENCHMARK(BM_RouteRepeated);

void BM_RouteFresh(benchmark::State& state) {
  RouteTable table;
  std::vector<std::string> paths;
  for (int i = 0; i < 100'000; ++i) paths.push_back("/products/" + std::to_string(i) + "/reviews");
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.template_of(paths[next]));
    if (++next == paths.size()) next = 0;
  }
}
BENCHMARK(BM_RouteFresh);

void BM_Scrub(benchmark::State& state) {
  std::string bytes(kBrowserRequest);
  for (auto _ : state) benchmark::DoNotOptimize(scrub_head(bytes));
}
BENCHMARK(BM_Scrub);

}  // namespace
}  // namespace plateau::http
