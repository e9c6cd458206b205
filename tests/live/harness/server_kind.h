// The servers of the outside contract, as parameters of tests.
#pragma once

#include <string>

#include "harness/server.h"

namespace plateau::live {

struct ServerKind {
  const char* name;
  std::string (*missing)();  // why it cannot be started here; empty: it can
  Server (*start)();
};

inline constexpr ServerKind kServerKinds[] = {
    {"nginx_1_worker", missing_nginx, [] { return start_nginx(1); }},
    {"nginx_2_workers", missing_nginx, [] { return start_nginx(2); }},
    {"httpd_epoll", [] { return std::string(); },
     [] {
       return start_httpd({"--engine", "epoll"});
     }},
    {"httpd_thread", [] { return std::string(); },
     [] {
       return start_httpd({"--engine", "thread"});
     }},
    {"httpd_io_uring", [] { return std::string(); },
     [] {
       return start_httpd({"--engine", "io_uring"});
     }},
    {"go", missing_go, [] { return start_go(); }},
};

}  // namespace plateau::live
