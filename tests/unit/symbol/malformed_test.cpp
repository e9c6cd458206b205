// Damaged copies of a real program in place of the one a real stack came from.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "symbol/dwfl_session.h"
#include "symbol/maps.h"
#include "symbol/source_lines.h"
#include "victim_process.h"

#ifdef PLATEAU_SANITIZE_ADDRESS
#include <sanitizer/lsan_interface.h>
// libdw 0.188 loses 32 bytes for each damaged line table; its leaks are not this test's subject.
using LibraryLeaks = __lsan::ScopedDisabler;
#else
struct LibraryLeaks {
  LibraryLeaks() {}
};
#endif

namespace plateau::symbol::test {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Fd memory_file(std::string_view bytes) {
  Fd fd(memfd_create("damaged", MFD_CLOEXEC));
  if (write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  return fd;
}

class Malformed : public testing::Test {
 protected:
  // The statically linked program is one file with everything the stack needs, so the damage is always in the
  // way.
  void SetUp() override {
    VictimProcess victim(victim_path("symbol_victim_static_pie"));
    ASSERT_TRUE(victim.run());
    auto snapshot = victim.snapshot(victim.holder());
    ASSERT_TRUE(snapshot);
    snapshot_ = std::move(*snapshot);
    const auto files = loaded_files(parse_maps(contents("/proc/" + std::to_string(victim.pid()) + "/maps")));
    const auto own = std::find_if(files.begin(), files.end(), [](const LoadedFile& file) {
      return file.first.path.ends_with("symbol_victim_static_pie");
    });
    ASSERT_NE(own, files.end());
    file_ = *own;
    program_ = contents(file_.first.path);
    ASSERT_GT(program_.size(), 100'000u);
  }

  // How many frames come out; 0 also if the file is refused.
  std::size_t frames_with(std::string_view program) {
    DwflSession session(1, {});
    if (!session.add(file_, memory_file(program)) || !session.finish()) return 0;
    const auto stack = session.unwind(dwarf_registers(snapshot_.registers), snapshot_.slice(), 64);
    SourceLines lines;
    for (const auto ip : stack.ips) {
      auto* module = session.module_at(ip);
      if (module == nullptr) continue;
      Frame frame;
      GElf_Off offset = 0;
      GElf_Sym symbol{};
      dwfl_module_addrinfo(module, ip, &offset, &symbol, nullptr, nullptr, nullptr);
      lines.annotate(module, ip, frame);
    }
    return stack.ips.size();
  }

  Snapshot snapshot_;
  LoadedFile file_;
  std::string program_;
};

TEST_F(Malformed, TheUndamagedProgramUnwinds) {
  EXPECT_GE(frames_with(program_), 5u);
}

TEST_F(Malformed, WhatIsNoProgramIsRefused) {
  DwflSession session(1, {});
  EXPECT_FALSE(session.add(file_, memory_file("")));
  EXPECT_FALSE(session.add(file_, memory_file("#!/bin/sh\nexit 0\n")));
  EXPECT_FALSE(session.add(file_, memory_file("\x7f"
                                              "ELF")));
  EXPECT_FALSE(session.add(file_, memory_file(std::string(4096, '\0'))));
  EXPECT_FALSE(session.finish());
}

TEST_F(Malformed, AnyTruncationIsSurvived) {
  const auto whole = frames_with(program_);
  for (std::size_t size = 1; size < program_.size(); size += 1 + size / 7) {
    EXPECT_LE(frames_with(std::string_view(program_).substr(0, size)), whole) << "cut to " << size;
  }
}

TEST_F(Malformed, RandomDamageIsSurvived) {
  const LibraryLeaks tolerated;
  std::mt19937 random(20240229);
  for (int round = 0; round < 150; ++round) {
    auto damaged = program_;
    // The headers at both ends and the tables are where damage bites; the rest is hit by chance.
    const auto span = round % 3 == 0 ? 4096 : damaged.size();
    for (int hit = 0; hit < 1 + round * 4; ++hit) {
      const auto at = round % 3 == 1 ? damaged.size() - 1 - random() % 8192 : random() % span;
      damaged[at] = static_cast<char>(random());
    }
    EXPECT_LE(frames_with(damaged), 64u) << "round " << round;
  }
}

TEST_F(Malformed, AFileCutShortWhileInUseIsNoticed) {
  auto fd = memory_file(program_);
  const Fd writer(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  DwflSession session(1, {});
  ASSERT_TRUE(session.add(file_, std::move(fd)));
  ASSERT_TRUE(session.finish());
  EXPECT_TRUE(session.intact());
  ASSERT_EQ(ftruncate(writer.get(), 4096), 0);
  EXPECT_FALSE(session.intact());
}

}  // namespace
}  // namespace plateau::symbol::test
