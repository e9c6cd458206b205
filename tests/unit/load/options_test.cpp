#include "load/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "load/request_bytes.h"

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
  EXPECT_EQ(o.paths, std::vector<std::string>{"/x"});
}

TEST(LoadOptions, RequestsAloneMeanNoTimeLimit) {
  const auto invocation = parse({kUrl, "--requests", "7"});
  ASSERT_TRUE(invocation.ok());
  EXPECT_EQ(invocation->options.requests, 7u);
  EXPECT_EQ(invocation->options.duration_ns, 0u);
}

TEST(LoadOptions, RefuseBadUsageInOneLine) {
  const std::vector<std::vector<const char*>> cases = {{},
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
                                                       {kUrl, "--unknown"}};
  for (const auto& arguments : cases) {
    const auto invocation = parse(arguments);
    ASSERT_FALSE(invocation.ok()) << testing::PrintToString(arguments);
    EXPECT_EQ(invocation.error().code, ExitCode::usage);
    EXPECT_EQ(invocation.error().message.find('\n'), std::string::npos);
  }
}

TEST(LoadOptions, RequestsCarryWhatWasAskedForAndPathsTakeTurns) {
  const auto invocation = parse({kUrl, "--method", "POST", "--body-size", "3", "--path", "/a", "--path",
                                 "/b?c", "--header", "X-Y: z", "--keepalive", "off"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const RequestBytes requests(invocation->options);
  const std::string fields =
      " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-Y: z\r\nConnection: close\r\nContent-Length: 3\r\n\r\nxxx";
  EXPECT_EQ(requests.of(0), "POST /a" + fields);
  EXPECT_EQ(requests.of(1), "POST /b?c" + fields);
  EXPECT_EQ(requests.of(2), requests.of(0));
}

TEST(LoadOptions, AGivenHostReplacesOurs) {
  const auto invocation = parse({kUrl, "--header", "host: other"});
  ASSERT_TRUE(invocation.ok());
  EXPECT_EQ(RequestBytes(invocation->options).of(0), "GET /x HTTP/1.1\r\nhost: other\r\n\r\n");
}

TEST(Url, IsTakenApart) {
  struct Case {
    std::string_view text;
    std::string_view host, port, path;
  };
  const std::vector<Case> cases = {{"http://a", "a", "80", "/"},
                                   {"http://a:1/b?c#d", "a", "1", "/b?c"},
                                   {"http://a?q", "a", "80", "/?q"},
                                   {"http://[::1]:8080/x", "::1", "8080", "/x"},
                                   {"http://[::1]/", "::1", "80", "/"}};
  for (const Case& c : cases) {
    const Result<Url> url = parse_url(c.text);
    ASSERT_TRUE(url.ok()) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->path, c.path) << c.text;
  }
  for (const std::string_view text :
       {"", "a", "https://a/", "http://", "http:///x", "http://a:/", "http://a:0/", "http://a:65536/",
        "http://a:b/", "http://[::1", "http://[::1]x/", "http://a/ b"}) {
    EXPECT_FALSE(parse_url(text).ok()) << text;
  }
}

}  // namespace
}  // namespace plateau::load
