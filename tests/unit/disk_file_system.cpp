// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The real file system behind the seam does what the seam says.
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/real_file_system.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "disk_folder.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_file_system {

using namespace ovrseer;
using namespace ovrseer_test;

TEST_CASE("real files are written and read at offsets") {
  const disk_folder folder;
  file_system& files = real_files();
  auto file = open_file(files, folder / "a", open_mode::create);
  REQUIRE(file);
  CHECK(write_all_at(files, file->get(), "hello", 0).written == 5);
  CHECK(write_all_at(files, file->get(), "J", 0).written == 1);
  std::string bytes(10, '.');
  const auto got = files.read_at(file->get(), bytes, 1);
  REQUIRE(got);
  CHECK(*got == 4);
  CHECK(bytes == "ello......");
  CHECK(*files.read_at(file->get(), bytes, 5) == 0);
  CHECK(!files.truncate(file->get(), 2));
  CHECK(files.status(file->get())->size == 2);
  CHECK(!files.sync(file->get()));
  CHECK(!files.sync_data(file->get()));
  CHECK(*read_file(folder / "a") == "Je");
}

/// Uses the real files as late as a thread may that outlives main; made before they are.
struct late_user {
  ~late_user() {
    if (is_asked) ::_exit(real_files().status("/") ? 23 : 1);
  }
  bool is_asked = false;
} at_the_end;

TEST_CASE("real files are there until the process has ended") {
  const pid_t child = ::fork();
  if (child == 0) {
    at_the_end.is_asked = true;
    std::exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 23);
}

TEST_CASE("every mode opens close-on-exec") {
  const disk_folder folder;
  for (const open_mode mode : {open_mode::create_new, open_mode::create, open_mode::read, open_mode::read_write,
                               open_mode::append, open_mode::folder}) {
    const auto file = open_file(real_files(), mode == open_mode::folder ? folder.path() : folder / "a", mode);
    REQUIRE(file);
    CHECK((::fcntl(file->get(), F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("opening tells why it cannot") {
  const disk_folder folder;
  file_system& files = real_files();
  CHECK(open_file(files, folder / "none", open_mode::read).reason() == std::errc::no_such_file_or_directory);
  CHECK(open_file(files, folder / "none", open_mode::read_write).reason() == std::errc::no_such_file_or_directory);
  { const auto made = open_file(files, folder / "a", open_mode::create_new); }
  CHECK(open_file(files, folder / "a", open_mode::create_new).reason() == std::errc::file_exists);
  CHECK(open_file(files, folder / "a", open_mode::folder).reason() == std::errc::not_a_directory);
}

TEST_CASE("a lock is exclusive until its file is closed") {
  const disk_folder folder;
  file_system& files = real_files();
  auto first = open_file(files, folder / "lock", open_mode::create);
  const auto second = open_file(files, folder / "lock", open_mode::create);
  CHECK(!files.lock(first->get()));
  CHECK(files.lock(second->get()) == std::errc::resource_unavailable_try_again);
  first->reset();
  CHECK(!files.lock(second->get()));
}

TEST_CASE("folders are made with those above and listed") {
  const disk_folder folder;
  file_system& files = real_files();
  CHECK(!make_folders(files, folder / "a/b/c"));
  CHECK(!make_folders(files, folder / "a/b/c"));
  { const auto made = open_file(files, folder / "a/file", open_mode::create); }
  CHECK(make_folders(files, folder / "a/file") == std::errc::not_a_directory);
  auto names = *files.list(folder / "a");
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"b", "file"});
  CHECK(files.status(folder / "a")->kind == file_kind::folder);
  CHECK(files.status(folder / "a/file")->kind == file_kind::regular);
  CHECK(files.status("/dev/null")->kind == file_kind::other);
  CHECK(files.list(folder / "none").reason() == std::errc::no_such_file_or_directory);
  CHECK(!files.rename(folder / "a/file", folder / "a/other"));
  CHECK(!files.unlink(folder / "a/other"));
  CHECK(files.unlink(folder / "a/other") == std::errc::no_such_file_or_directory);
  CHECK(!sync_folder(files, folder.path()));
}

TEST_CASE("the folder of a path is what comes before the last slash") {
  CHECK(folder_of("a") == ".");
  CHECK(folder_of("/a") == "/");
  CHECK(folder_of("a/b") == "a");
  CHECK(folder_of("/a/b/c") == "/a/b");
}

TEST_CASE("a handle closes once and can be moved") {
  memory_file_system memory;
  {
    auto first = open_file(memory, "a", open_mode::create);
    REQUIRE(first);
    owned_file second = std::move(*first);
    CHECK(!*first);
    CHECK(memory.open_files() == 1);
    owned_file third;
    third = std::move(second);
    CHECK(memory.open_files() == 1);
  }
  CHECK(memory.open_files() == 0);
}

TEST_CASE("writing all goes on after short writes and tells how far it came") {
  memory_file_system memory;
  faulty_file_system files(memory);
  const auto file = open_file(files, "a", open_mode::create);
  files.shorten_writes(2);
  CHECK(!write_all(files, file->get(), "abcdefg").code);
  CHECK(memory.get("a") == "abcdefg");
  files.fail(file_call::write, 2, ENOSPC);
  const auto progress = write_all(files, file->get(), "hijk");
  CHECK(progress.written == 2);
  CHECK(progress.code == std::errc::no_space_on_device);
  files.heal();
  files.tear_write(1, 0, EIO);
  CHECK(write_all(files, file->get(), "x").code == errc::short_write);
}

TEST_CASE("a whole file is read up to a limit") {
  const disk_folder folder;
  CHECK(read_file(folder / "none").reason() == std::errc::no_such_file_or_directory);
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 10000U}) {
    const std::string content(size, 'x');
    {
      const auto file = open_file(real_files(), folder / "f", open_mode::create);
      CHECK(!real_files().truncate(file->get(), 0));
      CHECK(!write_all(real_files(), file->get(), content).code);
    }
    CHECK(*read_file(folder / "f") == content);
    CHECK(*read_file(folder / "f", byte_size(size)) == content);
    if (size != 0) CHECK(read_file(folder / "f", byte_size(size - 1)).reason() == std::errc::file_too_large);
  }
  const auto status = read_file("/proc/self/status");
  REQUIRE(status);
  CHECK_THAT(*status, catchx::StartsWith("Name:"));
}

}  // namespace t_disk_file_system
