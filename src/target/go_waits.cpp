#include "target/go_waits.h"

#include <gelf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "target/elf_image.h"

namespace plateau::target {
namespace {

constexpr std::size_t kMaxData = 16u << 20;  // bytes of a section that are looked through
constexpr std::size_t kMaxReasons = 64;
constexpr std::uint64_t kMaxLength = 64;  // of a reason's words

struct Words {
  std::string_view text;
  GoWait wait;
};

// runtime2.go, of 1.17 to 1.27.
constexpr std::array<Words, 29> kWords{{
    {"chan receive", GoWait::channel},
    {"chan send", GoWait::channel},
    {"chan receive (nil chan)", GoWait::channel},
    {"chan send (nil chan)", GoWait::channel},
    {"chan receive (synctest)", GoWait::channel},
    {"chan send (synctest)", GoWait::channel},
    {"select", GoWait::select},
    {"select (no cases)", GoWait::select},
    {"select (synctest)", GoWait::select},
    {"semacquire", GoWait::sync},
    {"sync.Mutex.Lock", GoWait::sync},
    {"sync.RWMutex.RLock", GoWait::sync},
    {"sync.RWMutex.Lock", GoWait::sync},
    {"sync.Cond.Wait", GoWait::sync},
    {"sync.WaitGroup.Wait", GoWait::sync},
    {"sync.WaitGroup.Wait (synctest)", GoWait::sync},
    {"IO wait", GoWait::network},
    {"sleep", GoWait::timer},
    {"GC assist marking", GoWait::gc},
    {"GC assist wait", GoWait::gc},
    {"GC sweep wait", GoWait::gc},
    {"GC scavenge wait", GoWait::gc},
    {"garbage collection", GoWait::gc},
    {"garbage collection scan", GoWait::gc},
    {"wait for GC cycle", GoWait::gc},
    {"GC mark termination", GoWait::gc},
    {"GC weak to strong wait", GoWait::gc},
    {"stopping the world", GoWait::gc},
    {"flushing proc caches", GoWait::gc},
}};

// A string of Go's in the program's data: an address and a length.
struct Text {
  std::uint64_t address = 0;
  std::uint64_t length = 0;
};

Text text_at(std::string_view data, std::size_t at) {
  Text text;
  std::memcpy(&text, data.data() + at, sizeof(text));
  return text;
}

std::optional<std::string> words_of(Elf* elf, const Text& text) {
  if (text.length > kMaxLength) return std::nullopt;
  if (text.length == 0) return std::string();
  std::string words = read_image(elf, text.address, text.length);
  if (words.size() != text.length) return std::nullopt;
  return words;
}

// Every version's table begins with no words, then these two.
bool begins_table(Elf* elf, std::string_view data, std::size_t at) {
  constexpr std::string_view kFirst = "GC assist marking", kSecond = "IO wait";
  const Text first = text_at(data, at + sizeof(Text)), second = text_at(data, at + 2 * sizeof(Text));
  if (text_at(data, at).length != 0 || first.length != kFirst.size() || second.length != kSecond.size())
    return false;
  return words_of(elf, first) == kFirst && words_of(elf, second) == kSecond;
}

std::vector<GoWait> read_table(Elf* elf, std::string_view data, std::size_t at) {
  std::vector<GoWait> waits;
  for (; waits.size() < kMaxReasons && at + sizeof(Text) <= data.size(); at += sizeof(Text)) {
    const auto words = words_of(elf, text_at(data, at));
    if (!words || (words->empty() && !waits.empty())) break;
    waits.push_back(go_wait(*words));
  }
  return waits;
}

}  // namespace

GoWait go_wait(std::string_view reason) {
  const auto* const found =
      std::find_if(kWords.begin(), kWords.end(), [&](const Words& words) { return words.text == reason; });
  return found == kWords.end() ? GoWait::other : found->wait;
}

std::vector<GoWait> go_waits(Elf* elf) {
  GElf_Ehdr file;
  if (!gelf_getehdr(elf, &file) || gelf_getclass(elf) != ELFCLASS64) return {};
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_PROGBITS || !(header.sh_flags & SHF_WRITE))
      continue;
    std::string data =
        read_file_range(elf, header.sh_offset, std::min<std::size_t>(header.sh_size, kMaxData));
    relocate(elf, header.sh_addr, data);
    for (std::size_t at = 0; at + 3 * sizeof(Text) <= data.size(); at += sizeof(std::uint64_t))
      if (begins_table(elf, data, at)) return read_table(elf, data, at);
  }
  return {};
}

}  // namespace plateau::target
