// Replays a capture file.
#pragma once

#include <memory>

#include "app/source.h"
#include "wire/capture.h"

namespace plateau::app {

class FileSource : public Source {
 public:
  static Result<std::unique_ptr<Source>> open(const CaptureOptions& options);

  Result<wire::Facts> run(Pipeline& pipeline, const SourceHooks& hooks) override;

 private:
  FileSource(const CaptureOptions& options, wire::CaptureReader reader);

  CaptureOptions options_;
  wire::CaptureReader reader_;
};

}  // namespace plateau::app
