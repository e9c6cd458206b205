// The road of one signal's messages to the receiver: one at a time, until it is taken or given up.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "sink/otlp/backoff.h"
#include "sink/otlp/counts.h"
#include "sink/otlp/transport.h"

namespace plateau::sink::otlp {

struct Message {
  std::string body;
  std::uint64_t items = 0;  // spans or data points
};

class Lane {
 public:
  using Say = std::function<void(const std::string&)>;  // a line for the user

  Lane(Signal signal, Counts& counts, Say say) : signal_(signal), counts_(counts), say_(std::move(say)) {}

  bool idle() const { return !message_; }
  std::uint64_t due_ns() const { return due_ns_; }  // of what is under way
  void put(Message message) {
    message_ = std::move(message);
    due_ns_ = 0;
    backoff_ = {};
  }
  // Tries what is under way, if it is due.
  void send(std::uint64_t now_ns, const Transport& transport, std::uint64_t random, long timeout_ms);
  // What is under way is due at once.
  void hurry() { due_ns_ = 0; }
  // Gives up what is under way.
  void stop();

 private:
  void accepted(const Answer& answer);
  void failed(std::uint64_t now_ns, const Answer& answer, std::uint64_t random);
  void drop(Drop cause);

  const Signal signal_;
  Counts& counts_;
  const Say say_;
  std::optional<Message> message_;
  std::uint64_t due_ns_ = 0;
  Backoff backoff_;
  bool in_trouble_ = false;  // said so
  bool told_of_partial_ = false;
};

}  // namespace plateau::sink::otlp
