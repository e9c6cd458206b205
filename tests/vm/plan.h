// What `plateau doctor` says of the kernel that the test runs on.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace plateau::vm {

struct Way {
  std::string signal;
  std::string provider;  // as --provider takes it
};

std::ostream& operator<<(std::ostream& out, const Way& way);

struct SignalPlan {
  std::string name;
  std::string provider = "none";  // not to be had
  bool required = false;
  std::string reason;                  // why it is not to be had, or not in a better way
  std::string lost;                    // empty: nothing
  std::vector<std::string> providers;  // those that this kernel allows, as --provider takes them
};

struct Plan {
  std::string kernel;
  bool ready = false;
  std::string problem;  // if not ready
  std::vector<SignalPlan> signals;
};

// `plateau doctor --format json --detail high` with further arguments. Output that is no such plan fails the
// running test.
Plan plan_with(const std::vector<std::string>& more);

// Without any; asked once.
const Plan& plan_of_this_kernel();

// Every provider that this kernel allows and that is not the one chosen, each in one of the sets, all of a
// set to be forced at once: as few sets as can be or, with PLATEAU_PROVIDERS=alone in the environment, one
// for each.
std::vector<std::vector<Way>> other_ways();

// Why no request can be shown on this kernel, for GTEST_SKIP; empty: one can.
std::string cannot_show_requests();

}  // namespace plateau::vm
