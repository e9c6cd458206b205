// Attributes of OpenTelemetry's messages: printable ASCII of bounded length, as labels are, so that every
// receiver takes them.
#pragma once

#include <opentelemetry/proto/common/v1/common.pb.h>

#include <cstdint>
#include <string_view>

#include "sink/metric_set.h"

namespace plateau::sink::otlp {

using Attributes = google::protobuf::RepeatedPtrField<opentelemetry::proto::common::v1::KeyValue>;

inline opentelemetry::proto::common::v1::AnyValue* add_value(Attributes& to, std::string_view name) {
  auto* attribute = to.Add();
  attribute->set_key(label_value(name));
  return attribute->mutable_value();
}
// An empty one is left out.
inline void add_text(Attributes& to, std::string_view name, std::string_view value) {
  if (!value.empty()) add_value(to, name)->set_string_value(label_value(value));
}
inline void add_number(Attributes& to, std::string_view name, std::uint64_t value) {
  add_value(to, name)->set_int_value(static_cast<std::int64_t>(value));
}
inline void add_flag(Attributes& to, std::string_view name, bool value) {
  add_value(to, name)->set_bool_value(value);
}

}  // namespace plateau::sink::otlp
