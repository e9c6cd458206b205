// The answers on one connection as the client that asked knows them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::live {

struct ReadAnswer {
  int status = 0;
  std::uint64_t bytes = 0;  // interim answers before it included
  std::uint64_t body = 0;   // of them the body's, without what frames it
};

class AnswerReader {
 public:
  // The method of the next request sent: HEAD's answers have no body.
  void expect(const std::string& method) { methods_.push_back(method); }
  void feed(std::string_view bytes);
  // Nothing more comes: the end of an answer that has no other.
  void end();

  const std::vector<ReadAnswer>& answers() const { return answers_; }
  // Interim answers (100) so far.
  std::size_t interim() const { return interim_; }
  // Nothing of an answer that is not whole.
  bool between() const { return buffer_.empty() && bytes_ == 0; }
  bool broken() const { return broken_; }

 private:
  bool step();
  bool take_head();
  void begin_body(std::string_view head);
  bool take_body();
  bool take_chunk_line();
  bool take_trailer();
  void finish();
  std::string take_line();

  enum class Part { head, body, rest, chunk_line, chunk, trailer };
  std::vector<std::string> methods_;
  std::vector<ReadAnswer> answers_;
  std::string buffer_;
  Part part_ = Part::head;
  std::uint64_t left_ = 0;
  std::uint64_t bytes_ = 0;  // of the answer under way that are taken
  std::uint64_t body_ = 0;
  int status_ = 0;
  std::size_t interim_ = 0;
  bool broken_ = false;
};

}  // namespace plateau::live
