#include <array>
#include <nlohmann/json.hpp>

#include "wire/profile.h"

namespace plateau::wire {
namespace {

constexpr std::array<std::string_view, kFrameKinds> kNames{"native", "kernel",  "go",  "jit",
                                                           "inline", "unknown", "note"};
constexpr std::size_t kMostFrames = 4096;  // of one stack, inlined ones included

nlohmann::json frame_to_json(const ProfileFrame& frame) {
  nlohmann::json json{{"name", frame.name}, {"kind", static_cast<unsigned>(frame.kind)}};
  if (!frame.module.empty()) json["module"] = frame.module;
  if (!frame.file.empty()) json["file"] = frame.file;
  if (frame.line) json["line"] = frame.line;
  if (!frame.named) json["named"] = false;
  return json;
}

ProfileFrame frame_from_json(const nlohmann::json& json) {
  ProfileFrame frame;
  frame.name = json.at("name").get<std::string>();
  const auto kind = json.at("kind").get<unsigned>();
  frame.kind = kind < kFrameKinds ? static_cast<FrameKind>(kind) : FrameKind::unknown;
  frame.module = json.value("module", "");
  frame.file = json.value("file", "");
  frame.line = json.value("line", 0);
  frame.named = json.value("named", true);
  return frame;
}

}  // namespace

std::string_view to_string(FrameKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::string to_json(const ProfileStack& stack) {
  nlohmann::json json{{"id", stack.id},
                      {"unwinding", static_cast<unsigned>(stack.unwinding)},
                      {"cut_short", stack.cut_short},
                      {"frames", nlohmann::json::array()}};
  for (const auto& frame : stack.frames) json["frames"].push_back(frame_to_json(frame));
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<ProfileStack> stack_from_json(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    ProfileStack stack;
    if (!json.at("id").is_number_unsigned()) return fail("malformed capture: a stack's number is none");
    stack.id = json.at("id").get<std::uint32_t>();
    stack.cut_short = json.at("cut_short").get<bool>();
    const auto unwinding = json.at("unwinding").get<unsigned>();
    if (unwinding > static_cast<unsigned>(Unwinding::unwind_tables))
      return fail("malformed capture: a stack walked in an unknown way");
    stack.unwinding = static_cast<Unwinding>(unwinding);
    const auto& frames = json.at("frames");
    if (!frames.is_array() || frames.size() > kMostFrames)
      return fail("malformed capture: a stack's frames are no list, or too many");
    for (const auto& frame : frames) stack.frames.push_back(frame_from_json(frame));
    return stack;
  } catch (const nlohmann::json::exception& error) {
    return fail(std::string("malformed capture: ") + error.what());
  }
}

}  // namespace plateau::wire
