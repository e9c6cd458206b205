#include "symbol/kernel_symbols.h"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

namespace plateau::symbol {
namespace {

constexpr const char* kKallsyms =
    "0000000000001000 A fixed_percpu_data\n"
    "ffffffff81000000 T _stext\n"
    "ffffffff81000000 T _text\n"
    "ffffffff81003000 t __pfx_futex_do_wait\n"
    "ffffffff81003010 t futex_do_wait\n"
    "ffffffff81002000 T __lock_sock\n"
    "ffffffff81004000 t __mutex_lock.constprop.0\n"
    "ffffffff81005000 D jiffies\n"
    "not a symbol at all\n"
    "\n"
    "ffffffffc0201000 t nf_hook\t[nf_tables]\n";

Result<KernelSymbols> parsed(const char* text) {
  std::istringstream stream(text);
  return KernelSymbols::parse(stream);
}

TEST(KernelSymbols, NamesAddresses) {
  const auto symbols = parsed(kKallsyms);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->size(), 6u);
  EXPECT_EQ(symbols->name_of(0xffffffff81000000), "_stext");
  EXPECT_EQ(symbols->name_of(0xffffffff81002fff), "__lock_sock");
  EXPECT_EQ(symbols->name_of(0xffffffff81003010), "futex_do_wait");
  EXPECT_EQ(symbols->name_of(0xffffffff81005123), "__mutex_lock.constprop.0");
  EXPECT_EQ(symbols->name_of(0xffffffffc0201010), "nf_hook");
}

TEST(KernelSymbols, OutsideOfAnyFunctionIsNameless) {
  const auto symbols = parsed(kKallsyms);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->name_of(0), "");
  EXPECT_EQ(symbols->name_of(0xffffffff80ffffff), "");
  EXPECT_EQ(symbols->name_of(0xffffffffb0000000), "");
  EXPECT_EQ(symbols->name_of(~std::uint64_t{0}), "");
}

TEST(KernelSymbols, ClassifiesAStackOfReturnAddresses) {
  const auto symbols = parsed(kKallsyms);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->classify(std::array{0xffffffff81000100u, 0xffffffff81003060u}), KernelWait::futex);
  // The call is the last instruction of __lock_sock; the address after it is in the next function's padding.
  EXPECT_EQ(symbols->classify(std::array{0xffffffff81003010u}), KernelWait::socket_lock);
  EXPECT_EQ(symbols->classify(std::array{0xffffffff81004100u, 0xffffffff81003060u}), KernelWait::mutex);
  EXPECT_EQ(symbols->classify({}), KernelWait::other);
}

TEST(KernelSymbols, HiddenAddressesAreAnErrorThatSaysWhatToDo) {
  const auto hidden = parsed("0000000000000000 T _text\n0000000000000000 t futex_do_wait\n");
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().code, ExitCode::unsupported);
  EXPECT_NE(hidden.error().message.find("kptr_restrict"), std::string::npos);
}

TEST(KernelSymbols, NothingToReadIsAnError) {
  EXPECT_FALSE(parsed(""));
  EXPECT_FALSE(parsed("ffffffff81005000 D jiffies\n"));
  EXPECT_FALSE(parsed("zzzz T x\nffffffff81005000\nffffffff81005000 T\nffffffff81005000 T \n"));
}

}  // namespace
}  // namespace plateau::symbol
