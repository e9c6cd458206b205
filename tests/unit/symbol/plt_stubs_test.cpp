// Stubs as linkers write them: what they jump through.
#include "symbol/plt_stubs.h"

#include <elf.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "symbol/process_image.h"
#include "victim_process.h"

namespace plateau::symbol::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<PltJump> jumps(std::uint16_t machine, const std::vector<unsigned char>& code,
                           std::uint64_t address) {
  return plt_jumps(machine, std::as_bytes(std::span(code)), address);
}

TEST(PltStubs, OfX86JumpThroughAPlaceCountedFromTheNextInstruction) {
  const std::vector<unsigned char> lazy{0xff, 0x25, 0x10, 0x20, 0, 0,    0x68, 7,    0,    0,    0,
                                        0xe9, 0,    0,    0,    0, 0xff, 0x25, 0xfa, 0xff, 0xff, 0xff,
                                        0x68, 8,    0,    0,    0, 0xe9, 0,    0,    0,    0};
  EXPECT_THAT(jumps(EM_X86_64, lazy, 0x1000), ElementsAre(PltJump{0x1000, 0x3016}, PltJump{0x1010, 0x1010}));
  // endbr64; bnd jmp
  const std::vector<unsigned char> marked{0xf3, 0x0f, 0x1e, 0xfa, 0xf2, 0xff, 0x25, 1,
                                          0,    0,    0,    0x0f, 0x1f, 0x44, 0,    0};
  EXPECT_THAT(jumps(EM_X86_64, marked, 0x2000), ElementsAre(PltJump{0x2000, 0x200c}));
  EXPECT_THAT(jumps(EM_X86_64, {0xff, 0x25, 0, 0, 0}, 0x1000), IsEmpty());
  EXPECT_THAT(jumps(EM_386, lazy, 0x1000), IsEmpty());
}

TEST(PltStubs, OfArm64JumpThroughAPageAndWhatIsLeft) {
  // bti c; adrp x16, 0x11000 (of 0x640: 17 pages on); ldr x17, [x16, #0xf8]; add; br
  const std::vector<unsigned char> code{0x5f, 0x24, 0x03, 0xd5, 0x90, 0,    0,    0xb0, 0x11, 0x7e,
                                        0x40, 0xf9, 0x10, 0xe2, 0x03, 0x91, 0x20, 0x02, 0x1f, 0xd6};
  EXPECT_THAT(jumps(EM_AARCH64, code, 0x640), ElementsAre(PltJump{0x640, 0x110f8}));
  // adrp x16, one page back
  const std::vector<unsigned char> back{0xf0, 0xff, 0xff, 0xf0, 0x11, 0x02, 0x40, 0xf9};
  EXPECT_THAT(jumps(EM_AARCH64, back, 0x5000), ElementsAre(PltJump{0x5000, 0x4000}));
}

// The victim is bound at its start or when it first calls; in either way it calls pthread_mutex_lock.
TEST(PltStubs, OfAStrippedProgramHaveTheNamesOfWhatTheyCall) {
  VictimProcess victim(victim_path("stripped/victim"));
  ASSERT_TRUE(victim.run());
  auto image = ProcessImage::open(victim.pid());
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(image && holder);
  const auto frames = image->symbolize(image->unwind(holder->registers, holder->slice()));
  const auto own = std::ranges::find_if(
      frames, [](const Frame& frame) { return frame.module.ends_with("/stripped/victim"); });
  ASSERT_NE(own, frames.end());
  const auto ips = image->unwind(holder->registers, holder->slice()).ips;
  const std::uint64_t bias = ips[static_cast<std::size_t>(own - frames.begin())] - 1 - own->offset;
  std::size_t stubs = 0;
  // From the beginning of its code up to that function.
  for (std::uint64_t offset = 0x1000; offset < own->offset; offset++) {
    const auto frame = image->symbolize(bias + offset);
    stubs += frame.named && frame.name == "pthread_mutex_lock@plt";
    EXPECT_EQ(frame.named, frame.name.ends_with("@plt")) << frame.name;
  }
  EXPECT_TRUE(stubs == 6 || stubs == 8 || stubs == 16) << stubs;
}

}  // namespace
}  // namespace plateau::symbol::test
