#include "symbol/demangle.h"

#include <gtest/gtest.h>

namespace plateau::symbol {
namespace {

TEST(Demangle, ReadsCpp) {
  EXPECT_EQ(demangle("_ZN4bank6settleEi"), "bank::settle(int)");
  EXPECT_EQ(demangle("_ZNSt6vectorIiSaIiEE9push_backERKi"),
            "std::vector<int, std::allocator<int> >::push_back(int const&)");
}

TEST(Demangle, ReadsRustsLegacyNamesWithoutTheirHash) {
  EXPECT_EQ(demangle("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
  EXPECT_EQ(demangle("_ZN53_$LT$core..fmt..Error$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE"),
            "_<core::fmt::Error as core::fmt::Debug>::fmt");
}

TEST(Demangle, LeavesOtherNamesAlone) {
  EXPECT_EQ(demangle("main"), "main");
  EXPECT_EQ(demangle("net/http.(*conn).serve"), "net/http.(*conn).serve");
  EXPECT_EQ(demangle("_Zhardly"), "_Zhardly");
  EXPECT_EQ(demangle(""), "");
}

TEST(Demangle, CutsWhatGlibcAddsOff) {
  EXPECT_EQ(demangle("__GI___lll_lock_wake"), "__lll_lock_wake");
  EXPECT_EQ(demangle("pthread_mutex_lock@@GLIBC_2.2.5"), "pthread_mutex_lock");
  EXPECT_EQ(demangle("memcpy@GLIBC_2.14"), "memcpy");
}

TEST(Demangle, DoesNotFollowAHostileName) {
  const auto deep = "_Z1f" + std::string(100'000, 'P') + "i";
  EXPECT_EQ(demangle(deep), deep);
}

}  // namespace
}  // namespace plateau::symbol
