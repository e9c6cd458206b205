// plateau doctor: what can be seen here, and what will be blind.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/bypass_watch.h"
#include "app/commands.h"
#include "app/doctor_bypass.h"
#include "app/doctor_plan.h"
#include "app/report_losses.h"
#include "app/roots.h"
#include "base/log.h"
#include "probe/go_probes.h"
#include "probe/plan.h"
#include "probe/session.h"
#include "sink/data_paths.h"
#include "target/go_runtime.h"
#include "target/machine_bypass.h"
#include "target/process.h"
#include "target/runtime.h"
#include "target/sockets.h"

namespace plateau::app {
namespace {

struct Patient {
  target::Process process;
  std::size_t processes = 0;
  std::size_t threads = 0;
  std::size_t connections = 0;
  std::string executable;
  target::Runtime runtime = target::Runtime::unknown;
  std::optional<target::GoRuntime> go;
  std::vector<std::string> listening;
  std::vector<std::string> blind;
  std::string
      go_probes_problem;  // why none would go on its runtime; empty: they would, or it is no Go process
  wire::ViewFact view;
};

void list_blind_spots(Patient& patient) {
  if (patient.go && !patient.go->has_goroutines())
    patient.blind.push_back("goroutines: " + target::describe_goroutines(*patient.go));
  if (patient.listening.empty())
    patient.blind.push_back("no listening socket: only connections that it has or opens are seen");
  for (const auto& bypass : patient.view.bypasses) patient.blind.push_back(sink::bypass_sentence(bypass));
  if (patient.view.hidden)
    patient.blind.push_back(
        "its descriptors may not be read (CAP_SYS_PTRACE is needed): roads around the kernel's TCP not "
        "known");
}

Patient examine(const target::Process& process) {
  Patient patient;
  patient.process = process;
  patient.executable = target::executable_of(process.pid);
  patient.runtime = target::runtime_of(process.pid);
  if (patient.runtime == target::Runtime::go)
    if (auto go = target::go_runtime_of(process.pid)) patient.go = std::move(*go);
  const auto members = target::descendants({process.pid}, target::all_processes());
  BypassWatch watch;
  watch.look(members);
  patient.view = watch.fact();
  for (const auto& member : members) {
    patient.processes++;
    patient.threads += member.threads;
    const auto sockets = target::sockets_of(member.pid);
    patient.connections += sockets.connections;
    for (const std::string& place : sockets.places())
      if (std::find(patient.listening.begin(), patient.listening.end(), place) == patient.listening.end())
        patient.listening.push_back(place);
  }
  list_blind_spots(patient);
  return patient;
}

// What a thread's time means on the target's runtime.
std::string runtime_line(const Patient& patient) {
  const std::string name = target::runtime_name(patient.runtime);
  if (patient.go)
    return (patient.go->version.empty() ? name : patient.go->version) + ", " +
           target::describe_goroutines(*patient.go);
  return name + ", time is charged to threads";
}

std::string join(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + item;
  return text;
}

void print_text(const probe::Plan& plan, const Status& able, const target::MachineBypass& machine,
                const Patient* patient) {
  std::printf("kernel       %s\n", plan.kernel.c_str());
  std::printf("BTF          %s\n", plan.btf ? "yes" : "no");
  std::printf("privileges   %s\n", privileges_line(plan.privileges).c_str());
  for (const auto& line : bypass_lines(machine)) std::printf("bypass       %s\n", line.c_str());
  std::printf("detail       %s\n", probe::kDetailNames[static_cast<std::size_t>(plan.detail)]);
  std::printf("verdict      %s\n\n", able ? "ready to attach" : able.error().message.c_str());
  const bool go = patient && patient->go;
  const std::string go_probes = go ? go_probes_text(plan, patient->go_probes_problem) : "";
  std::printf("%s\n%s%s\n%s", privileges_text(plan.privileges).c_str(), signals_text(plan).c_str(),
              go_probes.c_str(), levels_text().c_str());
  if (!patient) return;
  std::printf("\ntarget       %s (PID %d), %s\n", patient->process.comm.c_str(), patient->process.pid,
              patient->executable.c_str());
  std::printf("runtime      %s\n", runtime_line(*patient).c_str());
  std::printf("processes    %zu, threads %zu, connections %zu\n", patient->processes, patient->threads,
              patient->connections);
  std::printf("listening    %s\n", patient->listening.empty() ? "nothing" : join(patient->listening).c_str());
  for (const auto& spot : patient->blind) std::printf("blind        %s\n", spot.c_str());
}

void print_json(const probe::Plan& plan, const Status& able, const target::MachineBypass& machine,
                const Patient* patient) {
  nlohmann::ordered_json json;
  json["kernel"] = plan.kernel;
  json["btf"] = plan.btf;
  json["privileged"] = probe::check(plan.privileges).ok();
  json["bypass"] = bypass_json(machine);
  json["detail"] = probe::kDetailNames[static_cast<std::size_t>(plan.detail)];
  json["ready"] = able.ok();
  json["problem"] = able ? nlohmann::ordered_json() : nlohmann::ordered_json(able.error().message);
  json["privileges"] = privileges_json(plan.privileges);
  json["signals"] = signals_json(plan);
  if (patient && patient->go)
    for (auto& probe : go_probes_json(plan, patient->go_probes_problem))
      json["signals"].push_back(std::move(probe));
  json["levels"] = levels_json();
  if (patient)
    json["target"] = {{"pid", patient->process.pid},
                      {"comm", patient->process.comm},
                      {"executable", patient->executable},
                      {"runtime", target::runtime_name(patient->runtime)},
                      {"runtime_version", patient->go ? patient->go->version : ""},
                      {"goroutines", patient->go ? target::describe_goroutines(*patient->go) : ""},
                      {"processes", patient->processes},
                      {"threads", patient->threads},
                      {"connections", patient->connections},
                      {"listening", patient->listening},
                      {"blind", patient->blind}};
  std::printf("%s\n", json.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

// Nobody, if the user asks about the machine alone.
Result<std::optional<Patient>> find_patient(const CaptureOptions& options) {
  if (options.pids.empty() && !options.port && options.comm.empty()) return std::optional<Patient>();
  const auto roots = find_roots(options);
  if (!roots) return roots.error();
  const auto process = target::read_process(roots->front());
  if (!process) return process.error();
  const auto tree = target::descendants({process->pid}, target::all_processes());
  const auto is_in_tree = [&](pid_t pid) {
    return std::ranges::any_of(tree, [pid](const target::Process& member) { return member.pid == pid; });
  };
  if (!std::ranges::all_of(*roots, is_in_tree))
    log_line("several servers are meant: looking at process " + std::to_string(process->pid) + " alone");
  return std::optional(examine(*process));
}

// Looking at the kernel's list of places does not tell what it lets programs do there. What is there is tried
// where something needed is not, too.
Status try_out(probe::Plan& plan) {
  const Status before = probe::check(plan);
  if (!before && plan.btf && probe::check(plan.privileges)) (void)probe::Session::try_out(plan);
  if (!before) return before;
  const Status loaded = probe::Session::try_out(plan);
  const Status able = probe::check(plan);
  return able ? loaded : able;
}

}  // namespace

ExitCode run_doctor(const DoctorOptions& options) {
  auto patient = find_patient(options.capture);
  if (!patient) return report(patient.error());
  probe::Plan plan = probe::make_plan(options.capture.detail);
  for (const auto& assignment : options.capture.providers)
    if (auto forced = probe::force_provider(plan, assignment); !forced) return report(forced.error());
  probe::look_at_all(plan);
  const Status able = try_out(plan);
  const target::MachineBypass machine = target::machine_bypass();
  if (*patient && (*patient)->go)
    (*patient)->go_probes_problem = probe::go_probes_problem(plan, (*patient)->process.pid, *(*patient)->go);
  const Patient* shown = *patient ? &**patient : nullptr;
  if (options.format == Format::json)
    print_json(plan, able, machine, shown);
  else
    print_text(plan, able, machine, shown);
  return able ? ExitCode::ok : able.error().code;
}

}  // namespace plateau::app
