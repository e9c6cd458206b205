// Any bytes as a capture file: one line of error, or what it holds. The versions are set to those in use,
// which the fuzzer would only find by chance.

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "../http/require.h"
#include "base/fd.h"
#include "wire/capture.h"
#include "wire/event.h"

namespace {

using namespace plateau::wire;

constexpr std::size_t kVersions = 8;

std::string with_versions(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::uint32_t versions[2] = {kCaptureVersion, PL_WIRE_VERSION};
  if (bytes.size() >= kVersions + sizeof(versions))
    std::memcpy(bytes.data() + kVersions, versions, sizeof(versions));
  return bytes;
}

void require_one_line(const plateau::Error& error) {
  require(!error.message.empty() && error.message.find('\n') == std::string::npos, "an error is one line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = with_versions(data, size);
  const plateau::Fd file(memfd_create("capture", MFD_CLOEXEC));
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 0;
  auto reader = CaptureReader::open("/proc/self/fd/" + std::to_string(file.get()));
  if (!reader) {
    require_one_line(reader.error());
    return 0;
  }
  std::size_t total = 0;
  CaptureSink sink;
  sink.record = [&](std::span<const std::byte> record) {
    total += record.size();
    require(reinterpret_cast<std::uintptr_t>(record.data()) % 8 == 0, "records are aligned");
    (void)decode(record);
  };
  sink.holder = [](const HolderSample&) {};
  const auto status = reader->read(sink);
  if (!status) require_one_line(status.error());
  require(total <= bytes.size(), "no more is read than there is");
  return 0;
}
