#include "sink/web/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sink/web/server.h"
#include "web_client.h"

namespace plateau::sink::web {
namespace {

using testing::HasSubstr;

class WebConfig : public testing::Test {
 protected:
  WebConfig() : folder_(testing::TempDir() + "/web_config." + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~WebConfig() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  Result<Security> read(const std::string& text) {
    std::ofstream(file("web.yml")) << text;
    return read_web_config(file("web.yml"));
  }
  static int run(const std::string& command) { return std::system(command.c_str()); }
  // A certificate of "localhost" and its key.
  bool make_certificate(const std::string& name) const {
    return run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
               "/CN=localhost "
               "-addext subjectAltName=IP:127.0.0.1 -keyout " +
               file(name + ".key") + " -out " + file(name + ".pem") + " 2>/dev/null") == 0;
  }
  // Standard output of curl on the server.
  std::string curl(const Server& server, const std::string& options) const {
    (void)run("curl --silent --max-time 10 " + options + " " + server.url() + "/ >" + file("out") +
              " 2>/dev/null");
    std::ifstream in(file("out"));
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string folder_;
};

constexpr const char* kTls = "tls_server_config:\n  cert_file: a.pem\n  key_file: a.key\n";

Result<std::unique_ptr<Server>> serve(Security security) {
  return Server::start({"127.0.0.1", 0},
                       {{"/",
                         [](const Request&) {
                           return Answer{200, "text/plain", "x", {}};
                         }}},
                       std::move(security));
}

TEST_F(WebConfig, MayBeEmpty) {
  const auto security = read("");
  ASSERT_TRUE(security.ok()) << security.error().message;
  EXPECT_FALSE(security->tls());
  EXPECT_TRUE(security->users.empty());
}

TEST_F(WebConfig, ReadsUsersAndHeaders) {
  const std::string hash = "$2y$04$C0y9hJ8rAU/Tx0v/vtdu8e0F/U0ij8zqsYjdTIkaWY09Bt5DPCljy";
  const auto security =
      read("basic_auth_users:\n  anna: " + hash +
           "\nhttp_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n");
  ASSERT_TRUE(security.ok()) << security.error().message;
  EXPECT_EQ(security->users.at("anna"), hash);
  EXPECT_THAT(security->headers, testing::ElementsAre(testing::Pair("X-Frame-Options", "deny")));
}

TEST_F(WebConfig, ServesTls) {
  ASSERT_TRUE(make_certificate("a"));
  const auto security = read(std::string(kTls) + "  min_version: TLS13\n");
  ASSERT_TRUE(security.ok()) << security.error().message;
  const auto server = serve(*security);
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(curl(**server, "--cacert " + file("a.pem")), "x");
  EXPECT_EQ(curl(**server, "--tls-max 1.2 --cacert " + file("a.pem")), "");
  EXPECT_EQ(body_of(get((*server)->port(), "/")), "");
}

TEST_F(WebConfig, ChecksClients) {
  ASSERT_TRUE(make_certificate("a") && make_certificate("b") && make_certificate("c"));
  const auto security =
      read(std::string(kTls) + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: b.pem\n");
  ASSERT_TRUE(security.ok()) << security.error().message;
  const auto server = serve(*security);
  ASSERT_TRUE(server.ok()) << server.error().message;
  const auto with = [&](const std::string& name) {
    return curl(**server, "--cacert " + file("a.pem") + " --cert " + file(name + ".pem") + " --key " +
                              file(name + ".key"));
  };
  EXPECT_EQ(with("b"), "x");
  EXPECT_NE(with("c"), "x");
  EXPECT_NE(curl(**server, "--cacert " + file("a.pem")), "x");
}

TEST_F(WebConfig, RefusesAKeyOfAnotherCertificate) {
  ASSERT_TRUE(make_certificate("a") && make_certificate("b"));
  const auto security = read("tls_server_config:\n  cert_file: a.pem\n  key_file: b.key\n");
  ASSERT_TRUE(security.ok()) << security.error().message;
  EXPECT_FALSE(serve(*security).ok());
}

TEST_F(WebConfig, LeavesNothingOutInSilence) {
  ASSERT_TRUE(make_certificate("a"));
  const std::pair<std::string, const char*> cases[] = {
      {"tls: {}", "'tls' in the file is not known"},
      {"- a", "not a mapping"},
      {"a: [", "web.yml"},
      {"basic_auth_users:\n  anna: secret", "not a bcrypt hash"},
      {"tls_server_config:\n  cert_file: a.pem", "needs cert_file and key_file"},
      {"tls_server_config:\n  cert_file: b.pem\n  key_file: a.key", "cannot read"},
      {std::string(kTls) + "  cipher_suites: [TLS_AES_128_GCM_SHA256]",
       "'cipher_suites' in tls_server_config"},
      {std::string(kTls) + "  min_version: TLS14", "not one of TLS10"},
      {std::string(kTls) + "  min_version: TLS13\n  max_version: TLS12", "above max_version"},
      {std::string(kTls) + "  client_auth_type: RequestClientCert", "client_auth_type"},
      {std::string(kTls) + "  client_auth_type: RequireAndVerifyClientCert", "needs a client_ca_file"},
      {std::string(kTls) + "  client_ca_file: a.pem", "needs a client_auth_type"},
      {"http_server_config:\n  headers:\n    A: \"b\\r\\nC: d\"", "line end"},
  };
  for (const auto& [text, why] : cases) {
    const auto security = read(text);
    ASSERT_FALSE(security.ok()) << text;
    EXPECT_EQ(security.error().code, ExitCode::usage);
    EXPECT_THAT(security.error().message, HasSubstr(why)) << text;
    EXPECT_EQ(security.error().message.find('\n'), std::string::npos);
  }
  EXPECT_FALSE(read_web_config(file("none.yml")).ok());
}

}  // namespace
}  // namespace plateau::sink::web
