// The rules tried on small files that break them, and on near misses that do not.
#include "rules.h"

#include <gmock/gmock.h>

namespace plateau::house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

TEST(Includes, EachFolderSeesItselfAndItsRow) {
  EXPECT_THAT(check_includes("src/http/head.cpp", "#include \"http/text.h\"\n#include \"base/result.h\"\n"),
              IsEmpty());
  EXPECT_THAT(check_includes("src/sink/a.cpp", "#include \"model/verdict.h\"\n#include \"symbol/frame.h\"\n"),
              IsEmpty());
  EXPECT_THAT(
      check_includes("src/app/program/main.cpp", "#include \"probe/plan.h\"\n#include \"wire/event.h\"\n"),
      IsEmpty());
}

TEST(Includes, RejectsAFolderOutsideTheRow) {
  EXPECT_THAT(check_includes("src/http/head.cpp", "\n\n#include \"wire/event.h\"\n"),
              ElementsAre("src/http/head.cpp:3: src/http must not include \"wire/event.h\""));
  EXPECT_THAT(check_includes("src/model/a.h", "#include \"request/request.h\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/base/a.h", "#include \"wire/event.h\"\n"), SizeIs(1));
  EXPECT_THAT(
      check_includes("src/request/a.h", "#include \"attribution/stage.h\"\n#include \"app/source.h\"\n"),
      SizeIs(2));
}

TEST(Includes, RejectsAForbiddenFolderHoweverItIsSpelled) {
  EXPECT_THAT(check_includes("src/http/a.h", "#include <wire/event.h>\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/http/a.h", "  #  include\t\"wire/event.h\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/http/a.h", "#include \"../wire/event.h\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/http/a.h", "#include \"http/../wire/event.h\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/http/a.h", "#include \"text.h\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/http/a.h", "const char* s = \"//\";\n#include \"wire/event.h\"\n"),
              SizeIs(1));
  EXPECT_THAT(check_includes("src/http/a.h", "int n = 1'000;  /* it's */\n#include \"wire/event.h\"\n"),
              SizeIs(1));
}

TEST(Includes, CommentsIncludeNothing) {
  EXPECT_THAT(
      check_includes("src/http/a.h", "// #include \"wire/event.h\"\n/*\n#include \"app/source.h\"\n*/\n"),
      IsEmpty());
}

TEST(Includes, WireFormatIsForThoseWhoReachWire) {
  const std::string_view text = "#include \"bpf/wire.h\"\n";
  for (const char* path : {"src/wire/a.h", "src/probe/a.h", "src/request/a.h", "src/attribution/a.h",
                           "src/model/a.h", "src/sink/a.h", "src/app/a.h"})
    EXPECT_THAT(check_includes(path, text), IsEmpty()) << path;
  for (const char* path : {"src/base/a.h", "src/http/a.h", "src/target/a.h", "src/symbol/a.h"})
    EXPECT_THAT(check_includes(path, text), SizeIs(1)) << path;
  EXPECT_THAT(check_includes("src/probe/a.h", "#include \"bpf/peer.h\"\n"), IsEmpty());
  EXPECT_THAT(check_includes("src/target/a.h", "#include \"bpf/peer.h\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/wire/a.h", "#include \"bpf/turn_record.h\"\n"), IsEmpty());
  EXPECT_THAT(check_includes("src/target/a.h", "#include \"bpf/turn_record.h\"\n"), SizeIs(1));
  EXPECT_THAT(check_includes("src/wire/a.h", "#include \"bpf/state.h\"\n"), SizeIs(1));
}

TEST(Includes, LibbpfAndTheSkeletonBelongToProbe) {
  const std::string_view text = "#include <bpf/libbpf.h>\n#include \"plateau.skel.h\"\n";
  EXPECT_THAT(check_includes("src/probe/session.cpp", text), IsEmpty());
  EXPECT_THAT(
      check_includes("src/app/a.cpp", text),
      ElementsAre(HasSubstr("<bpf/libbpf.h> is libbpf's"), HasSubstr("\"plateau.skel.h\" is the skeleton")));
}

TEST(Includes, RejectsAFolderThatTheTableDoesNotName) {
  EXPECT_THAT(check_includes("src/utility/a.h", ""), SizeIs(1));
  EXPECT_THAT(check_includes("src/a.h", ""), SizeIs(1));
}

TEST(Purity, RejectsSystemCallsClocksAndThreads) {
  EXPECT_THAT(check_purity("src/http/a.cpp", "#include <thread>\n#include <chrono>\n#include <unistd.h>\n"),
              SizeIs(3));
  EXPECT_THAT(check_purity("src/model/a.h", "#include <sys/stat.h>\n#include \"base/clock.h\"\n"),
              ElementsAre(StartsWith("src/model/a.h:1:"), StartsWith("src/model/a.h:2:")));
  EXPECT_THAT(
      check_purity("src/wire/event.cpp", "\nauto now() { return std::chrono::steady_clock::now(); }\n"),
      ElementsAre("src/wire/event.cpp:2: a pure folder must not use std::chrono"));
  EXPECT_THAT(check_purity("src/request/a.cpp", "int f() { return clock_gettime(1, nullptr); }\n"),
              SizeIs(1));
}

TEST(Purity, LeavesTheRestAlone) {
  EXPECT_THAT(check_purity("src/wire/capture.cpp", "#include <unistd.h>\n"), IsEmpty());
  EXPECT_THAT(check_purity("src/probe/session.cpp", "#include <unistd.h>\n#include <thread>\n"), IsEmpty());
  EXPECT_THAT(check_purity("src/http/a.cpp", "#include <string>\n// no std::chrono here\nint operand = 1;\n"),
              IsEmpty());
}

TEST(Licence, WantsTheGplAmongTheFirstLines) {
  EXPECT_THAT(check_licence("bpf/a.bpf.c", "// SPDX-License-Identifier: GPL-2.0-only\n"), IsEmpty());
  EXPECT_THAT(check_licence("bpf/wire.h", "/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */\n"),
              IsEmpty());
  EXPECT_THAT(check_licence("bpf/a.bpf.c", "// SPDX-License-Identifier: Apache-2.0\n"), SizeIs(1));
  EXPECT_THAT(check_licence("bpf/a.bpf.c", "// GPL-2.0-only\n"), SizeIs(1));
  EXPECT_THAT(check_licence("bpf/a.bpf.c", "\n\n\n// SPDX-License-Identifier: GPL-2.0-only\n"), SizeIs(1));
  EXPECT_THAT(check_licence("bpf/empty.h", ""), SizeIs(1));
}

}  // namespace
}  // namespace plateau::house
