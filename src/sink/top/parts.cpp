#include "sink/top/parts.h"

#include <algorithm>
#include <numeric>

#include "sink/words.h"

namespace plateau::sink::top {
namespace {

using attribution::kStages;
using attribution::Stage;

constexpr std::string_view kLetters = "AWBRCiotfLSKDdZNHP.";
static_assert(kLetters.size() == kStages);

std::vector<std::size_t> by_length(const StageTimes& ns) {
  std::vector<std::size_t> order(kStages);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ns[a] > ns[b]; });
  return order;
}

}  // namespace

char letter(Stage stage) {
  return kLetters[attribution::index(stage)];
}

std::string text_of(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return out;
}

std::string left(std::string_view text, std::size_t width) {
  std::string out = printable(text);
  if (out.size() > width && width > 0) out[width - 1] = '~';
  out.resize(width, ' ');
  return out;
}

std::string right(std::string_view text, std::size_t width) {
  return text.size() >= width ? left(text, width) : std::string(width - text.size(), ' ') + printable(text);
}

Line cut(Line line, std::size_t columns) {
  Line out;
  for (Span& span : line) {
    if (columns == 0) break;
    if (span.text.size() > columns) span.text.resize(columns);
    columns -= span.text.size();
    out.push_back(std::move(span));
  }
  return out;
}

// A piece ends where the sum up to there does, so that rounding never adds up.
Line stage_bar(const StageTimes& ns, std::uint64_t scale, std::size_t width) {
  Line bar;
  std::uint64_t sum = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kStages && scale > 0; i++) {
    sum += ns[i];
    const auto to =
        std::min(width, static_cast<std::size_t>(ratio(sum, scale) * static_cast<double>(width) + 0.5));
    if (to <= at) continue;
    const auto stage = static_cast<Stage>(i);
    bar.push_back({std::string(to - at, letter(stage)), Paint::stage, stage});
    at = to;
  }
  if (at < width) bar.push_back({std::string(width - at, ' ')});
  return bar;
}

std::vector<Line> legend(const StageTimes& ns, std::size_t columns) {
  const std::uint64_t all = std::accumulate(ns.begin(), ns.end(), std::uint64_t{0});
  std::vector<Line> text;
  std::size_t at = columns;
  for (const std::size_t i : by_length(ns)) {
    if (ns[i] == 0 || ns[i] * 100 < all) break;
    const auto stage = static_cast<Stage>(i);
    const std::string words =
        " " + std::string(attribution::name(stage)) + " " + format_percent(ratio(ns[i], all)) + "  ";
    if (at + words.size() > columns) {
      text.push_back({{" "}});
      at = 1;
    }
    text.back().push_back({std::string(1, letter(stage)), Paint::stage, stage});
    text.back().push_back({words});
    at += 1 + words.size();
  }
  return text;
}

std::vector<std::string> broken(const std::string& text, std::size_t columns, std::size_t most) {
  std::vector<std::string> out(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string word = printable(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (word.empty()) continue;
    if (!out.back().empty() && out.back().size() + 1 + word.size() > columns) {
      if (out.size() == most) {
        out.back() = left(out.back() + " ...", std::min(columns, out.back().size() + 4));
        return out;
      }
      out.emplace_back();
    }
    out.back() += (out.back().empty() ? "" : " ") + word;
  }
  return out;
}

}  // namespace plateau::sink::top
