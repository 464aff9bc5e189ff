// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reports in a folder: names, bounds, permissions, what is read back, and a disk that fails at every call.
#include <cstdlib>

#include <sys/stat.h>

#include <catch.hpp>
#include <disk_folder.hpp>
#include <faulty_file_system.hpp>
#include <memory_file_system.hpp>
#include <ovrseer/report/report_folder.hpp>
#include <report_samples.hpp>

namespace t_report_folder {

using namespace ovrseer;
using ovrseer_test::disk_folder;
using ovrseer_test::faulty_file_system;
using ovrseer_test::file_call;
using ovrseer_test::full_report;
using ovrseer_test::memory_file_system;

report_folder_options in_memory(file_system& files, const std::string& path = "/tmp/o/crash-reports") {
  report_folder_options options(path);
  options.files = &files;
  return options;
}

std::vector<std::string> names_of(const std::vector<report_file>& files) {
  std::vector<std::string> names;
  for (const report_file& file : files) names.push_back(file.name);
  return names;
}

unsigned permissions_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

TEST_CASE("a report is a file of its own that only its owner can read") {
  const disk_folder disk;
  report_folder folder(report_folder_options(disk / "a/b"));
  const std::string name = folder.write(full_report());
  CHECK(name == "2023-11-14T22-13-20-123Z_api.json");
  CHECK(permissions_of(disk / "a/b") == 0700);
  CHECK(permissions_of(disk / ("a/b/" + name)) == 0600);
  const auto content = read_file(disk / ("a/b/" + name));
  REQUIRE(content);
  CHECK(*content == to_json_text(to_json(full_report()), 2) + "\n");
  CHECK_THAT(*content, catchx::StartsWith("{\n  \"v\": 1,\n  \"id\": \"report-api\",\n"));
  CHECK(folder.read(name).id == "report-api");
  CHECK(names_of(folder.list()) == std::vector<std::string>{name});
}

TEST_CASE("reports of one moment get names of their own and stay in order") {
  memory_file_system files;
  report_folder folder(in_memory(files));
  folder.write(full_report("api", 5));
  folder.write(full_report("api", 5));
  folder.write(full_report("api-2", 5));
  folder.write(full_report("api", 4));
  CHECK(names_of(folder.list()) ==
        std::vector<std::string>{"1970-01-01T00-00-00-004Z_api.json", "1970-01-01T00-00-00-005Z_api.json",
                                 "1970-01-01T00-00-00-005Z_api-2.json", "1970-01-01T00-00-00-005Z-2_api.json"});
  CHECK(folder.by_unit("api").size() == 3);
  CHECK(folder.by_unit("api-2").size() == 1);
  CHECK(folder.by_unit("db").empty());
}

TEST_CASE("a unit of another namespace or with an odd name stays within the folder") {
  memory_file_system files;
  report_folder folder(in_memory(files, "/r"));
  crash_report report = full_report("api", 1);
  report.unit = unit_id("space", "api");
  CHECK(folder.write(report) == "1970-01-01T00-00-00-001Z_space@api.json");
  report.unit = unit_id("../../etc/passwd");
  CHECK(folder.write(report) == "1970-01-01T00-00-00-001Z_.._.._etc_passwd.json");
  report.unit = unit_id(std::string("a\0b\n/", 5));
  CHECK(folder.write(report) == "1970-01-01T00-00-00-001Z_a_b__.json");
  report.unit = unit_id(std::string(5000, 'x'));
  CHECK(folder.write(report).size() < 255);
  CHECK(folder.by_unit(unit_id("space", "api")).size() == 1);
  CHECK(folder.by_unit(unit_id("../../etc/passwd")).size() == 1);
  CHECK(folder.read("1970-01-01T00-00-00-001Z_space@api.json").unit == unit_id("space", "api"));
}

TEST_CASE("names are taken apart and anything else is no report") {
  const auto file = parse_report_name("2023-11-14T22-13-20-123Z-12_a_b.json");
  REQUIRE(file);
  CHECK(file->time == "2023-11-14T22-13-20-123Z");
  CHECK(file->ordinal == 12);
  CHECK(file->unit == "a_b");
  for (const char* name :
       {"", ".json", "x.json", "2023-11-14T22-13-20-123Z.json", "2023-11-14T22-13-20-123Z_.json",
        "2023-11-14T22-13-20-123Z-_api.json", "2023-11-14T22-13-20-123Z-1_api.json", "2023-11-14T22-13-20-123Z_api.txt",
        "2023-11-14T22:13:20.123Z_api.json", "2023-11-14T22-13-20-123Z_../x.json", "/2023-11-14T22-13-20-123Z_api.json",
        "2023-11-14T22-13-20-123Z_api.json.12-0.tmp"}) {
    CHECK_FALSE(parse_report_name(name));
  }
}

TEST_CASE("the oldest reports go when there are too many") {
  memory_file_system files;
  report_folder_options options = in_memory(files, "/r");
  options.max_files = 3;
  report_folder folder(options);
  files.make_folder("/r", 0700);
  files.put("/r/notes.txt", "mine");
  for (int i = 1; i <= 6; ++i) folder.write(full_report("api", i));
  CHECK(names_of(folder.list()) == std::vector<std::string>{"1970-01-01T00-00-00-004Z_api.json",
                                                            "1970-01-01T00-00-00-005Z_api.json",
                                                            "1970-01-01T00-00-00-006Z_api.json"});
  CHECK(files.get("/r/notes.txt") == "mine");
  options.max_files = 1;
  report_folder smaller(options);
  smaller.write(full_report("db", 7));
  CHECK(names_of(smaller.list()) == std::vector<std::string>{"1970-01-01T00-00-00-007Z_db.json"});
}

TEST_CASE("the oldest reports go when they are too large together") {
  memory_file_system files;
  report_folder_options options = in_memory(files, "/r");
  options.max_files = 0;  // no bound
  const std::size_t size = to_json_text(to_json(full_report("api", 1)), 2).size() + 1;
  options.max_bytes = byte_size(size * 2);
  report_folder folder(options);
  for (int i = 1; i <= 5; ++i) folder.write(full_report("api", i));
  CHECK(names_of(folder.list()) ==
        std::vector<std::string>{"1970-01-01T00-00-00-004Z_api.json", "1970-01-01T00-00-00-005Z_api.json"});
  crash_report large = full_report("api", 6);
  large.last_lines.assign(10, std::string(size, 'x'));
  try {
    folder.write(large);
    FAIL("a report beyond the bound was written");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::record_too_large);
  }
  CHECK(folder.list().size() == 2);
}

TEST_CASE("without bounds everything stays") {
  memory_file_system files;
  report_folder_options options = in_memory(files, "/r");
  options.max_files = 0;
  options.max_bytes = byte_size(0);
  report_folder folder(options);
  for (int i = 1; i <= 150; ++i) folder.write(full_report("api", i));
  CHECK(folder.list().size() == 150);
}

TEST_CASE("the last report is the newest by time whatever was written last") {
  memory_file_system files;
  report_folder folder(in_memory(files, "/r"));
  CHECK_FALSE(folder.last());
  CHECK(folder.list().empty());
  folder.write(full_report("late", 9));
  folder.write(full_report("early", 3));
  const auto last = folder.last();
  REQUIRE(last);
  CHECK(last->unit.name == "late");
}

// Step and code of what was thrown.
template <class Call>
std::pair<std::string, std::error_code> failure_of(Call call) {
  try {
    call();
  } catch (const error& failure) {
    return {failure.step(), failure.code()};
  }
  return {"none", {}};
}

TEST_CASE("reading what is no report says why") {
  memory_file_system files;
  report_folder folder(in_memory(files, "/r"));
  folder.write(full_report("api", 1));
  const std::string name = "1970-01-01T00-00-00-002Z_api.json";
  CHECK(failure_of([&] { folder.read("../secret"); }) ==
        std::pair(std::string("read report"), std::make_error_code(std::errc::invalid_argument)));
  CHECK(failure_of([&] { folder.read(name); }).second == std::errc::no_such_file_or_directory);
  files.put("/r/" + name, "{\"v\": 1, ");
  CHECK(failure_of([&] { folder.read(name); }).second == errc::corrupt);
  files.put("/r/" + name, "{\"v\": 1}");
  CHECK(failure_of([&] { folder.last(); }).second == errc::corrupt);
  CHECK(folder.by_unit("api").size() == 2);
}

TEST_CASE("each failing step is told by its name and leaves no half report") {
  struct fault {
    file_call call;
    std::size_t nth;
    const char* step;
    std::size_t files_after;
  };
  const fault faults[] = {
      {file_call::make_folder, 2, "make folder", 0},
      {file_call::open, 1, "create", 0},
      {file_call::write, 1, "write", 0},
      {file_call::sync, 1, "fsync", 0},
      {file_call::rename, 1, "rename", 0},
      {file_call::sync, 2, "fsync folder", 1},
      {file_call::list, 2, "list", 1},
  };
  for (const fault& each : faults) {
    memory_file_system files;
    faulty_file_system faulty(files);
    report_folder folder(in_memory(faulty, "/r/s"));
    faulty.fail(each.call, each.nth, ENOSPC);
    CHECK(failure_of([&] { folder.write(full_report()); }) == std::pair(std::string(each.step), errno_code(ENOSPC)));
    const auto names = files.list("/r/s");
    CHECK((names ? names->size() : 0) == each.files_after);
    CHECK(faulty.open_files() == 0);
    faulty.heal();
    folder.write(full_report("db", 9));
    CHECK(folder.list().size() == each.files_after + 1);
  }
}

TEST_CASE("an old report that cannot be removed is a failure after the new one is written") {
  memory_file_system files;
  faulty_file_system faulty(files);
  report_folder_options options = in_memory(faulty, "/r");
  options.max_files = 1;
  report_folder folder(options);
  folder.write(full_report("api", 1));
  faulty.fail(file_call::unlink, 1, EACCES);
  CHECK(failure_of([&] { folder.write(full_report("api", 2)); }) ==
        std::pair(std::string("remove old report"), errno_code(EACCES)));
  CHECK(folder.list().size() == 2);
  folder.write(full_report("api", 3));
  CHECK(folder.list().size() == 1);
}

TEST_CASE("whatever call fails and wherever the power goes every report there is a whole one") {
  for (const auto kind :
       {ovrseer_test::blackout::process, ovrseer_test::blackout::power, ovrseer_test::blackout::power_mixed}) {
    for (std::size_t nth = 1; nth < 30; ++nth) {
      memory_file_system files;
      files.make_folder("/r", 0700);
      report_folder_options options = in_memory(files, "/r");
      options.max_files = 2;
      report_folder(options).write(full_report("old", 1));
      report_folder(options).write(full_report("older", 2));

      faulty_file_system faulty(files);
      faulty.shorten_writes(100);
      faulty.fail_from(nth, EIO);
      options.files = &faulty;
      bool is_written = false;
      try {
        report_folder(options).write(full_report("new", 3));
        is_written = true;
      } catch (const error&) {  // the power is gone
      }
      files.crash(kind, nth);

      options.files = &files;
      report_folder after(options);
      const auto found = after.list();
      for (const report_file& file : found) CHECK(after.read(file.name).unit.name == file.unit);
      CHECK(found.size() >= 2);
      if (is_written) CHECK(after.by_unit("new").size() == 1);
      after.write(full_report("next", 4));
      CHECK(after.list().size() == 2);
      const auto all = files.list("/r");
      REQUIRE(all);
      CHECK(all->size() == 2);  // what the dead writer left is gone too
    }
  }
}

TEST_CASE("a fresh temporary file of another writer is left alone") {
  const disk_folder disk;
  report_folder folder(report_folder_options(disk.path()));
  const std::string theirs = disk / "2023-11-14T22-13-20-123Z_api.json.1-0.tmp";
  write_atomic(theirs, "half");
  folder.write(full_report());
  CHECK(read_file(theirs));
}

TEST_CASE("the default folder follows TMPDIR") {
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("TMPDIR", "/var/x//", 1);
  CHECK(default_report_folder() == "/var/x/ovrseer/crash-reports");
  ::setenv("TMPDIR", "", 1);
  CHECK(default_report_folder() == "/tmp/ovrseer/crash-reports");
  ::unsetenv("TMPDIR");
  CHECK(report_folder_options().path == "/tmp/ovrseer/crash-reports");
  if (before != nullptr) ::setenv("TMPDIR", kept.c_str(), 1);
}

}  // namespace t_report_folder
