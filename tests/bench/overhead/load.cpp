#include "overhead/load.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "overhead/child.h"
#include "overhead/server.h"

namespace plateau::overhead {
namespace {

constexpr int kGraceMs = 15'000;  // beyond the load's own duration
constexpr std::uint32_t kConnections = 64;
constexpr std::uint32_t kMaxNumber = 50'000;

std::vector<std::string> wrk_command(const std::string& url, int seconds) {
  return {"wrk", "-t1", "-c" + std::to_string(kConnections), "-d" + std::to_string(seconds) + "s", url};
}

std::vector<std::string> plateau_load_command(const Load& load, const std::string& url, int seconds) {
  const bool slow = load.kind == LoadKind::slow;
  return {PLATEAU_LOAD,
          url,
          "--json",
          "--connections",
          std::to_string(slow ? load.number : kConnections),
          "--rate",
          std::to_string(slow ? 2 * load.number : load.number),
          "--duration",
          std::to_string(seconds) + "s"};
}

}  // namespace

std::string Load::name() const {
  if (kind == LoadKind::saturate) return "saturate";
  return (kind == LoadKind::rate ? "rate:" : "slow:") + std::to_string(number);
}

Result<Load> parse_load(std::string_view text) {
  if (text == "saturate") return Load{};
  const bool rate = text.starts_with("rate:");
  if (rate || text.starts_with("slow:")) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + 5, text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= kMaxNumber)
      return Load{rate ? LoadKind::rate : LoadKind::slow, number};
  }
  return fail("'" + std::string(text) + "' is not a load: saturate, rate:3000 or slow:200", ExitCode::usage);
}

Result<LoadResult> run_load(const Load& load, const std::string& url, int seconds) {
  const bool wrk = load.kind == LoadKind::saturate;
  auto child =
      Child::start({wrk ? wrk_command(url, seconds) : plateau_load_command(load, url, seconds), kLoadCpu});
  if (!child) return child.error();
  const auto ending = child->finish(seconds * 1000 + kGraceMs);
  if (!ending) return ending.error();
  // plateau-load ends with 1 when requests went unanswered: the count of errors tells.
  if (ending->status > 1)
    return fail("the load ended with status " + std::to_string(ending->status) + ": " + child->err());
  auto result = wrk ? parse_wrk(child->out()) : parse_plateau_load(child->out());
  if (result) result->generator_cpu_ns = ending->cpu_ns;
  if (result && result->requests == 0) return fail("the load got no answer at all");
  return result;
}

}  // namespace plateau::overhead
