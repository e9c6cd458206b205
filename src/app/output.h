// Standard output for results that never end: a reader that goes away ends the capture, one that pauses does
// not make it deaf to SIGINT and SIGTERM.
#pragma once

#include <string>

namespace plateau::app {

class Output {
 public:
  // Writes it all, waiting for a slow reader. False once nobody reads any more (SIGPIPE is ignored by then),
  // or if a stop signal is pending while the reader pauses; what is left is dropped.
  bool write(const std::string& text);

  // False after a failed write.
  bool good() const { return good_; }

 private:
  bool good_ = true;
};

}  // namespace plateau::app
