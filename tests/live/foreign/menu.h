// Conversations with servers that no one here wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "differential/conversation.h"

namespace plateau::live {

// What a server offers:
//   /t/N     a small file or text, length told
//   /big/N   some 100 KB of words
//   /c/N     the same, in chunks to who accepts gzip
//   /no/N    404
//   /e/N     takes a POST
//   /early/N answers a POST before its body
struct Menu {
  bool own_paths = true;  // false: "/t?n=N", so that several requests have a path
  bool posts = true;
  bool early = false;                // has /early
  bool continues = true;             // knows Expect: 100-continue
  bool half_close = true;            // answers who has closed his sending side
  bool half_close_pipelines = true;  // to the last of several requests
  bool extensions = true;            // of chunks, and trailers
  bool pipelines = true;             // more than one request at a time
  bool old_version = true;           // HTTP/1.0
  bool reference = false;            // plateau-httpd behind it: its paths instead
};

// When the files changed last, as If-Modified-Since has it and as seconds since 1970.
inline constexpr std::string_view kFilesDate = "Mon, 01 Jan 2024 00:00:00 GMT";
inline constexpr std::time_t kFilesTime = 1'704'067'200;

// `requests` in all, in conversations of which no two have a path in common.
std::vector<Conversation> make_foreign_conversations(std::uint64_t seed, std::size_t requests,
                                                     const Menu& menu);

}  // namespace plateau::live
