#include "http2_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>

namespace plateau::e2e {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHead = 9;
constexpr std::uint8_t kSettings = 4;
constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kEndHeaders = 4;
constexpr char kGet = '\x82';  // in the static table of HPACK, like the next three
constexpr char kPost = '\x83';
constexpr char kHttp = '\x86';
constexpr char kPath = '\x04';       // a literal follows
constexpr char kAuthority = '\x01';  // likewise

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

void append_number(std::string& out, std::uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void append_literal(std::string& out, char name, std::string_view value) {
  out.push_back(name);
  out.push_back(static_cast<char>(value.size()));
  out.append(value);
}

std::string head_of(char method, std::string_view path) {
  std::string head{method, kHttp};
  append_literal(head, kPath, path);
  append_literal(head, kAuthority, "a");
  return head;
}

}  // namespace

std::uint32_t Http2Frame::goaway_error() const {
  return payload.size() < 8 ? ~0u : number(payload.substr(4, 4));
}

Http2Client::Http2Client(std::uint16_t port, Over over)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{10, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  if (over == Over::tls && !begin_tls()) return;
  connected_ = write(kPreface) && write_frame({.type = kSettings, .flags = 0, .stream = 0, .payload = {}});
}

bool Http2Client::begin_tls() {
  constexpr std::string_view kAlpn = "\x02h2";
  context_.reset(SSL_CTX_new(TLS_client_method()));
  tls_.reset(SSL_new(context_.get()));
  SSL_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(kAlpn.data()), kAlpn.size());
  return SSL_set_fd(tls_.get(), socket_.get()) == 1 && SSL_connect(tls_.get()) == 1;
}

bool Http2Client::get(std::uint32_t stream, std::string_view path) {
  return write_frame({.type = Http2Frame::headers,
                      .flags = kEndHeaders | kEndStream,
                      .stream = stream,
                      .payload = head_of(kGet, path)});
}

bool Http2Client::begin_post(std::uint32_t stream, std::string_view path) {
  return write_frame(
      {.type = Http2Frame::headers, .flags = kEndHeaders, .stream = stream, .payload = head_of(kPost, path)});
}

bool Http2Client::finish_post(std::uint32_t stream, std::string_view body) {
  return write_frame(
      {.type = Http2Frame::data, .flags = kEndStream, .stream = stream, .payload = std::string(body)});
}

bool Http2Client::write_frame(const Http2Frame& frame) {
  std::string bytes;
  append_number(bytes, static_cast<std::uint32_t>(frame.payload.size()), 3);
  append_number(bytes, frame.type, 1);
  append_number(bytes, frame.flags, 1);
  append_number(bytes, frame.stream, 4);
  return write(bytes + frame.payload);
}

bool Http2Client::write(std::string_view bytes) {
  const auto size = static_cast<int>(bytes.size());
  if (tls_) return SSL_write(tls_.get(), bytes.data(), size) == size;
  return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
}

std::optional<Http2Frame> Http2Client::next() {
  if (!read_size(kFrameHead)) return std::nullopt;
  const std::string_view head = received_;
  Http2Frame frame{.type = static_cast<std::uint8_t>(head[3]),
                   .flags = static_cast<std::uint8_t>(head[4]),
                   .stream = number(head.substr(5, 4)),
                   .payload = {}};
  const std::size_t size = number(head.substr(0, 3));
  if (!read_size(kFrameHead + size)) return std::nullopt;
  frame.payload = received_.substr(kFrameHead, size);
  received_.erase(0, kFrameHead + size);
  return frame;
}

// Reads on until `size` bytes are there.
bool Http2Client::read_size(std::size_t size) {
  std::array<char, 16 * 1024> bytes;
  while (received_.size() < size) {
    const ssize_t count = tls_ ? SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                               : ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count <= 0) {
      const bool ended =
          tls_ ? SSL_get_error(tls_.get(), static_cast<int>(count)) == SSL_ERROR_ZERO_RETURN : count == 0;
      clean_ = ended && received_.empty();
      return false;
    }
    received_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace plateau::e2e
