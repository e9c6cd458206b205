#include "app/holder_namer.h"

#include "app/registers.h"
#include "target/process.h"

namespace plateau::app {
namespace {

constexpr std::size_t kMaxImages = 256;

}  // namespace

symbol::ProcessImage* HolderNamer::image_of(std::uint32_t tgid) {
  const auto known = images_.find(tgid);
  if (known != images_.end()) return known->second.get();
  forget_ended();
  if (images_.size() >= kMaxImages) images_.clear();
  symbol::ImageOptions options;
  options.source_lines = false;  // names are enough, and DWARF can be large
  auto opened = symbol::ProcessImage::open(static_cast<pid_t>(tgid), options);
  auto& image = images_[tgid];
  if (opened) image = std::make_unique<symbol::ProcessImage>(std::move(*opened));
  return image.get();
}

// Each keeps its program's files mapped, and a target that restarts would leave one behind each time.
void HolderNamer::forget_ended() {
  std::erase_if(images_,
                [](const auto& image) { return target::has_ended(static_cast<pid_t>(image.first)); });
}

wire::HolderSample HolderNamer::name(const wire::Waker& waker) {
  const pl_waker& fixed = *waker.fixed;
  wire::HolderSample sample;
  sample.ts = fixed.header.ts;
  sample.futex = fixed.futex;
  sample.wait_ns = fixed.wait_ns;
  sample.weight = fixed.weight;
  sample.tgid = fixed.tgid;
  sample.holder_tid = fixed.waker_tid;
  sample.waiter_tid = fixed.waiter_tid;
  symbol::ProcessImage* image = image_of(fixed.tgid);
  if (!image) {
    sample.frames = {"[process not readable]"};
    sample.modules = {""};
    sample.cut_short = true;
    return sample;
  }
  const auto registers = registers_of(fixed.regs);
  const auto stack = image->unwind(registers, {registers.sp, waker.stack});
  sample.cut_short = stack.end != symbol::UnwindEnd::complete;
  for (const auto& frame : image->symbolize(stack)) {
    sample.frames.push_back(frame.name);
    sample.modules.push_back(frame.module);
  }
  if (sample.frames.empty()) {
    sample.frames = {"[no stack]"};
    sample.modules = {""};
  }
  return sample;
}

}  // namespace plateau::app
