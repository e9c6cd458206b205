// What a flamegraph is made of, whatever it is written as. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plateau::sink::flame {

enum class Kind : std::uint8_t {
  native,   // compiled code
  kernel,   // of the kernel
  go,       // compiled by Go
  jit,      // compiled while running
  inlined,  // inlined into its caller by the compiler
  unknown,  // no function is known there
  note,     // no function at all: a heading between two stacks, or what the time was
};
inline constexpr std::array<std::string_view, 7> kKindNames{"native", "kernel",  "go",  "jit",
                                                            "inline", "unknown", "note"};

constexpr std::string_view name(Kind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

struct Frame {
  std::string name;
  std::string module;  // path of the program file; empty: none
  std::string file;    // of the source; empty: not known
  int line = 0;        // 0: not known
  Kind kind = Kind::native;
};

// The class of requests that a stack served.
struct Label {
  std::string route;  // empty: none
  int status = 0;     // 0: none

  auto operator<=>(const Label&) const = default;
};

// What widths are.
enum class Unit : std::uint8_t { nanoseconds, page_faults };

struct Stack {
  std::vector<std::uint32_t> frames;  // outermost first: indices of Graph::frames
  std::uint64_t ns = 0;               // or how many, where Graph::unit is another
  std::uint64_t samples = 0;
  std::uint32_t label = 0;  // index of Graph::labels
};

// "1.20 s", "12,345".
std::string amount(std::uint64_t value, Unit unit);

class Graph {
 public:
  std::string title;
  std::string subtitle;
  std::vector<std::string> notes;  // what was lost or cut short, a line each
  std::string executable;          // the target's program file; empty: not known
  std::string what = "time";       // that ns measures: "on-CPU time"
  Unit unit = Unit::nanoseconds;

  // The index of a frame of this name and kind; what else is known of it stays as first told.
  std::uint32_t frame(const Frame& frame);
  std::uint32_t label(const Label& label);
  void add(Stack stack);

  const std::vector<Frame>& frames() const { return frames_; }
  const std::vector<Label>& labels() const { return labels_; }
  const std::vector<Stack>& stacks() const { return stacks_; }
  std::uint64_t total_ns() const { return total_ns_; }
  // "1.20 s of on-CPU time", "12,345 page faults".
  std::string total() const;
  std::uint64_t total_samples() const { return total_samples_; }

 private:
  std::vector<Frame> frames_;
  std::vector<Label> labels_;
  std::vector<Stack> stacks_;
  std::map<std::pair<Kind, std::string>, std::uint32_t, std::less<>> frame_ids_;
  std::map<Label, std::uint32_t> label_ids_;
  std::uint64_t total_ns_ = 0;
  std::uint64_t total_samples_ = 0;
};

}  // namespace plateau::sink::flame
