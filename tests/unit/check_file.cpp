// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The file check on real files.
#include <ovrseer/check/file.hpp>

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "catch.hpp"
#include "check_scripts.hpp"
#include "http_run.hpp"

namespace t_check_file {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct folder {
  folder() {
    std::string name = "/tmp/ovrseer-check-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { fs::remove_all(path); }
  fs::path write(const std::string& content) const {
    std::ofstream(path / "f") << content;
    return path / "f";
  }
  fs::path path;
};

std::string reason(file_check check) {
  const asked outcome = ask(std::move(check));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->is_ready() == outcome.answer->reason.empty());
  return outcome.answer->reason;
}

TEST_CASE("a file that exists is ready whatever its kind") {
  const folder here;
  const fs::path path = here.path / "f";
  CHECK(reason(file(path)) == path.string() + " does not exist");
  here.write("");
  CHECK(reason(file(path)).empty());
  CHECK(reason(file(here.path)).empty());
  CHECK(reason(file("/dev/null")).empty());
  CHECK(reason(file(path / "below")) != "");
}

TEST_CASE("a file may have to have bytes") {
  const folder here;
  const fs::path path = here.write("");
  CHECK(reason(file(path).non_empty()) == path.string() + " is empty");
  here.write("1");
  CHECK(reason(file(path).non_empty()).empty());
}

TEST_CASE("a file may have to match") {
  const folder here;
  const fs::path path = here.write("pid 17\n");
  CHECK(reason(file(path).expect_content(*pattern<>::compile("pid \\d+"))).empty());
  CHECK(reason(file(path).expect_content(*pattern<>::compile("port"))) == path.string() + " has no match of /port/");
  CHECK(reason(file(here.path).expect_content(*pattern<>::compile("x"))) ==
        here.path.string() + " is not a regular file");
  REQUIRE(::mkfifo((here.path / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(reason(file(here.path / "pipe").expect_content(*pattern<>::compile("x"))),
             catchx::EndsWith("not a regular file"));
}

TEST_CASE("what an earlier run left may not count") {
  const std::size_t before = open_descriptors();
  {
    const folder here;
    const fs::path path = here.write("old");
    fs::last_write_time(path, fs::file_time_type::clock::now() - 1h);
    asio::io_context context;
    process child = run_task(context, spawn(command("/bin/sleep", "1000")));
    check_target target;
    target.child = &child;
    const file_check check = file(path).newer_than_start();
    const check_result old = run_task(context, check(target));
    CHECK(old.reason == path.string() + " is older than the process");
    here.write("new");
    CHECK(run_task(context, check(target)).is_ready());
    fs::last_write_time(path, fs::file_time_type::clock::now() - 1h);
    CHECK(reason(check).empty());  // without a process nobody can tell
    child.send(signal_number(SIGKILL));
    run_task(context, child.wait());
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a file check describes itself") {
  CHECK(any_check(file("/run/x.pid")).describe() == "file /run/x.pid");
  CHECK(any_check(file("/run/x.pid")).bound() > 0s);
}

}  // namespace t_check_file
