// Errors as values. A function that can fail returns Result<T>; nothing throws across a folder.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace plateau {

// Exit statuses of the outside contract (design, section 5).
enum class ExitCode : int { ok = 0, failed = 1, usage = 2, unsupported = 3, no_target = 4 };

// One line for the user: what went wrong, why, and what to do about it.
struct Error {
  ExitCode code = ExitCode::failed;
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Undefined unless ok().
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

  // Undefined if ok().
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;
inline Status success() {
  return std::monostate{};
}

inline Error fail(std::string message, ExitCode code = ExitCode::failed) {
  return Error{code, std::move(message)};
}

}  // namespace plateau
