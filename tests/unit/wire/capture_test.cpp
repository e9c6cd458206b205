#include "wire/capture.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "sample.h"
#include "wire/facts_json.h"

namespace plateau::wire::test {
namespace {

namespace fs = std::filesystem;

struct Read {
  std::string error;  // of opening or reading; empty: none
  bool opened = false;
  std::vector<std::string> records;
  std::vector<std::string> holders;
  Facts facts;
};

Read read_all(const std::string& path) {
  Read result;
  auto reader = CaptureReader::open(path);
  if (!reader) {
    result.error = reader.error().message;
    return result;
  }
  result.opened = true;
  CaptureSink sink;
  sink.record = [&](std::span<const std::byte> bytes) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 8, 0u);
    result.records.emplace_back(static_cast<const char*>(static_cast<const void*>(bytes.data())),
                                bytes.size());
  };
  sink.holder = [&](const HolderSample& sample) { result.holders.push_back(to_json(sample)); };
  if (auto status = reader->read(sink); !status) result.error = status.error().message;
  result.facts = reader->facts();
  return result;
}

class Capture : public testing::Test {
 protected:
  Capture() {
    std::string name = (fs::temp_directory_path() / "plateau-capture-XXXXXX").string();
    directory = mkdtemp(name.data());
    path = directory / "capture";
    write();
    std::ifstream in(path, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  ~Capture() override { fs::remove_all(directory); }

  void write() {
    auto writer = CaptureWriter::create(path, start);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    for (const Bytes& record : records) writer->record(record.span());
    writer->holder(sample_holder());
    Facts end = start;
    end.end_ns = 99;
    ASSERT_TRUE(writer->finish(end).ok());
  }

  Read read_bytes(const std::string& bytes) {
    fs::remove(path);  // a file that is truncated and written again is flushed to disk by some file systems
    std::ofstream(path, std::ios::binary) << bytes;
    return read_all(path);
  }
  std::string text(std::size_t i) const {
    const auto span = records[i].span();
    return {static_cast<const char*>(static_cast<const void*>(span.data())), span.size()};
  }
  template <class T>
  std::string with(std::size_t at, T value) const {
    std::string bytes = whole;
    std::memcpy(bytes.data() + at, &value, sizeof(value));
    return bytes;
  }
  std::size_t first_record_block() const { return 16 + 8 + (to_json(start).size() + 7) / 8 * 8; }

  fs::path directory, path;
  Facts start = sample_facts();
  std::vector<Bytes> records{turn_of("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 204\r\n\r\n"), close_of(1),
                             waker_of("st")};
  std::string whole;
};

TEST_F(Capture, GivesBackWhatWasRecordedInOrder) {
  const Read read = read_bytes(whole);
  EXPECT_EQ(read.error, "");
  ASSERT_EQ(read.records.size(), records.size());
  for (std::size_t i = 0; i < records.size(); i++) EXPECT_EQ(read.records[i], text(i));
  EXPECT_EQ(read.holders, std::vector<std::string>{to_json(sample_holder())});
  EXPECT_TRUE(read.facts.complete);
  EXPECT_EQ(read.facts.end_ns, 99u);
}

TEST_F(Capture, KnowsTheStartBeforeItReads) {
  auto reader = CaptureReader::open(path);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->facts().executable, start.executable);
  EXPECT_EQ(reader->facts().end_ns, start.end_ns);
}

// Cut anywhere it gives every whole record before the cut and says that it was cut; or, where not even the
// start is whole, an error.
TEST_F(Capture, CutAnywhereGivesWhatItHolds) {
  std::size_t last = 0;
  for (std::size_t n = (whole.size() - 1) % PLATEAU_TEST_STRIDE; n < whole.size(); n += PLATEAU_TEST_STRIDE) {
    const Read read = read_bytes(whole.substr(0, n));
    SCOPED_TRACE(n);
    if (n < first_record_block()) {
      ASSERT_FALSE(read.opened);
      const char* why = n < 16 ? "not a plateau capture" : "cut off before its first record";
      ASSERT_NE(read.error.find(why), std::string::npos) << read.error;
      continue;
    }
    ASSERT_EQ(read.error, "");
    ASSERT_FALSE(read.facts.complete);
    ASSERT_EQ(read.facts.executable, start.executable);
    ASSERT_GE(read.records.size(), last);
    last = read.records.size();
    for (std::size_t i = 0; i < last; i++) ASSERT_EQ(read.records[i], text(i));
  }
  EXPECT_EQ(last, records.size());
}

TEST_F(Capture, RefusesForeignFiles) {
  for (const std::string& bytes : {std::string(), std::string("GIF89a and so on, and on, and on"),
                                   std::string(4096, '\0'), "X" + whole}) {
    const Read read = read_bytes(bytes);
    EXPECT_FALSE(read.opened);
    EXPECT_NE(read.error.find("not a plateau capture"), std::string::npos) << read.error;
    EXPECT_NE(read.error.find(path.string()), std::string::npos) << read.error;
  }
}

TEST_F(Capture, RefusesOtherVersionsBySayingWhichIsOlder) {
  const std::size_t file_version = 8, wire_version = 12;
  for (const std::string& newer :
       {with(file_version, kCaptureVersion + 1), with(wire_version, PL_WIRE_VERSION + 1)})
    EXPECT_NE(read_bytes(newer).error.find("recorded by a newer plateau"), std::string::npos);
  for (const std::string& older :
       {with(file_version, kOldestCaptureVersion - 1), with(wire_version, kOldestWireVersion - 1)})
    EXPECT_NE(read_bytes(older).error.find("recorded by an older plateau"), std::string::npos);
}

TEST_F(Capture, RefusesADamagedStart) {
  EXPECT_FALSE(read_bytes(with(16, std::uint32_t{2})).opened);           // another kind of block
  EXPECT_FALSE(read_bytes(with(20, std::uint32_t{0xffffffff})).opened);  // of impossible length
  const Read read = read_bytes(with(24, '!'));                           // no JSON
  EXPECT_FALSE(read.opened);
  EXPECT_NE(read.error.find("malformed"), std::string::npos) << read.error;
}

TEST_F(Capture, FailsOnADamagedBlock) {
  const std::size_t block = first_record_block();
  const Read kind = read_bytes(with(block, std::uint32_t{77}));
  EXPECT_TRUE(kind.opened);
  EXPECT_NE(kind.error.find("unknown block kind 77"), std::string::npos) << kind.error;
  const Read length = read_bytes(with(block + 4, std::uint32_t{0xfffffff0}));
  EXPECT_NE(length.error.find("damaged"), std::string::npos) << length.error;
  const std::size_t holder = whole.find("{\"cut_short\"");
  ASSERT_NE(holder, std::string::npos);
  EXPECT_NE(read_bytes(with(holder, '!')).error.find("malformed"), std::string::npos);
  const std::size_t end = whole.rfind("{\"comm\"");
  EXPECT_NE(read_bytes(with(end, '!')).error.find("malformed"), std::string::npos);
}

TEST_F(Capture, SurvivesAnyDamage) {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; i += PLATEAU_TEST_STRIDE) {
    std::string bytes = whole;
    for (std::size_t n = 1 + random() % 3; n > 0; n--)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const Read read = read_bytes(bytes);
    EXPECT_EQ(read.error.find('\n'), std::string::npos) << read.error;
    EXPECT_LE(read.records.size(), records.size());
  }
}

TEST_F(Capture, IsReadableByItsOwnerOnly) {
  fs::remove(path);
  write();
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Capture, ReplacesAnEarlierRecording) {
  records.clear();
  write();
  const Read read = read_all(path);
  EXPECT_TRUE(read.records.empty());
  EXPECT_TRUE(read.facts.complete);
}

TEST_F(Capture, RecordsToRegularFilesThatCanBeWrittenOnly) {
  for (const std::string& bad :
       {directory.string(), std::string("/dev/null"), (directory / "no" / "such").string()}) {
    const auto writer = CaptureWriter::create(bad, start);
    ASSERT_FALSE(writer.ok()) << bad;
    EXPECT_NE(writer.error().message.find(bad), std::string::npos);
  }
}

TEST_F(Capture, SaysThatItCannotReadAFile) {
  const Read read = read_all(directory / "missing");
  EXPECT_NE(read.error.find("cannot read"), std::string::npos);
  EXPECT_NE(read.error.find("No such file"), std::string::npos);
}

// A file that may not grow stands in for a full disk.
TEST_F(Capture, SaysAtItsEndThatWritingFailed) {
  struct rlimit before {};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  auto writer = CaptureWriter::create(path, start);
  ASSERT_TRUE(writer.ok());
  const struct rlimit small {
    4096, before.rlim_max
  };
  setrlimit(RLIMIT_FSIZE, &small);
  for (int i = 0; i < 100; i++) writer->record(records[0].span());
  const auto finished = writer->finish(start);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  ASSERT_FALSE(finished.ok());
  EXPECT_NE(finished.error().message.find("writing failed"), std::string::npos) << finished.error().message;
}

}  // namespace
}  // namespace plateau::wire::test
