// What a capture file gets of a running capture: records without what is private.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "request/scrubber.h"
#include "wire/capture.h"

namespace plateau::app {

class Recorder {
 public:
  // `midway`: the capture began before this recording. Each connection then begins with the first turn that
  // is seen whole, as if it had been found open then.
  explicit Recorder(wire::CaptureWriter writer, bool midway = false);

  void record(std::span<const std::byte> bytes);
  void holder(const wire::HolderSample& sample) { writer_.holder(sample); }
  void stack(const wire::ProfileStack& stack) { writer_.stack(stack); }
  void sample(const wire::StackSample& sample) { writer_.sample(sample); }
  Status finish(const wire::Facts& facts) { return writer_.finish(facts); }

  std::uint64_t bytes() const { return writer_.bytes(); }

 private:
  struct Origin {
    std::uint32_t seq = 0;
    std::uint64_t in_offset = 0, out_offset = 0;
    std::uint32_t retransmits = 0;
  };
  static constexpr std::size_t kMaxConnections = 65536;  // those beyond are left out

  // False if it is of a connection whose beginning is still to come.
  bool moved_to_origin(std::span<std::byte> record);

  wire::CaptureWriter writer_;
  bool midway_;
  std::unordered_map<std::uint64_t, Origin> origins_;
  request::Scrubber scrubber_;
  std::vector<std::uint64_t> copy_;
};

}  // namespace plateau::app
