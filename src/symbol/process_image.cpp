#include "symbol/process_image.h"

#include <fcntl.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/fd.h"
#include "symbol/demangle.h"
#include "symbol/frame_cache.h"
#include "symbol/go_modules.h"
#include "symbol/jit_files.h"
#include "symbol/module_file.h"
#include "symbol/plt_stubs.h"
#include "symbol/source_lines.h"
#include "symbol/stripped_modules.h"

namespace plateau::symbol {
namespace {

// Hand-written functions may have no size in the symbol table; further into one than this, its name is a
// guess.
constexpr GElf_Off kLargestUnsized = 4096;

std::string stand_in(std::string_view module, std::uint64_t offset) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "+0x%" PRIx64, offset);
  return std::string(module.substr(module.find_last_of('/') + 1)) + text.data();
}

void name_from_symbols(Dwfl_Module* module, std::uint64_t address, Frame& frame) {
  GElf_Off offset = 0;
  GElf_Sym symbol{};
  const auto* name = dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr);
  if (name == nullptr || *name == '\0' || (symbol.st_size == 0 && offset > kLargestUnsized)) return;
  frame.name = demangle(name);
  frame.named = true;
}

}  // namespace

class ProcessImage::Impl {
 public:
  Impl(pid_t pid, Fd proc, ImageOptions options)
      : pid_(pid),
        proc_(std::move(proc)),
        options_(options),
        cache_(options.cached_frames),
        jit_(proc_.get()) {}

  Status load();
  UnwoundStack unwind(const UserRegisters& registers, const StackSlice& stack, std::size_t max_frames);
  bool is_code(std::uint64_t address);
  Frame symbolize(std::uint64_t ip, Position position);
  ImageStats stats() const;

 private:
  UnwoundStack walk(DwarfRegisters from, const StackSlice& stack, std::size_t max_frames);
  void reload_if_due();
  bool known(std::uint64_t address) const { return session_->module_at(address) != nullptr; }
  bool usable();
  Frame look_up(std::uint64_t address);
  DebugSearch debug_search() const;

  pid_t pid_;
  Fd proc_;  // /proc/PID, open
  ImageOptions options_;
  std::unique_ptr<DwflSession> session_;
  std::vector<LoadedFile> files_;  // what session_ was made of
  CodeRanges code_;
  FrameCache cache_;
  SourceLines lines_;
  GoModules go_;
  StrippedModules stripped_;
  PltStubs plt_;
  JitFiles jit_;
  ImageStats stats_;
  std::uint64_t last_load_ns_ = 0;
};

DebugSearch ProcessImage::Impl::debug_search() const {
  return {{"", "/proc/self/fd/" + std::to_string(proc_.get()) + "/root"}, options_.debuginfod};
}

Status ProcessImage::Impl::load() {
  last_load_ns_ = monotonic_ns();
  ++stats_.loads;
  const auto failed = [&](const Error& error) -> Status { return ++stats_.failed_loads, error; };
  const auto text = read_proc_file(proc_.get(), "maps");
  if (!text) return failed(text.error());
  const auto mappings = parse_maps(*text);
  jit_.refresh(mappings);
  auto files = loaded_files(mappings);
  if (session_ && files == files_ && session_->intact()) {
    code_ = CodeRanges(mappings);
    return success();
  }
  auto session = std::make_unique<DwflSession>(pid_, debug_search());
  std::size_t unreadable = 0;
  for (const auto& file : files) {
    auto fd = open_module(proc_.get(), file);
    if (!fd || !session->add(file, std::move(*fd))) ++unreadable;
  }
  if (const auto finished = session->finish(); !finished) return failed(finished.error());
  session_ = std::move(session);
  files_ = std::move(files);
  code_ = CodeRanges(mappings);
  cache_.clear();
  lines_.clear();
  go_.clear();
  stripped_.clear();
  plt_.clear();
  stats_.unreadable = unreadable;
  return success();
}

void ProcessImage::Impl::reload_if_due() {
  if (monotonic_ns() - last_load_ns_ < options_.reload_interval_ns) {
    ++stats_.postponed_loads;
    return;
  }
  // A failure is counted, and what was loaded before serves on.
  static_cast<void>(load());
}

// The library reads files through mappings, which a file cut short under it turns into a fatal signal.
bool ProcessImage::Impl::usable() {
  if (session_->intact()) return true;
  reload_if_due();
  return session_->intact();
}

// The library knows no way out of Python's trampolines, which have neither unwind tables nor, before 3.14,
// frame pointers: it is helped over them.
UnwoundStack ProcessImage::Impl::walk(DwarfRegisters from, const StackSlice& stack, std::size_t max_frames) {
  const auto is_trampoline = [this](std::uint64_t ip) { return jit_.name_of(ip - 1).starts_with("py::"); };
  UnwoundStack all;
  for (;;) {
    auto part = session_->unwind(from, stack, max_frames - all.ips.size(), is_trampoline);
    all.ips.insert(all.ips.end(), part.ips.begin(), part.ips.end());
    all.end = part.end;
    if (part.end != UnwindEnd::stopped) return all;
    const auto out = left_python_trampoline(part.registers, stack);
    if (!out) {
      all.end = UnwindEnd::slice_end;
      return all;
    }
    from = *out;
  }
}

UnwoundStack ProcessImage::Impl::unwind(const UserRegisters& registers, const StackSlice& stack,
                                        std::size_t max_frames) {
  if (!usable()) return {};
  const auto start = dwarf_registers(registers);
  auto result = walk(start, stack, max_frames);
  if (result.end == UnwindEnd::no_module) {
    const auto loads = stats_.loads;
    reload_if_due();
    if (stats_.loads != loads && usable()) result = walk(start, stack, max_frames);
  }
  // Without unwind tables the library follows frame pointers, which lead anywhere.
  while (!result.ips.empty() && !known(result.ips.back()) && !code_.contains(result.ips.back())) {
    result.ips.pop_back();
    result.end = UnwindEnd::no_module;
  }
  return result;
}

bool ProcessImage::Impl::is_code(std::uint64_t address) {
  if (known(address) || code_.contains(address)) return true;
  reload_if_due();
  return known(address) || code_.contains(address);
}

Frame ProcessImage::Impl::symbolize(std::uint64_t ip, Position position) {
  const auto address = position == Position::return_address ? ip - 1 : ip;
  if (const auto* cached = cache_.find(address)) return *cached;
  if (!known(address)) {
    if (!jit_.name_of(address).empty()) return look_up(address);
    reload_if_due();
  }
  auto frame = look_up(address);
  // What is unknown now may be known after the next reload.
  return frame.module.empty() ? frame : cache_.put(address, std::move(frame));
}

Frame ProcessImage::Impl::look_up(std::uint64_t address) {
  Frame frame;
  frame.offset = address;
  auto* module = usable() ? session_->module_at(address) : nullptr;
  if (module == nullptr) {
    frame.name = jit_.name_of(address);
    frame.named = frame.jit = !frame.name.empty();
    if (frame.named) return frame;
    frame.name = stand_in(code_.contains(address) ? "[anon]" : "[unknown]", address);
    return frame;
  }
  GElf_Addr bias = 0;
  dwfl_module_getelf(module, &bias);
  frame.offset = address - bias;
  frame.module = dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  name_from_symbols(module, address, frame);
  if (!frame.named) frame.named = !(frame.name = go_.name_of(module, frame.offset)).empty();
  if (!frame.named) frame.named = !(frame.name = plt_.name_of(module, frame.offset)).empty();
  if (!frame.named) {
    const auto function = stripped_.function_at(module, frame.offset);
    frame.name = stand_in(frame.module, function.value_or(frame.offset));
  }
  if (options_.source_lines) lines_.annotate(module, address, frame);
  return frame;
}

ImageStats ProcessImage::Impl::stats() const {
  auto stats = stats_;
  stats.modules = session_->modules();
  stats.lines_skipped = lines_.skipped();
  return stats;
}

Result<ProcessImage> ProcessImage::open(pid_t pid, ImageOptions options) {
  Fd proc(::open(("/proc/" + std::to_string(pid)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (pid <= 0 || !proc.valid()) return fail("no process " + std::to_string(pid), ExitCode::no_target);
  auto impl = std::make_unique<Impl>(pid, std::move(proc), options);
  const auto loaded = impl->load();
  if (!loaded) {
    return fail("cannot read the program of process " + std::to_string(pid) + ": " + loaded.error().message +
                    "; run as root or as the owner of the process",
                loaded.error().code);
  }
  return ProcessImage(std::move(impl));
}

ProcessImage::ProcessImage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProcessImage::ProcessImage(ProcessImage&&) noexcept = default;
ProcessImage& ProcessImage::operator=(ProcessImage&&) noexcept = default;
ProcessImage::~ProcessImage() = default;

UnwoundStack ProcessImage::unwind(const UserRegisters& registers, const StackSlice& stack,
                                  std::size_t max_frames) {
  return impl_->unwind(registers, stack, max_frames);
}

bool ProcessImage::is_code(std::uint64_t address) {
  return impl_->is_code(address);
}

Frame ProcessImage::symbolize(std::uint64_t ip, Position position) {
  return impl_->symbolize(ip, position);
}

std::vector<Frame> ProcessImage::symbolize(const UnwoundStack& stack) {
  std::vector<Frame> frames;
  frames.reserve(stack.ips.size());
  for (const auto ip : stack.ips) {
    frames.push_back(symbolize(ip, frames.empty() ? Position::current : Position::return_address));
  }
  return frames;
}

Status ProcessImage::refresh() {
  return impl_->load();
}

ImageStats ProcessImage::stats() const {
  return impl_->stats();
}

}  // namespace plateau::symbol
