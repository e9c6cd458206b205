#include "target/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include "child.h"

namespace plateau::target::test {
namespace {

using testing::Contains;
using testing::ElementsAre;

std::vector<pid_t> pids(const std::vector<Process>& processes) {
  std::vector<pid_t> list;
  for (const Process& process : processes) list.push_back(process.pid);
  return list;
}

Process process(pid_t pid, pid_t parent) {
  Process p;
  p.pid = pid;
  p.parent = parent;
  return p;
}

void call_self(const char* name) {
  prctl(PR_SET_NAME, name);
}

TEST(ReadProcess, KnowsThisOne) {
  const auto self = read_process(getpid());
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self->pid, getpid());
  EXPECT_EQ(self->parent, getppid());
  EXPECT_EQ(self->comm, "unit_target");
  EXPECT_GT(self->start_ticks, 0u);
  EXPECT_GE(self->threads, 1u);
}

// ThreadSanitizer's runtime has a thread of its own, from the process's first thread on.
TEST(ReadProcess, CountsThreads) {
  std::thread([] {}).join();
  const unsigned before = read_process(getpid())->threads;
  std::atomic<bool> stop{false};
  std::thread extra([&] { stop.wait(false); });
  EXPECT_EQ(read_process(getpid())->threads, before + 1);
  stop = true;
  stop.notify_all();
  extra.join();
}

TEST(ReadProcess, SeesCpuTimeGrow) {
  const auto before = read_process(getpid())->cpu_ticks;
  volatile std::uint64_t work = 0;
  const auto enough = [&] { return read_process(getpid())->cpu_ticks >= before + 2; };
  for (int rounds = 0; rounds < 10'000 && !enough(); rounds++)
    for (int i = 0; i < 1'000'000; i++) work = work + 1;
  EXPECT_TRUE(enough());
}

TEST(ReadProcess, SaysThatThereIsNone) {
  pid_t gone = 0;
  {
    const Child child;
    gone = child.pid();
    EXPECT_TRUE(read_process(gone).ok());
  }
  for (const pid_t pid : {gone, pid_t{0}, pid_t{-1}, pid_t{2147483647}}) {
    const auto none = read_process(pid);
    ASSERT_FALSE(none.ok()) << pid;
    EXPECT_EQ(none.error().code, ExitCode::no_target);
    EXPECT_NE(none.error().message.find(std::to_string(pid)), std::string::npos);
  }
}

// Threads of a forked child that starts none: ThreadSanitizer's runtime gives it one of its own.
unsigned threads_of_a_fork() {
#ifdef PLATEAU_SANITIZE_THREAD
  return 2;
#else
  return 1;
#endif
}

TEST(ReadProcess, ReadsNamesThatLookLikeTheirOwnFields) {
  for (const char* name : {"a b", "x) S 1 2 3", "(((", "))", ") R 7", " ", "tab\tbed"}) {
    const Child child([name] { call_self(name); });
    const auto read = read_process(child.pid());
    ASSERT_TRUE(read.ok()) << name;
    EXPECT_EQ(read->comm, name);
    EXPECT_EQ(read->parent, getpid());
    EXPECT_EQ(read->threads, threads_of_a_fork());
  }
}

TEST(AllProcesses, HoldThisOneAndItsChild) {
  const Child child;
  const auto all = pids(all_processes());
  EXPECT_THAT(all, Contains(getpid()));
  EXPECT_THAT(all, Contains(child.pid()));
}

TEST(Descendants, AreFoundParentsFirst) {
  const std::vector<Process> all{process(5, 4), process(1, 0), process(4, 2),
                                 process(2, 1), process(3, 1), process(9, 8)};
  EXPECT_THAT(pids(descendants({2}, all)), ElementsAre(2, 4, 5));
  EXPECT_THAT(pids(descendants({2, 9}, all)), testing::UnorderedElementsAre(2, 9, 4, 5));
  EXPECT_THAT(pids(descendants({2, 4}, all)), testing::UnorderedElementsAre(2, 4, 5)) << "each once";
  EXPECT_TRUE(descendants({77}, all).empty());
  EXPECT_TRUE(descendants({}, all).empty());
}

TEST(Descendants, EndWhereParentsGoRound) {
  const std::vector<Process> all{process(1, 2), process(2, 1), process(3, 3)};
  EXPECT_EQ(descendants({1}, all).size(), 2u);
  EXPECT_EQ(descendants({3}, all).size(), 1u);
}

TEST(Descendants, HoldAGrandchild) {
  const Child child([] {
    const pid_t grandchild = Child::fork_worker();
    Child::tell(grandchild);
  });
  const auto tree = pids(descendants({child.pid()}, all_processes()));
  EXPECT_THAT(tree, ElementsAre(child.pid(), static_cast<pid_t>(child.told())));
}

TEST(FindByComm, FindsTheOutermost) {
  const Child child([] {
    call_self("pl (test) a");
    const pid_t worker = Child::fork_worker();
    Child::tell(worker);
  });
  const auto found = find_by_comm("pl (test) a");
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(*found, ElementsAre(child.pid()));
}

TEST(FindByComm, ComparesAsMuchOfANameAsTheKernelKeeps) {
  const Child child([] { call_self("plateau-test-long-name"); });
  const auto found = find_by_comm("plateau-test-long-name");
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(*found, ElementsAre(child.pid()));
  EXPECT_FALSE(find_by_comm("plateau-test").ok()) << "a beginning is not a name";
}

TEST(FindByComm, SaysThatThereIsNone) {
  const auto none = find_by_comm("pl-no-such-name");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ExitCode::no_target);
  EXPECT_NE(none.error().message.find("pl-no-such-name"), std::string::npos);
}

}  // namespace
}  // namespace plateau::target::test
