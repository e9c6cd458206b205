// Which roads around the kernel's TCP the target's processes have.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "target/bypass.h"
#include "target/process.h"
#include "wire/facts.h"

namespace plateau::app {

wire::BypassFact bypass_fact(const target::Process& process, const target::BypassFinding& finding);

// What is found in a process stays found for the rest of the capture, though the process end.
class BypassWatch {
 public:
  // Takes some milliseconds where a process has thousands of descriptors.
  void look(const std::vector<target::Process>& processes);

  wire::ViewFact fact() const;

 private:
  std::uint32_t looked_at_ = 0;  // at the last look
  std::uint32_t hidden_ = 0;
  // By process, kind and evidence.
  std::map<std::tuple<pid_t, std::string, std::string>, wire::BypassFact> found_;
};

}  // namespace plateau::app
