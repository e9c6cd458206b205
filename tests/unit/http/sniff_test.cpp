#include "http/sniff.h"

#include <gtest/gtest.h>

#include <string>

namespace plateau::http {
namespace {

TEST(Sniff, Requests) {
  using enum Protocol;
  const std::pair<std::string_view, Protocol> cases[] = {
      {"", undecided},
      {"G", undecided},
      {"GET", undecided},
      {"GET ", undecided},
      {"GET /", http1},
      {"\r\nGET /", http1},
      {"OPTIONS *", http1},
      {"GET http://", http1},
      {"CONNECT host:44", undecided},
      {"CONNECT host:443 HTTP/1.1\r\n", http1},
      {"P", undecided},
      {"PRI * HTTP/", undecided},
      {"PRI * HTTP/2", http2_preface},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0", http2_preface},
      {"PRI * HTTP/1.1\r\n", http1},
      {"PRINT /x", http1},
      {"\x16", undecided},
      {"\x16\x03", undecided},
      {std::string_view("\x16\x03\x01\x02\x00\x01", 6), tls},
      {"\x16\x02\x01", other},
      {"\x16\x03\x09", other},
      {std::string_view("\0\0\0", 3), other},
      {"SSH-2.0-OpenSSH_9.2 Debian\r\n", other},
      {"get foo\r\n", other},
      {"*1\r\n$4\r\nPING\r\n", other},
      {"PING\r\n", other},
      {std::string_view("\r\n\r\n\0\r\nQUIT\n", 12), other},
      {"GET / HTTP/1.1\r\nHost: a\r\n", http1},
      {"GET / SIP/2.0\r\n", other},
  };
  for (const auto& [bytes, protocol] : cases) {
    EXPECT_EQ(sniff_request(bytes), protocol) << bytes;
    EXPECT_EQ(looks_like_request(bytes), protocol == http1 || protocol == undecided) << bytes;
  }
}

TEST(Sniff, Responses) {
  for (const char* bytes : {"", "H", "HTTP/1.", "HTTP/1.0 2", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nA: b"}) {
    EXPECT_TRUE(looks_like_response(bytes)) << bytes;
  }
  for (const char* bytes :
       {"X", "HTTP/2", "HTTP/1.1 2x", "HTTP/1.1 20\r\n", "HTTP/1.1 2000", "GET / HTTP/1.1"}) {
    EXPECT_FALSE(looks_like_response(bytes)) << bytes;
  }
}

TEST(Sniff, WhatMayBeFromInsideAMessage) {
  for (const std::string_view bytes : {"GET /a HTTP/1.1", "GE", "", "\r\nHEAD /", "PROPFIND /dav", "P"}) {
    EXPECT_FALSE(begins_inside(bytes)) << bytes;
  }
  for (const std::string_view bytes :
       {"ET /a HTTP/1.1", "T /", "GETS", "xxxxxxxx", "get /", "{\"a\":1}", " /a", "QUIT "}) {
    EXPECT_TRUE(begins_inside(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace plateau::http
