#include "httpd/section.h"

#include "httpd/sleep.h"
#include "httpd/spin.h"
#include "httpd/stamp_clock.h"

namespace plateau::httpd {
namespace {

// Locks the mutex; true if this thread had to wait or others still do.
inline bool enter(Section& section) {
  if (pthread_mutex_trylock(&section.mutex) == 0) {
    return section.waiters.load(std::memory_order_relaxed) > 0;
  }
  section.waiters.fetch_add(1, std::memory_order_relaxed);
  if (section.wait_kind == WaitKind::spin) {
    while (pthread_mutex_trylock(&section.mutex) != 0) {
    }
  } else {
    pthread_mutex_lock(&section.mutex);
  }
  section.waiters.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

}  // namespace

SectionPass hold_section(Section& section) {
  SectionPass pass;
  pass.asked = stamp_clock().now();
  const bool contended = enter(section);
  pass.entered = stamp_clock().now();
  const std::uint64_t leave = section.pacing.leave_at(pass.entered, contended);
  section.hold_kind == HoldKind::spinning ? spin_until_ns(leave) : sleep_until_ns(leave);
  pass.left = stamp_clock().now();
  pthread_mutex_unlock(&section.mutex);
  // Keeps the unlock from becoming a tail call, which would take this frame off the stack.
  asm volatile("" ::: "memory");
  return pass;
}

}  // namespace plateau::httpd
