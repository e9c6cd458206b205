#include "harness/bpf_objects.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace plateau::live {
namespace {

namespace fs = std::filesystem;

struct Kind {
  const char* name;
  bpf_cmd next_id;
  std::string_view label;  // in a descriptor's fdinfo
};

constexpr std::array<Kind, 3> kKinds = {{{"prog", BPF_PROG_GET_NEXT_ID, "prog_id:"},
                                         {"map", BPF_MAP_GET_NEXT_ID, "map_id:"},
                                         {"link", BPF_LINK_GET_NEXT_ID, "link_id:"}}};

bool is_bpf(const fs::path& descriptor) {
  std::error_code error;
  const std::string target = fs::read_symlink(descriptor, error);
  return !error && target.find("bpf") != std::string::npos;
}

void add_held(const fs::path& process, const std::string& fd, BpfObjects& held) {
  std::ifstream info(process / "fdinfo" / fd);
  for (std::string line; std::getline(info, line);) {
    for (const Kind& kind : kKinds) {
      if (!line.starts_with(kind.label)) continue;
      held.emplace(kind.name, static_cast<std::uint32_t>(std::stoul(line.substr(kind.label.size()))));
    }
  }
}

}  // namespace

BpfObjects bpf_objects() {
  BpfObjects objects;
  for (const Kind& kind : kKinds) {
    bpf_attr attr{};
    while (syscall(SYS_bpf, kind.next_id, &attr, sizeof attr) == 0) {
      objects.emplace(kind.name, attr.next_id);
      attr.start_id = attr.next_id;
    }
  }
  return objects;
}

// Processes come and go while this looks: what cannot be read any more holds nothing.
BpfObjects held_bpf_objects() {
  BpfObjects held;
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    if (process.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
    fs::directory_iterator descriptors(process.path() / "fd", error);
    for (; descriptors != fs::directory_iterator(); descriptors.increment(error)) {
      if (is_bpf(descriptors->path())) add_held(process.path(), descriptors->path().filename(), held);
      if (error) break;
    }
  }
  return held;
}

BpfObjects orphans_since(const BpfObjects& before) {
  BpfObjects orphans;
  const BpfObjects now = bpf_objects();
  const BpfObjects held = held_bpf_objects();
  for (const auto& object : now) {
    if (!before.contains(object) && !held.contains(object)) orphans.insert(object);
  }
  return orphans;
}

}  // namespace plateau::live
