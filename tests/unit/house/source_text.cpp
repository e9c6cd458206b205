#include "source_text.h"

#include <algorithm>
#include <cctype>

namespace plateau::house {
namespace {

constexpr std::string_view kBlanks = " \t";

// The end of the literal that begins with the quote at `begin`, one past its closing quote. A line's end
// closes it too.
std::size_t literal_end(std::string_view text, std::size_t begin) {
  for (std::size_t at = begin + 1; at < text.size(); at++) {
    if (text[at] == '\\') {
      at++;
    } else if (text[at] == text[begin] || text[at] == '\n') {
      return at + 1;
    }
  }
  return text.size();
}

// One past the end of the comment that begins at `begin`; a line comment's line break is not part of it.
std::size_t comment_end(std::string_view text, std::size_t begin) {
  const bool block = text[begin + 1] == '*';
  const std::size_t end = block ? text.find("*/", begin + 2) : text.find('\n', begin);
  if (end == std::string_view::npos) return text.size();
  return block ? end + 2 : end;
}

// A quote that opens a literal: not the apostrophe within a number (1'000).
bool opens_literal(std::string_view text, std::size_t at) {
  if (text[at] == '"') return true;
  return text[at] == '\'' && (at == 0 || std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0);
}

bool starts_comment(std::string_view rest) {
  return rest.starts_with("//") || rest.starts_with("/*");
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// The text with comments, and literals too if asked for, blanked out; line breaks stay.
std::string blanked(std::string_view text, bool literals) {
  std::string out(text);
  const auto blank = [&out](std::size_t begin, std::size_t end) {
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(end),
        [](char c) { return c != '\n'; }, ' ');
  };
  for (std::size_t at = 0, end; at < text.size(); at = end) {
    end = at + 1;
    if (opens_literal(text, at)) {
      end = literal_end(text, at);
      if (literals) blank(at, end);
    } else if (starts_comment(text.substr(at))) {
      end = comment_end(text, at);
      blank(at, end);
    }
  }
  return out;
}

}  // namespace

std::string code_of(std::string_view text) {
  return blanked(text, true);
}

std::vector<Include> includes(std::string_view text) {
  const std::string code = blanked(text, false);
  std::vector<Include> found;
  int number = 0;
  for (std::string_view line : lines(code)) {
    number++;
    line = trimmed(line);
    if (!line.starts_with('#')) continue;
    line = trimmed(line.substr(1));
    if (!line.starts_with("include")) continue;
    line = trimmed(line.substr(std::string_view("include").size()));
    if (line.empty() || (line[0] != '"' && line[0] != '<')) continue;
    const std::size_t end = line.find(line[0] == '"' ? '"' : '>', 1);
    if (end != std::string_view::npos)
      found.push_back({std::string(line.substr(1, end - 1)), line[0] == '"', number});
  }
  return found;
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace plateau::house
