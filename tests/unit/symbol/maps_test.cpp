#include "symbol/maps.h"

#include <gtest/gtest.h>

namespace plateau::symbol {
namespace {

constexpr std::string_view kMaps =
    "55d0c0000000-55d0c0002000 r--p 00000000 fe:01 131   /usr/sbin/nginx\n"
    "55d0c0002000-55d0c0009000 r-xp 00002000 fe:01 131   /usr/sbin/nginx\n"
    "55d0c000a000-55d0c000b000 rw-p 0000a000 fe:01 131   /usr/sbin/nginx\n"
    "55d0c1000000-55d0c1100000 rw-p 00000000 00:00 0     [heap]\n"
    "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
    "7f0000100000-7f0000200000 r--p 00000000 fe:01 140   /var/cache/a file.dat\n"
    "7f0000300000-7f0000301000 r-xp 00001000 fe:01 150   /opt/lib with space\\012.so (deleted)\n"
    "7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0     [vdso]\n";

TEST(Maps, ReadsEveryField) {
  const auto mappings = parse_maps(kMaps);
  ASSERT_EQ(mappings.size(), 8u);
  EXPECT_EQ(mappings[1].start, 0x55d0c0002000u);
  EXPECT_EQ(mappings[1].end, 0x55d0c0009000u);
  EXPECT_EQ(mappings[1].offset, 0x2000u);
  EXPECT_EQ(mappings[1].inode, 131u);
  EXPECT_TRUE(mappings[1].executable);
  EXPECT_FALSE(mappings[1].deleted);
  EXPECT_EQ(mappings[4].path, "");
  EXPECT_EQ(mappings[5].path, "/var/cache/a file.dat");
  EXPECT_EQ(mappings[6].path, "/opt/lib with space\n.so");
  EXPECT_TRUE(mappings[6].deleted);
}

TEST(Maps, LeavesOutWhatDoesNotParse) {
  EXPECT_TRUE(parse_maps("").empty());
  EXPECT_TRUE(parse_maps("\n\nnonsense\n").empty());
  EXPECT_TRUE(parse_maps("1000-2000\n1000-2000 r-xp\n1000-2000 r-xp 0 fe:01").empty());
  EXPECT_TRUE(parse_maps("2000-1000 r-xp 00000000 fe:01 1 /a").empty());
  EXPECT_TRUE(parse_maps("1000-fffffffffffffffff r-xp 00000000 fe:01 1 /a").empty());
  EXPECT_EQ(parse_maps("bad\n1000-2000 r-xp 00000000 fe:01 1 /a").size(), 1u);
}

TEST(Maps, FilesAreThoseWithCode) {
  const auto files = loaded_files(parse_maps(kMaps));
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].first.path, "/usr/sbin/nginx");
  EXPECT_EQ(files[0].first.start, 0x55d0c0000000u);
  EXPECT_EQ(files[0].end, 0x55d0c000b000u);
  EXPECT_EQ(files[1].first.path, "/opt/lib with space\n.so");
  EXPECT_EQ(files[1].first.offset, 0x1000u);
  EXPECT_EQ(files[2].first.path, "[vdso]");
}

TEST(Maps, CodeIsFoundToTheByte) {
  const CodeRanges code(parse_maps(kMaps));
  EXPECT_FALSE(code.contains(0));
  EXPECT_FALSE(code.contains(0x55d0c0001fff));
  EXPECT_TRUE(code.contains(0x55d0c0002000));
  EXPECT_TRUE(code.contains(0x55d0c0008fff));
  EXPECT_FALSE(code.contains(0x55d0c0009000));
  EXPECT_TRUE(code.contains(0x7f0000000800));
  EXPECT_FALSE(code.contains(~std::uint64_t{0}));
}

}  // namespace
}  // namespace plateau::symbol
