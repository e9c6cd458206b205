#include "httpd/uring_transport.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>

#include "allocations.h"
#include "httpd/connection.h"
#include "httpd/hot_path.h"

namespace plateau::httpd {
namespace {

constexpr std::string_view kRequest = "GET /users/7 HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n";
constexpr std::string_view kBody = "\r\n\r\n{\"id\":7,\"name\":\"user\"}\n";
constexpr std::uint64_t kTag = 16;

Options fast() {
  Options options;
  options.engine = EngineKind::io_uring;
  options.bottleneck.hot_path = true;
  return options;
}

// A connection on a ring, with a client that has the other end.
class UringTransportTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!ring_.open()) GTEST_SKIP() << "this kernel gives no ring";
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    client_ = Fd(ends[0]);
    auto transport = std::make_unique<UringTransport>(Fd(ends[1]), ring_, kTag);
    transport_ = transport.get();
    connection_.emplace(service_, std::move(transport), 1, "p", nullptr);
    connection_->answer_from(&hot_);
  }
  // The ring lets go of the connection before it ends.
  void TearDown() override {
    client_ = Fd();
    while (transport_ != nullptr && transport_->in_flight()) turn();
  }

  // One entry into the kernel, and what came of it.
  void turn() {
    ring_.submit_and_wait(5'000);
    int handled = 0;
    ring_.drain([&](const io_uring_cqe& completion) {
      ++handled;
      const bool sent = completion.user_data == kTag + UringTransport::kSendTag;
      ++(sent ? sends_ : receives_);
      sent ? transport_->on_sent(completion) : transport_->on_received(completion);
      connection_->drive(Connection::Blocking::no);
    });
    ASSERT_GT(handled, 0) << "nothing within five seconds";
  }

  // The answer to `bytes`, all of which has been completed.
  std::string_view exchange(std::string_view bytes) {
    EXPECT_EQ(::send(client_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    const int sends = sends_;
    while (sends_ == sends && !HasFatalFailure()) turn();
    const ssize_t size = ::recv(client_.get(), answer_, sizeof answer_, MSG_DONTWAIT);
    return {answer_, size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  Service service_{fast(), nullptr};
  HotPath hot_{service_};
  Uring ring_;
  Fd client_;
  UringTransport* transport_ = nullptr;  // of the connection
  std::optional<Connection> connection_;
  int receives_ = 0;  // completed, like the next
  int sends_ = 0;
  char answer_[16 * 1024];
};

TEST_F(UringTransportTest, TakesOneReadOneWriteAndNoAllocationARequest) {
  constexpr int kRequests = 1009;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(exchange(kRequest).ends_with(kBody));
  receives_ = sends_ = 0;
  const std::uint64_t before = allocations();
  int right = 0;
  for (int i = 0; i < kRequests; ++i) right += exchange(kRequest).ends_with(kBody) ? 1 : 0;
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(right, kRequests);
  EXPECT_EQ(receives_, kRequests);
  EXPECT_EQ(sends_, kRequests);
}

TEST_F(UringTransportTest, AnswersAPipelineInOneWrite) {
  const std::size_t one = exchange(kRequest).size();
  receives_ = sends_ = 0;
  std::string pipeline;
  for (int i = 0; i < 53; ++i) pipeline += kRequest;
  const std::string_view answers = exchange(pipeline);
  EXPECT_EQ(answers.size(), 53 * one);
  EXPECT_TRUE(answers.ends_with(kBody));
  EXPECT_EQ(receives_, 1);
  EXPECT_EQ(sends_, 1);
}

}  // namespace
}  // namespace plateau::httpd
