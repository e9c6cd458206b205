// Which request a sampled stack served, and the sums by stack.
//
// A turn's record says how much of its thread's time it was charged with, and where that ends: a sample in
// that stretch belongs to the turn's request, exactly as the budget does. The record comes after the samples,
// and the request is known only when it is over: samples wait for both, in bounded memory. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "request/request.h"
#include "wire/event.h"
#include "wire/profile.h"

namespace plateau::attribution {

struct ProfileLimits {
  std::size_t waiting_per_thread = 8192;  // samples that wait for their turn's record
  std::size_t waiting_for_requests = 262144;
  std::uint64_t grace_ns = 2'000'000'000;  // how long after its thread's later record a sample may be claimed
  std::size_t pairs = 65536;               // different sums that tell who ended the sleep
  std::size_t sums = 131072;               // all of them
};

// In the place of a stack's number: those for which there was no room.
inline constexpr std::uint32_t kOtherStacks = wire::kNoStack - 1;

// What of a sample a sum is made of.
enum class Part : std::uint8_t {
  cpu,       // on a CPU
  blocked,   // asleep
  runqueue,  // woken, and not yet running
  fault,     // at page faults: of them, not of nanoseconds
};

// Where a request's samples go: `set` tells the classes that are compared apart, `label` is the caller's.
struct ProfileClass {
  std::uint8_t set = 0;
  std::uint32_t label = 0;
};

struct WeightedStack {
  std::uint32_t stack = 0;  // kOtherStacks: of many, all in label 0
  Part part = Part::cpu;
  ProfileClass of;
  std::uint64_t futex = 0;               // slept on; 0: none
  std::uint32_t waker = wire::kNoStack;  // of Part::blocked: stack of who ended it; kOtherStacks: of several
  std::uint64_t ns = 0;                  // of Part::fault: page faults
  std::uint64_t samples = 0;
  std::uint64_t copying_ns = 0;  // of `ns`: taken where the thread's own account counted copy_in or copy_out
};

struct ProfileCounts {
  std::uint64_t samples = 0;          // taken in, ends of sleeps included
  std::uint64_t cpu_samples = 0;      // of them
  std::uint64_t served = 0;           // belong to requests that ended, selected or not
  std::uint64_t selected = 0;         // of them, in the classes asked for
  std::uint64_t requests = 0;         // selected
  std::uint64_t passed_over = 0;      // requests, not selected
  std::uint64_t evicted = 0;          // dropped: too many waited
  std::uint64_t other_wakers = 0;     // samples whose waker went to kOtherStacks: too many different pairs
  std::uint64_t other_stacks = 0;     // samples that went there themselves: too many different sums
  std::uint64_t selected_cpu_ns = 0;  // the selected requests' own accounts, to hold the sums against
  std::uint64_t selected_blocked_ns = 0;
  std::uint64_t selected_copy_ns =
      0;  // between kernel and user memory; 0 where the capture does not split it
};

class Profile {
 public:
  using Classify = std::function<std::optional<ProfileClass>(const request::Request&)>;

  // `unserved_too`: what served no request that came out is summed as well, in set and label 0.
  Profile(Classify classify, bool unserved_too, ProfileLimits limits = {});

  void sample(const wire::StackSample& sample);

  // Each record before the stitcher gets it, each request as it comes out.
  void turn(const pl_turn& turn);
  void request(const request::Request& request);
  void close(std::uint64_t conn);

  // The capture is over: what still waits served no request that came out.
  void finish();

  const ProfileCounts& counts() const { return counts_; }
  std::vector<WeightedStack> stacks() const;
  // The same, and the sums begin anew.
  std::vector<WeightedStack> take();

 private:
  struct Thread {
    std::deque<wire::StackSample> waiting;  // by time
  };
  struct Claimed {
    std::uint32_t stack = 0;
    Part part = Part::cpu;
    std::uint64_t futex = 0;
    std::uint64_t ns = 0;
    std::uint64_t end_ns = 0;  // of the stretch it was in; 0: in none
    std::uint64_t copying_ns = 0;
    std::uint32_t waker = wire::kNoStack;
  };
  struct Key {
    std::uint32_t stack;
    Part part;
    std::uint8_t set;
    std::uint32_t label;
    std::uint64_t futex;
    std::uint32_t waker;
    auto operator<=>(const Key&) const = default;
  };
  struct Sum {
    std::uint64_t ns = 0;
    std::uint64_t samples = 0;
    std::uint64_t copying_ns = 0;
  };

  void claim(const wire::StackSample& sample, std::uint64_t from, std::uint64_t to, const pl_turn& turn);
  void put(std::uint64_t conn, const Claimed& claimed);
  // The sum with that key, or with the one that stands for it where there is no room.
  Sum& sum_of(Key key);
  void add(const Claimed& claimed, ProfileClass of);
  void forgo(const Claimed& claimed);
  void forgo(const wire::StackSample& sample);

  Classify classify_;
  bool unserved_too_;
  ProfileLimits limits_;
  ProfileCounts counts_;
  std::unordered_map<std::uint32_t, Thread> threads_;
  std::unordered_map<std::uint64_t, std::deque<Claimed>> claimed_;  // by connection
  std::size_t claimed_size_ = 0;
  std::map<Key, Sum> sums_;
  std::size_t pairs_ = 0;  // of them, with a waker of their own
};

}  // namespace plateau::attribution
