#include "sink/otlp/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace plateau::sink::otlp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Result<Settings> with(const Settings& flags, const std::map<std::string, std::string>& environment = {}) {
  return complete(flags, [&](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  });
}

TEST(OtlpSettings, AreOffWithoutAnEndpoint) {
  const auto settings = with({.headers = {{"a", "b"}}}, {{"OTEL_SERVICE_NAME", "x"}});
  ASSERT_TRUE(settings.ok());
  EXPECT_FALSE(settings->enabled());
}

TEST(OtlpSettings, ComeFromTheEnvironmentWhereThereAreNoFlags) {
  const std::map<std::string, std::string> environment{
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318/"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20dTpw, x-scope=a=b"},
      {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
      {"OTEL_SERVICE_NAME", "shop"},
      {"OTEL_RESOURCE_ATTRIBUTES", "service.name=other,deployment.environment.name=a%2Cb"}};
  const auto found = with({}, environment);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->endpoint, "https://collector:4318");
  EXPECT_THAT(found->headers, ElementsAre(Pair("authorization", "Basic dTpw"), Pair("x-scope", "a=b")));
  EXPECT_EQ(found->certificates, "/ca.pem");
  EXPECT_EQ(found->service_name, "shop");
  EXPECT_THAT(found->attributes, ElementsAre(Pair("deployment.environment.name", "a,b")));
  const auto flags =
      with({.endpoint = "http://[::1]:4318", .headers = {{"a", "b"}}, .service_name = "flag"}, environment);
  ASSERT_TRUE(flags.ok()) << flags.error().message;
  EXPECT_EQ(flags->endpoint, "http://[::1]:4318");
  EXPECT_THAT(flags->headers, ElementsAre(Pair("a", "b")));
  EXPECT_EQ(flags->service_name, "flag");
}

TEST(OtlpSettings, TellWhatIsWrong) {
  for (const char* endpoint :
       {"collector:4318", "grpc://x", "http://", "http://x:0", "http://x:65536", "http://x:y", "http://:80",
        "http://[::1", "http://a b", "http://x/?a=b", "http://x/#f", "http://x\n"}) {
    const auto settings = with({.endpoint = endpoint});
    ASSERT_FALSE(settings.ok()) << endpoint;
    EXPECT_EQ(settings.error().code, ExitCode::usage);
    EXPECT_THAT(settings.error().message, HasSubstr("as in http://127.0.0.1:4318"));
  }
  const auto secret = with({.endpoint = "http://user:hush@x"});
  ASSERT_FALSE(secret.ok());
  EXPECT_THAT(secret.error().message, testing::Not(HasSubstr("hush")));
  EXPECT_FALSE(with({.endpoint = "http://x"}, {{"OTEL_EXPORTER_OTLP_HEADERS", "novalue"}}).ok());
  EXPECT_FALSE(with({.endpoint = "http://x"}, {{"OTEL_EXPORTER_OTLP_HEADERS", "a=b%0d%0aEvil: x"}}).ok());
}

TEST(OtlpSettings, ReadHeaders) {
  const auto header = parse_header("Authorization=Bearer a=b");
  ASSERT_TRUE(header.ok());
  EXPECT_THAT(*header, Pair("Authorization", "Bearer a=b"));
  for (const char* text : {"", "x", "=x", "a b=c"}) EXPECT_FALSE(parse_header(text).ok()) << text;
}

}  // namespace
}  // namespace plateau::sink::otlp
