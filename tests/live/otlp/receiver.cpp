#include "otlp/receiver.h"

#include <gtest/gtest.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <zlib.h>

namespace plateau::live {
namespace {

std::string gunzipped(const std::string& packed) {
  z_stream stream{};
  std::string out(std::size_t{64} << 20, '\0');
  stream.next_in = const_cast<Bytef*>(static_cast<const Bytef*>(static_cast<const void*>(packed.data())));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = static_cast<Bytef*>(static_cast<void*>(out.data()));
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  out.resize(stream.total_out);
  return out;
}

std::string header(MHD_Connection* connection, const char* name) {
  const char* const value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value ? value : "";
}

MHD_Result handle(void* self, MHD_Connection* connection, const char* url, const char* method, const char*,
                  const char* bytes, std::size_t* size, void** context) {
  auto* body = static_cast<std::string*>(*context);
  if (!body) {
    *context = new std::string;
    return MHD_YES;
  }
  if (*size) {
    body->append(bytes, *size);
    *size = 0;
    return MHD_YES;
  }
  EXPECT_STREQ(method, "POST");
  EXPECT_EQ(header(connection, "Content-Type"), "application/x-protobuf");
  EXPECT_EQ(header(connection, "Content-Encoding"), "gzip");
  const unsigned status = static_cast<OtlpReceiver*>(self)->take(url, header(connection, "X-Scope"), *body);
  MHD_Response* const response = MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
  if (status == 503) MHD_add_response_header(response, "Retry-After", "1");
  const MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

void end(void*, MHD_Connection*, void** context, MHD_RequestTerminationCode) {
  delete static_cast<std::string*>(*context);
  *context = nullptr;
}

}  // namespace

OtlpReceiver::OtlpReceiver(std::size_t refusals) : to_refuse_(refusals) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  daemon_ = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr, &handle, this,
                             MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, &end, nullptr,
                             MHD_OPTION_END);
  if (!daemon_) {
    ADD_FAILURE() << "no receiver";
    return;
  }
  port_ = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
}

OtlpReceiver::~OtlpReceiver() {
  if (daemon_) MHD_stop_daemon(daemon_);
}

unsigned OtlpReceiver::take(const std::string& path, const std::string& header, const std::string& packed) {
  const std::string body = gunzipped(packed);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(header, "plateau");
  if (to_refuse_ > 0) {
    to_refuse_--;
    refused_++;
    return 503;
  }
  if (path == "/v1/traces") {
    EXPECT_TRUE(traces_.emplace_back().ParseFromString(body));
  } else {
    EXPECT_EQ(path, "/v1/metrics");
    EXPECT_TRUE(metrics_.emplace_back().ParseFromString(body));
  }
  return 200;
}

std::vector<ExportMetricsServiceRequest> OtlpReceiver::metrics() const {
  const std::lock_guard lock(mutex_);
  return metrics_;
}

std::vector<ExportTraceServiceRequest> OtlpReceiver::traces() const {
  const std::lock_guard lock(mutex_);
  return traces_;
}

std::size_t OtlpReceiver::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace plateau::live
