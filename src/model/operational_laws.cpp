#include "model/operational_laws.h"

#include <algorithm>
#include <cmath>

namespace plateau::model {
namespace {

LawCheck compare(std::string law, double expected, double measured, double tolerance) {
  const double scale = std::max(std::abs(expected), std::abs(measured));
  return {std::move(law), expected, measured, std::abs(expected - measured) <= tolerance * scale};
}

}  // namespace

double think_time(double customers, double throughput, double response) {
  return throughput > 0 ? std::max(0.0, customers / throughput - response) : 0;
}

std::vector<LawCheck> check_laws(const Measurement& m, double tolerance) {
  std::vector<LawCheck> checks;
  if (!m.throughput) return checks;
  if (m.response && m.inside)
    checks.push_back(
        compare("Little's law", number_inside(*m.throughput, *m.response), *m.inside, tolerance));
  if (m.response && m.customers && m.think)
    checks.push_back(compare("interactive response time law",
                             response_time(*m.customers, *m.throughput, *m.think), *m.response, tolerance));
  for (const auto& device : m.devices)
    checks.push_back(compare("utilisation law: " + device.name,
                             utilisation(*m.throughput, device.demand, device.servers), device.utilisation,
                             tolerance));
  return checks;
}

}  // namespace plateau::model
