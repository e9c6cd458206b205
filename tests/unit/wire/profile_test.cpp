// Stacks and samples in a capture.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sample.h"
#include "wire/capture.h"
#include "wire/event.h"

namespace plateau::wire::test {
namespace {

namespace fs = std::filesystem;

ProfileStack sample_stack() {
  ProfileStack stack;
  stack.id = 7;
  stack.unwinding = Unwinding::unwind_tables;
  stack.cut_short = true;
  stack.frames = {{"tcp_sendmsg", "", "", 0, FrameKind::kernel, true},
                  {"f(\"x\", \xff)", "/lib/ü.so", "a.cpp", 12, FrameKind::inlined, true},
                  {"server+0x12", "/srv/server", "", 0, FrameKind::native, false}};
  return stack;
}

TEST(ProfileStack, IsReadBackAsItWas) {
  auto stack = sample_stack();
  stack.frames[1].name = "f(\"x\", ü)";
  const auto back = stack_from_json(to_json(stack));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->id, 7u);
  EXPECT_EQ(back->unwinding, Unwinding::unwind_tables);
  EXPECT_TRUE(back->cut_short);
  EXPECT_EQ(back->frames, stack.frames);
}

TEST(ProfileStack, ThatIsMalformedIsRefused) {
  EXPECT_TRUE(stack_from_json(to_json(sample_stack())));  // broken UTF-8 is replaced, not refused
  for (const char* text : {"", "{", "[]", "7", R"({"id": 1})",
                           R"({"id": -1.5, "cut_short": false, "unwinding": 0, "frames": []})",
                           R"({"id": 1, "cut_short": false, "unwinding": 9, "frames": []})",
                           R"({"id": 1, "cut_short": false, "unwinding": 0, "frames": {}})",
                           R"({"id": 1, "cut_short": false, "unwinding": 0, "frames": [{"kind": 0}]})"})
    EXPECT_FALSE(stack_from_json(text)) << text;
}

TEST(ProfileStack, OfAKindThatIsNotKnownYetIsUnknown) {
  const auto stack = stack_from_json(
      R"({"id": 1, "cut_short": false, "unwinding": 0, "frames": [{"name": "x", "kind": 99}]})");
  ASSERT_TRUE(stack);
  EXPECT_EQ(stack->frames[0].kind, FrameKind::unknown);
}

class ProfileCapture : public testing::Test {
 protected:
  ProfileCapture() {
    std::string name = (fs::temp_directory_path() / "plateau-profile-XXXXXX").string();
    directory = mkdtemp(name.data());
    path = directory / "capture";
  }
  ~ProfileCapture() override { fs::remove_all(directory); }

  std::uint32_t version() const {
    std::ifstream in(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + 8, sizeof(value));
    return value;
  }

  fs::path directory, path;
};

TEST_F(ProfileCapture, HandsOutStacksAndSamplesInTheirOrder) {
  StackSample sample;
  sample.from_ns = 5;
  sample.run_ns = 9;
  sample.stack = 7;
  sample.tid = 11;
  sample.waker = 13;
  auto writer = CaptureWriter::create(path, sample_facts(), true);
  ASSERT_TRUE(writer);
  writer->stack(sample_stack());
  writer->sample(sample);
  ASSERT_TRUE(writer->finish(sample_facts()));
  EXPECT_EQ(version(), 3u);
  auto reader = CaptureReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  std::string order;
  CaptureSink sink;
  sink.stack = [&](ProfileStack&& stack) {
    order += 's';
    EXPECT_EQ(stack.frames.size(), 3u);
  };
  sink.sample = [&](const StackSample& back) {
    order += 'p';
    EXPECT_EQ(std::memcmp(&back, &sample, sizeof(sample)), 0);
  };
  ASSERT_TRUE(reader->read(sink));
  EXPECT_EQ(order, "sp");
  EXPECT_TRUE(reader->facts().complete);
}

// As version 2 has it: a sample is shorter by the last eight bytes.
TEST_F(ProfileCapture, OfTheVersionBeforeHasSamplesWithoutAWaker) {
  StackSample sample;
  sample.stack = 7;
  sample.waker = 13;
  auto writer = CaptureWriter::create(path, sample_facts(), true);
  ASSERT_TRUE(writer);
  writer->sample(sample);
  ASSERT_TRUE(writer->finish(sample_facts()));
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string block{"\6\0\0\0\x40\0\0\0", 8};  // kind 6, of 64 bytes
  const auto at = bytes.find(block);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 4] = kSampleWithoutWaker;
  bytes[8] = 2;
  bytes.erase(at + block.size() + kSampleWithoutWaker, 8);
  std::ofstream(path, std::ios::binary) << bytes;
  auto reader = CaptureReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  CaptureSink sink;
  std::vector<StackSample> samples;
  sink.sample = [&](const StackSample& back) { samples.push_back(back); };
  const auto read = reader->read(sink);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].stack, 7u);
  EXPECT_EQ(samples[0].waker, kNoStack);
  EXPECT_TRUE(reader->facts().complete);
}

TEST_F(ProfileCapture, WithoutAProfileIsOfTheVersionThatEveryReaderKnows) {
  auto writer = CaptureWriter::create(path, sample_facts());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->finish(sample_facts()));
  EXPECT_EQ(version(), 1u);
  EXPECT_TRUE(CaptureReader::open(path));
}

Bytes sample_of(std::uint32_t data_len, std::uint16_t kernel_frames, std::size_t room) {
  pl_sample fixed{};
  fixed.data_len = data_len;
  fixed.kernel_frames = kernel_frames;
  return record_of(fixed, PL_RECORD_SAMPLE, std::string(room, 'x'));
}

TEST(DecodeSample, ViewsTheStackThatIsThere) {
  const Bytes bytes = sample_of(16, PL_KERNEL_FRAMES, 24);
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event) << event.error().message;
  ASSERT_TRUE(std::holds_alternative<Sample>(*event));
  EXPECT_EQ(std::get<Sample>(*event).data.size(), 16u);
}

Bytes wake_of(std::uint32_t data_len, std::uint16_t kernel_frames, std::size_t room) {
  pl_wake fixed{};
  fixed.by.data_len = data_len;
  fixed.by.kernel_frames = kernel_frames;
  Bytes bytes = sample_of(data_len, kernel_frames, sizeof(fixed) - sizeof(fixed.by) + room);
  fixed.by.header.size = static_cast<pl_u32>(bytes.size);
  fixed.by.header.kind = PL_RECORD_WAKE;
  fixed.sleeper = 4711;
  std::memcpy(bytes.words.data(), &fixed, sizeof(fixed));
  return bytes;
}

TEST(DecodeWake, ViewsTheWakersStackThatIsThere) {
  const Bytes bytes = wake_of(16, PL_KERNEL_FRAMES, 24);
  const auto event = decode(bytes.span());
  ASSERT_TRUE(event) << event.error().message;
  ASSERT_TRUE(std::holds_alternative<Wake>(*event));
  EXPECT_EQ(std::get<Wake>(*event).fixed->sleeper, 4711u);
  EXPECT_EQ(std::get<Wake>(*event).data.size(), 16u);
  EXPECT_FALSE(decode(wake_of(32, 0, 24).span()));
  EXPECT_FALSE(decode(wake_of(PL_PROFILE_SLICE + 8, 0, PL_PROFILE_SLICE + 8).span()));
  EXPECT_FALSE(decode(wake_of(0, PL_KERNEL_FRAMES + 1, 0).span()));
}

TEST(DecodeSample, RefusesLengthsThatDoNotFit) {
  EXPECT_FALSE(decode(sample_of(32, 0, 24).span()));
  EXPECT_FALSE(decode(sample_of(PL_PROFILE_SLICE + 8, 0, PL_PROFILE_SLICE + 8).span()));
  EXPECT_FALSE(decode(sample_of(0, PL_KERNEL_FRAMES + 1, 0).span()));
}

}  // namespace
}  // namespace plateau::wire::test
