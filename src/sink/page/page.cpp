#include "sink/page/page.h"

#include <malloc.h>

#include <charconv>
#include <mutex>
#include <string>
#include <utility>

#include "sink/explain.h"
#include "sink/html.h"
#include "sink/page/assets.h"
#include "sink/page/live_json.h"
#include "sink/page/lock_flame.h"

namespace plateau::sink::page {
namespace {

using web::Answer;
using web::Request;

constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

Answer answer(std::string type, std::string body) {
  return {200,
          std::move(type),
          std::move(body),
          {{"Content-Security-Policy", kPolicy},
           {"X-Content-Type-Options", "nosniff"},
           {"Referrer-Policy", "no-referrer"},
           {"Cache-Control", "no-store"}}};
}

Answer refused(int status, std::string why) {
  Answer a = answer("text/plain; charset=utf-8", std::move(why) + "\n");
  a.status = status;
  return a;
}

Answer download(std::string type, std::string body, const std::string& name) {
  Answer a = answer(std::move(type), std::move(body));
  a.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
  return a;
}

std::string type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/html; charset=utf-8";
}

std::string query_of(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

// Captures cost the target's machine something: no other site's page may have a browser ask for one.
class Captures {
 public:
  static constexpr std::uint64_t kMostSeconds = 60;

  explicit Captures(std::shared_ptr<CaptureDesk> desk) : desk_(std::move(desk)) {}

  Answer start(const Request& request) {
    const std::string from = request.header("sec-fetch-site");
    if (!from.empty() && from != "same-origin" && from != "none")
      return refused(403, "not for other sites' pages");
    const std::uint64_t seconds = number_of(query_of(request, "seconds"));
    if (seconds < 1 || seconds > kMostSeconds)
      return refused(400, "seconds=1 to seconds=" + std::to_string(kMostSeconds));
    if (!desk_->ask(seconds * 1'000'000'000)) return refused(409, "a capture is under way");
    return state();
  }

  Answer state() const { return answer("application/json", capture_json(desk_->state())); }

  Answer file() const {
    const CaptureFile made = desk_->file();
    if (!made.file) return refused(404, "no capture is ready: /api/capture/start?seconds=10 makes one");
    Answer a = download("application/octet-stream", "", "server.plateau");
    a.file = made.file;
    a.file_bytes = made.bytes;
    return a;
  }

 private:
  std::shared_ptr<CaptureDesk> desk_;
};

// Several browsers share one window.
class Live {
 public:
  Live(Fetch fetch, FetchProfile profile) : fetch_(std::move(fetch)), profile_(std::move(profile)) {}

  Answer live(const Request& request) {
    const auto snapshot = fetch_();
    if (!snapshot) return late();
    return answer("application/json", live_json(view(snapshot), number_of(query_of(request, "after"))));
  }

  Answer report() {
    const auto snapshot = fetch_();
    if (!snapshot) return late();
    Answer a = download("text/html; charset=utf-8", explain_html(explain(snapshot->summary, {})),
                        "plateau-report.html");
    a.headers.erase(a.headers.begin());  // it brings a policy of its own, and its style is inside it
    malloc_trim(0);                      // the models' memory: nobody needs it again soon
    return a;
  }

  Answer flame(const Request& request) {
    const auto snapshot = fetch_();
    return snapshot ? drawn(lock_graph(snapshot->summary), "lock", query_of(request, "format")) : late();
  }

  // Where flamegraphs are to be had.
  const char* flames() const {
    return profile_ ? "[\"/api/flame\", \"/api/profile\"]\n" : "[\"/api/flame\"]\n";
  }

  Answer profile(const Request& request) {
    if (!profile_) return refused(404, "no profile is taken: plateau attach --profile cpu takes one");
    const auto profile = profile_();
    return profile ? drawn(profile->graph, profile->kind, query_of(request, "format")) : late();
  }

 private:
  static Answer late() { return refused(503, "the capture did not answer in time: try again"); }

  static Answer drawn(const flame::Graph& graph, const std::string& kind, const std::string& format) {
    if (format.empty() || format == "tree") return answer("application/json", tree_json(graph));
    const auto file = flame_file(graph, kind, format);
    if (!file) return refused(400, file.error().message);
    return download(file->type, file->body, file->name);
  }

  LiveView view(const std::shared_ptr<const LiveSnapshot>& snapshot) {
    const std::lock_guard lock(mutex_);
    return window_.view(snapshot);
  }

  Fetch fetch_;
  FetchProfile profile_;  // null: none is taken
  std::mutex mutex_;
  LiveWindow window_;
};

}  // namespace

web::Roads roads(Fetch fetch, FetchProfile profile, std::shared_ptr<CaptureDesk> captures) {
  const auto live = std::make_shared<Live>(std::move(fetch), std::move(profile));
  web::Roads roads;
  for (const Asset& asset : assets()) {
    const std::string path = asset.name == "index.html" ? "/" : "/page/" + std::string(asset.name);
    roads[path] = [asset](const Request&) { return answer(type_of(asset.name), std::string(asset.text)); };
  }
  roads["/page/report.css"] = [](const Request&) { return answer("text/css; charset=utf-8", page_style()); };
  roads["/api/stages"] = [](const Request&) { return answer("application/json", stages_text()); };
  roads["/api/live"] = [live](const Request& request) { return live->live(request); };
  roads["/api/report"] = [live](const Request&) { return live->report(); };
  roads["/api/flame"] = [live](const Request& request) { return live->flame(request); };
  roads["/api/flames"] = [live](const Request&) { return answer("application/json", live->flames()); };
  roads["/api/profile"] = [live](const Request& request) { return live->profile(request); };
  if (captures) {
    const auto made = std::make_shared<Captures>(std::move(captures));
    roads["/api/capture/start"] = [made](const Request& request) { return made->start(request); };
    roads["/api/capture/state"] = [made](const Request&) { return made->state(); };
    roads["/api/capture/file"] = [made](const Request&) { return made->file(); };
  }
  return roads;
}

}  // namespace plateau::sink::page
