#include "model/fix.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace plateau::model {
namespace {

constexpr unsigned kShards = 8;
constexpr double kMostlyAsleep = 0.25;  // of a lock's time its holder computes less

Error missing(const Fix& fix) {
  return fail("the model has no resource '" + fix.resource + "'");
}

ServiceCenter* find(ServiceModel& model, const Fix& fix, Role role) {
  ServiceCenter* r = model.find(fix.resource);
  return r && r->role == role ? r : nullptr;
}

// Less computing in the request, in locks and outside of them alike: where the saved work is done is not
// known.
void save_in_request(ServiceModel& model, double seconds) {
  ServiceCenter& cpu = *model.cpu();
  const double in_request = cpu.demand.value - cpu.after_answer;
  const double kept = in_request > 0 ? std::max(0.0, 1 - seconds / in_request) : 1;
  for (ServiceCenter& r : model.centers) {
    if (r.role != Role::lock) continue;
    const double saved = r.on_cpu * (1 - kept);
    r.on_cpu -= saved;
    const double before = r.demand.value;
    r.demand = scaled(r.demand, before > 0 ? (before - saved) / before : 1);
  }
  const double before = cpu.demand.value;
  cpu.demand = scaled(cpu.demand, before > 0 ? (before - in_request * (1 - kept)) / before : 1);
}

double take_part(ServiceCenter& cpu, CpuCost cost) {
  double sum = 0;
  for (const CpuPart& part : cpu.parts)
    if (part.cost == cost) sum += part.seconds;
  std::erase_if(cpu.parts, [cost](const CpuPart& part) { return part.cost == cost; });
  return sum;
}

bool knows_part(const ServiceModel& model, CpuCost cost) {
  const ServiceCenter* cpu = model.cpu();
  return cpu && std::ranges::any_of(cpu->parts, [cost](const CpuPart& part) { return part.cost == cost; });
}

// Asleep for pages for so long that what allocation computes matters less.
bool sleeps_for_pages(const ServiceModel& model) {
  const ServiceCenter* faults = model.find("page_fault");
  return faults && (!model.cpu() || faults->demand.value > model.cpu()->demand.value);
}

// Less computing when the answer is out, as far as there is any; returns what is left to save.
double save_after_answer(ServiceModel& model, double seconds) {
  ServiceCenter& cpu = *model.cpu();
  const double saved = std::min(seconds, cpu.after_answer);
  cpu.after_answer -= saved;
  const double before = cpu.demand.value;
  cpu.demand = scaled(cpu.demand, before > 0 ? (before - saved) / before : 1);
  return seconds - saved;
}

// Copies are made in the request; what is allocated is freed, or collected, in it or after it; connections
// are opened and closed between requests.
ServiceModel without_part(ServiceModel model, CpuCost cost) {
  ServiceCenter& cpu = *model.cpu();
  const double seconds = take_part(cpu, cost);
  double after = 0;
  if ((cost == CpuCost::allocation || cost == CpuCost::probes) && cpu.demand.value > 0)
    after = seconds * cpu.after_answer / cpu.demand.value;
  if (cost == CpuCost::handshake) after = seconds;
  save_in_request(model, seconds - after + save_after_answer(model, after));
  return model;
}

ServiceModel with_connections_kept(ServiceModel model) {
  if (ServiceCenter* accept = model.find("accept_wait")) accept->demand = known(0);
  return without_part(std::move(model), CpuCost::handshake);
}

// Allocation's computing and the faults on fresh pages.
ServiceModel with_pooled_objects(ServiceModel model) {
  if (ServiceCenter* faults = model.find("page_fault")) faults->demand = known(0);
  return model.cpu() ? without_part(std::move(model), CpuCost::allocation) : model;
}

// The factor is of the whole time from one hand-over to the next: what a holder that mostly sleeps waits for
// a CPU when it wakes up is in it, and does not come on top.
Result<ServiceModel> shorten(ServiceModel model, const Fix& fix) {
  ServiceCenter* lock = find(model, fix, Role::lock);
  if (!lock) return missing(fix);
  if (!(fix.factor >= 0 && fix.factor <= 1)) return fail("a lock is shortened by a factor of 0 to 1");
  const double saved = lock->on_cpu * (1 - fix.factor);
  const bool asleep = lock->on_cpu < kMostlyAsleep * lock->demand.value;
  lock->on_cpu = asleep ? 0 : lock->on_cpu - saved;
  lock->demand = scaled(lock->demand, fix.factor);
  if (ServiceCenter* cpu = model.cpu(); cpu && cpu->demand.value > 0)
    cpu->demand = scaled(cpu->demand, std::max(0.0, 1 - saved / cpu->demand.value));
  return model;
}

Result<ServiceModel> shard(ServiceModel model, const Fix& fix) {
  ServiceCenter* lock = find(model, fix, Role::lock);
  if (!lock) return missing(fix);
  if (fix.count < 2) return fail("a lock is split into two at least");
  lock->ways = fix.count;
  return model;
}

Result<ServiceModel> with_workers(ServiceModel model, const Fix& fix) {
  if (!model.workers) return fail("each connection has a thread of its own: there is no number of workers");
  if (fix.count == 0) return fail("a server needs a worker at least");
  model.workers->count = fix.count;
  return model;
}

Result<ServiceModel> with_connections(ServiceModel model, const Fix& fix) {
  ServiceCenter* downstream = find(model, fix, Role::downstream);
  if (!downstream) return missing(fix);
  if (downstream->servers == 0) return fail("no limit of the downstream connections is known");
  if (fix.count == 0) return fail("a pool needs a connection at least");
  downstream->servers = fix.count;
  return model;
}

Result<ServiceModel> with_cpus(ServiceModel model, const Fix& fix) {
  if (!model.cpu()) return fail("the CPU time of a request is not known: the capture was cut off; repeat it");
  if (fix.count == 0) return fail("a machine needs a CPU at least");
  model.cpu()->servers = fix.count;
  return model;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

}  // namespace

std::string describe(const Fix& fix) {
  const std::string count = std::to_string(fix.count);
  switch (fix.kind) {
    case FixKind::shorten_lock:
      return fix.factor == 0.5
                 ? "hold " + fix.resource + " for half as long"
                 : "hold " + fix.resource + " for " + number(fix.factor * 100) + " % of the time";
    case FixKind::shard_lock:
      return "split " + fix.resource + " into " + count;
    case FixKind::add_workers:
      return "run " + count + " workers";
    case FixKind::avoid_copy:
      return "send the body without copying it (sendfile, zerocopy)";
    case FixKind::keep_alive:
      return "keep connections open between requests";
    case FixKind::pool_objects:
      return "reuse objects and buffers";
    case FixKind::enlarge_downstream:
      return "open " + count + " connections to " + fix.resource;
    case FixKind::add_cpus:
      break;
  }
  return "run on " + count + " CPUs";
}

Result<Fix> parse_fix(std::string_view text) {
  const std::size_t equals = text.find('=');
  const auto found = std::find(kFixNames.begin(), kFixNames.end(), text.substr(0, equals));
  if (found == kFixNames.end()) {
    std::string all;
    for (const std::string_view known : kFixNames) all += (all.empty() ? "" : ", ") + std::string(known);
    return fail("'" + std::string(text) + "' is no fix: take one of " + all, ExitCode::usage);
  }
  Fix fix;
  fix.kind = static_cast<FixKind>(found - kFixNames.begin());
  fix.asked = text;
  const bool bare =
      fix.kind == FixKind::avoid_copy || fix.kind == FixKind::keep_alive || fix.kind == FixKind::pool_objects;
  if (bare != (equals == std::string_view::npos))
    return fail(
        "'" + std::string(text) + "': " + (bare ? "takes no value" : "needs a value, as in ") +
            (bare ? "" : std::string(*found) + "=" + (fix.kind == FixKind::shorten_lock ? "0.5" : "8")),
        ExitCode::usage);
  if (bare) return fix;
  const std::string number(text.substr(equals + 1));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  const bool share = fix.kind == FixKind::shorten_lock;
  if (number.empty() || *end != 0 || !(value > 0) || value > (share ? 1 : 100'000) ||
      (!share && value != std::floor(value)))
    return fail("'" + std::string(text) + "': the value must be " +
                    (share ? "a share above 0 and at most 1" : "a whole number from 1 to 100000"),
                ExitCode::usage);
  if (share)
    fix.factor = value;
  else
    fix.count = static_cast<unsigned>(value);
  return fix;
}

std::optional<Unknown> unknown_saving(const ServiceModel& model, const Fix& fix) {
  if (fix.kind == FixKind::avoid_copy && !knows_part(model, CpuCost::copy))
    return Unknown{"what copying costs", "no prediction", "capture with --detail high"};
  if (fix.kind == FixKind::keep_alive && !knows_part(model, CpuCost::handshake))
    return Unknown{"what connection set-up costs", "no prediction", "take a CPU profile: --profile cpu"};
  if (fix.kind == FixKind::pool_objects && !knows_part(model, CpuCost::allocation) &&
      !sleeps_for_pages(model))
    return Unknown{"what allocation costs", "no prediction", "take a CPU profile: --profile cpu"};
  return std::nullopt;
}

Result<ServiceModel> apply(const ServiceModel& model, const Fix& fix) {
  if (const auto unknown = unknown_saving(model, fix))
    return fail(unknown->what + " is not known; " + unknown->experiment);
  switch (fix.kind) {
    case FixKind::shorten_lock:
      return shorten(model, fix);
    case FixKind::shard_lock:
      return shard(model, fix);
    case FixKind::add_workers:
      return with_workers(model, fix);
    case FixKind::avoid_copy:
      return without_part(model, CpuCost::copy);
    case FixKind::keep_alive:
      return with_connections_kept(model);
    case FixKind::pool_objects:
      return with_pooled_objects(model);
    case FixKind::enlarge_downstream:
      return with_connections(model, fix);
    case FixKind::add_cpus:
      break;
  }
  return with_cpus(model, fix);
}

ServiceModel without_probes(const ServiceModel& model) {
  return model.cpu() ? without_part(model, CpuCost::probes) : model;
}

std::vector<Fix> usual_fixes(const ServiceModel& model) {
  std::vector<Fix> fixes;
  for (const ServiceCenter& r : model.centers) {
    if (r.role == Role::lock) {
      fixes.push_back({FixKind::shorten_lock, r.name});
      fixes.push_back({FixKind::shard_lock, r.name, 0.5, kShards});
    }
    if (r.role == Role::downstream && r.servers)
      fixes.push_back({FixKind::enlarge_downstream, r.name, 0.5, r.servers * 2});
  }
  if (model.workers) fixes.push_back({FixKind::add_workers, {}, 0.5, model.workers->count * 2});
  fixes.push_back({FixKind::avoid_copy});
  fixes.push_back({FixKind::pool_objects});
  fixes.push_back({FixKind::keep_alive});
  if (const ServiceCenter* cpu = model.cpu()) fixes.push_back({FixKind::add_cpus, {}, 0.5, cpu->servers * 2});
  return fixes;
}

}  // namespace plateau::model
