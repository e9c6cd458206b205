#include <nlohmann/json.hpp>

#include "sink/flame/write.h"

namespace plateau::sink::flame {

std::string to_speedscope(const Graph& graph) {
  nlohmann::ordered_json frames = nlohmann::ordered_json::array();
  for (const auto& frame : graph.frames()) {
    nlohmann::ordered_json json{{"name", frame.name}};
    if (!frame.file.empty())
      json["file"] = frame.file;
    else if (!frame.module.empty())
      json["file"] = frame.module;
    if (frame.line) json["line"] = frame.line;
    frames.push_back(std::move(json));
  }
  nlohmann::ordered_json samples = nlohmann::ordered_json::array();
  nlohmann::ordered_json weights = nlohmann::ordered_json::array();
  for (const auto& stack : graph.stacks()) {
    samples.push_back(stack.frames);
    weights.push_back(stack.ns);
  }
  const nlohmann::ordered_json json{{"$schema", "https://www.speedscope.app/file-format-schema.json"},
                                    {"name", graph.title},
                                    {"exporter", std::string("plateau ") + PLATEAU_VERSION},
                                    {"activeProfileIndex", 0},
                                    {"shared", {{"frames", std::move(frames)}}},
                                    {"profiles",
                                     {{{"type", "sampled"},
                                       {"name", graph.title},
                                       {"unit", graph.unit == Unit::nanoseconds ? "nanoseconds" : "none"},
                                       {"startValue", 0},
                                       {"endValue", graph.total_ns()},
                                       {"samples", std::move(samples)},
                                       {"weights", std::move(weights)}}}}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace plateau::sink::flame
