// How each server that no one here wrote is started, on a port of loopback, with a log of its requests.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "foreign/menu.h"
#include "harness/server.h"

namespace plateau::live {

enum class Counted : std::uint8_t {
  answers,  // its log counts the bytes of whole answers
  bodies,   // of their bodies
  nothing
};

struct Launch {
  std::vector<std::string> command;
  std::string log_file{};  // empty: it logs to its standard output or error
  std::unique_ptr<Server> backend{};
};

struct Recipe {
  const char* name;
  // What has to be there: files, the first being the program.
  std::vector<std::string> needs;
  // Its files go to `folder`, which holds small.txt, words.txt and an empty folder, none.
  std::function<Launch(const std::string& folder, std::uint16_t port)> launch;
  Menu menu{};
  Counted counted = Counted::answers;
  bool logs_given_up = true;  // requests of clients that went away too, with their address
  int stop_signal = SIGTERM;
  const char* runtime = "native";  // as doctor names it
  bool logs_late = false;          // keeps lines to itself for seconds, and writes them when it ends
};

// Those that have more than one entry serve the same from differently many processes.
const std::vector<Recipe>& recipes();

const Recipe& recipe_named(std::string_view name);

inline std::ostream& operator<<(std::ostream& out, const Recipe& recipe) {
  return out << recipe.name;
}

std::vector<Recipe> web_server_recipes();  // nginx, Apache, lighttpd, h2o, Caddy
std::vector<Recipe> proxy_recipes();       // HAProxy
std::vector<Recipe> runtime_recipes();     // Go, Node, Java, Python

}  // namespace plateau::live
