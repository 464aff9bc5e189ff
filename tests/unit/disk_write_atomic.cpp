// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// An atomic write leaves the old file or the new one, and nothing beside it, whichever call fails or the power.
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/write_atomic.hpp>

#include <cerrno>
#include <string>

#include <sys/stat.h>

#include "catch.hpp"
#include "disk_folder.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_write_atomic {

using namespace ovrseer;
using namespace ovrseer_test;

write_options with(file_system& files, durability survives = durability::power_loss) {
  write_options options;
  options.files = &files;
  options.survives = survives;
  return options;
}

TEST_CASE("a real file is made and replaced with the permissions asked for") {
  const disk_folder folder;
  write_options options;
  options.permissions = 0600;
  write_atomic(folder / "f", "one", options);
  CHECK(*read_file(folder / "f") == "one");
  write_atomic(folder / "f", "two", options);
  CHECK(*read_file(folder / "f") == "two");
  struct stat status{};
  REQUIRE(::stat((folder / "f").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK(real_files().list(folder.path())->size() == 1);
}

TEST_CASE("a path without a folder is one in the working folder") {
  memory_file_system memory;
  write_atomic("f", "content", with(memory));
  CHECK(memory.get("./f") == "content");
}

TEST_CASE("whichever call fails the old file or the new one is there and nothing else") {
  for (std::size_t failing = 1;; ++failing) {
    memory_file_system memory;
    memory.put("./f", "old");
    faulty_file_system files(memory);
    files.fail_call(failing, EIO);
    try {
      write_atomic("f", "new", with(files));
      CHECK(memory.get("./f") == "new");
      CHECK(failing > 5);  // open, write, fsync, rename, and of the folder open and fsync
      break;
    } catch (const error& failed) {
      INFO("call " << failing << ": " << failed.what());
      CHECK(failed.code() == std::errc::io_error);
      CHECK(failed.context() == "f");
      CHECK(memory.get("./f") == (failed.step() == "fsync folder" ? "new" : "old"));
      CHECK(memory.list(".")->size() == 1);
      CHECK(files.open_files() == 0);
    }
  }
}

TEST_CASE("the failing step has its name") {
  memory_file_system memory;
  const auto step_of = [&](file_call call, std::size_t nth) {
    faulty_file_system files(memory);
    files.fail(call, nth, ENOSPC);
    try {
      write_atomic("f", "content", with(files));
    } catch (const error& failed) {
      return failed.step();
    }
    return std::string("none");
  };
  CHECK(step_of(file_call::open, 1) == "create");
  CHECK(step_of(file_call::write, 1) == "write");
  CHECK(step_of(file_call::sync, 1) == "fsync");
  CHECK(step_of(file_call::rename, 1) == "rename");
  CHECK(step_of(file_call::open, 2) == "fsync folder");
  CHECK(step_of(file_call::sync, 2) == "fsync folder");
  CHECK(step_of(file_call::sync, 3) == "none");
}

TEST_CASE("short writes are continued and a full disk is told") {
  memory_file_system memory;
  faulty_file_system files(memory);
  files.shorten_writes(1);
  write_atomic("f", "a longer content", with(files));
  CHECK(memory.get("./f") == "a longer content");
  files.limit_space(5);
  CHECK_THROWS_AS(write_atomic("f", "another one", with(files)), error);
  CHECK(memory.get("./f") == "a longer content");
  CHECK(memory.list(".")->size() == 1);
}

TEST_CASE("after a power loss the finished write is there and an unfinished one is old or new") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (std::size_t failing = 1; failing <= 7; ++failing) {
      memory_file_system memory;
      write_atomic("f", "the old content, longer than a block of the disk", with(memory));
      faulty_file_system files(memory);
      files.fail_call(failing, EIO);
      bool finished = true;
      try {
        write_atomic("f", "and the new content that is also rather long", with(files));
      } catch (const error&) {
        finished = false;
      }
      memory.crash(seed % 2 == 0 ? blackout::power : blackout::power_mixed, seed);
      const std::string found = memory.get("./f");
      const bool is_new = found == "and the new content that is also rather long";
      CHECK((is_new || found == "the old content, longer than a block of the disk"));
      if (finished) CHECK(is_new);
    }
  }
}

TEST_CASE("what need not survive a power loss is not synced") {
  memory_file_system memory;
  faulty_file_system files(memory);
  write_atomic("f", "content", with(files, durability::process_death));
  CHECK(files.count(file_call::sync) == 0);
  memory.crash(blackout::process);
  CHECK(memory.get("./f") == "content");
}

TEST_CASE("leftovers of killed writers are removed on request") {
  memory_file_system memory;
  memory.put("./f.123-0.tmp", "half");
  memory.put("./f", "whole");
  CHECK(remove_temporaries(".", &memory) == 1);
  CHECK(memory.has("./f"));
  CHECK(!memory.has("./f.123-0.tmp"));
}

}  // namespace t_disk_write_atomic
