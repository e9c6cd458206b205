#include "foreign/recipe.h"
#include "harness/folder.h"

namespace plateau::live {
namespace {

Launch launch_haproxy(const std::string& folder, std::uint16_t port) {
  auto backend = std::make_unique<Server>(start_httpd({"--engine", "epoll"}));
  write_file(folder + "/haproxy.cfg",
             "global\n  log stdout len 8192 format raw local0\n  nbthread 1\n  maxconn 1000\n"
             "defaults\n  mode http\n  log global\n  timeout client 60s\n  timeout server 60s\n"
             "  timeout connect 5s\n  option http-keep-alive\n  option dontlognull\n"
             "  log-format \"log\t%ci:%cp\t%r\t%ST\t%B\"\n"
             "frontend in\n  bind 127.0.0.1:" +
                 std::to_string(port) +
                 "\n  default_backend out\n"
                 "backend out\n  server one 127.0.0.1:" +
                 std::to_string(backend->port()) + "\n");
  // By one thread, and into a file: it leaves lines out where a pipe is full or another thread is writing.
  const std::string log = folder + "/access.log";
  return {{"/bin/sh", "-c", "exec /usr/sbin/haproxy -db -f " + folder + "/haproxy.cfg >" + log},
          log,
          std::move(backend)};
}

}  // namespace

// What HAProxy counts (%B) are bytes of its own form of messages.
std::vector<Recipe> proxy_recipes() {
  return {{"haproxy",
           {"/usr/sbin/haproxy"},
           launch_haproxy,
           {.half_close_pipelines = false, .reference = true},
           Counted::nothing,
           true,
           SIGUSR1}};
}

}  // namespace plateau::live
