#include "sink/otlp/lane.h"

#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <algorithm>
#include <utility>

#include "base/units.h"

namespace plateau::sink::otlp {
namespace {

using namespace opentelemetry::proto::collector;

struct Partial {
  std::uint64_t rejected = 0;
  std::string message;
};

std::uint64_t count_of(std::int64_t number) {
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

// Of an answer that is none of OTLP's, nothing.
Partial partial_of(Signal signal, const std::string& body) {
  if (signal == Signal::traces) {
    trace::v1::ExportTraceServiceResponse answer;
    if (!answer.ParseFromString(body)) return {};
    return {count_of(answer.partial_success().rejected_spans()), answer.partial_success().error_message()};
  }
  metrics::v1::ExportMetricsServiceResponse answer;
  if (!answer.ParseFromString(body)) return {};
  return {count_of(answer.partial_success().rejected_data_points()),
          answer.partial_success().error_message()};
}

// What others wrote, fit for a terminal.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, 200));
  for (char& c : out)
    if (c < 0x20 || c > 0x7e) c = '?';
  return out;
}

std::string reason(const Answer& answer) {
  return answer.status == 0 ? answer.error : "the receiver answered " + std::to_string(answer.status);
}

}  // namespace

void Lane::send(std::uint64_t now_ns, const Transport& transport, std::uint64_t random, long timeout_ms) {
  if (!message_ || now_ns < due_ns_) return;
  if (backoff_.failures()) counts_.retries_of(signal_)++;
  const Answer answer = transport(signal_, message_->body, timeout_ms);
  if (answer.accepted())
    accepted(answer);
  else
    failed(now_ns, answer, random);
}

void Lane::accepted(const Answer& answer) {
  const Partial partial = partial_of(signal_, answer.body);
  const std::uint64_t rejected = std::min(partial.rejected, message_->items);
  counts_.sent_of(signal_) += message_->items - rejected;
  counts_.drop(signal_, Drop::rejected, rejected);
  const std::string name(kSignalNames[static_cast<std::size_t>(signal_)]);
  if ((rejected || !partial.message.empty()) && !std::exchange(told_of_partial_, true))
    say_("OTLP: of " + format_count(message_->items) + " items of " + name + " the receiver rejected " +
         format_count(rejected) + ": '" + printable(partial.message) + "' (said once)");
  message_.reset();
  if (std::exchange(in_trouble_, false)) say_("OTLP: " + name + " are taken again");
}

void Lane::failed(std::uint64_t now_ns, const Answer& answer, std::uint64_t random) {
  const bool again = answer.worth_retrying();
  if (!std::exchange(in_trouble_, true))
    say_("OTLP: " + std::string(kSignalNames[static_cast<std::size_t>(signal_)]) + " are not taken: " +
         printable(reason(answer)) + (again ? "; trying again" : "; dropped, and counted"));
  if (!again) return drop(Drop::refused);
  const auto due = backoff_.next(now_ns, answer.retry_after_ns, random);
  if (!due) return drop(Drop::gave_up);
  due_ns_ = *due;
}

void Lane::stop() {
  if (message_) drop(Drop::stopped);
}

void Lane::drop(Drop cause) {
  counts_.drop(signal_, cause, message_->items);
  message_.reset();
}

}  // namespace plateau::sink::otlp
