#include "sink/web/server.h"

#include <fcntl.h>
#include <microhttpd.h>

#include <cstdarg>
#include <string_view>
#include <utility>
#include <vector>

#include "base/signals_blocked.h"
#include "sink/web/connection_table.h"
#include "sink/web/listener.h"
#include "sink/web/negotiation.h"
#include "sink/web/password.h"
#include "sink/web/peer_certificate.h"

namespace plateau::sink::web {
namespace {

constexpr std::size_t kWorthCompressing = 1024;  // bytes

MHD_Result take_query(void* to, MHD_ValueKind, const char* name, const char* value) {
  (*static_cast<std::map<std::string, std::string>*>(to))[name] = value ? value : "";
  return MHD_YES;
}

Request request_of(MHD_Connection* connection, const char* url) {
  Request request{url, {}, {}};
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_query, &request.query);
  for (const char* name : {"accept", "accept-encoding", "host", "if-none-match", "sec-fetch-site"})
    if (const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name))
      request.headers[name] = value;
  return request;
}

const Handler* handler_for(const Roads& roads, const std::string& path) {
  if (const auto exact = roads.find(path); exact != roads.end()) return &exact->second;
  for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0;
       slash = path.rfind('/', slash - 1))
    if (const auto below = roads.find(path.substr(0, slash + 1) + "*"); below != roads.end())
      return &below->second;
  return nullptr;
}

// Errors of one connection are the client's.
void say_nothing(void*, const char*, va_list) {}

}  // namespace

struct Server::Daemon {
  Daemon(Roads to, Security by, const Limits& within, std::shared_ptr<Counts> into)
      : roads(std::move(to)),
        security(std::move(by)),
        limits(within),
        counts(std::move(into)),
        passwords(security.users),
        connections(within.connections - within.spare, within.unread_bytes) {}
  ~Daemon() {
    const SignalsBlocked blocked;
    if (daemon) MHD_stop_daemon(daemon);
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Takes the socket over if it starts.
  bool start(int listening);
  // Ends, and gives the socket back.
  int stop();
  Answer answer(MHD_Connection* connection, const Request& request);
  MHD_Result send(MHD_Connection* connection, const Request& request, Answer answer);
  MHD_Response* response_of(void* connection, std::string body);
  static MHD_Response* response_of(const Fd& file, std::uint64_t bytes);

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                               const char* version, const char* upload, std::size_t* upload_size,
                               void** seen);
  static void on_connection(void* self, MHD_Connection* connection, void** state,
                            MHD_ConnectionNotificationCode code);

  Roads roads;
  Security security;
  Limits limits;
  std::shared_ptr<Counts> counts;
  PasswordCheck passwords;
  ConnectionTable connections;
  std::string url;
  std::uint16_t port = 0;
  MHD_Daemon* daemon = nullptr;
};

void Server::Daemon::on_connection(void* self, MHD_Connection* connection, void** state,
                                   MHD_ConnectionNotificationCode code) {
  auto& daemon = *static_cast<Daemon*>(self);
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    daemon.connections.gone(*state);
    return;
  }
  const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  *state = daemon.connections.came(socket->connect_fd);
  daemon.counts->evicted = daemon.connections.evicted();
}

// A body is not wanted: whoever sends one is cut off.
MHD_Result Server::Daemon::on_request(void* self, MHD_Connection* connection, const char* url,
                                      const char* method, const char*, const char*, std::size_t* upload_size,
                                      void** seen) {
  auto& daemon = *static_cast<Daemon*>(self);
  if (*upload_size != 0) return MHD_NO;
  if (*seen == nullptr) {  // the head has come, its end is still to be read
    *seen = self;
    return MHD_YES;
  }
  daemon.counts->requests++;
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  daemon.connections.asked(info->socket_context);
  const Request request = request_of(connection, url);
  const std::string_view verb = method;
  Answer answer =
      verb == "GET" || verb == "HEAD"
          ? daemon.answer(connection, request)
          : Answer{405, "text/plain; charset=utf-8", "only GET and HEAD\n", {{"Allow", "GET, HEAD"}}};
  return daemon.send(connection, request, std::move(answer));
}

Answer Server::Daemon::answer(MHD_Connection* connection, const Request& request) {
  if (!security.client_authority.empty()) {
    const auto peer = peer_certificate(connection);
    if (peer == PeerCertificate::bad || (peer == PeerCertificate::none && security.client_required)) {
      counts->denied++;
      return {
          403, "text/plain; charset=utf-8", "a client certificate of the right authority is needed\n", {}};
    }
  }
  if (!security.users.empty()) {
    const char* given = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "authorization");
    const Access access = passwords.check(given ? given : "");
    if (access != Access::granted) counts->denied++;
    if (access == Access::later) return {429, "text/plain; charset=utf-8", "too many wrong passwords\n", {}};
    if (access == Access::denied)
      return {
          401, "text/plain; charset=utf-8", "name and password needed\n", {{"WWW-Authenticate", "Basic"}}};
  }
  const Handler* handler = handler_for(roads, request.path);
  return handler ? (*handler)(request) : Answer{404, "text/plain; charset=utf-8", "nothing here\n", {}};
}

MHD_Response* Server::Daemon::response_of(void* connection, std::string body) {
  auto* unread = connections.answering(connection, std::move(body));
  counts->evicted = connections.evicted();
  MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
      unread->body.size(), unread->body.data(), &ConnectionTable::read, unread);
  if (!response) ConnectionTable::read(unread);
  return response;
}

// Nothing of it is held in memory.
MHD_Response* Server::Daemon::response_of(const Fd& file, std::uint64_t bytes) {
  Fd own(fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
  if (!own.valid()) return nullptr;
  MHD_Response* response = MHD_create_response_from_fd_at_offset64(bytes, own.get(), 0);
  if (response) (void)own.release();
  return response;
}

MHD_Result Server::Daemon::send(MHD_Connection* connection, const Request& request, Answer answer) {
  if (answer.body.size() > kWorthCompressing) {
    answer.headers.emplace_back("Vary", "Accept-Encoding");
    if (accepts_gzip(request.header("accept-encoding"))) {
      answer.body = gzip_quickly(answer.body);
      answer.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  MHD_Response* response = answer.file ? response_of(*answer.file, answer.file_bytes)
                                       : response_of(info->socket_context, std::move(answer.body));
  if (!response) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : answer.headers)
    MHD_add_response_header(response, name.c_str(), value.c_str());
  for (const auto& [name, value] : security.headers)
    MHD_add_response_header(response, name.c_str(), value.c_str());
  const auto queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

bool Server::Daemon::start(int listening) {
  std::vector<MHD_OptionItem> options{
      {MHD_OPTION_CONNECTION_LIMIT, static_cast<std::intptr_t>(limits.connections), nullptr},
      {MHD_OPTION_CONNECTION_TIMEOUT, static_cast<std::intptr_t>(limits.idle_s), nullptr},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<std::intptr_t>(limits.connection_memory), nullptr}};
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG;
  if (security.tls()) {
    flags |= MHD_USE_TLS;
    options.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, security.certificate.data()});
    options.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, security.key.data()});
    if (!security.priorities.empty())
      options.push_back({MHD_OPTION_HTTPS_PRIORITIES, 0, security.priorities.data()});
    if (!security.client_authority.empty())
      options.push_back({MHD_OPTION_HTTPS_MEM_TRUST, 0, security.client_authority.data()});
  }
  options.push_back({MHD_OPTION_END, 0, nullptr});
  const SignalsBlocked blocked;
  daemon = MHD_start_daemon(flags, 0, nullptr, nullptr, &on_request, this, MHD_OPTION_EXTERNAL_LOGGER,
                            &say_nothing, nullptr, MHD_OPTION_LISTEN_SOCKET, listening,
                            MHD_OPTION_NOTIFY_CONNECTION, &on_connection, this, MHD_OPTION_ARRAY,
                            options.data(), MHD_OPTION_END);
  return daemon != nullptr;
}

int Server::Daemon::stop() {
  const SignalsBlocked blocked;
  const int listening = MHD_quiesce_daemon(daemon);
  MHD_stop_daemon(daemon);
  daemon = nullptr;
  return listening;
}

Status Server::secure(Security security) {
  auto next = std::make_unique<Daemon>(daemon_->roads, std::move(security), daemon_->limits, daemon_->counts);
  next->port = daemon_->port;
  next->url = (next->security.tls() ? "https" : "http") + daemon_->url.substr(daemon_->url.find(':'));
  const int listening = daemon_->stop();
  if (next->start(listening)) {
    daemon_ = std::move(next);
    return success();
  }
  if (!daemon_->start(listening)) return fail("cannot serve on " + daemon_->url + " any more");
  return fail("certificate, key or protocol versions refused");
}

Server::Server(std::unique_ptr<Daemon> daemon) : daemon_(std::move(daemon)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const ListenAddress& address, Roads roads, Security security,
                                              const Limits& limits, std::shared_ptr<Counts> counts) {
  auto listener = listen_on(address);
  if (!listener) return listener.error();
  auto daemon = std::make_unique<Daemon>(std::move(roads), std::move(security), limits, std::move(counts));
  daemon->port = listener->port;
  daemon->url = std::string(daemon->security.tls() ? "https" : "http") + "://" +
                ListenAddress{address.host, listener->port}.text();
  if (!daemon->start(listener->socket.get()))
    return fail("cannot serve on " + address.text() +
                (daemon->security.tls() ? ": certificate, key or cipher list refused (see --web-config)"
                                        : ": no memory or descriptors"));
  (void)listener->socket.release();
  return std::unique_ptr<Server>(new Server(std::move(daemon)));
}

std::string Server::url() const {
  return daemon_->url;
}

std::uint16_t Server::port() const {
  return daemon_->port;
}

}  // namespace plateau::sink::web
