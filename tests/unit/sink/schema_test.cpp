// The report's JSON is as docs/schema describes it, whatever there is to report.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "examples.h"
#include "sink/compare.h"
#include "sink/explain.h"

namespace plateau::sink {
namespace {

namespace fs = std::filesystem;

// What tests/schema/conforms says of the document; empty: nothing, it conforms.
std::string differences(const std::string& document, const std::string& schema) {
  const fs::path tests = fs::path(PLATEAU_SOURCE_DIR) / "tests";
  std::string name = (fs::temp_directory_path() / "plateau-schema-XXXXXX").string();
  const int file = mkstemp(name.data());
  if (file < 0) return "no file to write to";
  close(file);
  std::ofstream(name) << document;
  const std::string command = (tests / "schema/conforms").string() + " " +
                              (tests / "../docs/schema" / (schema + ".schema.json")).string() + " " + name +
                              " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  std::string said;
  std::array<char, 4096> part;
  while (pipe && std::fgets(part.data(), static_cast<int>(part.size()), pipe)) said += part.data();
  const int status = pipe ? pclose(pipe) : -1;
  fs::remove(name);
  return status == 0 || !said.empty() ? said : "status " + std::to_string(status);
}

attribution::Summary nothing_seen() {
  attribution::Aggregate aggregate;
  return example_summary(aggregate);
}

TEST(Schema, DescribesEveryReport) {
  const model::Questions questions{.curve = true, .asked = {}};
  auto full = full_summary();
  full.facts.counters[PL_COUNT_KERNEL_LOCK_WAITS] = 1;
  full.facts.kernel_locks = {{PL_KERNEL_LOCK_MUTEX, "file_system", 7, 700}};
  EXPECT_EQ(differences(explain_json(explain(full, questions)), "explain"), "");
  EXPECT_EQ(differences(explain_json(explain(nothing_seen())), "explain"), "");
  EXPECT_EQ(differences(compare_json(explain(full_summary()), explain(nothing_seen())), "compare"), "");
}

TEST(Schema, IsHeldAgainstTheDocument) {
  EXPECT_NE(differences("{}", "explain"), "");
  EXPECT_NE(differences("", "explain"), "");
}

}  // namespace
}  // namespace plateau::sink
