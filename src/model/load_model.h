// What the load does: how many clients, and how long they wait between an answer and the next request.
#pragma once

#include "model/capture_view.h"
#include "model/model_builder.h"
#include "model/service_model.h"

namespace plateau::model {

// Without a number of connections it is the mean number of requests inside by Little's law, and the think
// time what the interactive response time law leaves: the smallest closed load that sends as much. `unknowns`
// is told.
Load load_of(const CaptureView& view, const Supplement& supplement, std::vector<Unknown>& unknowns);

// s a request of the server's CPU time that Plateau's probes take while it is looked at.
double probes_cpu(const CaptureView& view);

// Rounded, 1 … kMostCustomers.
unsigned whole(double number);

// CPU time that other programs used for each request on CPUs that the server may use, s, as much as it can
// have been; 0 where the capture was cut off.
double other_cpu(const CaptureView& view);

// The machine has no CPU time left, and a request waits for a CPU for a quarter of the time in which it is
// served. (Shorter waits are those of a thread that wakes up beside programs that would give way.)
bool cpus_contended(const CaptureView& view);

// How many times as long computing takes because programs other than the server and its load, which need
// `own` s a request, want the CPUs too. 1 unless the CPUs are contended: then they only use what is left.
double slowdown_of(const CaptureView& view, double own);

}  // namespace plateau::model
