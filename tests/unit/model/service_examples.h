// Service models that several tests share.
#pragma once

#include <string>

#include "model/service_model.h"

namespace plateau::model {

inline ServiceCenter cpu_center(double demand, unsigned cpus) {
  ServiceCenter c;
  c.name = "cpu";
  c.role = Role::cpu;
  c.demand = known(demand);
  c.servers = cpus;
  c.evidence = "CPU time";
  return c;
}

inline ServiceCenter lock_center(double demand, const std::string& name = "lock") {
  ServiceCenter c;
  c.name = name;
  c.role = Role::lock;
  c.demand = known(demand);
  c.evidence = "hand-overs";
  return c;
}

inline ServiceCenter downstream_center(double demand, unsigned connections) {
  ServiceCenter c;
  c.name = "downstream";
  c.role = Role::downstream;
  c.demand = known(demand);
  c.servers = connections;
  return c;
}

inline ServiceCenter wait_center(double demand, const std::string& name = "sleep") {
  ServiceCenter c;
  c.name = name;
  c.demand = known(demand);
  return c;
}

// The service of the field report: 400 connections, a lock held for 330 us, two CPUs of which a request takes
// 140 us: a plateau near 3,000 requests/s with idle CPUs.
inline ServiceModel plateau_model() {
  ServiceModel m;
  m.centers = {cpu_center(140e-6, 2), lock_center(330e-6)};
  m.load.customers = 400;
  return m;
}

}  // namespace plateau::model
