// What the analysis needs to know, and the ways in which a kernel can tell it. One row a signal: adding one
// is a row here, a .bpf.c and a test.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace plateau::probe {

// How closely to look: each level adds signals, and costs the target more.
enum class Detail : std::uint8_t { low, normal, high };
inline constexpr std::array<const char*, 3> kDetailNames{"low", "default", "high"};

// Stacks for a profile are taken only while somebody asks for one.
enum class Sampling : std::uint8_t { off, cpu, sleep };

struct Signal {
  const char* name;
  const char* program;  // in the BPF object
  const char*
      tracepoint;  // BTF tracepoint; null: an iterator or a clock, which every BTF kernel with BPF has
  bool required;   // without it there is no request to show
  Detail detail;   // the lowest level that has it
  bool pausable;   // runs for every receive or send of the machine, and may be off for a while
  const char* tells;
  const char* without;            // what is lost with it
  const char* partner = nullptr;  // the signal without which this one would mislead; null: none
  // A run that the kernel skips, because an interrupt came upon another run of the program, is the
  // interrupt's own, and what it leaves is put right at the thread's next receive or send: nothing of a
  // request is lost.
  bool mends = false;
  Sampling sampling = Sampling::off;  // not off: wanted for a profile of that kind only
};

std::span<const Signal> signals();

}  // namespace plateau::probe
