// The page in a real browser, in both themes; skipped with a reason where there is none.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "examples.h"
#include "sink/explain.h"

namespace plateau::sink {
namespace {

namespace fs = std::filesystem;

std::string browser() {
  for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
    if (access(path, X_OK) == 0) return path;
  return "";
}

std::string picture(const fs::path& folder, int scheme) {
  const fs::path png = folder / (std::to_string(scheme) + ".png");
  const std::string command =
      "timeout 60 " + browser() +
      " --headless --no-sandbox --disable-gpu --window-size=1120,2400 --user-data-dir=" +
      (folder / "profile").string() + " --blink-settings=preferredColorScheme=" + std::to_string(scheme) +
      " --screenshot=" + png.string() + " file://" + (folder / "page.html").string() + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) return "";
  std::ifstream in(png, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Screenshot, ThePageIsDrawnLightAndDark) {
  if (browser().empty()) GTEST_SKIP() << "no Chromium here: the page is not looked at";
  std::string name = (fs::temp_directory_path() / "plateau-page-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const fs::path folder = name;
  std::ofstream(folder / "page.html") << explain_html(explain(full_summary(), {.curve = true, .asked = {}}));
  const std::string dark = picture(folder, 0), light = picture(folder, 1);
  fs::remove_all(folder);
  EXPECT_GT(dark.size(), 20'000u);
  EXPECT_GT(light.size(), 20'000u);
  EXPECT_NE(dark, light);
}

}  // namespace
}  // namespace plateau::sink
