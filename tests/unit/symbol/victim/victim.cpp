// Holds a lock that another thread waits for. The holder reads a byte from standard input inside the critical
// section, then unlocks, which wakes the waiter; at the end of the input the program ends. Prints "holder TID
// waiter TID" once the holder holds the lock.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <semaphore>

// A function that stays one, whatever the compiler knows of its body.
#ifdef __clang__
#define APART [[clang::noinline, clang::optnone]]
#else
#define APART [[gnu::noipa]]
#endif

namespace bank {

pthread_mutex_t ledger = PTHREAD_MUTEX_INITIALIZER;
std::binary_semaphore held(0);
volatile int entries = 0;
volatile pid_t holder_tid = 0, waiter_tid = 0;

pid_t own_tid() {
  return static_cast<pid_t>(syscall(SYS_gettid));
}

[[gnu::always_inline]] inline void await_order() {
  char order = 0;
  if (read(STDIN_FILENO, &order, 1) == 1) entries = entries + 1;
}

// The arithmetic after each call keeps the compiler from turning it into a jump, which would lose the frame.
APART int settle(int amount) {
  volatile int balance[64] = {amount};
  pthread_mutex_lock(&ledger);
  held.release();
  await_order();
  pthread_mutex_unlock(&ledger);
  return balance[0] + entries;
}

APART int audit(int amount) {
  return settle(amount + 1) * 2;
}

APART int queue_up(int amount) {
  pthread_mutex_lock(&ledger);
  entries = entries + amount;
  pthread_mutex_unlock(&ledger);
  return entries * 3;
}

}  // namespace bank

extern "C" APART void* holder_main(void*) {
  bank::holder_tid = bank::own_tid();
  bank::entries = bank::audit(7) + 1;
  return nullptr;
}

extern "C" APART void* waiter_main(void*) {
  bank::waiter_tid = bank::own_tid();
  bank::held.release();
  bank::entries = bank::queue_up(5) + 1;
  return nullptr;
}

int main() {
  pthread_t holder{}, waiter{};
  pthread_create(&holder, nullptr, holder_main, nullptr);
  bank::held.acquire();
  pthread_create(&waiter, nullptr, waiter_main, nullptr);
  bank::held.acquire();
  std::printf("holder %d waiter %d\n", bank::holder_tid, bank::waiter_tid);
  std::fflush(stdout);
  pthread_join(holder, nullptr);
  pthread_join(waiter, nullptr);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
