#include "httpd/workload.h"

#include "base/clock.h"
#include "httpd/planted_faults.h"
#include "httpd/sleep.h"
#include "httpd/spin.h"
#include "httpd/stamp_clock.h"

namespace plateau::httpd {
namespace {

bool plants_nothing(const Options& o) {
  const BottleneckOptions& b = o.bottleneck;
  return o.section == SectionKind::none && o.sleep_ns == 0 && o.spin_ns == 0 && b.pause_ns == 0 &&
         b.garbage == 0 && b.page_fault == 0 && b.copy == 0 && b.disk == 0 && b.downstream == 0;
}

template <class Work>
void timed(Span& span, Work&& work) {
  span.begin = stamp_clock().now();
  work();
  span.end = stamp_clock().now();
}

// SplitMix64's step and output (Steele, Lea and Flood 2014).
std::uint64_t mixed(std::uint64_t number) {
  std::uint64_t z = (number + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::size_t sections_of(const Options& options) {
  if (options.section == SectionKind::none) return 0;
  return options.section == SectionKind::global ? 1 : options.bottleneck.shards;
}

}  // namespace

Workload::Workload(const Options& options)
    : options_(options), idle_(plants_nothing(options)), chance_(monotonic_ns()) {
  for (std::size_t i = 0; i < sections_of(options); ++i) {
    sections_.push_back(std::make_unique<Section>(options.hold_ns, options.bottleneck.hold_kind,
                                                  options.bottleneck.wait_kind));
  }
}

Status Workload::start() {
  const BottleneckOptions& planted = options_.bottleneck;
  if (planted.downstream != 0) {
    Result<std::unique_ptr<Downstream>> made =
        Downstream::start(planted.downstream, planted.downstream_delay_ns);
    if (!made) return made.error();
    downstream_ = std::move(made).value();
  }
  if (planted.disk != 0) {
    if (Status status = write_and_sync(planted.disk_dir, 1); !status) return status;
  }
  if (planted.pause_ns != 0) gate_ = std::make_unique<PauseGate>(planted.pause_ns, planted.pause_every_ns);
  return success();
}

void Workload::run(StageSpans& spans) {
  if (idle_) return;
  if (gate_ && gate_->closed()) timed(at(spans, Stage::pause), [this] { gate_->wait(); });
  if (!sections_.empty()) pass_section(spans);
  plant_faults(spans);
  if (downstream_) ask_downstream(spans);
  if (options_.sleep_ns != 0) {
    Span& span = at(spans, Stage::sleep);
    span.begin = stamp_clock().now();
    sleep_until_ns(monotonic_ns() + options_.sleep_ns);
    span.end = stamp_clock().now();
  }
  if (options_.spin_ns != 0) {
    const SpinTimes times = spin_cpu(options_.spin_ns);
    at(spans, Stage::spin) = {times.begin, times.end};
  }
}

std::size_t Workload::next_section() {
  if (sections_.size() == 1) return 0;
  const std::uint64_t turn = passes_.fetch_add(1, std::memory_order_relaxed);
  return (options_.bottleneck.shard_choice == ShardChoice::turn ? turn : mixed(chance_ + turn)) %
         sections_.size();
}

void Workload::pass_section(StageSpans& spans) {
  const SectionPass pass = hold_section(*sections_[next_section()]);
  at(spans, Stage::section_wait) = {pass.asked, pass.entered};
  at(spans, Stage::section_hold) = {pass.entered, pass.left};
}

void Workload::plant_in_memory(StageSpans& spans) {
  const BottleneckOptions& planted = options_.bottleneck;
  const std::uint64_t begin = stamp_clock().now(), cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  if (planted.garbage != 0) {
    timed(at(spans, Stage::garbage), [&] {
      planted.memory == MemoryKind::fresh ? touch_fresh(planted.garbage) : touch_pooled(planted.garbage);
    });
  }
  if (planted.page_fault != 0) {
    timed(at(spans, Stage::page_fault), [&] { fault_pages(planted.page_fault); });
  }
  if (planted.copy != 0) {
    timed(at(spans, Stage::copy), [&] { copy_bytes(planted.copy); });
  }
  at(spans, Stage::memory_cpu) = {begin, begin + clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu};
}

void Workload::plant_faults(StageSpans& spans) {
  const BottleneckOptions& planted = options_.bottleneck;
  if (planted.garbage != 0 || planted.page_fault != 0 || planted.copy != 0) plant_in_memory(spans);
  if (planted.disk != 0) {
    timed(at(spans, Stage::disk), [&] { write_and_sync_or_warn(planted.disk_dir, planted.disk); });
  }
}

void Workload::ask_downstream(StageSpans& spans) {
  int connection = -1;
  timed(at(spans, Stage::pool_wait), [&] { connection = downstream_->take(); });
  timed(at(spans, Stage::downstream), [&] { downstream_->ask(connection); });
  downstream_->give_back(connection);
}

}  // namespace plateau::httpd
