#include "sink/page/capture_desk.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace plateau::sink::page {

using Phase = CaptureState::Phase;

bool CaptureDesk::ask(std::uint64_t duration_ns) {
  const std::lock_guard lock(mutex_);
  if (state_.phase == Phase::under_way) return false;
  state_ = {};
  state_.phase = Phase::under_way;
  state_.duration_ns = duration_ns;
  file_ = {};
  asked_ = true;
  return true;
}

CaptureState CaptureDesk::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

CaptureFile CaptureDesk::file() const {
  const std::lock_guard lock(mutex_);
  return file_;
}

std::optional<std::uint64_t> CaptureDesk::take() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(asked_, false)) return std::nullopt;
  return state_.duration_ns;
}

void CaptureDesk::ready(CaptureFile file, bool cut) {
  const std::lock_guard lock(mutex_);
  state_.phase = Phase::ready;
  state_.bytes = file.bytes;
  state_.cut = cut;
  file_ = std::move(file);
}

void CaptureDesk::failed(std::string error) {
  const std::lock_guard lock(mutex_);
  state_.phase = Phase::failed;
  state_.error = std::move(error);
}

void CaptureDesk::forget() {
  const std::lock_guard lock(mutex_);
  if (state_.phase != Phase::ready) return;
  state_ = {};
  file_ = {};
}

std::string capture_json(const CaptureState& state) {
  static constexpr std::array<const char*, 4> kPhases{"none", "under_way", "ready", "failed"};
  return nlohmann::ordered_json{{"phase", kPhases[static_cast<std::size_t>(state.phase)]},
                                {"duration_ns", state.duration_ns},
                                {"bytes", state.bytes},
                                {"cut", state.cut},
                                {"error", state.error}}
             .dump() +
         "\n";
}

}  // namespace plateau::sink::page
