#include "model/service_model.h"

#include <algorithm>
#include <utility>

namespace plateau::model {

const ServiceCenter* ServiceModel::find(const std::string& name) const {
  const auto at =
      std::find_if(centers.begin(), centers.end(), [&](const ServiceCenter& r) { return r.name == name; });
  return at == centers.end() ? nullptr : &*at;
}

ServiceCenter* ServiceModel::find(const std::string& name) {
  return const_cast<ServiceCenter*>(std::as_const(*this).find(name));
}

const ServiceCenter* ServiceModel::cpu() const {
  const auto at = std::find_if(centers.begin(), centers.end(),
                               [](const ServiceCenter& r) { return r.role == Role::cpu; });
  return at == centers.end() ? nullptr : &*at;
}

ServiceCenter* ServiceModel::cpu() {
  return const_cast<ServiceCenter*>(std::as_const(*this).cpu());
}

}  // namespace plateau::model
