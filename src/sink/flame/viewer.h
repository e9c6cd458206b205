// What a flamegraph brings for the browser: viewer.css and viewer.js, embedded at build time.
#pragma once

#include <string_view>

namespace plateau::sink::flame {

extern const std::string_view kViewerStyle;
extern const std::string_view kViewerScript;

}  // namespace plateau::sink::flame
