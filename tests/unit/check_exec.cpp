// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The exec check with real commands: what it says of them, and that none survives it.
#include <ovrseer/check/exec.hpp>

#include <signal.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>

#include <ovrseer/async/attempt.hpp>

#include "catch.hpp"
#include "http_run.hpp"

namespace t_check_exec {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using verdict = check_result::verdict;

check_result answer_of(exec_check check) {
  const std::size_t before = open_descriptors();
  check_result answer;
  {
    asio::io_context context;
    answer = run_task(context, check(check_target{}));
  }
  CHECK(open_descriptors() == before);
  return answer;
}

/// Reads the pid that a command has written, once it is there.
task<pid_t> pid_in(std::string path) {
  pid_t pid = 0;
  while (pid == 0) {
    co_await sleep_for(1ms);
    std::ifstream(path) >> pid;
  }
  co_return pid;
}
task<void> until_gone(pid_t pid) {
  while (::kill(pid, 0) == 0) co_await sleep_for(1ms);
}

std::string scratch_name() {
  std::string name = "/tmp/ovrseer-exec-XXXXXX";
  ::close(::mkstemp(name.data()));
  return name;
}

TEST_CASE("a command that exits with zero is ready") {
  const check_result answer = answer_of(exec(command("true")));
  CHECK(answer.is_ready());
  CHECK(answer.reason.empty());
}

TEST_CASE("a command that fails tells its code and its last line") {
  CHECK(answer_of(exec(command("false"))).reason == "exited with code 1");
  CHECK(answer_of(exec(command::shell("echo one; echo two >&2; echo '  three  '; echo; exit 3"))).reason ==
        "exited with code 3: three");
  CHECK(answer_of(exec(command::shell("printf unfinished >&2; exit 4"))).reason == "exited with code 4: unfinished");
  CHECK_THAT(answer_of(exec(command::shell("kill -9 $$"))).reason, catchx::StartsWith("killed by SIGKILL"));
}

TEST_CASE("a long last line is cut and a flood is read") {
  const check_result answer = answer_of(exec(command::shell("yes | head -c 1000000 | tr -d '\\n'; exit 1")));
  CHECK(answer.reason == "exited with code 1: " + std::string(200, 'y'));
}

TEST_CASE("a command that cannot be started is not ready") {
  const check_result answer = answer_of(exec(command("/nowhere/at/all")));
  CHECK(answer.outcome == verdict::not_ready);
  CHECK_THAT(answer.reason, catchx::ContainsSubstring("No such file or directory"));
}

TEST_CASE("a command that takes too long is killed with its children") {
  const std::string name = scratch_name();
  asio::io_context context;
  exec_check check = exec(command::shell("echo waiting; sleep 1000 & echo $! > " + name + "; wait"));
  check.limit(200ms);
  const check_result answer = run_task(context, check(check_target{}));
  CHECK(answer.outcome == verdict::timed_out);
  CHECK(answer.reason == "not finished within 200ms: waiting");
  run_task(context, until_gone(run_task(context, pid_in(name))));
  std::remove(name.c_str());
}

TEST_CASE("a command that is abandoned is killed with its children") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    const std::string name = scratch_name();
    asio::io_context context;
    asio::cancellation_signal stop;
    exec_check check = exec(command::shell("sleep 1000 & echo $! > " + name + "; wait"));
    std::error_code code;
    bool is_done = false;
    auto ended = [&](const std::exception_ptr& failure, const check_result&) {
      is_done = true;
      if (failure) code = caught(failure).code();
    };
    asio::co_spawn(context, check(check_target{}), asio::bind_cancellation_slot(stop.slot(), ended));
    const pid_t pid = run_task(context, pid_in(name));
    stop.emit(type);
    run_task(context, until_gone(pid));
    CHECK(is_done);
    CHECK(code == asio::error::operation_aborted);
    std::remove(name.c_str());
  }
}

TEST_CASE("a grandchild that holds the output does not hold the check") {
  const check_result answer = answer_of(exec(command::shell("echo last; sleep 1000 & exit 5")));
  CHECK(answer.reason == "exited with code 5: last");
}

TEST_CASE("the command learns whom it checks") {
  asio::io_context context;
  process child = run_task(context, spawn(command("/bin/sleep", "1000")));
  check_target target;
  target.child = &child;
  const check_result answer = run_task(context, exec(command::shell("echo pid $OVRSEER_PID; exit 1"))(target));
  CHECK(answer.reason == "exited with code 1: pid " + std::to_string(child.pid()));
  child.send(signal_number(SIGKILL));
  run_task(context, child.wait());
}

TEST_CASE("no secret of a command is told") {
  const exec_check check = exec(command::shell("echo password=hunter2; exit 1"));
  CHECK_THAT(check.describe(), !catchx::ContainsSubstring("hunter2"));
  CHECK_THAT(answer_of(check).reason, !catchx::ContainsSubstring("hunter2"));
  CHECK_THAT(exec(command("psql", "--password", "hunter2")).describe(), !catchx::ContainsSubstring("hunter2"));
}

TEST_CASE("an exec check describes itself and knows its bound") {
  CHECK(any_check(exec(command("pg_isready", "-q"))).describe() == "exec pg_isready -q");
  CHECK(any_check(exec(command("true"))).bound() == 10s);
  exec_check unlimited = exec(command("true"));
  CHECK(unlimited.limit(0s).bound() == 0s);
}

}  // namespace t_check_exec
