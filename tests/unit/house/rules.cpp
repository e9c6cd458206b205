#include "rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>

#include "source_text.h"

namespace plateau::house {
namespace {

using Names = std::set<std::string, std::less<>>;
using Table = std::map<std::string, Names, std::less<>>;

constexpr std::array<std::string_view, 5> kPure = {"wire", "http", "request", "attribution", "model"};
constexpr std::string_view kImpureFile = "src/wire/capture.cpp";
constexpr std::string_view kImpureHeader =
    "^(thread|chrono|mutex|shared_mutex|condition_variable|future|semaphore|stop_token|ctime|time\\.h|"
    "unistd\\.h|"
    "fcntl\\.h|poll\\.h|pthread\\.h|sched\\.h|signal\\.h|csignal|fstream|filesystem|random|sys/.*|linux/"
    ".*|asm/.*|"
    "base/clock\\.h|base/fd\\.h|base/log\\.h)$";
// What both sides compile, of bpf/.
constexpr std::array<std::string_view, 12> kWireFormat = {
    "bpf/asked.h",          "bpf/call_table.h",  "bpf/counters.h",    "bpf/go_layout.h",
    "bpf/lock_record.h",    "bpf/loop_table.h",  "bpf/park_record.h", "bpf/peer.h",
    "bpf/profile_record.h", "bpf/stop_record.h", "bpf/turn_record.h", "bpf/wire.h"};
constexpr std::string_view kImpureName =
    "\\b(clock_gettime|gettimeofday|std::chrono|std::j?thread|std::async|pthread_create|monotonic_ns|syscall|"
    "getenv|rand|std::random_device)\\b";

std::string breach(std::string_view path, int line, const std::string& what) {
  return std::string(path) + ":" + std::to_string(line) + ": " + what;
}

// "a, b" as a set.
Names names_in(std::string_view cell) {
  Names names;
  for (std::size_t begin = 0; (begin = cell.find_first_not_of(" ,", begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(cell.find_first_of(" ,", begin), cell.size());
    names.emplace(cell.substr(begin, end - begin));
    begin = end;
  }
  return names;
}

Table read_table() {
  Table table{{"base", {}}};
  for (const std::string_view row : lines(kTable)) {
    if (!row.starts_with("| ") || row.starts_with("| folder")) continue;
    const std::size_t middle = row.find('|', 1);
    const Names allowed = names_in(row.substr(middle + 1, row.size() - middle - 2));
    for (const std::string& folder : names_in(row.substr(1, middle - 1))) table[folder] = allowed;
  }
  return table;
}

const Table& table() {
  static const Table parsed = read_table();
  return parsed;
}

bool may_include(std::string_view from, std::string_view to) {
  if (from == to) return true;
  const Names& allowed = table().find(from)->second;
  return allowed.contains("all") || allowed.contains(to);
}

// Directly, or through a folder that it may include.
bool reaches(std::string_view from, std::string_view to) {
  if (may_include(from, to)) return true;
  const Names& allowed = table().find(from)->second;
  return std::ranges::any_of(allowed, [to](const std::string& through) { return reaches(through, to); });
}

// The FOLDER of src/FOLDER/…; empty for a path elsewhere.
std::string_view folder_of(std::string_view path) {
  constexpr std::string_view top = "src/";
  if (!path.starts_with(top)) return {};
  path.remove_prefix(top.size());
  const std::size_t end = path.find('/');
  return end == std::string_view::npos ? std::string_view() : path.substr(0, end);
}

// What is wrong with one include of a file in src/FROM; empty: nothing.
std::string wrong_with(std::string_view from, const Include& include) {
  const std::string shown = include.quoted ? '"' + include.name + '"' : '<' + include.name + '>';
  const std::string_view folder =
      std::string_view(include.name).substr(0, std::min(include.name.find('/'), include.name.size()));
  if (include.quoted && include.name == "plateau.skel.h")
    return from == "probe" ? "" : shown + " is the skeleton, which is src/probe's alone";
  if (include.quoted && std::ranges::find(kWireFormat, include.name) != kWireFormat.end())
    return reaches(from, "wire") ? "" : "src/" + std::string(from) + " must not see " + shown;
  if (folder == "bpf" && !include.quoted)
    return from == "probe" ? "" : shown + " is libbpf's, which is src/probe's alone";
  if (is_folder(folder) && include.name.find('/') != std::string::npos &&
      include.name.find("..") == std::string::npos)
    return may_include(from, folder) ? "" : "src/" + std::string(from) + " must not include " + shown;
  return include.quoted ? shown + " is not of the form \"folder/file\" with a folder of src/" : "";
}

}  // namespace

bool is_folder(std::string_view name) {
  return table().contains(name);
}

Breaches check_includes(std::string_view path, std::string_view text) {
  const std::string_view from = folder_of(path);
  if (!is_folder(from)) return {breach(path, 1, "not in a folder of src/ that the table of includes names")};
  Breaches breaches;
  for (const Include& include : includes(text)) {
    if (const std::string wrong = wrong_with(from, include); !wrong.empty())
      breaches.push_back(breach(path, include.line, wrong));
  }
  return breaches;
}

Breaches check_purity(std::string_view path, std::string_view text) {
  if (std::ranges::find(kPure, folder_of(path)) == kPure.end() || path == kImpureFile) return {};
  static const std::regex impure_header(kImpureHeader.begin(), kImpureHeader.end());
  static const std::regex impure_name(kImpureName.begin(), kImpureName.end());
  Breaches breaches;
  for (const Include& include : includes(text)) {
    if (std::regex_match(include.name, impure_header))
      breaches.push_back(breach(path, include.line, "a pure folder must not include " + include.name));
  }
  const std::string code = code_of(text);
  int number = 0;
  for (const std::string_view line : lines(code)) {
    number++;
    std::cmatch match;
    if (std::regex_search(line.begin(), line.end(), match, impure_name))
      breaches.push_back(breach(path, number, "a pure folder must not use " + match.str()));
  }
  return breaches;
}

Breaches check_licence(std::string_view path, std::string_view text) {
  const auto all = lines(text);
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 3); i++) {
    const std::size_t tag = all[i].find("SPDX-License-Identifier:");
    if (tag != std::string_view::npos && all[i].find("GPL-2.0-only", tag) != std::string_view::npos)
      return {};
  }
  return {breach(path, 1, "no SPDX line with GPL-2.0-only among the first three")};
}

}  // namespace plateau::house
