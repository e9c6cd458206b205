// What a request does between being read and being answered: the planted stages, in a fixed order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "httpd/options.h"
#include "httpd/section.h"

namespace plateau::httpd {

// Monotonic nanoseconds; a stage that did not happen begins at 0.
struct Span {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

enum class Stage : std::uint8_t { section_wait, section_hold, sleep, spin };
inline constexpr std::array<std::string_view, 4> kStageNames = {"section_wait", "section_hold", "sleep",
                                                                "spin"};
using StageSpans = std::array<Span, kStageNames.size()>;

class Workload {
 public:
  explicit Workload(const Options& options);

  // Passes the section, sleeps and spins, as far as switched on. Blocks; any thread may call it.
  void run(StageSpans& spans);

 private:
  std::unique_ptr<Section> section_;
  std::uint64_t sleep_ns_;
  std::uint64_t spin_ns_;
};

}  // namespace plateau::httpd
