// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The handle on a child: how it ended, what it used, signals, its tree, and what becomes of it without a handle.
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

namespace t_process_wait {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::child_command;
using test::complete;
using test::is_alive;
using test::no_leaks;
using test::run;
using test::started;

exit_status end_of(command what) {
  asio::io_context context;
  const auto wait = [&]() -> task<exit_status> {
    process child = co_await spawn(std::move(what));
    co_return co_await child.wait();
  };
  return run(context, wait);
}

TEST_CASE("a child exits with its code") {
  const no_leaks guard;
  CHECK(end_of(child_command("exit", "0")) == exit_status::exited(0));
  CHECK(end_of(child_command("exit", "3")) == exit_status::exited(3));
  CHECK(end_of(child_command("exit", "255")) == exit_status::exited(255));
  CHECK(end_of(command::shell("exit 7")) == exit_status::exited(7));
}

TEST_CASE("a child dies by its signal which is no exit code") {
  const no_leaks guard;
  CHECK(end_of(child_command("no-core", "die", "KILL")) == exit_status::signaled(signal_number(SIGKILL)));
  CHECK(end_of(child_command("no-core", "die", "SEGV")) == exit_status::signaled(signal_number(SIGSEGV)));
  CHECK(end_of(child_command("no-core", "die", "64")) == exit_status::signaled(signal_number(64)));
  CHECK(end_of(child_command("exit", "137")) == exit_status::exited(137));
}

TEST_CASE("the end may be awaited by several and again afterwards") {
  const no_leaks guard;
  asio::io_context context;
  command what = child_command("skip-input", "exit", "5");
  what.input(stdin_source(stdin_source::writer{}));
  process child = complete(context, spawn(what));
  started<exit_status> first(context, child.wait());
  started<exit_status> second(context, child.wait());
  test::settle(context);
  CHECK_FALSE(first.is_done());
  CHECK_FALSE(child.status());
  child.close_stdin();
  test::run_dry(context);
  CHECK(first.get() == exit_status::exited(5));
  CHECK(second.get() == exit_status::exited(5));
  CHECK(child.status() == exit_status::exited(5));
  CHECK(run(context, child.wait()) == exit_status::exited(5));
}

TEST_CASE("every type of cancellation abandons a wait and the child goes on") {
  const no_leaks guard;
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  process child = complete(context, spawn(child_command("wait")));
  started<exit_status> waiting(context, child.wait());
  test::settle(context);
  waiting.cancel(type);
  test::settle(context);
  CHECK(waiting.was_aborted());
  CHECK(is_alive(child.pid()));
  child.send(signal_number(SIGTERM));
  CHECK(run(context, child.wait()) == exit_status::signaled(signal_number(SIGTERM)));
}

TEST_CASE("a talkative child of which nobody reads does not block for ever") {
  const no_leaks guard;
  CHECK(end_of(child_command("flood", "1000000", "flood-error", "1000000", "exit", "4")) == exit_status::exited(4));
}

TEST_CASE("what a child used comes with its end") {
  const no_leaks guard;
  const exit_status status = end_of(child_command("allocate", "64", "burn", "50"));
  CHECK(status.is_success());
  CHECK(status.usage().user_time + status.usage().system_time >= 40ms);
  CHECK(status.usage().max_resident >= byte_size(64ULL << 20U));
  CHECK(status.usage().minor_faults > 1000);
}

TEST_CASE("what a living child uses now") {
  const no_leaks guard;
  asio::io_context context;
  const auto look = [&]() -> task<void> {
    process child = co_await spawn(child_command("allocate", "32", "burn", "30", "print", "ready", "wait"));
    co_await test::read_until(child, "ready");
    const std::optional<process_sample> now = child.usage();
    REQUIRE(now.has_value());
    CHECK(now->resident >= byte_size(32ULL << 20U));
    CHECK(now->cpu_time >= 10ms);
    CHECK(now->threads == 1);
    CHECK(now->descriptors == 3U);
    child.send(signal_number(SIGKILL));
    co_await child.wait();
    CHECK_FALSE(child.usage().has_value());
  };
  run(context, look);
}

TEST_CASE("a child that somebody else has reaped is lost") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, spawn(child_command("exit", "3")));
  int status = 0;
  REQUIRE(::waitpid(child.pid(), &status, 0) == child.pid());
  CHECK(run(context, child.wait()) == exit_status::lost());
}

TEST_CASE("signals reach the process or its group and nobody is no error") {
  const no_leaks guard;
  asio::io_context context;
  const auto send = [&]() -> task<void> {
    process child =
        co_await spawn(child_command("trap", "USR1", "21", "fork", "{", "trap", "TERM", "0", "print", "grandchild",
                                     "wait", "}", "trap", "TERM", "22", "print", "ready", "wait"));
    std::string said = co_await test::read_until(child, "ready");
    while (said.find("grandchild") == std::string::npos) said += co_await child.read_output(output_stream::out);
    child.send(signal_number(SIGTERM), stop_scope::group);
    const exit_status status = co_await child.wait();
    CHECK(status == exit_status::exited(22));
    const std::string rest = co_await test::read_all(child);  // ends with the grandchild
    CHECK(rest.empty());
    for (const stop_scope scope : {stop_scope::leader, stop_scope::group, stop_scope::tree}) {
      child.send(signal_number(SIGTERM), scope);
    }
  };
  run(context, send);
}

TEST_CASE("a signal that does not exist is refused") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, spawn(child_command("wait")));
  try {
    child.send(signal_number(999));
    FAIL("there is no such signal");
  } catch (const error& why) {
    CHECK(why.code() == std::errc::invalid_argument);
    CHECK(why.step() == "signal");
    CHECK_THAT(why.context(), catchx::StartsWith("signal 999 to process "));
  }
  child.send(signal_number(0));  // asks only
  child.send(signal_number(SIGKILL));
  test::run_dry(context);
}

TEST_CASE("the tree holds relatives wherever they have gone") {
  const no_leaks guard;
  asio::io_context context;
  const auto look = [&]() -> task<void> {
    process child = co_await spawn(child_command("fork", "{", "print", "plain", "wait", "}", "fork", "{", "setsid",
                                                 "print", "session", "wait", "}", "daemon", "{", "print", "daemon",
                                                 "wait", "}", "print", "leader", "wait"));
    std::string said;
    for (const char* word : {"plain", "session", "daemon", "leader"}) {
      while (said.find(word) == std::string::npos) said += co_await child.read_output(output_stream::out);
    }
    const std::vector<process_info> tree = child.tree();
    CHECK(tree.size() == 4);
    int in_group = 0;
    for (const process_info& member : tree) {
      if (member.group == child.pid()) ++in_group;
    }
    CHECK(in_group == 2);
    child.send(signal_number(SIGKILL), stop_scope::tree);
    co_await child.wait();
    co_await test::read_all(child);
    CHECK(test::eventually([&] { return child.tree().empty(); }));
  };
  run(context, look);
}

TEST_CASE("a handle that dies takes its child and its group along") {
  const no_leaks guard;
  asio::io_context context;
  pid_t pid = 0;
  pid_t grandchild = 0;
  {
    const auto begin = [&]() -> task<process> {
      process child = co_await spawn(child_command("fork", "{", "ignore", "TERM", "pid", "wait", "}", "wait"));
      const std::string said = co_await test::read_until(child, "\n");
      grandchild = test::number_after(said, "pid ");
      co_return child;
    };
    const process child = complete(context, begin);
    pid = child.pid();
    CHECK(is_alive(pid));
    CHECK(is_alive(grandchild));
  }
  test::run_dry(context);
  CHECK_FALSE(is_alive(pid));
  CHECK(test::eventually([&] { return !is_alive(grandchild); }));
}

TEST_CASE("a child that is to be kept goes on without its handle and is reaped by the context") {
  const no_leaks guard;
  asio::io_context context;
  pid_t pid = 0;
  {
    command what = child_command("wait");
    what.when_handle_dies(command::fate::keep);
    const process child = complete(context, spawn(what));
    pid = child.pid();
  }
  test::settle(context);
  CHECK(is_alive(pid));
  ::kill(pid, SIGTERM);
  test::run_dry(context);
  CHECK(test::children_of_ours().empty());
}

TEST_CASE("another child in a handle ends the one before") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, spawn(child_command("wait")));
  const pid_t first = child.pid();
  child = complete(context, spawn(child_command("wait")));
  CHECK(child.pid() != first);
  process moved(std::move(child));
  CHECK_FALSE(child);
  CHECK(moved);
  moved = process();
  test::run_dry(context);
}

TEST_CASE("an empty handle says so") {
  asio::io_context context;
  process none;
  CHECK_FALSE(none);
  const auto code_of = [](auto act) {
    try {
      act();
    } catch (const error& why) {
      return why.code();
    }
    return std::error_code();
  };
  CHECK(code_of([&] { none.pid(); }) == errc::no_process);
  CHECK(code_of([&] { none.status(); }) == errc::no_process);
  CHECK(code_of([&] { none.send(signal_number(SIGTERM)); }) == errc::no_process);
  CHECK(code_of([&] { none.tree(); }) == errc::no_process);
  CHECK(code_of([&] { run(context, none.wait()); }) == errc::no_process);
}

TEST_CASE("a context that ends before its children kills and reaps them") {
  const no_leaks guard;
  pid_t pid = 0;
  {
    asio::io_context context;
    const process child = complete(context, spawn(child_command("ignore", "TERM", "wait")));
    pid = child.pid();
  }
  CHECK(test::eventually([&] { return !is_alive(pid); }));
}

TEST_CASE("a child to be kept outlives its context and is reaped when the next one is started") {
  const no_leaks guard;
  pid_t pid = 0;
  {
    asio::io_context context;
    command what = child_command("wait");
    what.when_handle_dies(command::fate::keep);
    const process child = complete(context, spawn(what));
    pid = child.pid();
  }
  CHECK(is_alive(pid));
  ::kill(pid, SIGKILL);
  REQUIRE(test::eventually([&] { return !is_alive(pid); }));
  CHECK(end_of(child_command("exit", "0")).is_success());
  CHECK(test::children_of_ours().empty());
}

TEST_CASE("a child whose process has only just been started knows its command and its begin") {
  const no_leaks guard;
  asio::io_context context;
  const steady_time before = std::chrono::steady_clock::now();
  const process child = complete(context, spawn(child_command("exit", "0")));
  CHECK(to_text(child.what()) == std::string(OVRSEER_TEST_CHILD) + " exit 0");
  CHECK(child.started() >= before);
  CHECK(child.get_executor() == executor(context.get_executor()));
  CHECK(child.shared()->pid == child.pid());
  test::run_dry(context);
}

TEST_CASE("two hundred children at once") {
  const no_leaks guard;
  asio::io_context context;
  int good = 0;
  const auto one = [&](int number) -> task<void> {
    process child = co_await spawn(child_command("print", "x", "exit", std::to_string(number % 200)));
    const exit_status status = co_await child.wait();
    if (status == exit_status::exited(number % 200)) ++good;
  };
  for (int i = 0; i < 200; ++i) asio::co_spawn(context, one(i), [](const std::exception_ptr& e) { CHECK_FALSE(e); });
  test::run_dry(context);
  CHECK(good == 200);
}

}  // namespace t_process_wait
