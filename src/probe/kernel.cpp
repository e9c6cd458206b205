#include "probe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <string_view>

#include "base/fd.h"

namespace plateau::probe {
namespace {

constexpr std::string_view kTracepointPrefix = "btf_trace_";

bool is_function(Kind kind) {
  return kind != Kind::tp_btf && has_place(kind);
}

struct BtfDeleter {
  void operator()(btf* b) const { btf__free(b); }
};

struct Place {
  int type = 0;  // BTF id of the function; of a tracepoint's type
  unsigned arguments = 0;
};

using Places = std::map<std::string, Place, std::less<>>;

struct Wanted {
  std::set<std::string, std::less<>> tracepoints, functions;
};

Wanted wanted_places() {
  Wanted wanted;
  for (const auto& signal : signals())
    for (const auto& provider : signal.providers)
      for (const auto& hook : provider.hooks)
        if (hook.place && has_place(hook.kind))
          (is_function(hook.kind) ? wanted.functions : wanted.tracepoints).insert(hook.place);
  return wanted;
}

// A tracepoint's type is that of a pointer to a function with one argument more than it hands over.
unsigned tracepoint_arguments(const btf* types, const btf_type* alias) {
  const btf_type* pointer = btf__type_by_id(types, alias->type);
  const btf_type* prototype = pointer ? btf__type_by_id(types, pointer->type) : nullptr;
  const unsigned all = prototype ? btf_vlen(prototype) : 0;
  return all ? all - 1 : 0;
}

unsigned function_arguments(const btf* types, const btf_type* function) {
  const btf_type* prototype = btf__type_by_id(types, function->type);
  return prototype ? btf_vlen(prototype) : 0;
}

bpf_insn instruction(__u8 code, __u8 dst, __s32 imm) {
  bpf_insn insn{};
  insn.code = code;
  insn.dst_reg = dst & 0xf;
  insn.imm = imm;
  return insn;
}

// The kernel's own number for "not supported", which has no name outside it.
constexpr int kNotSupported = 524;

std::string why_not(int error) {
  return std::string("the kernel refuses it: ") + std::strerror(error == kNotSupported ? ENOTSUP : error);
}

class BtfKernel : public Kernel {
 public:
  explicit BtfKernel(std::unique_ptr<btf, BtfDeleter> types) : types_(std::move(types)) {
    const Wanted wanted = wanted_places();
    const int count = static_cast<int>(btf__type_cnt(types_.get()));
    for (int id = 1; id < count; id++) note(id, wanted);
  }

  std::optional<unsigned> arguments_of(Kind kind, const std::string& place) const override {
    const Places& places = is_function(kind) ? functions_ : tracepoints_;
    const auto found = places.find(place);
    if (found == places.end()) return std::nullopt;
    return found->second.arguments;
  }

  std::string refusal(Kind kind, const std::string& function) override {
    if (!is_function(kind)) return {};
    const bool typed = kind == Kind::fentry || kind == Kind::fexit;
    bool& allowed = typed ? fentry_allowed_ : kprobe_allowed_;
    if (allowed) return {};
    const std::string why = typed ? try_fentry(function) : try_kprobe(function);
    allowed = why.empty();
    return why;
  }

 private:
  void note(int id, const Wanted& wanted) {
    const btf_type* type = btf__type_by_id(types_.get(), static_cast<__u32>(id));
    const bool alias = btf_is_typedef(type);
    if (!alias && !btf_is_func(type)) return;
    std::string_view name = btf__name_by_offset(types_.get(), type->name_off);
    if (!alias) {
      if (wanted.functions.contains(name))
        functions_.emplace(name, Place{id, function_arguments(types_.get(), type)});
      return;
    }
    if (!name.starts_with(kTracepointPrefix)) return;
    name.remove_prefix(kTracepointPrefix.size());
    if (wanted.tracepoints.contains(name))
      tracepoints_.emplace(name, Place{id, tracepoint_arguments(types_.get(), type)});
  }

  std::string try_fentry(const std::string& function) const {
    const auto found = functions_.find(function);
    if (found == functions_.end()) return {};  // nothing to try it on
    const std::array<bpf_insn, 2> nothing{instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0),
                                          instruction(BPF_JMP | BPF_EXIT, 0, 0)};
    bpf_prog_load_opts options{};
    options.sz = sizeof(options);
    options.expected_attach_type = BPF_TRACE_FENTRY;
    options.attach_btf_id = static_cast<__u32>(found->second.type);
    const Fd program(
        bpf_prog_load(BPF_PROG_TYPE_TRACING, "trial", "GPL", nothing.data(), nothing.size(), &options));
    if (!program.valid()) return why_not(errno);
    const Fd link(bpf_raw_tracepoint_open(nullptr, program.get()));
    return link.valid() ? std::string() : why_not(errno);
  }

  static std::string try_kprobe(const std::string& function) {
    perf_event_attr attributes{};
    attributes.size = sizeof(attributes);
    std::ifstream type("/sys/bus/event_source/devices/kprobe/type");
    if (!(type >> attributes.type)) return "this kernel has no kprobes";
    attributes.config1 = static_cast<__u64>(reinterpret_cast<std::uintptr_t>(function.c_str()));
    const Fd event(
        static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC)));
    return event.valid() ? std::string() : why_not(errno);
  }

  std::unique_ptr<btf, BtfDeleter> types_;
  Places tracepoints_, functions_;
  bool fentry_allowed_ = false, kprobe_allowed_ = false;  // on some function
};

}  // namespace

std::shared_ptr<Kernel> running_kernel() {
  std::unique_ptr<btf, BtfDeleter> types(btf__load_vmlinux_btf());
  if (!types) return nullptr;
  return std::make_shared<BtfKernel>(std::move(types));
}

}  // namespace plateau::probe
