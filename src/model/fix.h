// A change to the server, as a change of its model.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/service_model.h"

namespace plateau::model {

enum class FixKind {
  shorten_lock,        // hold it for `factor` of the time
  shard_lock,          // split it into `count`
  add_workers,         // to `count`
  avoid_copy,          // sendfile, zerocopy: no copies of the body between kernel and user memory
  keep_alive,          // no connection set-up for each request
  pool_objects,        // no allocation, no page faults
  enlarge_downstream,  // to `count` connections
  add_cpus,            // to `count`
};

struct Fix {
  FixKind kind = FixKind::add_cpus;
  std::string resource = {};  // of a lock or downstream: its name
  double factor = 0.5;        // 0…1
  unsigned count = 0;
  std::string asked = {};  // as the user wrote it; empty: nobody asked
};

// By FixKind.
inline constexpr std::array<std::string_view, 8> kFixNames{"shorten_lock",       "shard_lock", "add_workers",
                                                           "avoid_copy",         "keep_alive", "pool_objects",
                                                           "enlarge_downstream", "add_cpus"};

constexpr std::string_view fix_name(FixKind kind) {
  return kFixNames[static_cast<std::size_t>(kind)];
}

// "shorten_lock=0.5" (the share of the time that is left), "shard_lock=8", "avoid_copy". The resource is left
// open. Fails with what may be written.
Result<Fix> parse_fix(std::string_view text);

// In words: "hold lock 0x7f12 for half as long".
std::string describe(const Fix& fix);

// What must be known to say what the fix saves, where the model's data do not tell.
std::optional<Unknown> unknown_saving(const ServiceModel& model, const Fix& fix);

// The model after the fix. Fails where the model has no such resource or where its data do not say what the
// fix would save; the message then names the experiment that would.
Result<ServiceModel> apply(const ServiceModel& model, const Fix& fix);

// The model of the server while nobody looks at it.
ServiceModel without_probes(const ServiceModel& model);

// What is worth trying on this model: each lock shortened and split, workers and downstream connections
// doubled, CPUs doubled, copies avoided, objects pooled, connections kept.
std::vector<Fix> usual_fixes(const ServiceModel& model);

}  // namespace plateau::model
