// One colour a stage, the same in every picture. Families share a hue (waiting to be taken up: purple, the
// CPU: blue, locks: orange-red, elsewhere: green and yellow), after the palette of Okabe and Ito, which
// readers with a colour-vision deficiency can tell apart; within a family lightness differs. All stand out
// from a white and from a black ground.
#pragma once

#include <array>
#include <string_view>

#include "attribution/stage.h"

namespace plateau::sink {

inline constexpr std::array<std::string_view, attribution::kStages> kStageColours{
    "#CC79A7",  // accept_wait
    "#E3A9CB",  // wakeup
    "#8E4585",  // busy_loop
    "#3B6EA5",  // runqueue
    "#0084C9",  // cpu
    "#56B4E9",  // copy_in
    "#8CCBF0",  // copy_out
    "#2F9AA0",  // tcp_send
    "#A67C00",  // page_fault
    "#D55E00",  // lock_user
    "#F0955A",  // lock_socket
    "#A85000",  // lock_kernel
    "#009E73",  // downstream
    "#6B7A00",  // disk
    "#E69F00",  // sleep
    "#E8D93C",  // send_wait
    "#6F5FC1",  // handoff
    "#7FBFA5",  // parked
    "#8C8C8C",  // unattributed
};

constexpr std::string_view colour(attribution::Stage stage) {
  return kStageColours[attribution::index(stage)];
}

}  // namespace plateau::sink
