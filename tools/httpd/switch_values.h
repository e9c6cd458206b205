// Reading the values of switches. Errors are usage errors without the switch's name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "toolkit/duration.h"

namespace plateau::httpd {

template <class T>
Status store_number(T& place, std::string_view value, std::uint64_t max) {
  const Result<std::uint64_t> number = toolkit::parse_number(value, max);
  if (!number) return number.error();
  place = static_cast<T>(*number);
  return success();
}

inline Status store_duration(std::uint64_t& place, std::string_view value) {
  const Result<std::uint64_t> ns = toolkit::parse_duration_ns(value);
  if (!ns) return ns.error();
  place = *ns;
  return success();
}

inline Status store_text(std::string& place, std::string_view value) {
  if (value.empty()) return fail("must not be empty", ExitCode::usage);
  place = value;
  return success();
}

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

template <class T, std::size_t N>
Status store_choice(T& place, std::string_view value, const Choice<T> (&choices)[N]) {
  std::string names;
  for (const Choice<T>& choice : choices) {
    if (choice.name == value) {
      place = choice.value;
      return success();
    }
    names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  return fail("'" + std::string(value) + "' is not one of " + names, ExitCode::usage);
}

inline Status store_switch(bool& place, std::string_view value) {
  return store_choice(place, value, {{"on", true}, {"off", false}});
}

}  // namespace plateau::httpd
