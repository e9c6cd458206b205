// Names that tell the server's threads apart in tools. The main thread keeps the program's name.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <string>

namespace plateau::httpd {

// As in "loop-3"; at most 15 characters are kept.
inline void name_thread(const char* kind, std::size_t number) {
  pthread_setname_np(pthread_self(),
                     (std::string(kind) + "-" + std::to_string(number)).substr(0, 15).c_str());
}

}  // namespace plateau::httpd
