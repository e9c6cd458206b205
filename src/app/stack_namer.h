// Names the stacks of a profile while the target runs, and joins the beginnings of sleeps with who ended them
// and when.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/stack_memo.h"
#include "symbol/kernel_symbols.h"
#include "symbol/process_image.h"
#include "wire/event.h"
#include "wire/profile.h"

namespace plateau::app {

class StackNamer {
 public:
  using OnStack = std::function<void(wire::ProfileStack&&)>;
  using OnSample = std::function<void(const wire::StackSample&)>;

  using OnAnew = std::function<void()>;

  // `on_stack` gets each stack before the first sample that has it. `on_anew`, where there is one, is called
  // before stacks that were told are told again, under other numbers: when there are too many to know.
  StackNamer(OnStack on_stack, OnSample on_sample, OnAnew on_anew = {});
  ~StackNamer();

  // From here on debuginfod servers are asked for what is not on disk.
  void ask_debuginfod() { debuginfod_ = true; }

  // Null: kernel functions stay unnamed. Must outlive this.
  void set_kernel_symbols(const symbol::KernelSymbols* symbols) { kernel_ = symbols; }

  void sample(const wire::Sample& sample);
  void wake(const wire::Wake& wake);
  void slept(const wire::Slept& slept);

  // Samples whose stack was left out: too many different ones.
  std::uint64_t lost_stacks() const { return lost_stacks_; }

 private:
  struct Image;
  Image* image_of(std::uint32_t tgid);
  std::uint32_t stack_of(const wire::Sample& sample);
  // With a note first: `by`.
  std::uint32_t stack_of(const wire::Sample& sample, const std::string& by);
  // How many of the innermost kernel frames are an interrupt's own; 0: they are of none.
  std::size_t frames_of_interrupt(const pl_sample& sample) const;
  wire::ProfileStack walk(const wire::Sample& sample, Image* image, std::vector<std::uint64_t>& ips);
  void add_kernel(const wire::Sample& sample, wire::ProfileStack& stack) const;
  void begin_anew();
  std::uint32_t intern(wire::ProfileStack&& stack);

  OnStack on_stack_;
  OnSample on_sample_;
  OnAnew on_anew_;
  const symbol::KernelSymbols* kernel_ = nullptr;
  bool debuginfod_ = false;
  std::map<std::uint32_t, std::unique_ptr<Image>> images_;  // by process; null: cannot be read
  StackMemo memo_;
  std::unordered_map<std::string, std::uint32_t> ids_;           // by the stack's names
  std::unordered_map<std::uint32_t, wire::StackSample> asleep_;  // by thread
  std::uint64_t lost_stacks_ = 0;
};

}  // namespace plateau::app
