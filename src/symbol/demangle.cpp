#include "symbol/demangle.h"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

namespace plateau::symbol {
namespace {

// Beyond this the demangler's recursion and output are a hostile file's to choose.
constexpr std::size_t kLongestMangled = 4096;
constexpr std::size_t kLongestReadable = 16384;

struct Free {
  void operator()(char* text) const { std::free(text); }
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Rust's legacy scheme is C++'s with a hash as the last component: "core::fmt::write::h0123456789abcdef".
bool has_rust_hash(std::string_view name) {
  constexpr std::size_t kTail = 19;  // "::h" and 16 hexadecimal digits
  if (name.size() <= kTail || name.substr(name.size() - kTail, 3) != "::h") return false;
  const auto hash = name.substr(name.size() - 16);
  return hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string tidy_rust(std::string name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kEscapes = {{{"$LT$", "<"},
                                                                                      {"$GT$", ">"},
                                                                                      {"$RF$", "&"},
                                                                                      {"$BP$", "*"},
                                                                                      {"$LP$", "("},
                                                                                      {"$RP$", ")"},
                                                                                      {"$C$", ","},
                                                                                      {"$u20$", " "},
                                                                                      {"..", "::"}}};
  name.resize(name.size() - 19);
  for (const auto& [from, to] : kEscapes) replace_all(name, from, to);
  return name;
}

}  // namespace

std::string demangle(std::string_view symbol) {
  constexpr std::string_view kGlibcAlias = "__GI_";
  if (symbol.starts_with(kGlibcAlias)) symbol.remove_prefix(kGlibcAlias.size());
  std::string name(symbol.substr(0, symbol.find('@')));
  if (!name.starts_with("_Z") || name.size() > kLongestMangled) return name;
  int status = 0;
  const std::unique_ptr<char, Free> readable(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status));
  if (status != 0 || !readable) return name;
  const std::string_view text(readable.get());
  if (text.size() > kLongestReadable) return name;
  return has_rust_hash(text) ? tidy_rust(std::string(text)) : std::string(text);
}

}  // namespace plateau::symbol
