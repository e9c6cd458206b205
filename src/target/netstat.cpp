#include "target/netstat.h"

#include <sstream>

#include "base/text_file.h"

namespace plateau::target {

// Lines come in pairs, the first with the names, the second with the values.
Counters parse_netstat(std::string_view text) {
  Counters counters;
  std::istringstream in{std::string(text)};
  for (std::string names, values; std::getline(in, names) && std::getline(in, values);) {
    std::istringstream name_words(names), value_words(values);
    std::string group, name, value;
    name_words >> group;
    value_words >> value;
    if (group != value || !group.ends_with(':')) continue;
    group.back() = '.';
    while (name_words >> name && value_words >> value)
      counters[group + name] = std::strtoull(value.c_str(), nullptr, 10);
  }
  return counters;
}

Counters netstat_of(pid_t pid) {
  return parse_netstat(read_text("/proc/" + std::to_string(pid) + "/net/netstat"));
}

}  // namespace plateau::target
