#include <profile.pb.h>

#include <algorithm>
#include <unordered_map>

#include "sink/flame/gzip.h"
#include "sink/flame/read.h"
#include "sink/flame/write.h"

namespace plateau::sink::flame {
namespace {

namespace proto = perftools::profiles;

constexpr std::size_t kLargest = std::size_t{1} << 30;  // of a profile to read, unpacked
constexpr std::string_view kKernelFile = "[kernel.kallsyms]";

class Writer {
 public:
  explicit Writer(const Graph& graph) : graph_(graph) { text(""); }

  std::string write() {
    const bool time = graph_.unit == Unit::nanoseconds;
    const char *what = time ? "time" : "page-faults", *unit = time ? "nanoseconds" : "count";
    add_type("samples", "count");
    add_type(what, unit);
    profile_.set_default_sample_type(text(what));
    auto* period = profile_.mutable_period_type();
    period->set_type(text(what));
    period->set_unit(text(unit));
    if (graph_.total_samples())
      profile_.set_period(static_cast<std::int64_t>(graph_.total_ns() / graph_.total_samples()));
    profile_.add_comment(text(graph_.title));
    for (const auto& note : graph_.notes) profile_.add_comment(text(note));
    mapping(graph_.executable);  // pprof takes the first for the program's
    for (const auto& frame : graph_.frames()) add_frame(frame);
    for (const auto& stack : graph_.stacks()) add_stack(stack);
    for (auto& mapping : *profile_.mutable_mapping()) mapping.set_has_functions(true);
    return gzip(profile_.SerializeAsString());
  }

 private:
  std::int64_t text(const std::string& value) {
    const auto [at, fresh] = texts_.try_emplace(value, profile_.string_table_size());
    if (fresh) profile_.add_string_table(value);
    return at->second;
  }

  void add_type(const char* type, const char* unit) {
    auto* value = profile_.add_sample_type();
    value->set_type(text(type));
    value->set_unit(text(unit));
  }

  std::uint64_t mapping(const std::string& file) {
    if (file.empty()) return 0;
    const auto [at, fresh] = mappings_.try_emplace(file, mappings_.size() + 1);
    if (!fresh) return at->second;
    auto* mapping = profile_.add_mapping();
    mapping->set_id(at->second);
    mapping->set_filename(text(file));
    return at->second;
  }

  // A location for each function: what was inlined is a frame of its own here, as in the other formats.
  void add_frame(const Frame& frame) {
    const auto id = static_cast<std::uint64_t>(profile_.function_size()) + 1;
    auto* function = profile_.add_function();
    function->set_id(id);
    function->set_name(text(frame.name));
    function->set_system_name(text(frame.name));
    function->set_filename(text(frame.file));
    auto* location = profile_.add_location();
    location->set_id(id);
    location->set_address(id);
    location->set_mapping_id(mapping(frame.kind == Kind::kernel ? std::string(kKernelFile) : frame.module));
    auto* line = location->add_line();
    line->set_function_id(id);
    line->set_line(frame.line);
  }

  void add_stack(const Stack& stack) {
    auto* sample = profile_.add_sample();
    for (auto frame = stack.frames.rbegin(); frame != stack.frames.rend(); ++frame)
      sample->add_location_id(*frame + 1u);
    sample->add_value(static_cast<std::int64_t>(stack.samples));
    sample->add_value(static_cast<std::int64_t>(stack.ns));
    if (stack.label >= graph_.labels().size()) return;
    const auto& of = graph_.labels()[stack.label];
    if (!of.route.empty()) {
      auto* label = sample->add_label();
      label->set_key(text("route"));
      label->set_str(text(of.route));
    }
    if (of.status) {
      auto* label = sample->add_label();
      label->set_key(text("status"));
      label->set_str(text(std::to_string(of.status)));
    }
  }

  const Graph& graph_;
  proto::Profile profile_;
  std::unordered_map<std::string, std::int64_t> texts_;
  std::unordered_map<std::string, std::uint64_t> mappings_;
};

class Reader {
 public:
  explicit Reader(const proto::Profile& profile) : profile_(profile) {}

  Result<Graph> read() {
    graph_.label({});
    value_ = time_value();
    if (value_ < 0) return fail("a pprof profile without values");
    for (const auto& function : profile_.function()) functions_[function.id()] = &function;
    for (const auto& mapping : profile_.mapping()) mappings_[mapping.id()] = text(mapping.filename());
    for (const auto& location : profile_.location()) locations_[location.id()] = &location;
    for (const auto& sample : profile_.sample()) add(sample);
    if (graph_.stacks().empty()) return fail("a pprof profile without samples");
    return std::move(graph_);
  }

 private:
  std::string text(std::int64_t index) const {
    const bool there = index >= 0 && index < profile_.string_table_size();
    return there ? profile_.string_table(static_cast<int>(index)) : std::string();
  }

  // The values to weigh by: nanoseconds where there are some, else the last, as pprof does.
  int time_value() const {
    for (int i = 0; i < profile_.sample_type_size(); i++)
      if (text(profile_.sample_type(i).unit()) == "nanoseconds") return i;
    return profile_.sample_type_size() - 1;
  }

  std::string module_of(const proto::Location& location) const {
    const auto module = mappings_.find(location.mapping_id());
    return module == mappings_.end() ? std::string() : module->second;
  }

  void add_frames(std::uint64_t id, std::vector<std::uint32_t>& innermost_first) {
    const auto location = locations_.find(id);
    if (location == locations_.end()) return;
    const std::string module = module_of(*location->second);
    const auto& lines = location->second->line();
    for (const auto& line : lines) {
      Frame frame;
      const auto function = functions_.find(line.function_id());
      if (function != functions_.end()) {
        frame.name = text(function->second->name());
        frame.file = text(function->second->filename());
      }
      frame.module = module;
      frame.line = static_cast<int>(line.line());
      if (module == kKernelFile)
        frame.kind = Kind::kernel;
      else if (&line != &lines[lines.size() - 1])
        frame.kind = Kind::inlined;
      innermost_first.push_back(graph_.frame(frame));
    }
  }

  void add(const proto::Sample& sample) {
    if (value_ >= sample.value_size() || sample.value(value_) <= 0) return;
    Stack stack;
    for (const auto id : sample.location_id()) add_frames(id, stack.frames);
    std::ranges::reverse(stack.frames);
    stack.ns = static_cast<std::uint64_t>(sample.value(value_));
    stack.samples = 1;
    graph_.add(std::move(stack));
  }

  const proto::Profile& profile_;
  Graph graph_;
  int value_ = -1;
  std::unordered_map<std::uint64_t, const proto::Function*> functions_;
  std::unordered_map<std::uint64_t, const proto::Location*> locations_;
  std::unordered_map<std::uint64_t, std::string> mappings_;
};

}  // namespace

std::string to_pprof(const Graph& graph) {
  return Writer(graph).write();
}

Result<Graph> read_pprof(std::string_view bytes) {
  std::string unpacked;
  if (is_gzip(bytes)) {
    auto got = gunzip(bytes, kLargest);
    if (!got) return got.error();
    unpacked = std::move(*got);
    bytes = unpacked;
  }
  proto::Profile profile;
  if (!profile.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail("is not a pprof profile");
  return Reader(profile).read();
}

Result<Graph> read_graph(const std::string& bytes) {
  return is_gzip(bytes) ? read_pprof(bytes) : read_folded(bytes);
}

}  // namespace plateau::sink::flame
