#include "foreign/access_log.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

namespace plateau::live {
namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take(std::string_view& rest, std::string_view end) {
  const std::size_t at = rest.find(end);
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + end.size());
  return taken;
}

void set_request(std::string_view line, Logged& logged) {
  const std::string_view method = take(line, " ");
  const std::string_view target = take(line, " ");
  if (target.empty()) return;
  logged.method = method;
  logged.path = target.substr(0, target.find('?'));
}

std::optional<Logged> from_tabs(std::string_view line) {
  if (take(line, "\t") != "log") return std::nullopt;
  Logged logged;
  logged.peer = take(line, "\t");
  set_request(take(line, "\t"), logged);
  logged.status = number<int>(take(line, "\t")).value_or(0);
  logged.bytes = number<std::uint64_t>(take(line, "\t"));
  return logged;
}

std::optional<Logged> from_uvicorn(std::string_view line) {
  if (take(line, " ") != "INFO:") return std::nullopt;
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  Logged logged;
  logged.peer = take(line, " - \"");
  set_request(take(line, "\" "), logged);
  const auto status = number<int>(take(line, " "));
  if (!status) return std::nullopt;
  logged.status = *status;
  return logged;
}

std::optional<Logged> from_caddy(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("request") || !json.contains("status")) return std::nullopt;
  const auto& request = json["request"];
  Logged logged;
  logged.peer = request["remote_ip"].get<std::string>() + ":" + request["remote_port"].get<std::string>();
  set_request(request["method"].get<std::string>() + " " + request["uri"].get<std::string>() + " ", logged);
  logged.status = json["status"];
  logged.bytes = json["size"];
  return logged;
}

}  // namespace

std::map<std::string, std::vector<Logged>> read_access_log(const std::string& text) {
  std::map<std::string, std::vector<Logged>> by_peer;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::optional<Logged> logged;
    for (const auto read : {from_tabs, from_uvicorn, from_caddy}) {
      if (!logged) logged = read(line);
    }
    if (logged) by_peer[logged->peer].push_back(*logged);
  }
  return by_peer;
}

}  // namespace plateau::live
