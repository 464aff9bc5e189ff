// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A log file keeps every line whole and in order, rotates at its limits, and counts what it had to drop.
#include <ovrseer/disk/rotating_file.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <ovrseer/disk/read_file.hpp>
#include "catch.hpp"
#include "disk_folder.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_rotating_file {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;

rotating_file_options with(file_system& files, std::uint64_t size, std::size_t keep = 3, std::uint64_t buffer = 0) {
  rotating_file_options options;
  options.files = &files;
  options.rotate.size = byte_size(size);
  options.keep = keep;
  options.buffer = byte_size(buffer);
  return options;
}

// All kept files, oldest first.
std::string all_of(memory_file_system& files, std::size_t keep = 100) {
  std::string text;
  for (std::size_t n = keep; n > 0; --n) text += files.get("./f." + std::to_string(n));
  return text + files.get("./f");
}

TEST_CASE("lines are appended to what is there") {
  const disk_folder folder;
  { CHECK(!rotating_file(folder / "f").append("one\n")); }
  {
    rotating_file file(folder / "f");
    CHECK(file.size() == 4);
    CHECK(!file.append("two\n"));
    CHECK(*read_file(folder / "f") == "one\n");
    CHECK(file.pending() == 4);
    CHECK(!file.flush());
    CHECK(*read_file(folder / "f") == "one\ntwo\n");
    CHECK(!file.append("three\n"));
    CHECK(!file.sync());
  }
  CHECK(*read_file(folder / "f") == "one\ntwo\nthree\n");
}

TEST_CASE("a file that cannot be opened is an error with its path") {
  const disk_folder folder;
  try {
    rotating_file file(folder / "none/f");
    FAIL("was opened");
  } catch (const error& failed) {
    CHECK(failed.step() == "open");
    CHECK(failed.code() == std::errc::no_such_file_or_directory);
    CHECK(failed.context() == folder / "none/f");
  }
}

TEST_CASE("a file is left when the next line would pass the limit") {
  for (const std::uint64_t buffer : {0U, 10U, 100U}) {
    memory_file_system files;
    rotating_file file("f", with(files, 10, 3, buffer));
    for (const char* line : {"aaaa\n", "bbbb\n", "c\n", "ddddddddd\n", "a line longer than a file\n", "e\n"}) {
      CHECK(!file.append(line));
    }
    CHECK(!file.flush());
    CHECK(files.get("./f") == "e\n");
    CHECK(files.get("./f.1") == "a line longer than a file\n");
    CHECK(files.get("./f.2") == "ddddddddd\n");
    CHECK(files.get("./f.3") == "c\n");
    CHECK(!files.has("./f.4"));
    CHECK(file.stats().rotations == 4);
    CHECK(files.list(".")->size() == 4);
    CHECK(files.open_files() == 1);
  }
}

TEST_CASE("no line is split whatever the sizes") {
  for (std::uint64_t size = 1; size < 60; size += 3) {
    for (const std::uint64_t buffer : {0U, 7U, 32U, 1000U}) {
      memory_file_system files;
      std::string expected;
      {
        rotating_file file("f", with(files, size, 1000, buffer));
        for (int i = 0; i < 60; ++i) {
          const std::string line = std::to_string(i) + std::string(static_cast<std::size_t>(i * 7 % 23), 'x') + '\n';
          CHECK(!file.append(line));
          expected += line;
        }
      }
      CHECK(all_of(files, 100) == expected);
      for (std::size_t n = 0; n <= 100; ++n) {
        const std::string content = files.get(n == 0 ? "./f" : "./f." + std::to_string(n));
        if (!content.empty()) CHECK(content.back() == '\n');
        if (content.size() > size) CHECK(std::count(content.begin(), content.end(), '\n') == 1);
      }
    }
  }
}

TEST_CASE("with none to keep the old file goes") {
  memory_file_system files;
  rotating_file file("f", with(files, 5, 0));
  for (int i = 0; i < 5; ++i) CHECK(!file.append("line\n"));
  CHECK(files.get("./f") == "line\n");
  CHECK(files.list(".")->size() == 1);
}

TEST_CASE("files beyond a lower count go at the next rotation") {
  memory_file_system files;
  {
    rotating_file file("f", with(files, 5, 6));
    for (int i = 0; i < 8; ++i) CHECK(!file.append("line\n"));
    CHECK(files.list(".")->size() == 7);
  }
  rotating_file file("f", with(files, 5, 2));
  CHECK(!file.append("line\n"));
  CHECK(files.list(".")->size() == 3);
}

TEST_CASE("a file is left at its age") {
  memory_file_system files;
  std::chrono::system_clock::time_point now{1000h};
  auto options = with(files, 0);
  options.rotate.age = 24h;
  options.now = [&] { return now; };
  rotating_file file("f", options);
  CHECK(!file.append("one\n"));
  now += 23h;
  CHECK(!file.append("two\n"));
  CHECK(file.stats().rotations == 0);
  now += 1h;
  CHECK(!file.append("three\n"));
  CHECK(files.get("./f.1") == "one\ntwo\n");
  CHECK(files.get("./f") == "three\n");
}

TEST_CASE("age counts from the birth of a file that was there before") {
  const disk_folder folder;
  { CHECK(!rotating_file(folder / "f").append("one\n")); }
  rotating_file_options options;
  options.rotate.age = 1h;
  auto now = std::chrono::system_clock::now() + 30min;
  options.now = [&] { return now; };
  rotating_file file(folder / "f", options);
  CHECK(!file.append("two\n"));
  CHECK(file.stats().rotations == 0);
  now += 31min;
  CHECK(!file.append("three\n"));
  CHECK(file.stats().rotations == 1);
}

TEST_CASE("a file that was moved away is opened anew on request") {
  const disk_folder folder;
  rotating_file file(folder / "f");
  CHECK(!file.append("one\n"));
  CHECK(!real_files().rename(folder / "f", folder / "moved"));
  CHECK(!file.append("two\n"));
  CHECK(!file.reopen());
  CHECK(!file.append("three\n"));
  CHECK(!file.flush());
  CHECK(*read_file(folder / "moved") == "one\ntwo\n");
  CHECK(*read_file(folder / "f") == "three\n");
}

TEST_CASE("rotating a file that was moved away keeps what is kept") {
  memory_file_system files;
  rotating_file file("f", with(files, 5));
  CHECK(!file.append("one1\n"));
  files.erase("./f");
  CHECK(!file.append("two2\n"));
  CHECK(files.get("./f") == "two2\n");
  CHECK(!files.has("./f.1"));
}

TEST_CASE("a device is written and not rotated") {
  rotating_file_options options;
  options.rotate.size = byte_size(5);
  rotating_file file("/dev/null", options);
  for (int i = 0; i < 10; ++i) CHECK(!file.append("a long line\n"));
  CHECK(!file.rotate());
  CHECK(file.stats().rotations == 0);
}

TEST_CASE("what a full disk does not take waits and comes in order without a torn line") {
  for (const std::uint64_t buffer : {0U, 16U, 64U}) {
    for (std::uint64_t space = 0; space < 120; ++space) {
      memory_file_system memory;
      faulty_file_system files(memory);
      std::string expected;
      {
        rotating_file file("f", with(files, 0, 3, buffer));
        files.limit_space(space);
        bool has_failed = false;
        for (int i = 0; i < 20; ++i) {
          const std::string line = "line " + std::to_string(i) + "\n";
          expected += line;
          if (file.append(line)) has_failed = true;
        }
        if (file.flush()) has_failed = true;
        CHECK(has_failed);
        CHECK(file.stats().failed_writes > 0);
        CHECK(file.stats().last_failure == std::errc::no_space_on_device);
        CHECK(memory.get("./f") == expected.substr(0, static_cast<std::size_t>(space)));
        files.heal();
        CHECK(!file.append("last\n"));
        expected += "last\n";
        CHECK(file.stats().dropped_lines == 0);
      }
      CHECK(memory.get("./f") == expected);
    }
  }
}

TEST_CASE("beyond the bound whole lines are dropped and counted") {
  for (const std::uint64_t space : {0U, 3U, 10U, 25U}) {
    memory_file_system memory;
    faulty_file_system files(memory);
    auto options = with(files, 0, 3, 0);
    options.largest_backlog = byte_size(30);
    std::uint64_t dropped = 0;
    {
      rotating_file file("f", options);
      files.limit_space(space);
      for (int i = 0; i < 20; ++i) CHECK((file.append("line " + std::to_string(i % 10) + "\n") || space > 0));
      CHECK(file.pending() <= 37);
      dropped = file.stats().dropped_lines;
      CHECK(dropped > 0);
      CHECK(file.stats().dropped_bytes == dropped * 7);
      files.heal();
      CHECK(!file.append("after\n"));
    }
    const std::string content = memory.get("./f");
    CHECK(content.size() == (20 - dropped) * 7 + 6);
    std::string expected;
    for (std::uint64_t i = 0; i < 20 - dropped; ++i) expected += "line " + std::to_string(i % 10) + "\n";
    CHECK(content == expected + "after\n");
  }
}

TEST_CASE("whichever call fails no line is lost and none is split") {
  for (const int why : {EIO, EMFILE}) {
    for (std::size_t failing = 1;; ++failing) {
      INFO("call " << failing);
      memory_file_system memory;
      faulty_file_system files(memory);
      std::string expected;
      {
        rotating_file file("f", with(files, 30, 100, 12));
        files.fail_call(failing, why);
        for (int i = 0; i < 40; ++i) {
          const std::string line = "line " + std::to_string(i) + "\n";
          (void)file.append(line);
          expected += line;
        }
        (void)file.flush();
        CHECK(!file.flush());
        CHECK(file.stats().dropped_lines == 0);
        const auto& stats = file.stats();
        CHECK(stats.written_bytes == expected.size());
        CHECK(files.open_files() == 1);
      }
      CHECK(all_of(memory) == expected);
      if (files.total() < failing) break;
    }
  }
}

TEST_CASE("a rotation that keeps failing uses the old file on and is not tried at every line") {
  memory_file_system memory;
  faulty_file_system files(memory);
  rotating_file file("f", with(files, 100));
  files.fail_always(file_call::rename, EACCES);
  for (int i = 0; i < 2000; ++i) (void)file.append("a line of some length\n");
  CHECK(memory.get("./f").size() == 2000U * 22U);
  CHECK(file.stats().failed_rotations > 1);
  CHECK(file.stats().failed_rotations < 20);
  files.heal();
  for (int i = 0; i < 500; ++i) CHECK(!file.append("a line of some length\n"));
  CHECK(file.stats().rotations > 0);
  CHECK(memory.list(".")->size() == 4);
}

}  // namespace t_disk_rotating_file
