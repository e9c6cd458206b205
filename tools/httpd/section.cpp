#include "httpd/section.h"

#include "base/clock.h"
#include "httpd/sleep.h"

namespace plateau::httpd {
namespace {

// Locks the mutex; true if this thread had to wait or others still do.
inline bool enter(Section& section) {
  if (pthread_mutex_trylock(&section.mutex) == 0) {
    return section.waiters.load(std::memory_order_relaxed) > 0;
  }
  section.waiters.fetch_add(1, std::memory_order_relaxed);
  pthread_mutex_lock(&section.mutex);
  section.waiters.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

}  // namespace

SectionPass hold_section(Section& section) {
  SectionPass pass;
  pass.asked = monotonic_ns();
  const bool contended = enter(section);
  pass.entered = monotonic_ns();
  sleep_until_ns(section.pacing.leave_at(pass.entered, contended));
  pass.left = monotonic_ns();
  pthread_mutex_unlock(&section.mutex);
  // Keeps the unlock from becoming a tail call, which would take this frame off the stack.
  asm volatile("" ::: "memory");
  return pass;
}

}  // namespace plateau::httpd
