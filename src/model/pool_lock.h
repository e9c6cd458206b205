// A lock that is no lock: the semaphore, or what stands for one, that the places of a connection pool are
// handed over by.
#pragma once

#include "model/capture_view.h"

namespace plateau::model {

// Of the time that a lock is held, the share of computing from which on its holder counts as one that
// computes.
inline constexpr double kHolderComputes = 0.6;

// s a request: what its budget shows as computed.
double computed(const CaptureView& view);

// What a request does with the lock held must be among what it does at all. Where only its waits for another
// server are long enough, several of them at a time, what is handed over is a place in a pool. So it is where
// those who end the waits signal a condition variable or a semaphore, once another server has answered them.
bool guards_pool(const CaptureView& view, const attribution::LockStats& lock);

// s a request asleep on futexes that are signalled, or hand over places, and are not held: of the time on
// futexes, their share of the waits.
double signalled(const CaptureView& view);

}  // namespace plateau::model
