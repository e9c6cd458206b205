// What the analysis needs to know, and the ways in which a kernel can tell it. One row a signal: adding one
// is a row here, a .bpf.c and a test.
#pragma once

#include <span>

namespace plateau::probe {

struct Signal {
  const char* name;
  const char* program;     // in the BPF object
  const char* tracepoint;  // BTF tracepoint; null: an iterator, which every BTF kernel with BPF links has
  bool required;           // without it there is no request to show
  bool pausable;           // runs for every receive or send of the machine, and may be off for a while
  const char* tells;
  const char* without;  // what is lost with it
};

std::span<const Signal> signals();

}  // namespace plateau::probe
