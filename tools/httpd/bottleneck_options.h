// The part of the command line that is about engines and planted bottlenecks.
#pragma once

#include <cstdint>
#include <string>

namespace plateau::httpd {

enum class HoldKind : std::uint8_t { blocked, spinning };
enum class ShardChoice : std::uint8_t { turn, chance };
enum class WaitKind : std::uint8_t { block, spin };
enum class MemoryKind : std::uint8_t { pooled, fresh };
enum class Scheduling : std::uint8_t { normal, batch };
enum class FramingRule : std::uint8_t { automatic, length, chunked };

struct BottleneckOptions {
  std::uint32_t loops = 1;
  std::uint32_t workers = 4;
  bool hot_path = false;  // pre-built answers to request heads seen before
  Scheduling scheduling = Scheduling::normal;
  std::string congestion;  // of the connections' TCP; empty: the kernel's choice
  std::uint32_t shards = 4;
  ShardChoice shard_choice = ShardChoice::turn;
  HoldKind hold_kind = HoldKind::blocked;
  WaitKind wait_kind = WaitKind::block;
  std::uint64_t pause_ns = 0;  // 0: no pauses
  std::uint64_t pause_every_ns = 0;
  MemoryKind memory = MemoryKind::pooled;
  std::uint64_t garbage = 0;  // bytes, like the next three; 0: none
  std::uint64_t page_fault = 0;
  std::uint64_t copy = 0;
  std::uint64_t disk = 0;
  std::string disk_dir = "/var/tmp";
  std::uint32_t downstream = 0;  // connections; 0: no downstream
  std::uint64_t downstream_delay_ns = 0;
  FramingRule framing = FramingRule::automatic;
  bool truth_stamps = false;  // the kernel's receive time in the truth log
};

}  // namespace plateau::httpd
