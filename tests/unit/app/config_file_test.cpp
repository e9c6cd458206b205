#include "app/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace plateau::app {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

class ConfigFile : public testing::Test {
 protected:
  ConfigFile() : file_(testing::TempDir() + "/config." + std::to_string(getpid())) {}
  ~ConfigFile() override { unlink(file_.c_str()); }

  Result<std::vector<std::string>> expand(const std::string& text, std::vector<std::string> arguments = {}) {
    std::ofstream(file_) << text;
    arguments.insert(arguments.begin(), {"--config", file_});
    return expand_config(arguments);
  }

 private:
  std::string file_;
};

constexpr const char* kText =
    "# what to look at\nport = 8080\nlisten = \"0.0.0.0:9\"\nexemplars = true\nmax-cost = \"2%\"\n"
    "provider = [\"waking=none\", \"locks=none\"]\n";

TEST_F(ConfigFile, StandsForFlags) {
  const auto arguments = expand(kText);
  ASSERT_TRUE(arguments.ok()) << arguments.error().message;
  EXPECT_THAT(*arguments, testing::UnorderedElementsAre("--port=8080", "--listen=0.0.0.0:9",
                                                        "--exemplars=true", "--max-cost=2%",
                                                        "--provider=waking=none", "--provider=locks=none"));
}

TEST_F(ConfigFile, GivesWayToTheCommandLine) {
  const auto arguments = expand(kText, {"--comm", "nginx", "--listen=1"});
  ASSERT_TRUE(arguments.ok()) << arguments.error().message;
  EXPECT_THAT(*arguments, IsSupersetOf({"--comm", "nginx", "--listen=1", "--max-cost=2%"}));
  EXPECT_THAT(*arguments, Not(Contains(HasSubstr("8080"))));
  EXPECT_THAT(*arguments, Not(Contains(HasSubstr("0.0.0.0"))));
}

TEST_F(ConfigFile, LeavesArgumentsAloneWithoutIt) {
  const auto arguments = expand_config({"--port", "1", "x"});
  ASSERT_TRUE(arguments.ok());
  EXPECT_THAT(*arguments, ElementsAre("--port", "1", "x"));
}

TEST_F(ConfigFile, SaysWhatIsWrong) {
  for (const char* text : {"", "[attach]\nport = 1\n", "config = \"x\"\n"}) {
    const auto arguments = expand(text);
    ASSERT_FALSE(arguments.ok()) << text;
    EXPECT_EQ(arguments.error().code, ExitCode::usage);
    EXPECT_THAT(arguments.error().message, HasSubstr("configuration file"));
  }
  EXPECT_FALSE(expand_config({"--config"}).ok());
  EXPECT_FALSE(expand_config({"--config=/nowhere/at/all"}).ok());
}

}  // namespace
}  // namespace plateau::app
