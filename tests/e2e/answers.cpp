#include "answers.h"

#include <gtest/gtest.h>

#include <charconv>

namespace plateau::e2e {
namespace {

std::size_t number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  EXPECT_TRUE(result.ec == std::errc() && result.ptr == text.data() + text.size()) << text;
  return value;
}

std::string_view field(std::string_view head, std::string_view name) {
  const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string take_chunks(std::string_view& rest) {
  std::string body;
  while (true) {
    const std::size_t line = rest.find("\r\n");
    if (line == std::string_view::npos) break;
    const std::size_t size = number(rest.substr(0, line), 16);
    rest.remove_prefix(line + 2);
    if (rest.size() < size + 2) break;
    body += rest.substr(0, size);
    EXPECT_EQ(rest.substr(size, 2), "\r\n");
    rest.remove_prefix(size + 2);
    if (size == 0) return body;
  }
  ADD_FAILURE() << "chunks end in the middle";
  rest = {};
  return body;
}

std::string take_body(Answer& answer, std::string_view& rest) {
  answer.chunked = field(answer.head, "Transfer-Encoding") == "chunked";
  if (answer.chunked) return take_chunks(rest);
  if (answer.status < 200 || answer.status == 204 || answer.status == 304) return {};
  const std::string_view length = field(answer.head, "Content-Length");
  const std::size_t size = length.empty() ? rest.size() : number(length, 10);
  EXPECT_LE(size, rest.size()) << answer.head;
  std::string body(rest.substr(0, size));
  rest.remove_prefix(body.size());
  return body;
}

}  // namespace

std::vector<Answer> read_answers(std::string_view bytes) {
  std::vector<Answer> answers;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos || !bytes.starts_with("HTTP/1.1 ")) {
      ADD_FAILURE() << "no head at: " << bytes.substr(0, 80);
      break;
    }
    Answer answer;
    answer.head = bytes.substr(0, end + 4);
    answer.status = static_cast<int>(number(bytes.substr(9, 3), 10));
    bytes.remove_prefix(end + 4);
    answer.body = take_body(answer, bytes);
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::string pattern(std::size_t size) {
  constexpr std::size_t kPeriod = 64 * 1024;
  std::string text;
  for (std::size_t at = 0; at < size; ++at) {
    const std::size_t i = at % kPeriod;
    text.push_back(i % 64 == 63 ? '\n' : static_cast<char>('0' + (i + i / 64) % 64));
  }
  return text;
}

}  // namespace plateau::e2e
