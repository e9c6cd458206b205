#include "foreign/foreign_server.h"

#include <utime.h>

#include <algorithm>
#include <filesystem>

#include "harness/http_client.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr int kStartMs = 30'000;
constexpr int kStopMs = 15'000;
constexpr std::size_t kWords = 150'000;  // bytes

void make_file(const std::string& path, const std::string& contents) {
  write_file(path, contents);
  const utimbuf times{kFilesTime, kFilesTime};
  utime(path.c_str(), &times);
}

std::string words() {
  Chance chance(7);
  std::string text;
  while (text.size() < kWords) text += letters(chance, chance.between(2, 6)) + " plateau ";
  return text;
}

}  // namespace

ForeignServer::ForeignServer(const Recipe& recipe) : stop_signal_(recipe.stop_signal) {
  make_file(folder_.file("small.txt"), "A small text.\n");
  make_file(folder_.file("words.txt"), words());
  std::filesystem::create_directory(folder_.file("none"));
  const std::uint16_t port = free_port();
  launch_ = recipe.launch(folder_.path(), port);
  child_ = std::make_unique<Child>(launch_.command, ChildOptions{.open_files = 4096});
  const auto up = [port] { return HttpConnection(port).connected(); };
  if (wait_until(up, kStartMs)) port_ = port;
}

ForeignServer::~ForeignServer() {
  stop();
}

bool ForeignServer::stop() {
  if (child_->pid() < 0) return true;
  child_->signal(stop_signal_);
  return child_->finish(kStopMs) >= 0;
}

std::map<std::string, std::vector<Logged>> ForeignServer::log() {
  const bool to_file = !launch_.log_file.empty();
  return read_access_log(to_file ? read_file(launch_.log_file) : child_->out() + child_->err());
}

std::string missing(const Recipe& recipe) {
  for (const std::string& file : recipe.needs) {
    if (!std::filesystem::exists(file)) return file + " is not installed";
  }
  return {};
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = [] {
    std::vector<Recipe> made = web_server_recipes();
    for (const auto& more : {proxy_recipes(), runtime_recipes()})
      made.insert(made.end(), more.begin(), more.end());
    return made;
  }();
  return all;
}

const Recipe& recipe_named(std::string_view name) {
  const auto& all = recipes();
  return *std::find_if(all.begin(), all.end(), [&](const Recipe& recipe) { return recipe.name == name; });
}

}  // namespace plateau::live
