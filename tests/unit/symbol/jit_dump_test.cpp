#include "symbol/jit_dump.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace plateau::symbol {
namespace {

// A file made by hand, as its format's description has it.
class Dump {
 public:
  explicit Dump(std::uint32_t magic = 0x4a695444, std::uint32_t version = 1) {
    put(magic)
        .put(version)
        .put<std::uint32_t>(40)
        .put<std::uint32_t>(62)
        .put<std::uint32_t>(0)
        .put<std::uint32_t>(4711);
    put<std::uint64_t>(0).put<std::uint64_t>(0);
  }
  Dump& load(std::uint64_t address, std::uint64_t size, std::uint64_t index, const std::string& name) {
    prefix(0, 16 + 40 + name.size() + 1 + size);
    put<std::uint32_t>(4711).put<std::uint32_t>(4711).put(address).put(address).put(size).put(index);
    bytes_.insert(bytes_.end(), name.begin(), name.end());
    bytes_.resize(bytes_.size() + 1 + size);  // and the code
    return *this;
  }
  Dump& move(std::uint64_t from, std::uint64_t to, std::uint64_t size, std::uint64_t index) {
    prefix(1, 16 + 48);
    return put<std::uint32_t>(4711).put<std::uint32_t>(4711).put(from).put(from).put(to).put(size).put(index);
  }
  Dump& unknown(std::size_t size) {
    prefix(4, 16 + size);
    bytes_.resize(bytes_.size() + size);
    return *this;
  }
  std::span<const std::byte> span() const { return std::as_bytes(std::span(bytes_)); }

 private:
  template <class T>
  Dump& put(T value) {
    const auto* raw = reinterpret_cast<const char*>(&value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof(value));
    return *this;
  }
  void prefix(std::uint32_t kind, std::size_t size) {
    put(kind).put(static_cast<std::uint32_t>(size)).put<std::uint64_t>(7);
  }
  std::vector<char> bytes_;
};

Dump example() {
  Dump dump;
  dump.load(0x1000, 300, 0, "LazyCompile:*f /app.js:1:2").unknown(24);
  dump.load(0x2000, 16, 1, "py::serve:/app.py").move(0x2000, 0x3000, 16, 1).load(0x2000, 16, 2, "later");
  return dump;
}

void expect_example(CodeNames& names) {
  names.sort();
  EXPECT_EQ(names.size(), 4u);
  EXPECT_EQ(names.name_of(0x1000 + 299), "LazyCompile:*f /app.js:1:2");
  EXPECT_EQ(names.name_of(0x1000 + 300), "");
  EXPECT_EQ(names.name_of(0x3008), "py::serve:/app.py");
  EXPECT_EQ(names.name_of(0x2008), "later");
}

TEST(JitDump, NamesCodeWhereItWasCompiledAndWhereItMovedTo) {
  const auto dump = example();
  JitDump reader;
  CodeNames names;
  EXPECT_EQ(reader.feed(dump.span(), names), dump.span().size());
  EXPECT_TRUE(reader.ok());
  expect_example(names);
}

TEST(JitDump, IsReadInPiecesOfAnyLengthAsItGrows) {
  const auto dump = example();
  for (const std::size_t most : {64u, 100u, 4096u}) {
    JitDump reader;
    CodeNames names;
    std::uint64_t at = 0;
    for (std::uint64_t end = 0; end <= dump.span().size(); end++) {
      if (at > end) continue;  // in code that is passed over
      at += reader.feed(dump.span().subspan(at, std::min<std::uint64_t>(end - at, most + JitDump::kHead)),
                        names);
    }
    EXPECT_EQ(at, dump.span().size()) << most;
    expect_example(names);
  }
}

TEST(JitDump, ANameWithoutAnEndIsCutAtItsRecordsEnd) {
  const auto whole = Dump().load(0x1000, 8, 0, std::string(3000, 'n'));
  JitDump reader;
  CodeNames names;
  reader.feed(whole.span(), names);
  names.sort();
  EXPECT_EQ(names.name_of(0x1000), std::string(CodeNames::kLongestName, 'n'));
}

TEST(JitDump, WhatIsNoneIsNotRead) {
  for (const auto& dump : {Dump(0x44546a41), Dump(0x4a695444, 9)}) {
    JitDump reader;
    CodeNames names;
    reader.feed(dump.span(), names);
    EXPECT_FALSE(reader.ok());
  }
  std::vector<std::byte> bytes;
  const auto good = example();
  bytes.assign(good.span().begin(), good.span().end());
  const std::uint32_t none = 3;
  std::memcpy(bytes.data() + 44, &none, sizeof(none));  // a record shorter than its own head
  JitDump reader;
  CodeNames names;
  reader.feed(bytes, names);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(names.size(), 0u);
}

}  // namespace
}  // namespace plateau::symbol
