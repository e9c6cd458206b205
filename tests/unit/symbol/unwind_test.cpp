#include <fcntl.h>
#include <gelf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "symbol/demangle.h"
#include "symbol/process_image.h"
#include "victim_process.h"

namespace plateau::symbol::test {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> names(const std::vector<Frame>& frames) {
  std::vector<std::string> result;
  for (const auto& frame : frames) result.push_back(frame.name);
  return result;
}

// True if `expected` occur in `names` in this order, the named ones beside each other.
bool has_run(const std::vector<std::string>& names, const std::vector<std::string>& expected) {
  return std::search(names.begin(), names.end(), expected.begin(), expected.end()) != names.end();
}

struct Traced {
  UnwoundStack stack;
  std::vector<Frame> frames;
};

Traced trace(ProcessImage& image, const Snapshot& snapshot) {
  auto stack = image.unwind(snapshot.registers, snapshot.slice());
  auto frames = image.symbolize(stack);
  return {std::move(stack), std::move(frames)};
}

// A victim whose lock is held, and its holder's registers and stack.
struct Held {
  explicit Held(const std::string& program, ImageOptions options = {})
      : victim(victim_path(program)), image(fail("the victim does not run")) {
    if (!victim.run()) return;
    image = ProcessImage::open(victim.pid(), options);
    if (auto taken = victim.snapshot(victim.holder())) holder = std::move(*taken);
  }
  explicit operator bool() const { return image && holder; }

  VictimProcess victim;
  Result<ProcessImage> image;
  std::optional<Snapshot> holder;
};

const std::vector<std::string> kHolder = {"bank::settle(int)", "bank::audit(int)", "holder_main"};
const std::vector<std::string> kWaiter = {"bank::queue_up(int)", "waiter_main"};

class UnwindShapes : public testing::TestWithParam<std::string> {};

TEST_P(UnwindShapes, NamesTheHolderTheWaiterAndTheWaker) {
  VictimProcess victim(victim_path(GetParam()));
  const auto started = victim.run();
  ASSERT_TRUE(started) << started.error().message;
  auto image = ProcessImage::open(victim.pid());
  ASSERT_TRUE(image) << image.error().message;
  const auto holder = victim.snapshot(victim.holder());
  const auto waiter = victim.snapshot(victim.waiter());
  const auto main = victim.snapshot(victim.pid());
  const auto waker = victim.snapshot_of_waker();
  ASSERT_TRUE(holder && waiter && main && waker);

  const auto of_holder = trace(*image, *holder);
  EXPECT_TRUE(has_run(names(of_holder.frames), kHolder)) << testing::PrintToString(names(of_holder.frames));
  EXPECT_EQ(of_holder.stack.end, UnwindEnd::complete);

  const auto of_waiter = trace(*image, *waiter);
  EXPECT_TRUE(has_run(names(of_waiter.frames), kWaiter)) << testing::PrintToString(names(of_waiter.frames));
  EXPECT_EQ(of_waiter.stack.end, UnwindEnd::complete);

  const auto of_waker = trace(*image, *waker);
  EXPECT_TRUE(has_run(names(of_waker.frames), kHolder)) << testing::PrintToString(names(of_waker.frames));
  EXPECT_THAT(names(of_waker.frames), Not(Contains("read")));
  EXPECT_EQ(of_waker.stack.end, UnwindEnd::complete);

  EXPECT_THAT(names(trace(*image, *main).frames), Contains("main"));
}

INSTANTIATE_TEST_SUITE_P(Linkage, UnwindShapes,
                         testing::Values("symbol_victim", "symbol_victim_static", "symbol_victim_static_pie",
                                         "linked/victim"),
                         [](const auto& shape) {
                           auto name = shape.param;
                           std::replace(name.begin(), name.end(), '/', '_');
                           return name;
                         });

TEST(Unwind, StrippedProgramKeepsItsStackAndLosesItsNames) {
  Held held("stripped/victim");
  ASSERT_TRUE(held);
  auto& [victim, image, holder] = held;
  const auto [stack, frames] = trace(*image, *holder);
  EXPECT_EQ(stack.end, UnwindEnd::complete);
  std::vector<std::string> own;
  for (const auto& frame : frames) {
    if (!frame.module.ends_with("/stripped/victim")) continue;
    EXPECT_FALSE(frame.named) << frame.name;
    own.push_back(frame.name);
  }
  ASSERT_EQ(own.size(), 3u) << testing::PrintToString(names(frames));
  EXPECT_THAT(own, testing::Each(StartsWith("victim+0x")));
}

TEST(Unwind, WhatIsNoCodeIsNoCaller) {
  Held held("symbol_victim");
  ASSERT_TRUE(held);
  auto& [victim, image, holder] = held;
  for (const auto ip : trace(*image, *holder).stack.ips) EXPECT_TRUE(image->is_code(ip - 1));
  EXPECT_FALSE(image->is_code(holder->registers.sp));
  EXPECT_FALSE(image->is_code(UINT64_MAX));
}

// First and last address, by name, of what `program` has symbols for.
std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> functions_of(const std::string& program) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> found;
  elf_version(EV_CURRENT);
  const Fd fd(open(program.c_str(), O_RDONLY | O_CLOEXEC));
  Elf* elf = elf_begin(fd.get(), ELF_C_READ, nullptr);
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    GElf_Sym symbol{};
    for (int i = 0; gelf_getsym(data, i, &symbol) != nullptr; ++i)
      if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC)
        found[demangle(elf_strptr(elf, header.sh_link, symbol.st_name))] = {
            symbol.st_value, symbol.st_value + symbol.st_size - 1};
  }
  elf_end(elf);
  return found;
}

TEST(Unwind, StrippedFunctionsAreToldApartByWhereTheyBegin) {
  Held held("stripped/victim");
  ASSERT_TRUE(held);
  auto& [victim, image, holder] = held;
  const auto [stack, frames] = trace(*image, *holder);
  const auto own = std::ranges::find_if(frames.begin() + 1, frames.end(), [](const auto& frame) {
    return frame.module.ends_with("/stripped/victim");
  });
  ASSERT_NE(own, frames.end());
  const auto base = stack.ips[static_cast<std::size_t>(own - frames.begin())] - 1 - own->offset;
  const auto functions = functions_of(victim_path("symbol_victim"));
  for (const auto& name : kHolder) {
    const auto [first, last] = functions.at(name);
    std::ostringstream by_address;
    by_address << "victim+0x" << std::hex << first;
    for (auto offset = first; offset <= last; ++offset)
      ASSERT_EQ(image->symbolize(base + offset).name, by_address.str()) << name << " " << offset;
    EXPECT_NE(image->symbolize(base + last + 1).name, by_address.str()) << name;
  }
}

TEST(Unwind, GivesModulesOffsetsLinesAndInlinedCalls) {
  Held held("symbol_victim");
  ASSERT_TRUE(held);
  auto& [victim, image, holder] = held;
  const auto frames = trace(*image, *holder).frames;
  const auto settle =
      std::find_if(frames.begin(), frames.end(), [](const Frame& f) { return f.name == kHolder[0]; });
  ASSERT_NE(settle, frames.end());
  EXPECT_TRUE(settle->named);
  EXPECT_EQ(settle->module, victim_path("symbol_victim"));
  EXPECT_GT(settle->offset, 0u);
  EXPECT_LT(settle->offset, 0x100000u);
  EXPECT_THAT(settle->file, EndsWith("victim.cpp"));
  EXPECT_EQ(settle->line, 39);  // the call of await_order()
  std::vector<std::string> inlined;
  for (const auto& call : settle->inlined) inlined.push_back(call.name);
  EXPECT_THAT(inlined, Contains(HasSubstr("await_order")));
}

TEST(Unwind, SourceLinesCanBeLeftOut) {
  Held held("symbol_victim", {.source_lines = false});
  ASSERT_TRUE(held);
  auto& [victim, image, holder] = held;
  for (const auto& frame : trace(*image, *holder).frames) EXPECT_THAT(frame.file, IsEmpty());
}

TEST(Unwind, SaysWhyAStackIsCutShort) {
  Held held("symbol_victim");
  ASSERT_TRUE(held);
  auto& [victim, image, holder] = held;
  const auto whole = image->unwind(holder->registers, holder->slice());
  ASSERT_GT(whole.ips.size(), 4u);

  const auto two = image->unwind(holder->registers, holder->slice(), 2);
  EXPECT_EQ(two.end, UnwindEnd::max_frames);
  EXPECT_EQ(two.ips, std::vector(whole.ips.begin(), whole.ips.begin() + 2));
  EXPECT_EQ(image->unwind(holder->registers, holder->slice(), whole.ips.size()).end, UnwindEnd::complete);
  EXPECT_THAT(image->unwind(holder->registers, holder->slice(), 0).ips, IsEmpty());

  const auto cut = image->unwind(holder->registers, holder->slice(128));
  EXPECT_EQ(cut.end, UnwindEnd::slice_end);
  ASSERT_LT(cut.ips.size(), whole.ips.size());
  EXPECT_TRUE(std::equal(cut.ips.begin(), cut.ips.end(), whole.ips.begin()));

  auto lost = holder->registers;
  lost.ip = 0x10;
  const auto nowhere = image->unwind(lost, holder->slice());
  EXPECT_EQ(nowhere.end, UnwindEnd::no_module);
  EXPECT_THAT(nowhere.ips, IsEmpty());
}

TEST(Unwind, ARepeatedUnwindAndNameAreTheSame) {
  Held held("symbol_victim", {.cached_frames = 2});
  ASSERT_TRUE(held);
  auto& [victim, image, holder] = held;
  const auto first = trace(*image, *holder);
  const auto second = trace(*image, *holder);
  EXPECT_EQ(first.stack.ips, second.stack.ips);
  EXPECT_EQ(names(first.frames), names(second.frames));
}

}  // namespace
}  // namespace plateau::symbol::test
