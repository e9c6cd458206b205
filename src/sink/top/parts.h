// Pieces of the terminal's screens.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sink/top/top.h"

namespace plateau::sink::top {

using StageTimes = std::array<std::uint64_t, attribution::kStages>;

// Printable ASCII alone: what another byte would do to a terminal is not known.
std::string printable(std::string_view text);

// Exactly `width` characters: filled with blanks, or cut with a '~' in the last place.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);

// The line, not longer than `columns`.
Line cut(Line line, std::size_t columns);

// `width` characters in all, each stage's letter in proportion to its share of `scale`; the rest is blank.
Line stage_bar(const StageTimes& ns, std::uint64_t scale, std::size_t width);

// The letters' meaning, of stages that take a hundredth of the time at least; the largest come first.
std::vector<Line> legend(const StageTimes& ns, std::size_t columns);

// Words of `text`, broken into at most `most` lines.
std::vector<std::string> broken(const std::string& text, std::size_t columns, std::size_t most);

// The routes that the state shows, in its order; the requests of the route that is picked.
std::vector<const attribution::RouteStats*> routes_shown(const LiveView& view, const State& state);
std::vector<const attribution::RecentRequest*> requests_shown(const LiveView& view, const State& state);

std::vector<Line> header(const LiveView& view, const State& state, Size size);
std::vector<Line> route_screen(const LiveView& view, const State& state, Size size);
std::vector<Line> request_list(const LiveView& view, const State& state, Size size);
std::vector<Line> request_screen(const LiveView& view, const State& state, Size size);
std::vector<Line> loop_screen(const LiveView& view, Size size);
std::vector<Line> server_screen(const LiveView& view, Size size);
std::vector<Line> help_screen();

}  // namespace plateau::sink::top
