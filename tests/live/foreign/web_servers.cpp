#include <algorithm>

#include "foreign/recipe.h"
#include "harness/folder.h"

namespace plateau::live {
namespace {

constexpr const char* kModules = "/usr/lib/apache2/modules/";

Launch launch_nginx(const std::string& folder, std::uint16_t port, int workers) {
  auto backend = std::make_unique<Server>(start_httpd({"--engine", "epoll"}));
  const std::string scratch = "client_body_temp_path " + folder + "/body; proxy_temp_path " + folder +
                              "/proxy; fastcgi_temp_path " + folder + "/fastcgi; uwsgi_temp_path " + folder +
                              "/uwsgi; scgi_temp_path " + folder + "/scgi;\n";
  write_file(folder + "/nginx.conf",
             "daemon off; user root; worker_processes " + std::to_string(workers) + "; pid " + folder +
                 "/pid;\nerror_log /dev/null; events { worker_connections 512; }\nhttp {\n" + scratch +
                 "log_format tabs 'log\t$remote_addr:$remote_port\t$request\t$status\t$bytes_sent';\n"
                 "access_log " +
                 folder +
                 "/log tabs; default_type text/plain; sendfile on; gzip_types text/plain;\n"
                 "keepalive_requests 1000000; client_max_body_size 10m; large_client_header_buffers 4 16k;\n"
                 "server { listen 127.0.0.1:" +
                 std::to_string(port) + "; root " + folder +
                 ";\n"
                 "  location /t/ { rewrite ^ /small.txt break; sendfile off; }\n"
                 "  location /big/ { rewrite ^ /words.txt break; }\n"
                 "  location /c/ { rewrite ^ /words.txt break; gzip on; }\n"
                 "  location /early/ { return 200 thanks; }\n"
                 "  location /e/ { proxy_ignore_client_abort on; proxy_pass http://127.0.0.1:" +
                 std::to_string(backend->port()) + "/echo?; } } }\n");
  return {
      {"/usr/sbin/nginx", "-p", folder, "-c", folder + "/nginx.conf"}, folder + "/log", std::move(backend)};
}

std::string load_module(const std::string& name) {
  return "LoadModule " + name + "_module " + kModules + "mod_" + name + ".so\n";
}

// It ends its whole process group. With prefork its log counts several answers that leave at once for the
// last.
Launch launch_apache(const std::string& folder, std::uint16_t port, const std::string& mpm) {
  write_file(folder + "/apache.conf",
             "ServerRoot " + folder + "\nPidFile " + folder +
                 "/pid\nServerName localhost\nListen 127.0.0.1:" + std::to_string(port) +
                 "\nUser nobody\nGroup nogroup\nErrorLog /dev/null\n" + load_module("mpm_" + mpm) +
                 load_module("authz_core") + load_module("alias") + load_module("filter") +
                 load_module("deflate") +
                 "KeepAlive On\nMaxKeepAliveRequests 0\nEnableSendfile On\nEnableMMAP Off\n"
                 "DocumentRoot " +
                 folder +
                 "/none\n"
                 "AliasMatch ^/(t|e)/ " +
                 folder + "/small.txt\nAliasMatch ^/(big|c)/ " + folder +
                 "/words.txt\n"
                 "<LocationMatch ^/c/>\nSetOutputFilter DEFLATE\n</LocationMatch>\n"
                 "LogFormat \"log\\t%h:%{remote}p\\t%r\\t%>s\\t%O\" tabs\nCustomLog " +
                 folder + "/log tabs\n");
  return {{"/usr/bin/setsid", "/usr/sbin/apache2", "-f", folder + "/apache.conf", "-D", "FOREGROUND"},
          folder + "/log"};
}

// It closes where a file is posted to: another server takes what is posted.
Launch launch_lighttpd(const std::string& folder, std::uint16_t port) {
  auto backend = std::make_unique<Server>(start_httpd({"--engine", "epoll"}));
  write_file(folder + "/lighttpd.conf",
             "server.modules = (\"mod_accesslog\", \"mod_rewrite\", \"mod_deflate\", \"mod_proxy\")\n"
             "server.document-root = \"" +
                 folder + "\"\nserver.bind = \"127.0.0.1\"\nserver.port = " + std::to_string(port) +
                 "\nserver.max-keep-alive-requests = 1000000\nserver.errorlog = \"/dev/null\"\n"
                 "mimetype.assign = (\".txt\" => \"text/plain\")\n"
                 "deflate.cache-dir = \"\"\n"
                 "$HTTP[\"url\"] =~ \"^/c/\" { deflate.mimetypes = (\"text/plain\") "
                 "deflate.allowed-encodings = (\"gzip\") }\n"
                 "url.rewrite-once = (\"^/t/\" => \"/small.txt\", \"^/(big|c)/\" => \"/words.txt\")\n"
                 "$HTTP[\"url\"] =~ \"^/e/\" { proxy.server = (\"\" => ((\"host\" => \"127.0.0.1\", "
                 "\"port\" => " +
                 std::to_string(backend->port()) +
                 ")))\n proxy.header = (\"map-urlpath\" => (\"/e/\" => \"/echo?n=\")) }\n"
                 "accesslog.filename = \"" +
                 folder + "/log\"\naccesslog.format = \"log\\t%h:%{remote}p\\t%r\\t%s\\t%O\"\n");
  return {{"/usr/sbin/lighttpd", "-D", "-f", folder + "/lighttpd.conf"}, folder + "/log", std::move(backend)};
}

Launch launch_h2o(const std::string& folder, std::uint16_t port) {
  write_file(folder + "/h2o.conf", "listen: {host: 127.0.0.1, port: " + std::to_string(port) +
                                       "}\nnum-threads: 2\nuser: root\nerror-log: /dev/null\n"
                                       "access-log: {path: " +
                                       folder +
                                       "/log, format: \"log\\t%h:%{remote}p\\t%r\\t%s\\t%b\", escape: "
                                       "apache}\nhosts:\n  default:\n    paths:\n" +
                                       "      /t: {file.file: " + folder + "/small.txt}\n" +
                                       "      /big: {file.file: " + folder + "/words.txt}\n" +
                                       "      /c: {file.file: " + folder + "/words.txt, compress: [gzip]}\n" +
                                       "      /: {file.dir: " + folder + "/none}\n");
  return {{"/usr/bin/h2o", "-m", "worker", "-c", folder + "/h2o.conf"}, folder + "/log"};
}

Launch launch_caddy(const std::string& folder, std::uint16_t port) {
  auto backend = std::make_unique<Server>(start_httpd({"--engine", "epoll"}));
  write_file(folder + "/Caddyfile",
             "{\n  admin off\n  auto_https off\n  storage file_system " + folder +
                 "/caddy\n  log default {\n    output stdout\n    format json\n  }\n}\n"
                 "http://:" +
                 std::to_string(port) +
                 " {\n  bind 127.0.0.1\n  log\n"
                 "  root * " +
                 folder +
                 "\n"
                 "  handle /t/* {\n    rewrite * /small.txt\n    file_server\n  }\n"
                 "  handle /big/* {\n    rewrite * /words.txt\n    file_server\n  }\n"
                 "  handle /c/* {\n    encode gzip\n    rewrite * /words.txt\n    file_server\n  }\n"
                 "  handle /e/* {\n    rewrite * /echo\n    reverse_proxy 127.0.0.1:" +
                 std::to_string(backend->port()) + "\n  }\n  handle {\n    respond nothing 404\n  }\n}\n");
  return {{"/usr/bin/env", "HOME=" + folder, "/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config",
           folder + "/Caddyfile"},
          "",
          std::move(backend)};
}

}  // namespace

std::vector<Recipe> web_server_recipes() {
  const std::string modules = kModules;
  const auto nginx = [](int workers) {
    return [workers](const std::string& folder, std::uint16_t port) {
      return launch_nginx(folder, port, workers);
    };
  };
  const auto apache = [](const char* mpm) {
    return [mpm](const std::string& folder, std::uint16_t port) { return launch_apache(folder, port, mpm); };
  };
  return {
      {"nginx", {"/usr/sbin/nginx"}, nginx(1), {.early = true}, Counted::answers, true, SIGQUIT},
      {"nginx_3_workers", {"/usr/sbin/nginx"}, nginx(3), {.early = true}, Counted::answers, true, SIGQUIT},
      {"apache_event", {"/usr/sbin/apache2", modules + "mod_mpm_event.so"}, apache("event")},
      {"apache_prefork",
       {"/usr/sbin/apache2", modules + "mod_mpm_prefork.so"},
       apache("prefork"),
       {.pipelines = false}},
      {"lighttpd",
       {"/usr/sbin/lighttpd"},
       launch_lighttpd,
       {},
       Counted::answers,
       true,
       SIGTERM,
       "native",
       true},
      {"h2o", {"/usr/bin/h2o"}, launch_h2o, {.own_paths = false, .posts = false}, Counted::bodies, false},
      {"caddy",
       {"/usr/bin/caddy"},
       launch_caddy,
       {.half_close = false},
       Counted::bodies,
       true,
       SIGTERM,
       "go"},
  };
}

}  // namespace plateau::live
