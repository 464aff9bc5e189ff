// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What keeps a child from starting: each failing step with its errno, and nothing left behind.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

namespace t_process_spawn {

using namespace ovrseer;
using test::child_command;
using test::no_leaks;
using test::run;

/// A folder for a test, gone with it.
class folder {
 public:
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ovrseer-spawn-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path file(const std::string& name, const std::string& content, int mode) const {
    std::ofstream(path_ / name) << content;
    std::filesystem::permissions(path_ / name, static_cast<std::filesystem::perms>(mode));
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// "step errno context" of the failure to start `what`.
std::string failure_of(const command& what) {
  asio::io_context context;
  try {
    run(context, spawn(what));
  } catch (const spawn_error& failure) {
    CHECK(failure.code().category() == std::generic_category());
    return failure.step() + " " + ::strerrorname_np(failure.code().value()) + " " + failure.context();
  }
  return "started";
}

TEST_CASE("a program that is not there") {
  const no_leaks guard;
  CHECK(failure_of(command("no-such-program-anywhere")) == "exec ENOENT no-such-program-anywhere");
  CHECK(failure_of(command("/no/such/program")) == "exec ENOENT /no/such/program");
  CHECK(failure_of(command("/etc/passwd/program")) == "exec ENOTDIR /etc/passwd/program");
  CHECK(failure_of(command("")) == "exec ENOENT the program's name is empty");
}

TEST_CASE("a program that cannot be executed") {
  const no_leaks guard;
  const folder here;
  const std::string plain = here.file("plain", "#!/bin/sh\n", 0644);
  CHECK(failure_of(command(plain)) == "exec EACCES " + plain);
  CHECK(failure_of(command("/tmp")) == "exec EACCES /tmp");
  const std::string nonsense = here.file("nonsense", "\x01\x02\x03\x04", 0755);
  CHECK(failure_of(command(nonsense)) == "exec ENOEXEC " + nonsense);
  const std::string orphan = here.file("orphan", "#!/no/such/interpreter\n", 0755);
  CHECK(failure_of(command(orphan)) == "exec ENOENT " + orphan);
}

TEST_CASE("a name is looked up in the path of the child") {
  const no_leaks guard;
  const folder here;
  here.file("tool", "#!/bin/sh\necho found\n", 0755);
  here.file("locked", "#!/bin/sh\n", 0644);
  asio::io_context context;
  command there("tool");
  there.env("PATH", "/no/such/folder:" + here.path().string());
  CHECK(run(context, test::output_of(there)) == "found\n");
  CHECK(failure_of(command("tool")) == "exec ENOENT tool");
  command locked("locked");
  locked.env("PATH", here.path().string() + ":/bin");
  CHECK(failure_of(locked) == "exec EACCES locked");
  command beside("tool");
  beside.env("PATH", "").working_directory(here.path());  // an empty element is the working directory
  CHECK(run(context, test::output_of(beside)) == "found\n");
  command without_path("true");
  without_path.clear_env();
  CHECK(run(context, test::output_of(without_path)).empty());
}

TEST_CASE("a directory that is not there or is none") {
  const no_leaks guard;
  CHECK(failure_of(command("/bin/true").working_directory("/no/such/folder")) == "chdir ENOENT /no/such/folder");
  CHECK(failure_of(command("/bin/true").working_directory("/etc/passwd")) == "chdir ENOTDIR /etc/passwd");
}

TEST_CASE("a user or a group that nobody knows") {
  const no_leaks guard;
  CHECK(failure_of(command("/bin/true").user("no-such-user")) == "user ENOENT no user named \"no-such-user\"");
  CHECK(failure_of(command("/bin/true").user("")) == "user ENOENT no user named \"\"");
  CHECK(failure_of(command("/bin/true").groups({"no-such-group"})) == "group ENOENT no group named \"no-such-group\"");
}

TEST_CASE("a limit that the system refuses") {
  const no_leaks guard;
  resource_limit upside_down;
  upside_down.resource = RLIMIT_NOFILE;
  upside_down.soft = 100;
  upside_down.hard = 50;
  CHECK(failure_of(command("/bin/true").limit(upside_down)) == "setrlimit EINVAL ");
  resource_limit unknown;
  unknown.resource = 999;
  CHECK(failure_of(command("/bin/true").limit(unknown)) == "setrlimit EINVAL ");
}

TEST_CASE("files for the streams that cannot be opened") {
  const no_leaks guard;
  command missing("/bin/true");
  missing.input(stdin_source(stdin_source::file{"/no/such/input"}));
  CHECK(failure_of(missing) == "open ENOENT /no/such/input");
  command unwritable("/bin/true");
  unwritable.output(output_target(output_target::file{"/no/such/folder/output"}));
  CHECK(failure_of(unwritable) == "open ENOENT /no/such/folder/output");
  command folder_as_output("/bin/true");
  folder_as_output.error_output(output_target(output_target::file{"/tmp"}));
  CHECK(failure_of(folder_as_output) == "open EISDIR /tmp");
}

TEST_CASE("no descriptor left for a pipe or for the child itself") {
  const no_leaks guard;
  asio::io_context context;
  run(context, test::output_of(command("/bin/true")));  // what the context itself needs is open now
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int highest = ::dup(0);
  ::close(highest);
  std::vector<std::string> failures;
  for (rlim_t more = 0; more < 10; ++more) {
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(highest) + more;
    ::setrlimit(RLIMIT_NOFILE, &tight);
    try {
      os_of(context.get_executor()).spawn(context.get_executor(), command("/bin/true"));
      failures.emplace_back("started");
    } catch (const spawn_error& failure) {
      failures.push_back(failure.step() + " " + ::strerrorname_np(failure.code().value()));
    }
    ::setrlimit(RLIMIT_NOFILE, &before);
    test::run_dry(context);
  }
  failures.erase(std::unique(failures.begin(), failures.end()), failures.end());
  CHECK(failures == std::vector<std::string>{"open EMFILE", "pipe EMFILE", "clone EMFILE", "started"});
}

TEST_CASE("without the right to change the user the step says so") {
  const no_leaks guard;
  if (::geteuid() == 0) {
    // As root there is one thing that may be refused: a negative niceness is not, so nothing to see here.
    SUCCEED("runs as root");
    return;
  }
  CHECK(failure_of(command("/bin/true").user("0")) == "setgroups EPERM 0");
}

TEST_CASE("a coroutine that was cancelled before does not come to spawn") {
  const no_leaks guard;
  asio::io_context context;
  bool spawned = false;
  const auto spawn_late = [&]() -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    co_await asio::post(ex, use_task);
    process late = co_await spawn(child_command("wait"));
    spawned = true;
  };
  test::started<void> starting(context, spawn_late());
  context.run_one();
  starting.cancel(cancellation_type::terminal);
  test::run_dry(context);
  CHECK(starting.was_aborted());
  CHECK_FALSE(spawned);
}

}  // namespace t_process_spawn
