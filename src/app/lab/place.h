// Where a lab's programs are and on which CPUs they run.
#pragma once

#include <string>
#include <vector>

#include "app/lab/experiment.h"
#include "base/result.h"

namespace plateau::app::lab {

struct Place {
  std::vector<int> server_cpus;
  std::vector<int> load_cpus;  // the load's, plateau's and the lab's own
  std::string text;            // one line for the report
};

Place choose_place(Cores cores, const std::vector<int>& allowed);

// Pins this program, and what it starts without CPUs of its own.
void stay_on(const std::vector<int>& cpus);

// A program that came with this one: beside it, beside its build's test targets, or in PATH. Errors say that
// it is not there; usage, as for a switch that a server does not know.
Result<std::string> find_program(const std::string& name);

// This very program.
std::string own_program();

}  // namespace plateau::app::lab
