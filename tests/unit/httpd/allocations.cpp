#include "allocations.h"

#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t counted = 0;

}  // namespace

#ifndef PLATEAU_SANITIZE_THREAD
void* operator new(std::size_t size) {
  ++counted;
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace plateau::httpd {

std::uint64_t allocations() {
  return counted;
}

}  // namespace plateau::httpd
