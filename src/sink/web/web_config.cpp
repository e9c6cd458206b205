#include "sink/web/web_config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "sink/web/password.h"

namespace plateau::sink::web {
namespace {

constexpr std::array<std::string_view, 4> kVersions{"TLS10", "TLS11", "TLS12", "TLS13"};
constexpr std::array<std::string_view, 4> kGnuTlsVersions{"1.0", "1.1", "1.2", "1.3"};

// Within this file: what is wrong with the text, turned into an Error at its edge.
using Wrong = std::runtime_error;

void allow_keys(const YAML::Node& node, const std::string& where, const std::set<std::string>& known) {
  if (!node.IsMap()) throw Wrong(where + " is not a mapping");
  for (const auto& entry : node)
    if (const auto key = entry.first.as<std::string>(); !known.contains(key))
      throw Wrong("'" + key + "' in " + where + " is not known or not supported");
}

std::string text_of(const YAML::Node& node, const std::string& key) {
  return node[key] ? node[key].as<std::string>() : std::string();
}

std::string read_beside(const std::string& config, const std::string& name) {
  const auto path = std::filesystem::path(config).parent_path() / name;
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty()) throw Wrong("cannot read '" + path.string() + "'");
  return text.str();
}

std::size_t version_of(const YAML::Node& node, const std::string& key, std::size_t otherwise) {
  const std::string name = text_of(node, key);
  if (name.empty()) return otherwise;
  const auto found = std::find(kVersions.begin(), kVersions.end(), name);
  if (found == kVersions.end()) throw Wrong(key + " '" + name + "' is not one of TLS10, TLS11, TLS12, TLS13");
  return static_cast<std::size_t>(found - kVersions.begin());
}

std::string priorities_of(const YAML::Node& node) {
  const std::size_t least = version_of(node, "min_version", 2);
  const std::size_t most = version_of(node, "max_version", 3);
  if (least > most) throw Wrong("min_version is above max_version");
  std::string priorities = "NORMAL:%SERVER_PRECEDENCE:-VERS-ALL";
  for (std::size_t i = least; i <= most; i++) priorities += ":+VERS-TLS" + std::string(kGnuTlsVersions[i]);
  return priorities;
}

void read_clients(const YAML::Node& node, const std::string& path, Security& security) {
  const std::string type = text_of(node, "client_auth_type");
  const std::string authority = text_of(node, "client_ca_file");
  if (type.empty() || type == "NoClientCert") {
    if (!authority.empty()) throw Wrong("client_ca_file needs a client_auth_type");
    return;
  }
  if (type != "RequireAndVerifyClientCert" && type != "VerifyClientCertIfGiven")
    throw Wrong("client_auth_type '" + type +
                "' is none of NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert");
  if (authority.empty()) throw Wrong("client_auth_type needs a client_ca_file");
  security.client_authority = read_beside(path, authority);
  security.client_required = type == "RequireAndVerifyClientCert";
}

void read_tls(const YAML::Node& node, const std::string& path, Security& security) {
  allow_keys(node, "tls_server_config",
             {"cert_file", "key_file", "client_auth_type", "client_ca_file", "min_version", "max_version",
              "prefer_server_cipher_suites"});
  const std::string certificate = text_of(node, "cert_file");
  const std::string key = text_of(node, "key_file");
  if (certificate.empty() || key.empty()) throw Wrong("tls_server_config needs cert_file and key_file");
  security.certificate = read_beside(path, certificate);
  security.key = read_beside(path, key);
  security.priorities = priorities_of(node);
  read_clients(node, path, security);
}

void read_headers(const YAML::Node& node, Security& security) {
  allow_keys(node, "http_server_config", {"http2", "headers"});
  if (!node["headers"]) return;
  if (!node["headers"].IsMap()) throw Wrong("headers is not a mapping");
  for (const auto& entry : node["headers"]) {
    const auto name = entry.first.as<std::string>();
    const auto value = entry.second.as<std::string>();
    if ((name + value).find_first_of("\r\n") != std::string::npos) throw Wrong("a header holds a line end");
    security.headers.emplace_back(name, value);
  }
}

void read_users(const YAML::Node& node, Security& security) {
  if (!node.IsMap()) throw Wrong("basic_auth_users is not a mapping");
  for (const auto& entry : node) {
    const auto name = entry.first.as<std::string>();
    const auto hash = entry.second.as<std::string>();
    if (name.empty() || name.find(':') != std::string::npos)
      throw Wrong("a user's name is empty or has a colon");
    if (!is_bcrypt(hash))
      throw Wrong("the password of '" + name + "' is not a bcrypt hash (make one with: htpasswd -nB " + name +
                  ")");
    security.users[name] = hash;
  }
}

Security read(const YAML::Node& node, const std::string& path) {
  Security security;
  if (node.IsNull()) return security;
  allow_keys(node, "the file", {"tls_server_config", "http_server_config", "basic_auth_users"});
  if (node["tls_server_config"]) read_tls(node["tls_server_config"], path, security);
  if (node["http_server_config"]) read_headers(node["http_server_config"], security);
  if (node["basic_auth_users"]) read_users(node["basic_auth_users"], security);
  return security;
}

}  // namespace

// yaml-cpp throws what is derived from std::runtime_error, and of several lines.
Result<Security> read_web_config(const std::string& path) {
  const auto wrong = [&path](std::string why) {
    std::replace(why.begin(), why.end(), '\n', ' ');
    return fail("web configuration file '" + path + "': " + why, ExitCode::usage);
  };
  try {
    std::ifstream in(path);
    if (!in) return wrong("cannot be read");
    return read(YAML::Load(in), path);
  } catch (const std::exception& error) {
    return wrong(error.what());
  }
}

}  // namespace plateau::sink::web
