// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Old log files as .gz: zlib and zcat read back every line.
#include <ovrseer/disk/zlib.hpp>

#include <array>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>

#include <unistd.h>

#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/rotating_file.hpp>
#include "catch.hpp"
#include "disk_folder.hpp"

namespace t_disk_zlib {

using namespace ovrseer;
using namespace ovrseer_test;

/// The content of a .gz file; "broken" where it is not whole.
std::string unpacked(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return "absent";
  std::string text;
  std::array<char, 65536> part;
  int size = 0;
  while ((size = gzread(file, part.data(), part.size())) > 0) text.append(part.data(), static_cast<std::size_t>(size));
  return gzclose_r(file) == Z_OK && size == 0 ? text : "broken";
}

std::string packed(const compression& how, std::string_view text, std::size_t piece) {
  const auto stream = how.make();
  std::string made;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    CHECK(!stream->add(text.substr(0, piece), made));
  }
  CHECK(!stream->finish(made));
  return made;
}

std::string written_and_unpacked(const disk_folder& folder, const std::string& bytes) {
  std::FILE* const file = std::fopen((folder / "x.gz").c_str(), "wb");
  REQUIRE(file != nullptr);
  CHECK(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  std::fclose(file);
  return unpacked(folder / "x.gz");
}

TEST_CASE("what is packed in any pieces at any level is unpacked as it was") {
  const disk_folder folder;
  std::mt19937 random(7);
  std::string noise(300'000, ' ');
  for (char& byte : noise) byte = static_cast<char>(random());
  for (const std::string& text : {std::string(), std::string("one line\n"), std::string(300'000, 'x'), noise}) {
    for (const int level : {-1, 0, 1, 9}) {
      for (const std::size_t piece : {std::size_t{1000}, std::size_t{65536}, std::size_t{1} << 20U}) {
        CHECK(written_and_unpacked(folder, packed(gzip(level), text, piece)) == text);
      }
    }
  }
  CHECK(packed(gzip(), std::string(300'000, 'x'), 65536).size() < 1000);
}

TEST_CASE("a level that there is not is an error that names it") {
  for (const int level : {-2, 10}) {
    try {
      (void)gzip(level).make();
      FAIL("was made");
    } catch (const error& failure) {
      CHECK(failure.code() == std::errc::invalid_argument);
      CHECK(failure.context() == "level " + std::to_string(level));
    }
  }
}

TEST_CASE("rotated files end in gz and have every line") {
  const disk_folder folder;
  rotating_file_options options;
  options.rotate.size = byte_size(200'000);
  options.keep = 100;
  options.buffer = byte_size(0);
  options.compress = gzip();
  std::string expected;
  std::uint64_t rotations = 0;
  {
    rotating_file file(folder / "f", options);
    for (int i = 0; i < 30'000; ++i) {
      const std::string line = "line " + std::to_string(i) + " of a program that talks much\n";
      CHECK(!file.append(line));
      expected += line;
    }
    rotations = file.stats().rotations;
    CHECK(rotations >= 5);
    CHECK(file.stats().compressed_files == rotations);
    CHECK(file.stats().failed_compressions == 0);
  }
  std::string all;
  for (std::uint64_t n = rotations; n != 0; --n) all += unpacked(folder / ("f." + std::to_string(n) + ".gz"));
  CHECK(all + *read_file(folder / "f") == expected);
  CHECK(real_files().list(folder / "")->size() == rotations + 1);
}

TEST_CASE("zcat reads what is written") {
  const disk_folder folder;
  if (::access("/bin/zcat", X_OK) != 0) return;
  CHECK(written_and_unpacked(folder, packed(gzip(), "one\ntwo\n", 3)) == "one\ntwo\n");
  std::FILE* const pipe = ::popen(("zcat " + (folder / "x.gz")).c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string said(100, ' ');
  said.resize(std::fread(said.data(), 1, said.size(), pipe));
  CHECK(::pclose(pipe) == 0);
  CHECK(said == "one\ntwo\n");
}

}  // namespace t_disk_zlib
