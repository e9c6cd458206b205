#include "load/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plateau::load {
namespace {

constexpr const char* kUrl = "http://127.0.0.1:8080/x";

Result<Invocation> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "plateau-load");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(LoadOptions, HaveTheDocumentedDefaults) {
  const auto invocation = parse({kUrl});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const Options& o = invocation->options;
  EXPECT_EQ(o.connections, 1u);
  EXPECT_EQ(o.duration_ns, 10'000'000'000u);
  EXPECT_EQ(o.requests, 0u);
  EXPECT_EQ(o.timeout_ns, 10'000'000'000u);
  EXPECT_TRUE(o.keep_alive);
  EXPECT_FALSE(o.open_loop());
  EXPECT_EQ(o.threads, 1u);
  EXPECT_FALSE(o.insecure);
  EXPECT_EQ(o.targets, (std::vector<Target>{{"/x", 1}}));
}

TEST(LoadOptions, RequestsAloneMeanNoTimeLimit) {
  const auto invocation = parse({kUrl, "--requests", "7"});
  ASSERT_TRUE(invocation.ok());
  EXPECT_EQ(invocation->options.requests, 7u);
  EXPECT_EQ(invocation->options.duration_ns, 0u);
}

TEST(LoadOptions, RefuseBadUsageInOneLine) {
  const std::vector<std::vector<const char*>> cases = {
      {},
      {"ftp://a/"},
      {kUrl, "--connections", "0"},
      {kUrl, "--duration", "5"},
      {kUrl, "--duration", "0"},
      {kUrl, "--requests", "0"},
      {kUrl, "--requests", "-1"},
      {kUrl, "--rate", "0"},
      {kUrl, "--keepalive", "perhaps"},
      {kUrl, "--pipeline", "2", "--keepalive", "off"},
      {kUrl, "--method", "GE T"},
      {kUrl, "--path", "x"},
      {kUrl, "--path", "/a b"},
      {kUrl, "--header", "no colon"},
      {kUrl, "--header", "A: b\r\nC: d"},
      {kUrl, "--timeout", "0"},
      {kUrl, "--rate", "1,"},
      {kUrl, "--rate", ",1"},
      {kUrl, "--rate", "nan"},
      {kUrl, "--rate", "1,x", "--step", "1s"},
      {kUrl, "--rate", "1,2"},
      {kUrl, "--step", "1s"},
      {kUrl, "--rate", "1", "--step", "0"},
      {kUrl, "--rate", "1,2", "--step", "1s", "--requests", "3"},
      {kUrl, "--rate", "1,2", "--step", "1s", "--duration", "3s"},
      {kUrl, "--ramp", "soon"},
      {kUrl, "--threads", "2"},
      {kUrl, "--threads", "0"},
      {kUrl, "--target", "a@1"},
      {kUrl, "--target", "/a@0"},
      {kUrl, "--seed", "x"},
      {kUrl, "--seed", "-1"},
      {kUrl, "--seed", "18446744073709551616"},
      {kUrl, "--expect-length", "1.5"},
      {kUrl, "--chunk-size", "5"},
      {kUrl, "--chunk-size", "0", "--body-size", "1"},
      {kUrl, "--body-file", "/nonexistent"},
      {kUrl, "--body-file", "/"},
      {kUrl, "--body-file", "/dev/null", "--body-size", "3"},
      {kUrl, "--tls", "1.3"},
      {kUrl, "--insecure"},
      {"https://a/", "--tls", "1.1"},
      {"https://a/", "--tls-resumption", "1"},
      {kUrl, "--expect-status", "2x"},
      {kUrl, "--expect-status", "200,"},
      {kUrl, "--expect-length", "-1"},
      {kUrl, "--expect-body-hash", "xyz"},
      {kUrl, "--check-body", "--method", "HEAD"},
      {kUrl, "--method", "CONNECT"},
      {kUrl, "--unknown"}};
  for (const auto& arguments : cases) {
    const auto invocation = parse(arguments);
    ASSERT_FALSE(invocation.ok()) << testing::PrintToString(arguments);
    EXPECT_EQ(invocation.error().code, ExitCode::usage);
    EXPECT_EQ(invocation.error().message.find('\n'), std::string::npos);
  }
}

TEST(LoadOptions, StepsSetTheDuration) {
  const auto invocation = parse({kUrl, "--rate", "1000,2e3,4000.5", "--step", "5s", "--ramp", "200ms"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const Options& o = invocation->options;
  EXPECT_EQ(o.rates, (std::vector<double>{1000, 2000, 4000.5}));
  EXPECT_EQ(o.step_ns, 5'000'000'000u);
  EXPECT_EQ(o.duration_ns, 15'000'000'000u);
  EXPECT_EQ(o.ramp_ns, 200'000'000u);
}

TEST(LoadOptions, RepeatedOptionsLeaveTheUrlAlone) {
  const auto invocation = parse({"--path", "/a@3", "--target", "/b@3", "--header", "A: b", kUrl});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  EXPECT_EQ(invocation->options.targets, (std::vector<Target>{{"/a@3", 1}, {"/b", 3}}));
  EXPECT_EQ(invocation->options.url.path, "/x");
}

TEST(LoadOptions, TlsIsTakenFromTheUrl) {
  const auto invocation = parse({"https://a/", "--tls", "1.2", "--tls-resumption", "off", "--insecure"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  EXPECT_TRUE(invocation->options.url.tls);
  EXPECT_EQ(invocation->options.url.port, "443");
  EXPECT_EQ(invocation->options.tls, TlsVersion::v1_2);
  EXPECT_FALSE(invocation->options.tls_resumption);
  EXPECT_TRUE(invocation->options.insecure);
}

TEST(LoadOptions, ExpectationsAreTakenApart) {
  const auto invocation =
      parse({kUrl, "--expect-status", "200,3xx", "--expect-length", "0", "--expect-body-hash", "0xCBF29ce4"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const Expectations& expect = invocation->options.expect;
  EXPECT_EQ(expect.statuses.count(), 101u);
  EXPECT_TRUE(expect.statuses.test(200) && expect.statuses.test(300) && expect.statuses.test(399));
  EXPECT_EQ(expect.length, 0u);
  EXPECT_EQ(expect.hash, 0xcbf29ce4u);
}

TEST(Url, IsTakenApart) {
  struct Case {
    std::string_view text;
    std::string_view host, port, path;
  };
  const std::vector<Case> cases = {
      {"http://a", "a", "80", "/"},        {"http://a:1/b?c#d", "a", "1", "/b?c"},
      {"http://a?q", "a", "80", "/?q"},    {"http://[::1]:8080/x", "::1", "8080", "/x"},
      {"http://[::1]/", "::1", "80", "/"}, {"https://a/b", "a", "443", "/b"},
      {"https://a:8443", "a", "8443", "/"}};
  for (const Case& c : cases) {
    const Result<Url> url = parse_url(c.text);
    ASSERT_TRUE(url.ok()) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->path, c.path) << c.text;
    EXPECT_EQ(url->tls, c.text.starts_with("https")) << c.text;
  }
  for (const std::string_view text :
       {"", "a", "ftp://a/", "http://", "https://", "http:///x", "http://a:/", "http://a:0/",
        "http://a:65536/", "http://a:b/", "http://[::1", "http://[::1]x/", "http://a/ b"}) {
    EXPECT_FALSE(parse_url(text).ok()) << text;
  }
}

}  // namespace
}  // namespace plateau::load
