// plateau flame: flamegraphs, of a class of requests too.
#include "app/flame.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/progress.h"
#include "app/report_losses.h"
#include "app/write_file.h"
#include "base/log.h"
#include "base/units.h"
#include "sink/flame/write.h"

namespace plateau::app {
namespace {

namespace flame = sink::flame;

std::string rendered(const flame::Graph& graph, FlameFormat format) {
  switch (format) {
    case FlameFormat::folded:
      return flame::to_folded(graph);
    case FlameFormat::pprof:
      return flame::to_pprof(graph);
    case FlameFormat::speedscope:
      return flame::to_speedscope(graph);
    case FlameFormat::svg:
      break;
  }
  return flame::to_svg(graph);
}

// Told before the capture, not after it.
Status check_writable(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const bool there = access(path.c_str(), F_OK) == 0;
  const std::string what = there ? path : parent.empty() ? "." : parent.string();
  if (access(what.c_str(), W_OK) == 0) return success();
  return fail("cannot write " + path + ": " + std::strerror(errno));
}

Result<flame::Graph> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail("cannot read " + path);
  auto graph = flame::read_graph(bytes);
  if (!graph) return fail(path + ": " + graph.error().message + ": give a folded or a pprof file");
  return graph;
}

ExitCode run_difference(const FlameOptions& options) {
  auto before = read_file(options.difference[0]);
  if (!before) return report(before.error());
  auto after = read_file(options.difference[1]);
  if (!after) return report(after.error());
  after->title = "Difference: " + options.difference[1] + " against " + options.difference[0];
  after->subtitle = "Widths are those of " + options.difference[1] + ", colours the change of a share";
  if (auto written = write_file(options.output, flame::difference_svg(*before, *after)); !written)
    return report(written.error());
  return ExitCode::ok;
}

CaptureOptions capture_of(const FlameOptions& options) {
  CaptureOptions capture = options.capture;
  capture.profile.cpu =
      options.kind == FlameKind::cpu || options.kind == FlameKind::copy || options.kind == FlameKind::wall;
  capture.profile.sleep =
      options.kind == FlameKind::offcpu || options.kind == FlameKind::lock || options.kind == FlameKind::wall;
  capture.profile.fault = options.kind == FlameKind::fault;
  capture.profile.waker = options.wakers;
  if (options.kind == FlameKind::lock) capture.holder_interval_ns = 1'000'000;
  capture.writes_results = true;
  return capture;
}

Status check_samples(const FlameOptions& options, const CaptureOptions& wanted, const wire::Facts& facts) {
  const auto& profile = facts.profile;
  if (wanted.profile.cpu && profile.frequency_hz == 0)
    return fail(options.capture.from + " has no stacks of running threads: record with --profile cpu");
  if (wanted.profile.sleep && !profile.sleeps)
    return fail(options.capture.from + " has no stacks of sleeping threads: record with --profile offcpu");
  if (wanted.profile.waker && !profile.wakers)
    return fail(options.capture.from + " has no stacks of wakers: record with --profile offcpu --wakers");
  if (wanted.profile.fault && profile.fault_period == 0)
    return fail(options.capture.from + " has no stacks at page faults: record with --profile fault");
  return success();
}

std::uint64_t faults_a_stack(const attribution::Profile& profile) {
  std::uint64_t faults = 0, stacks = 0;
  for (const auto& weighted : profile.stacks()) {
    if (weighted.part != attribution::Part::fault) continue;
    faults += weighted.ns;
    stacks += weighted.samples;
  }
  return stacks ? faults / stacks : 0;
}

std::string share(std::uint64_t part, std::uint64_t all) {
  return format_percent(all ? static_cast<double>(part) / static_cast<double>(all) : 0);
}

// What there is to know of the samples beside their stacks: on stderr, and below an SVG.
std::vector<std::string> notes_of(FlameCollector& collector, const wire::Facts& facts) {
  std::vector<std::string> notes;
  const auto& counts = collector.profile().counts();
  const auto quality = collector.quality();
  std::string taken = format_count(counts.samples) + " stacks taken";
  if (facts.profile.frequency_hz && counts.cpu_samples)
    taken += ", those on a CPU at " + std::to_string(facts.profile.frequency_hz) + " Hz";
  if (facts.profile.fault_period)
    taken += ", at one page fault in " + format_count(faults_a_stack(collector.profile())) + " on average";
  taken += "; " + format_count(counts.served) + " of them served requests, " + format_count(counts.selected) +
           " the " + format_count(counts.requests) + " requests drawn";
  notes.push_back(taken);
  std::string walked = "walked by ";
  walked += quality.by_tables ? "unwind tables" : "frame pointers";
  if (quality.by_tables && quality.by_frame_pointers) walked += " and frame pointers";
  walked += "; cut short: " + format_count(quality.cut_short) + " (" +
            share(quality.cut_short, quality.stacks) +
            "); frames with a name: " + share(quality.named, quality.frames);
  notes.push_back(walked);
  if (quality.blocked_ns)
    notes.push_back("the waker was seen of " + share(quality.woken_ns, quality.blocked_ns) +
                    " of the blocked time");
  const auto& p = facts.profile;
  const auto lost = [&](std::uint64_t count, const char* what) {
    if (count) notes.push_back("lost: " + format_count(count) + " " + what);
  };
  lost(p.lost_samples, "stacks: ring buffer full");
  lost(p.lost_ends, "ends of sleeps: ring buffer full");
  lost(p.lost_sleeps, "sleeps: too many threads asleep at once");
  lost(p.lost_wakers, "stacks of wakers: ring buffer full");
  lost(p.lost_stacks, "stacks: too many different ones");
  lost(counts.other_wakers, "wakers to [other wakers]: too many different pairs of sleeper and waker");
  lost(counts.other_stacks, "stacks to [other stacks]: too many different sums");
  lost(counts.evicted, "samples dropped: too many waited for their request");
  return notes;
}

std::string copying_of(const FlameCollector::Copying& samples, std::uint64_t accounts_ns) {
  if (accounts_ns == 0) return {};
  return format_duration(samples.by_stack_ns) + " in the kernel's copying functions by stacks, " +
         format_duration(accounts_ns) +
         " of copy_in and copy_out by the requests' own accounts: " + format_duration(samples.by_account_ns) +
         " by the samples taken in these, " + format_duration(samples.by_both_ns) +
         " of it in copying functions";
}

// The requests' own accounts beside what the samples sum up to.
std::string comparison(const FlameOptions& options, const FlameCollector& collector,
                       const attribution::ProfileCounts& counts, const flame::Graph& graph) {
  if (options.kind == FlameKind::copy) return copying_of(collector.copying(), counts.selected_copy_ns);
  const bool cpu = options.kind == FlameKind::cpu;
  if ((!cpu || !selects(options)) && options.kind != FlameKind::offcpu) return {};
  return format_duration(graph.total_ns()) + " of " + graph.what + " by stacks, " +
         format_duration(cpu ? counts.selected_cpu_ns : counts.selected_blocked_ns) +
         " by the requests' own accounts";
}

ExitCode write(const FlameOptions& options, FlameCollector& collector, const wire::Facts& facts) {
  auto graph = collector.graph(facts, 0);
  const auto notes = notes_of(collector, facts);
  for (const auto& line : notes) log_line(line);
  std::string text;
  if (options.split_at_ns) {
    auto slow = collector.graph(facts, 1);
    if (slow.stacks().empty() || graph.stacks().empty())
      return report(fail("no stacks of requests " +
                         std::string(graph.stacks().empty() ? "faster" : "slower") + " than " +
                         format_duration(options.split_at_ns) + ": choose another time"));
    slow.title += ", slower than " + format_duration(options.split_at_ns) + " against faster";
    slow.notes = notes;
    text = flame::difference_svg(graph, slow);
  } else {
    if (graph.stacks().empty())
      return report(fail("no stack to draw: no thread was seen, or no request matches (see above)"));
    if (const auto line = comparison(options, collector, collector.profile().counts(), graph); !line.empty())
      log_line(line);
    graph.notes = notes;
    text = rendered(graph, options.format);
  }
  if (auto written = write_file(options.output, text); !written) return report(written.error());
  log_line(graph.total() + " drawn to " + options.output);
  return ExitCode::ok;
}

}  // namespace

bool selects(const FlameOptions& options) {
  return !options.route.empty() || options.status || options.slower_than_ns || options.faster_than_ns ||
         options.split_at_ns;
}

ExitCode run_flame(const FlameOptions& options) {
  if (auto writable = check_writable(options.output); !writable) return report(writable.error());
  if (!options.difference.empty()) return run_difference(options);
  const CaptureOptions capture = capture_of(options);
  auto source = open_source(capture);
  if (!source) return report(source.error());
  Pipeline pipeline;
  FlameCollector collector(options, pipeline);
  Progress progress(true);
  SourceHooks hooks;
  hooks.start = [&](const wire::Facts& facts) -> Status {
    return capture.from.empty() ? success() : check_samples(options, capture, facts);
  };
  hooks.stack = [&](wire::ProfileStack&& stack) { collector.stack(std::move(stack)); };
  hooks.sample = [&](const wire::StackSample& sample) { collector.sample(sample); };
  hooks.holder = [&](const wire::HolderSample& sample) { collector.holder(sample); };
  hooks.turn = [&](const wire::Turn& turn) { collector.profile().turn(*turn.fixed); };
  pipeline.on_request([&](const request::Request& request, const attribution::Budget&) {
    collector.profile().request(request);
  });
  hooks.tick = [&](const wire::Facts& facts) { progress.show(facts, pipeline.aggregate().requests()); };
  auto facts = (*source)->run(pipeline, hooks);
  progress.clear();
  if (!facts) return report(facts.error());
  source->reset();
  collector.finish();
  log_losses(*facts, pipeline);
  const ExitCode written = write(options, collector, *facts);
  if (written != ExitCode::ok) return written;
  return facts->complete ? ExitCode::ok : ExitCode::failed;
}

}  // namespace plateau::app
