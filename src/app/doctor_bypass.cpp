#include "app/doctor_bypass.h"

#include <nlohmann/json.hpp>

#include "app/bypass_watch.h"
#include "sink/data_paths.h"

namespace plateau::app {
namespace {

constexpr std::size_t kShown = 8;

}  // namespace

std::vector<std::string> bypass_lines(const target::MachineBypass& machine) {
  std::string means = machine.af_xdp ? "AF_XDP is in this kernel" : "no AF_XDP in this kernel";
  means += machine.ktls ? ", kTLS is loaded" : ", kTLS is not loaded";
  if (machine.devices.empty()) means += ", no device for user-space drivers or RDMA";
  for (const auto& device : machine.devices) means += ", " + device;
  std::vector<std::string> lines{means};
  for (const auto& user : machine.users) {
    if (lines.size() > kShown) {
      lines.push_back("… and " + std::to_string(machine.users.size() - kShown) + " more");
      break;
    }
    lines.push_back(sink::bypass_sentence(bypass_fact(user.process, user.finding)));
  }
  return lines;
}

nlohmann::ordered_json bypass_json(const target::MachineBypass& machine) {
  nlohmann::ordered_json json{
      {"af_xdp", machine.af_xdp}, {"ktls", machine.ktls}, {"devices", machine.devices}};
  json["users"] = nlohmann::ordered_json::array();
  for (const auto& user : machine.users)
    json["users"].push_back({{"pid", user.process.pid},
                             {"comm", user.process.comm},
                             {"kind", target::bypass_name(user.finding.kind)},
                             {"what", target::bypass_text(user.finding)},
                             {"count", user.finding.count}});
  return json;
}

}  // namespace plateau::app
