// plateau top: a live view in the terminal.
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/live_feed.h"
#include "app/output.h"
#include "app/report_losses.h"
#include "base/log.h"
#include "sink/top/screen.h"

namespace plateau::app {
namespace {

using sink::top::Terminal;

constexpr std::size_t kPipeColumns = 100, kFewestColumns = 40, kMostColumns = 1000;

// COLUMNS, where it makes sense.
std::size_t pipe_columns() {
  const char* text = std::getenv("COLUMNS");
  const unsigned long columns = text ? std::strtoul(text, nullptr, 10) : 0;
  return columns >= kFewestColumns && columns <= kMostColumns ? columns : kPipeColumns;
}

class Top {
 public:
  explicit Top(const TopOptions& options) : options_(options), feed_(pipeline_) {}
  ~Top() { close_terminal(); }
  Top(const Top&) = delete;
  Top& operator=(const Top&) = delete;

  Result<wire::Facts> run(Source& source) {
    auto facts = source.run(pipeline_, hooks());
    close_terminal();
    if (facts && !(options_.once && shown_)) print(sink::whole_view(feed_.snapshot(*facts)));
    return facts;
  }

  const Pipeline& pipeline() const { return pipeline_; }

 private:
  SourceHooks hooks() {
    SourceHooks hooks;
    hooks.facts_wanted = [this] { return due_; };
    hooks.facts = [this](const wire::Facts& facts) { take(facts); };
    hooks.tick = [this](const wire::Facts& facts) { tick(facts); };
    hooks.stop = [this] { return state_.over || !output_.good() || (options_.once && shown_); };
    return hooks;
  }

  void tick(const wire::Facts& facts) {
    if (!opened_) open_terminal();
    if (next_ns_ == 0) next_ns_ = facts.start_ns + options_.interval_ns;
    due_ = facts.end_ns >= next_ns_;
    if (!terminal_) return;
    bool changed = false;
    for (int key = terminal_->key(); key >= 0; key = terminal_->key()) {
      if (view_) sink::top::press(state_, key, *view_);
      changed = true;
    }
    if (changed || state_.note != note_shown_) draw();
  }

  void take(const wire::Facts& facts) {
    due_ = false;
    next_ns_ = std::max(next_ns_ + options_.interval_ns, facts.end_ns);
    auto view = window_.view(feed_.snapshot(facts));
    if (!terminal_) {
      print(view);
    } else if (!state_.paused || !view_) {
      view_ = std::move(view);
      draw();
    }
    shown_ = true;
  }

  // Once the capture runs: what stops it from doing so is told on the terminal as it is.
  void open_terminal() {
    opened_ = true;
    if (options_.once) return;
    terminal_ = Terminal::open();
    if (!terminal_) return;
    divert_log([this](std::string_view line) {
      state_.note = line;
      notes_.emplace_back(line);
    });
  }

  void close_terminal() {
    if (!terminal_) return;
    terminal_.reset();
    divert_log({});
    for (const std::string& note : notes_) log_line(note);
    notes_.clear();
  }

  void draw() {
    note_shown_ = state_.note;
    if (view_) terminal_->show(sink::top::lines(*view_, state_, terminal_->size()));
  }

  void print(const sink::LiveView& view) { output_.write(sink::top::plain_text(view, {}, pipe_columns())); }

  const TopOptions& options_;
  Pipeline pipeline_;
  LiveFeed feed_;
  sink::LiveWindow window_;
  std::optional<sink::LiveView> view_;
  sink::top::State state_;
  std::unique_ptr<Terminal> terminal_;
  std::vector<std::string> notes_;
  std::string note_shown_;
  Output output_;
  std::uint64_t next_ns_ = 0;
  bool due_ = false;
  bool opened_ = false;
  bool shown_ = false;
};

}  // namespace

ExitCode run_top(const TopOptions& options) {
  auto source = open_source(options.capture);
  if (!source) return report(source.error());
  Top top(options);
  const auto facts = top.run(**source);
  if (!facts) return report(facts.error());
  log_losses(*facts, top.pipeline());
  return facts->complete ? ExitCode::ok : ExitCode::failed;
}

}  // namespace plateau::app
