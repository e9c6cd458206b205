#include "app/source.h"

#include "app/file_source.h"
#include "app/live_source.h"

namespace plateau::app {

Result<std::unique_ptr<Source>> open_source(const CaptureOptions& options) {
  return options.from.empty() ? LiveSource::open(options) : FileSource::open(options);
}

}  // namespace plateau::app
