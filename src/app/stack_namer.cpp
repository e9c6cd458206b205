#include "app/stack_namer.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <utility>

#include "app/registers.h"
#include "symbol/demangle.h"
#include "target/process.h"
#include "target/runtime.h"

namespace plateau::app {
namespace {

constexpr std::size_t kMaxImages = 256;
constexpr std::size_t kMaxStacks = 131072;
constexpr std::size_t kMaxStacksAtATime = 8192;  // of a capture without an end; some 10 KiB each
constexpr std::size_t kMaxAsleep = 65536;
constexpr std::size_t kMaxFrames = 256;
constexpr std::size_t kCachedFrames = 16384;
constexpr std::uint32_t kOverflow = 0;  // id of the stack that stands for those left out

wire::ProfileFrame stand_in(std::string name, wire::FrameKind kind) {
  wire::ProfileFrame frame;
  frame.name = std::move(name);
  frame.kind = kind;
  frame.named = false;
  return frame;
}

// The probe's own way from the scheduler is not part of the stack.
std::size_t first_frame(const symbol::KernelSymbols& symbols, std::span<const pl_u64> stack,
                        std::string_view scheduler) {
  constexpr std::size_t kDeepest = 16;
  for (std::size_t i = 0; i < std::min(stack.size(), kDeepest); i++)
    if (symbols.name_of(stack[i] - 1) == scheduler) return i + 1;
  return 0;
}

std::string_view scheduler_of(std::uint8_t kind) {
  if (kind == PL_SAMPLE_SLEEP) return "__schedule";
  return kind == PL_SAMPLE_WAKE ? "try_to_wake_up" : "";
}

// A thread's name, as that of all of its kind: of the kernel's without what it works at, "ksoftirqd/1",
// "kworker/0:1-events"; "worker-*" where they are numbered.
std::string name_of(const pl_wake& wake) {
  std::string name(wake.comm, strnlen(wake.comm, sizeof(wake.comm)));
  if (wake.by.data == PL_STACK_NONE) return name.substr(0, name.find('/'));
  const auto last = name.find_last_not_of("0123456789");
  const bool numbered = last != std::string::npos && last + 1 < name.size() &&
                        std::string_view("-_#:/ ").find(name[last]) != std::string_view::npos;
  return numbered ? name.substr(0, last + 1) + "*" : name;
}

void add_user(const symbol::Frame& frame, wire::FrameKind kind, wire::ProfileStack& stack) {
  for (const auto& call : frame.inlined) {
    wire::ProfileFrame inlined;
    inlined.name = symbol::demangle(call.name);
    inlined.module = frame.module;
    inlined.file = call.file;
    inlined.line = call.line;
    inlined.kind = wire::FrameKind::inlined;
    stack.frames.push_back(std::move(inlined));
  }
  wire::ProfileFrame own;
  own.name = frame.name;
  own.module = frame.module;
  own.file = frame.file;
  own.line = frame.line;
  own.kind = kind;
  own.named = frame.named;
  stack.frames.push_back(std::move(own));
}

// Lines are left out: a function is one frame wherever in it the thread is.
std::string key_of(const wire::ProfileStack& stack) {
  std::string key(1, static_cast<char>('0' + static_cast<int>(stack.unwinding)));
  key += stack.cut_short ? 'c' : '-';
  for (const auto& frame : stack.frames) {
    key += static_cast<char>('0' + static_cast<int>(frame.kind));
    key += frame.name;
    key += '\n';
  }
  return key;
}

}  // namespace

struct StackNamer::Image {
  symbol::ProcessImage process;
  bool go = false;
  std::string executable;
  std::uint64_t loads = 0;

  wire::FrameKind kind_of(const symbol::Frame& frame) const {
    if (frame.module.empty()) return frame.jit ? wire::FrameKind::jit : wire::FrameKind::unknown;
    return go && frame.module == executable ? wire::FrameKind::go : wire::FrameKind::native;
  }
};

StackNamer::StackNamer(OnStack on_stack, OnSample on_sample, OnAnew on_anew)
    : on_stack_(std::move(on_stack)), on_sample_(std::move(on_sample)), on_anew_(std::move(on_anew)) {}
StackNamer::~StackNamer() = default;

StackNamer::Image* StackNamer::image_of(std::uint32_t tgid) {
  const auto known = images_.find(tgid);
  if (known != images_.end()) return known->second.get();
  std::erase_if(images_,
                [](const auto& image) { return target::has_ended(static_cast<pid_t>(image.first)); });
  if (images_.size() >= kMaxImages) images_.clear();
  symbol::ImageOptions options;
  options.cached_frames = kCachedFrames;
  options.debuginfod = debuginfod_;
  auto opened = symbol::ProcessImage::open(static_cast<pid_t>(tgid), options);
  auto& image = images_[tgid];
  if (!opened) return nullptr;
  const bool go = target::runtime_of(static_cast<pid_t>(tgid)) == target::Runtime::go;
  image = std::make_unique<Image>(std::move(*opened), go, target::executable_of(static_cast<pid_t>(tgid)));
  return image.get();
}

void StackNamer::add_kernel(const wire::Sample& sample, wire::ProfileStack& stack) const {
  const std::span<const pl_u64> addresses(sample.fixed->kernel, sample.fixed->kernel_frames);
  const auto scheduler = scheduler_of(sample.fixed->kind);
  const bool skips = kernel_ && !scheduler.empty();
  for (std::size_t i = skips ? first_frame(*kernel_, addresses, scheduler) : 0; i < addresses.size(); i++) {
    // A caller's address is the one after the call.
    const auto name = kernel_ ? kernel_->name_of(addresses[i] - (i ? 1 : 0)) : std::string_view();
    auto frame = stand_in(std::string(name), wire::FrameKind::kernel);
    frame.named = !name.empty();
    if (name.empty()) frame.name = "[kernel]";
    stack.frames.push_back(std::move(frame));
  }
}

wire::ProfileStack StackNamer::walk(const wire::Sample& sample, Image* image,
                                    std::vector<std::uint64_t>& ips) {
  const pl_sample& fixed = *sample.fixed;
  wire::ProfileStack stack;
  add_kernel(sample, stack);
  if (fixed.data == PL_STACK_NONE) return stack;
  if (!image) {
    stack.frames.push_back(stand_in("[process not readable]", wire::FrameKind::unknown));
    stack.cut_short = true;
    return stack;
  }
  if (fixed.data == PL_STACK_COPY) {
    const auto registers = registers_of(fixed.regs);
    auto walked = image->process.unwind(registers, {registers.sp, sample.data}, kMaxFrames);
    stack.unwinding = wire::Unwinding::unwind_tables;
    stack.cut_short = walked.end != symbol::UnwindEnd::complete;
    ips = std::move(walked.ips);
  } else {
    const auto* words = static_cast<const std::uint64_t*>(static_cast<const void*>(sample.data.data()));
    ips.assign(words, words + sample.data.size() / sizeof(*words));
    stack.unwinding = wire::Unwinding::frame_pointers;
    stack.cut_short = ips.empty() || ips.size() >= PL_USER_FRAMES;
    // Between functions the register may hold anything, and the way leads anywhere from there.
    const auto astray = std::find_if(ips.begin() + (ips.empty() ? 0 : 1), ips.end(),
                                     [&](std::uint64_t ip) { return !image->process.is_code(ip - 1); });
    stack.cut_short |= astray != ips.end();
    ips.erase(astray, ips.end());
  }
  for (std::size_t i = 0; i < ips.size(); i++) {
    const auto position = i ? symbol::Position::return_address : symbol::Position::current;
    const auto frame = image->process.symbolize(ips[i], position);
    add_user(frame, image->kind_of(frame), stack);
  }
  if (ips.empty()) stack.frames.push_back(stand_in("[no user stack]", wire::FrameKind::unknown));
  return stack;
}

void StackNamer::begin_anew() {
  ids_.clear();
  memo_.clear();
  asleep_.clear();
  on_anew_();
}

std::uint32_t StackNamer::intern(wire::ProfileStack&& stack) {
  if (on_anew_ && ids_.size() >= kMaxStacksAtATime) begin_anew();
  if (ids_.empty()) {
    wire::ProfileStack overflow;
    overflow.id = kOverflow;
    overflow.frames.push_back(stand_in("[too many different stacks]", wire::FrameKind::unknown));
    ids_.emplace(key_of(overflow), kOverflow);
    on_stack_(std::move(overflow));
  }
  const auto key = key_of(stack);
  if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  if (ids_.size() >= kMaxStacks) return kOverflow;
  stack.id = static_cast<std::uint32_t>(ids_.size());
  ids_.emplace(key, stack.id);
  const auto id = stack.id;
  on_stack_(std::move(stack));
  return id;
}

std::uint32_t StackNamer::stack_of(const wire::Sample& sample) {
  return stack_of(sample, {});
}

std::uint32_t StackNamer::stack_of(const wire::Sample& sample, const std::string& by) {
  Image* image = sample.fixed->data == PL_STACK_NONE ? nullptr : image_of(sample.fixed->tgid);
  if (const auto known = memo_.find(sample, by)) return *known;
  std::vector<std::uint64_t> ips;
  auto stack = walk(sample, image, ips);
  if (image && image->loads != image->process.stats().loads) {
    image->loads = image->process.stats().loads;
    memo_.clear();
  }
  const bool whole = !stack.cut_short && std::ranges::all_of(stack.frames, &wire::ProfileFrame::named);
  if (!by.empty()) {
    wire::ProfileFrame note;
    note.name = by;
    note.kind = wire::FrameKind::note;
    stack.frames.insert(stack.frames.begin(), std::move(note));
  }
  const auto id = intern(std::move(stack));
  if (whole && id != kOverflow) memo_.learn(sample, ips, id, by);
  return id;
}

void StackNamer::sample(const wire::Sample& sample) {
  const pl_sample& fixed = *sample.fixed;
  wire::StackSample out;
  out.from_ns = out.woken_ns = out.run_ns = fixed.from_ns;
  out.period_ns = fixed.period_ns;
  out.futex = fixed.futex;
  out.tgid = fixed.tgid;
  out.tid = fixed.tid;
  out.kind = fixed.kind;
  out.state = fixed.state;
  out.stack = stack_of(sample);
  if (out.stack == kOverflow) lost_stacks_++;
  if (fixed.kind != PL_SAMPLE_SLEEP) {
    on_sample_(out);
  } else if (asleep_.size() < kMaxAsleep || asleep_.contains(fixed.tid)) {
    asleep_[fixed.tid] = out;
  } else {
    lost_stacks_++;
  }
}

std::size_t StackNamer::frames_of_interrupt(const pl_sample& sample) const {
  for (std::size_t i = 0; kernel_ && i < sample.kernel_frames; i++)
    if (symbol::begins_interrupt(kernel_->name_of(sample.kernel[i] - 1))) return i + 1;
  return 0;
}

// Whom an interrupt came upon has nothing to do with what it wakes.
void StackNamer::wake(const wire::Wake& wake) {
  const auto begun = asleep_.find(wake.fixed->sleeper);
  if (begun == asleep_.end() || begun->second.from_ns != wake.fixed->by.from_ns) return;
  pl_sample by = wake.fixed->by;
  auto user = wake.data;
  std::string note = "[woken by " + name_of(*wake.fixed);
  note += kernel_ && by.kernel_frames ? "]" : ", or an interrupt]";
  if (const auto frames = frames_of_interrupt(by)) {
    note = "[woken by an interrupt]";
    by.kernel_frames = static_cast<pl_u16>(frames);
    by.data = PL_STACK_NONE;
    by.data_len = by.tgid = 0;
    by.regs[0] = 0;
    user = {};
  }
  const auto stack = stack_of({&by, user}, note);
  if (stack == kOverflow) lost_stacks_++;
  // The stacks may have begun anew.
  if (const auto sleeper = asleep_.find(wake.fixed->sleeper); sleeper != asleep_.end())
    sleeper->second.waker = stack;
}

void StackNamer::slept(const wire::Slept& slept) {
  const auto begun = asleep_.find(slept.fixed->tid);
  if (begun == asleep_.end() || begun->second.from_ns != slept.fixed->from_ns) return;
  wire::StackSample out = begun->second;
  asleep_.erase(begun);
  out.woken_ns = slept.fixed->woken_ns;
  out.run_ns = std::max<std::uint64_t>(slept.fixed->header.ts, out.woken_ns);
  on_sample_(out);
}

}  // namespace plateau::app
