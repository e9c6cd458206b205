#include "symbol/dwfl_session.h"

#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>

#include <cstring>
#include <optional>

namespace plateau::symbol {
namespace {

constexpr std::uint64_t kPage = 4096;
// An address further above the stack pointer than this is not a longer slice's to hold.
constexpr std::uint64_t kLargestStack = std::uint64_t{64} << 20;

std::uint64_t page_of(std::uint64_t address) {
  return address & ~(kPage - 1);
}

// What has to be added to an address in the ELF file to get the one in memory, told by which part of the file
// is mapped at `mapping`.
std::optional<std::uint64_t> load_bias(Elf* elf, const Mapping& mapping) {
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return {};
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header{};
    if (gelf_getphdr(elf, static_cast<int>(i), &header) == nullptr || header.p_type != PT_LOAD) continue;
    const auto first = page_of(header.p_offset);
    if (mapping.offset < first || mapping.offset >= header.p_offset + header.p_filesz) continue;
    return mapping.start - (page_of(header.p_vaddr) + (mapping.offset - first));
  }
  return {};
}

Result<std::uint64_t> load_bias(int fd, const LoadedFile& file) {
  Elf* elf = elf_begin(fd, ELF_C_READ, nullptr);
  if (elf == nullptr) return fail(file.first.path + " is not an ELF file");
  const auto bias = elf_kind(elf) == ELF_K_ELF ? load_bias(elf, file.first) : std::nullopt;
  elf_end(elf);
  if (!bias) return fail(file.first.path + " is malformed: no segment fits its mapping");
  return *bias;
}

// The library puts a program that is linked for a fixed place there, whatever it is told, and takes one that
// is mapped a second time elsewhere (V8 does so with its built-in code) for a clash that costs both.
bool is_moved(int fd, std::uint64_t bias) {
  Elf* elf = elf_begin(fd, ELF_C_READ, nullptr);
  GElf_Ehdr header{};
  const bool fixed = elf != nullptr && gelf_getehdr(elf, &header) != nullptr && header.e_type == ET_EXEC;
  elf_end(elf);
  return fixed && bias != 0;
}

int find_nothing(Dwfl_Module*, void**, const char*, Dwarf_Addr, char**, Elf**) {
  return -1;
}

off_t size_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_size : -1;
}

}  // namespace

std::string_view to_string(UnwindEnd end) {
  switch (end) {
    case UnwindEnd::complete:
      return "complete";
    case UnwindEnd::max_frames:
      return "max_frames";
    case UnwindEnd::slice_end:
      return "slice_end";
    case UnwindEnd::no_module:
      return "no_module";
    case UnwindEnd::no_unwind_info:
      return "no_unwind_info";
    case UnwindEnd::stopped:
      return "stopped";
  }
  return "";
}

struct DwflSession::Walk {
  const DwarfRegisters& registers;
  const StackSlice& stack;
  std::size_t max_frames;
  const std::function<bool(std::uint64_t)>& stops_at;
  UnwoundStack result{};
  bool left_slice = false;
};

DwflSession::DwflSession(pid_t pid, DebugSearch search)
    : search_(std::move(search)), pid_(pid), dwfl_(nullptr, &dwfl_end) {
  callbacks_.find_elf = find_nothing;
  callbacks_.find_debuginfo = find_debug_file;
  dwfl_.reset(dwfl_begin(&callbacks_));
  if (dwfl_) dwfl_report_begin(dwfl_.get());
}

DwflSession::~DwflSession() = default;

Status DwflSession::add(const LoadedFile& file, Fd fd) {
  if (!dwfl_) return fail("libdw cannot start");
  const auto bias = load_bias(fd.get(), file);
  if (!bias) return bias.error();
  if (is_moved(fd.get(), *bias)) return fail(file.first.path + " is mapped where it was not linked for");
  Fd watch(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  const auto size = size_of(fd.get());
  const auto* path = file.first.path.c_str();
  auto* module = dwfl_report_elf(dwfl_.get(), path, path, fd.get(), *bias, true);
  if (module == nullptr) return fail(file.first.path + " cannot be used: " + dwfl_errmsg(-1));
  fd.release();
  void** userdata = nullptr;
  dwfl_module_info(module, &userdata, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  *userdata = &search_;
  watched_.push_back({std::move(watch), size});
  ++modules_;
  return success();
}

Status DwflSession::finish() {
  static constexpr Dwfl_Thread_Callbacks kThread = {
      .next_thread = [](Dwfl*, void*, void**) -> pid_t { return 0; },
      .get_thread = [](Dwfl*, pid_t, void* session, void** thread) { return (*thread = session) != nullptr; },
      .memory_read = read_memory,
      .set_initial_registers = set_registers,
      .detach = nullptr,
      .thread_detach = nullptr,
  };
  if (!dwfl_ || dwfl_report_end(dwfl_.get(), nullptr, nullptr) != 0)
    return fail("libdw cannot take the modules");
  if (modules_ == 0) return fail("no program file of the target can be read", ExitCode::no_target);
  if (!dwfl_attach_state(dwfl_.get(), nullptr, pid_, &kThread, this)) {
    return fail(std::string("libdw cannot unwind this program: ") + dwfl_errmsg(-1));
  }
  return success();
}

bool DwflSession::intact() const {
  for (const auto& file : watched_) {
    if (size_of(file.fd.get()) != file.size) return false;
  }
  return true;
}

Dwfl_Module* DwflSession::module_at(std::uint64_t address) const {
  return dwfl_addrmodule(dwfl_.get(), address);
}

bool DwflSession::read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* result, void* session) {
  auto& walk = *static_cast<DwflSession*>(session)->walk_;
  const auto& stack = walk.stack;
  const auto at = address - stack.address;
  if (address < stack.address || at > stack.bytes.size() || stack.bytes.size() - at < sizeof *result) {
    walk.left_slice = at < kLargestStack;
    return false;
  }
  std::memcpy(result, stack.bytes.data() + at, sizeof *result);
  return true;
}

bool DwflSession::set_registers(Dwfl_Thread* thread, void* session) {
  const auto& registers = static_cast<DwflSession*>(session)->walk_->registers;
  const auto used = registers.used();
  dwfl_thread_state_register_pc(thread, registers.ip);
  return dwfl_thread_state_registers(thread, 0, static_cast<unsigned>(used.size()), used.data());
}

// Those of the frame, as far as the frames within say what they were.
DwarfRegisters DwflSession::registers_in(Dwfl_Frame* frame, const DwarfRegisters& innermost) {
  DwarfRegisters registers = innermost;
  for (unsigned i = 0; i < registers.count; ++i) {
    if (dwfl_frame_reg(frame, i, &registers.values[i]) != 0) registers.values[i] = 0;
  }
  return registers;
}

int DwflSession::visit_frame(Dwfl_Frame* frame, void* session) {
  auto& self = *static_cast<DwflSession*>(session);
  auto& walk = *self.walk_;
  Dwarf_Addr ip = 0;
  if (!dwfl_frame_pc(frame, &ip, nullptr)) return DWARF_CB_ABORT;
  if (walk.result.ips.size() == walk.max_frames) {
    walk.result.end = UnwindEnd::max_frames;
    return DWARF_CB_ABORT;
  }
  walk.left_slice = false;
  walk.result.ips.push_back(ip);
  if (walk.stops_at && self.module_at(ip) == nullptr && walk.stops_at(ip)) {
    walk.result.end = UnwindEnd::stopped;
    walk.result.registers = registers_in(frame, walk.registers);
    return DWARF_CB_ABORT;
  }
  return DWARF_CB_OK;
}

UnwoundStack DwflSession::unwind(const DwarfRegisters& registers, const StackSlice& stack,
                                 std::size_t max_frames, const std::function<bool(std::uint64_t)>& stops_at) {
  Walk walk{registers, stack, max_frames, stops_at};
  walk_ = &walk;
  const int status = dwfl_getthread_frames(dwfl_.get(), pid_, visit_frame, this);
  walk_ = nullptr;
  auto& result = walk.result;
  if (result.end == UnwindEnd::max_frames || result.end == UnwindEnd::stopped) return std::move(result);
  const auto last = result.ips.empty() ? registers.ip : result.ips.back();
  // First, for the library takes a return address it could not read for the end of the stack.
  if (walk.left_slice) {
    result.end = UnwindEnd::slice_end;
  } else if (status == 0) {
    result.end = UnwindEnd::complete;
  } else {
    result.end = module_at(last) == nullptr ? UnwindEnd::no_module : UnwindEnd::no_unwind_info;
  }
  return std::move(result);
}

}  // namespace plateau::symbol
