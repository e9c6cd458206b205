#include "sink/otlp/resource.h"

#include <map>

#include "sink/otlp/attributes.h"

namespace plateau::sink::otlp {

Resource resource_of(const Target& target, const std::string& host, const Settings& settings) {
  const std::size_t colon = target.listening.rfind(':');
  const std::string pid = std::to_string(target.pid);
  std::map<std::string, std::string> texts{
      {"service.name", settings.service_name.empty() ? target.command : settings.service_name},
      {"service.instance.id",
       host + ":" + (colon == std::string::npos ? pid : target.listening.substr(colon + 1))},
      {"host.name", host},
      {"process.executable.name", target.command}};
  for (const auto& [name, value] : settings.attributes) texts[name] = value;
  Resource resource;
  for (const auto& [name, value] : texts) add_text(*resource.mutable_attributes(), name, value);
  if (!texts.contains("process.pid"))
    add_number(*resource.mutable_attributes(), "process.pid", static_cast<std::uint64_t>(target.pid));
  return resource;
}

opentelemetry::proto::common::v1::InstrumentationScope scope() {
  opentelemetry::proto::common::v1::InstrumentationScope scope;
  scope.set_name("plateau");
  scope.set_version(PLATEAU_VERSION);
  return scope;
}

}  // namespace plateau::sink::otlp
