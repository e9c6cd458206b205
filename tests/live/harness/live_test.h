// The fixture of every test that captures from a running process.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "harness/capture.h"

namespace plateau::live {

class LiveTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = cannot_capture(); !why.empty()) GTEST_SKIP() << why;
  }
};

template <class T>
class LiveTestWith : public testing::TestWithParam<T> {
 protected:
  void SetUp() override {
    if (const std::string why = cannot_capture(); !why.empty()) GTEST_SKIP() << why;
  }
};

}  // namespace plateau::live
