// What the analysis needs to know, and the ways in which a kernel can tell it. One row a signal: adding one
// is a row here, a .bpf.c and a test.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace plateau::probe {

// How closely to look: each level adds signals, and costs the target more.
enum class Detail : std::uint8_t { low, normal, high };
inline constexpr std::array<const char*, 3> kDetailNames{"low", "default", "high"};

// Stacks for a profile are taken only while somebody asks for one.
enum class Sampling : std::uint8_t { off, cpu, sleep, fault, waker };

// What a program is attached to.
enum class Kind : std::uint8_t {
  tp_btf,  // a tracepoint, arguments typed
  fentry,  // the entry to a kernel function, arguments typed
  fexit,   // its return, arguments and result typed
  kprobe,
  kretprobe,
  perf_event,  // an event that every CPU counts: a clock's ticks, page faults
  iter,        // a run over the kernel's objects, which every BTF kernel with BPF links has
};
inline constexpr std::array<const char*, 7> kKindNames{"tp_btf",    "fentry",     "fexit", "kprobe",
                                                       "kretprobe", "perf_event", "iter"};

// A tracepoint or function of the kernel's, which may not be there.
constexpr bool has_place(Kind kind) {
  return kind != Kind::iter && kind != Kind::perf_event;
}

// A program of the BPF object, and where it goes on.
struct Hook {
  Kind kind = Kind::tp_btf;
  const char* place = nullptr;    // tracepoint or kernel function; null: no hook
  const char* program = nullptr;  // in the BPF object
  // That the program counts on: of a function exactly so many, of a tracepoint no less; 0: it reads none.
  unsigned arguments = 0;
  bool optional = false;  // a kernel without the place has nothing to tell there
};

inline constexpr std::size_t kMaxHooks = 4;
inline constexpr std::size_t kMaxProviders = 3;

// One way to have a signal: all of its hooks together.
struct Provider {
  const char* name = nullptr;  // as --provider has it; null: none
  std::array<Hook, kMaxHooks> hooks{};
  const char* lost = "";  // beside the providers above it

  // "fexit/inet_recvmsg": the first hook stands for all.
  std::string text() const { return std::string(name) + "/" + hooks[0].place; }
};

struct Signal {
  const char* name;
  bool required;  // without it there is no request to show
  Detail detail;  // the lowest level that has it
  bool pausable;  // runs for every receive or send of the machine, and may be off for a while
  const char* tells;
  const char* without;                            // what is lost with it
  std::array<Provider, kMaxProviders> providers;  // the best first
  const char* partner = nullptr;  // the signal without which this one would mislead; null: none
  // A run that the kernel skips, because an interrupt came upon another run of the program, is the
  // interrupt's own, and what it leaves is put right at the thread's next receive or send: nothing of a
  // request is lost.
  bool mends = false;
  Sampling sampling = Sampling::off;  // not off: wanted for a profile of that kind only
};

std::span<const Signal> signals();

}  // namespace plateau::probe
