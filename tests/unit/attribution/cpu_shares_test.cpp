#include "attribution/cpu_shares.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plateau::attribution {
namespace {

// A stack of these functions, innermost first.
wire::ProfileStack stack(std::uint32_t id, const std::vector<std::string>& names) {
  wire::ProfileStack stack;
  stack.id = id;
  for (const std::string& name : names) {
    wire::ProfileFrame frame;
    frame.name = name;
    stack.frames.push_back(frame);
  }
  return stack;
}

wire::StackSample on_cpu(std::uint32_t id, std::uint64_t period_ns = 1'000'000) {
  wire::StackSample sample;
  sample.stack = id;
  sample.kind = PL_SAMPLE_CPU;
  sample.period_ns = period_ns;
  return sample;
}

TEST(CpuShares, TellAllocationAndSetUpFromTheRest) {
  CpuShareCounter counter;
  counter.stack(stack(0, {"memcpy", "handle", "main"}));
  counter.stack(stack(1, {"clear_page_erms", "do_anonymous_page", "asm_exc_page_fault", "touch", "main"}));
  counter.stack(stack(2, {"_int_malloc", "malloc", "operator new(unsigned long)", "handle", "main"}));
  counter.stack(stack(3, {"tcp_send_fin", "__tcp_close", "tcp_close", "sock_close", "close", "main"}));
  counter.stack(stack(4, {"malloc", "CRYPTO_malloc", "SSL_do_handshake", "main"}));  // the handshake's
  counter.stack(stack(5, {"malloc_hook_of_mine", "freeze", "main"}));                // neither
  for (int i = 0; i < 40; i++) counter.sample(on_cpu(0));
  for (int i = 0; i < 13; i++) counter.sample(on_cpu(1));
  for (int i = 0; i < 17; i++) counter.sample(on_cpu(2));
  for (int i = 0; i < 11; i++) counter.sample(on_cpu(3));
  for (int i = 0; i < 7; i++) counter.sample(on_cpu(4));
  counter.sample(on_cpu(5, 12'000'000));
  const CpuShares shares = counter.shares();
  EXPECT_EQ(shares.samples, 89u);
  EXPECT_DOUBLE_EQ(shares.allocation, 0.30);
  EXPECT_DOUBLE_EQ(shares.set_up, 0.18);
}

// What drops a connection frees its memory and forgets it, too; what serves requests closes them now and
// then.
TEST(CpuShares, AllThatAFunctionDoesWhichMostlySetsUpIsOfConnections) {
  CpuShareCounter counter;
  counter.stack(stack(0, {"sock_close", "close", "drop", "serve", "main"}));
  counter.stack(stack(1, {"erase", "drop", "serve", "main"}));
  counter.stack(stack(2, {"free", "drop", "serve", "main"}));
  counter.stack(stack(3, {"answer", "serve", "main"}));
  counter.stack(stack(4, {"do_epoll_ctl", "epoll_ctl", "serve", "main"}));
  for (int i = 0; i < 17; i++) counter.sample(on_cpu(0));
  for (int i = 0; i < 3; i++) counter.sample(on_cpu(1));
  for (int i = 0; i < 2; i++) counter.sample(on_cpu(2));
  for (int i = 0; i < 71; i++) counter.sample(on_cpu(3));
  for (int i = 0; i < 7; i++) counter.sample(on_cpu(4));
  EXPECT_DOUBLE_EQ(counter.shares().set_up, 0.29);
  EXPECT_DOUBLE_EQ(counter.shares().allocation, 0.02);
}

// Fresh pages cost more than the faults: what touches them runs into the TLB and the cache anew.
TEST(CpuShares, TheOwnTimeOfWhatMostlyFaultsIsOfFreshMemory) {
  CpuShareCounter counter;
  const auto in_kernel = [](wire::ProfileStack fault) {
    fault.frames[0].kind = fault.frames[1].kind = wire::FrameKind::kernel;
    return fault;
  };
  counter.stack(in_kernel(stack(0, {"clear_page_erms", "asm_exc_page_fault", "touch", "main"})));
  counter.stack(stack(1, {"touch", "main"}));
  counter.stack(in_kernel(stack(2, {"handle_mm_fault", "exc_page_fault", "compute", "main"})));
  counter.stack(stack(3, {"compute", "main"}));
  for (int i = 0; i < 31; i++) counter.sample(on_cpu(0));
  for (int i = 0; i < 7; i++) counter.sample(on_cpu(1));
  for (int i = 0; i < 5; i++) counter.sample(on_cpu(2));
  for (int i = 0; i < 57; i++) counter.sample(on_cpu(3));
  EXPECT_DOUBLE_EQ(counter.shares().allocation, 0.43);
}

TEST(CpuShares, CountWhatRanAlone) {
  CpuShareCounter counter;
  counter.stack(stack(0, {"malloc", "main"}));
  wire::StackSample asleep = on_cpu(0);
  asleep.kind = PL_SAMPLE_SLEEP;
  counter.sample(asleep);
  counter.sample(on_cpu(7));  // of a stack that nobody told
  EXPECT_EQ(counter.shares().samples, 0u);
  EXPECT_EQ(counter.shares().allocation, 0);
}

}  // namespace
}  // namespace plateau::attribution
