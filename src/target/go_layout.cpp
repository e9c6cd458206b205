#include "target/go_layout.h"

#include <array>

#include "target/go_build_info.h"

namespace plateau::target {
namespace {

struct Row {
  unsigned first;  // Go 1.x
  unsigned last;
  GoLayout layout;
};

// runtime2.go. 1.23 put g.syscallbp before goid; 1.25 took gobuf.ret away, which both g and m hold.
constexpr std::array<Row, 3> kRows{{{17, 22, {152, 48, 192, 144, 176}},
                                    {23, 24, {160, 48, 192, 152, 184}},
                                    {25, 27, {152, 48, 184, 144, 176}}}};

}  // namespace

std::optional<GoLayout> known_go_layout(std::string_view version) {
  const unsigned minor = go_minor(version);
  for (const Row& row : kRows)
    if (minor >= row.first && minor <= row.last) return row.layout;
  return std::nullopt;
}

}  // namespace plateau::target
