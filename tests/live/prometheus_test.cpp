// A Prometheus server scrapes plateau attach: every expression of every panel and rule has data, and the main
// values are those of the server's own log.
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <regex>
#include <string>
#include <vector>

#include "harness/folder.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/scrape.h"
#include "harness/server.h"
#include "harness/truth_log.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

using nlohmann::json;

constexpr std::uint64_t kFirst = 101;  // so that every series is there before the load
constexpr std::uint64_t kRequests = kFirst + 9'973;
constexpr const char* kPrometheus = "/usr/bin/prometheus";
constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kCount = "http_server_request_duration_seconds_count";
const std::string kDashboards = PLATEAU_SOURCE_DIR "/dashboards";

class Prometheus {
 public:
  Prometheus(const Folder& folder, std::uint16_t target)
      : port_(free_port()), child_(command(folder, target, port_)) {
    ready_ = !child_.wait_for_line("Server is ready to receive web requests", 30'000).empty();
  }

  bool ready() const { return ready_; }
  std::string said() const { return child_.err(); }
  int stop() {
    child_.signal(SIGTERM);
    return child_.finish(20'000);
  }

  // The "data" of an answer; null, and the test failed, if it is an error.
  json ask(const std::string& path, const std::vector<std::string>& fields = {}) const {
    std::vector<std::string> options{"--get"};
    for (const auto& field : fields) options.insert(options.end(), {"--data-urlencode", field});
    const std::string text = fetch("http://127.0.0.1:" + std::to_string(port_) + "/api/v1/" + path, options);
    const auto answer = json::parse(text, nullptr, false);
    if (answer.is_object() && answer.value("status", "") == "success") return answer["data"];
    ADD_FAILURE() << path << (fields.empty() ? "" : fields.front()) << ": " << text;
    return {};
  }
  json samples(const std::string& query) const {
    const json data = ask("query", {"query=" + query});
    return data.is_object() ? data["result"] : json::array();
  }
  // Of the only sample; -1 if there is none.
  double value(const std::string& query) const {
    const json result = samples(query);
    return result.size() == 1 ? std::stod(result[0]["value"][1].get<std::string>()) : -1;
  }

 private:
  static std::vector<std::string> command(const Folder& folder, std::uint16_t target, std::uint16_t port) {
    std::filesystem::copy_file(kDashboards + "/prometheus/rules.yml", folder.file("rules.yml"));
    std::string config = read_file(kDashboards + "/prometheus/prometheus.yml");
    config = std::regex_replace(config, std::regex("interval: [0-9]+s"), "interval: 1s");
    config = std::regex_replace(config, std::regex("127.0.0.1:9464"), "127.0.0.1:" + std::to_string(target));
    write_file(folder.file("prometheus.yml"), config);
    return {kPrometheus, "--config.file=" + folder.file("prometheus.yml"),
            "--storage.tsdb.path=" + folder.file("data"), "--enable-feature=exemplar-storage",
            "--web.listen-address=127.0.0.1:" + std::to_string(port)};
  }

  std::uint16_t port_;
  Child child_;
  bool ready_ = false;
};

// Grafana's variables as it would fill them in.
std::string filled_in(std::string expression) {
  for (const char* variable : {"\\$instance", "\\$route", "\\$target"})
    expression = std::regex_replace(expression, std::regex(variable), ".*");
  return std::regex_replace(expression, std::regex("\\$__rate_interval"), "60s");
}

void expect_panels_have_data(const Prometheus& prometheus) {
  std::size_t asked = 0;
  for (const auto& file : std::filesystem::directory_iterator(kDashboards + "/grafana")) {
    const auto dashboard = json::parse(read_file(file.path()));
    for (const auto& panel : dashboard["panels"])
      for (const auto& target : panel.value("targets", json::array())) {
        const std::string expression = filled_in(target["expr"]);
        EXPECT_FALSE(prometheus.samples(expression).empty())
            << file.path().filename() << ", " << panel["title"] << ": " << expression;
        asked++;
      }
  }
  EXPECT_GE(asked, 50u);
}

// A recorded series by its name; of an alert what it compares.
void expect_rules_have_data(const Prometheus& prometheus) {
  std::size_t asked = 0;
  const json data = prometheus.ask("rules");
  for (const auto& group : data["groups"])
    for (const auto& rule : group["rules"]) {
      const std::string query = rule["query"];
      const bool alert = rule["type"] == "alerting";
      const std::string subject =
          alert ? query.substr(0, query.find_first_of("<>")) : rule["name"].get<std::string>();
      EXPECT_EQ(rule["health"], "ok") << rule;
      EXPECT_FALSE(prometheus.samples(subject).empty()) << rule["name"] << ": " << subject;
      asked++;
    }
  EXPECT_GE(asked, 20u);
}

double total(const std::vector<Truth>& truths, std::uint64_t (*of)(const Truth&)) {
  return std::accumulate(truths.begin(), truths.end(), 0.0, [of](double sum, const Truth& truth) {
    return sum + static_cast<double>(of(truth));
  });
}

// Sums that the server's own log knows too, and that are asked for while it runs: later they are stale.
struct Scraped {
  double bytes_out, latency_s, waited_s, stages_s;

  explicit Scraped(const Prometheus& prometheus)
      : bytes_out(prometheus.value("sum(plateau_response_bytes_total)")),
        latency_s(prometheus.value("sum(http_server_request_duration_seconds_sum)")),
        waited_s(prometheus.value("sum(plateau_request_stage_seconds_total{stage=\"lock_user\"})")),
        stages_s(prometheus.value("sum(plateau_request_stage_seconds_total)")) {}
};

void expect_truth(const Scraped& scraped, const std::vector<Truth>& truths) {
  ASSERT_EQ(truths.size(), kRequests);
  EXPECT_EQ(scraped.bytes_out, total(truths, [](const Truth& truth) { return truth.bytes_out; }));
  const double latency_s = total(truths, [](const Truth& truth) { return truth.latency_ns(); }) / 1e9;
  EXPECT_NEAR(scraped.latency_s / latency_s, 1, 0.05);
  const double waited_s =
      total(truths, [](const Truth& truth) { return truth.span_ns("section_wait"); }) / 1e9;
  EXPECT_NEAR(scraped.waited_s / waited_s, 1, 0.05);
  EXPECT_NEAR(scraped.stages_s / scraped.latency_s, 1, 0.01);
}

std::string missing() {
  if (!std::filesystem::exists(kPrometheus)) return std::string(kPrometheus) + " is not installed";
  return missing_curl();
}

using PrometheusServer = LiveTest;

TEST_F(PrometheusServer, HasDataForEveryPanelAndRule) {
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  const Folder folder;
  Server server = start_httpd(
      {"--preset", "plateau", "--downstream", "29", "--truth-stamps", "on", "--truth", folder.file("truth")});
  ASSERT_NE(server.port(), 0);
  const std::uint16_t port = free_port();
  Capture attach({"attach", "--pid", server.pid_text(), "--listen", "127.0.0.1:" + std::to_string(port),
                  "--max-cost", "off", "--exemplars", "--otlp-endpoint",
                  "http://127.0.0.1:" + std::to_string(free_port())});
  ASSERT_TRUE(attach.ready()) << attach.child().err();
  Prometheus prometheus(folder, port);
  ASSERT_TRUE(prometheus.ready()) << prometheus.said();
  for (const std::uint64_t requests : {kFirst, kRequests - kFirst}) {
    ASSERT_EQ(run_load(server, {"--connections", "29", "--requests", std::to_string(requests), "--header",
                                "traceparent: 00-" + std::string(kTrace) + "-b7ad6b7169203331-01"}),
              requests);
    const double sent = static_cast<double>(requests == kFirst ? kFirst : kRequests);
    const auto scraped = [&] { return prometheus.value("sum(" + kCount + ")") == sent; };
    ASSERT_TRUE(wait_until(scraped, 15'000)) << prometheus.value("sum(" + kCount + ")");
  }
  const auto recorded = [&] { return prometheus.value("plateau:lock_share:ratio") > 0.5; };
  EXPECT_TRUE(wait_until(recorded, 15'000)) << prometheus.value("plateau:lock_share:ratio");
  expect_panels_have_data(prometheus);
  expect_rules_have_data(prometheus);
  const json exemplars = prometheus.ask(
      "query_exemplars", {"query=http_server_request_duration_seconds_bucket", "start=0", "end=9999999999"});
  EXPECT_NE(exemplars.dump().find(kTrace), std::string::npos) << exemplars;
  const Scraped scraped_sums(prometheus);
  EXPECT_EQ(server.stop(), 0);
  expect_truth(scraped_sums, read_truth(folder.file("truth")));
  EXPECT_EQ(prometheus.stop(), 0);
  EXPECT_EQ(attach.finish(), 0) << attach.child().err();
}

}  // namespace
}  // namespace plateau::live
