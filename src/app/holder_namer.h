// Names the stacks of lock holders: the one place where the target's memory image is needed while it runs.
#pragma once

#include <map>
#include <memory>

#include "symbol/process_image.h"
#include "wire/event.h"
#include "wire/facts.h"

namespace plateau::app {

class HolderNamer {
 public:
  wire::HolderSample name(const wire::Waker& waker);

 private:
  symbol::ProcessImage* image_of(std::uint32_t tgid);
  void forget_ended();

  std::map<std::uint32_t, std::unique_ptr<symbol::ProcessImage>> images_;  // null: cannot be read
};

}  // namespace plateau::app
