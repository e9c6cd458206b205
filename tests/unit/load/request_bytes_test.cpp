#include "load/request_bytes.h"

#include <gtest/gtest.h>

#include <string>

#include "toolkit/chunked_decoder.h"

namespace plateau::load {
namespace {

Options options() {
  Options made;
  made.url.authority = "127.0.0.1:8080";
  made.targets = {{"/x", 1}};
  return made;
}

TEST(RequestBytes, CarryWhatWasAskedFor) {
  Options asked = options();
  asked.method = "POST";
  asked.body = "xxx";
  asked.headers = {"X-Y: z"};
  asked.keep_alive = false;
  asked.targets = {{"/a", 1}, {"/b?c", 1}};
  const RequestBytes requests(asked);
  const std::string rest =
      " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-Y: z\r\nConnection: close\r\nContent-Length: 3\r\n\r\nxxx";
  EXPECT_EQ(requests.of(0).head, "POST /a" + rest);
  EXPECT_EQ(requests.of(1).head, "POST /b?c" + rest);
  EXPECT_EQ(requests.of(1).target, 1u);
  EXPECT_EQ(requests.of(2).head, requests.of(0).head);
}

TEST(RequestBytes, AGivenHostReplacesOurs) {
  Options asked = options();
  asked.headers = {"host: other"};
  EXPECT_EQ(RequestBytes(asked).of(0).head, "GET /x HTTP/1.1\r\nhost: other\r\n\r\n");
}

TEST(RequestBytes, APostWithoutABodySaysSo) {
  Options asked = options();
  asked.method = "POST";
  EXPECT_NE(RequestBytes(asked).of(0).head.find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST(RequestBytes, LargeBodiesAreSharedNotCopied) {
  Options asked = options();
  asked.body.assign(5000, 'b');
  asked.targets = {{"/a", 1}, {"/b", 1}};
  const RequestBytes requests(asked);
  EXPECT_TRUE(requests.of(0).head.ends_with("Content-Length: 5000\r\n\r\n"));
  EXPECT_EQ(requests.of(0).body, asked.body);
  EXPECT_EQ(requests.of(0).body.data(), requests.of(1).body.data());
  EXPECT_EQ(requests.of(0).bytes(), requests.of(0).head.size() + 5000);
}

TEST(RequestBytes, ChunkedBodiesNameNoLength) {
  Options asked = options();
  asked.body = "hello world";
  asked.chunk_size = 4;
  EXPECT_EQ(RequestBytes(asked).of(0).head,
            "GET /x HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nTransfer-Encoding: chunked\r\n\r\n"
            "4\r\nhell\r\n4\r\no wo\r\n3\r\nrld\r\n0\r\n\r\n");
}

TEST(Chunked, IsReadBackWhole) {
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 4096u, 70'001u}) {
    const std::string body(size, 'c');
    for (const std::uint64_t chunk : {1u, 16u, 65'537u}) {
      toolkit::ChunkedDecoder decoder;
      std::string back;
      const std::string wire = chunked(body, chunk);
      const std::size_t taken = decoder.feed(wire, [&](std::string_view data) { back += data; });
      EXPECT_EQ(taken, wire.size());
      EXPECT_TRUE(decoder.done());
      EXPECT_EQ(back, body);
    }
  }
}

}  // namespace
}  // namespace plateau::load
