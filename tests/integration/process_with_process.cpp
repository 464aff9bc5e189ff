// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A process for the time of a body: it is stopped by its plan in every ending.
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/process/stop.hpp>

namespace t_process_with_process {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::child_command;
using test::no_leaks;
using test::read_until;
using test::run;
using test::started;

// Its exit code says that it was asked gently.
command gentle_child() { return child_command("trap", "TERM", "7", "print", "ready", "wait"); }
command deaf_child() { return child_command("ignore", "TERM", "print", "ready", "wait"); }

/// What became of the process of a body, kept beyond its handle.
struct witness {
  std::shared_ptr<child> kept;
  bool is_ready = false;

  std::string end() const { return kept && kept->status ? to_text(*kept->status) : "alive"; }
  task<void> watch(process& target) {
    kept = target.shared();
    const std::string said = co_await read_until(target, "ready");
    is_ready = true;
  }
};

stop_plan patient() { return stop_plan(signal_number(SIGTERM), 1h); }

/// Runs the context until the child is ready, so that a cancellation finds it well under way.
void run_until_ready(asio::io_context& context, const witness& seen) {
  context.restart();
  const auto until = std::chrono::steady_clock::now() + test::hang_limit;
  while (!seen.is_ready && context.run_one_until(until) != 0) {}
  REQUIRE(seen.is_ready);
  test::settle(context);
}

TEST_CASE("the value of the body comes back after the process has been stopped") {
  const no_leaks guard;
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<std::string> {
    co_await seen.watch(target);
    co_return "done";
  };
  CHECK(run(context, with_process(gentle_child(), body, patient())) == "done");
  CHECK(seen.end() == "exited with code 7");
}

TEST_CASE("a body without a value") {
  const no_leaks guard;
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<void> { co_await seen.watch(target); };
  run(context, with_process(deaf_child(), body, stop_plan(signal_number(SIGTERM), 5ms)));
  CHECK(seen.end() == "killed by SIGKILL");
}

TEST_CASE("a body that throws finds its process stopped by the plan") {
  const no_leaks guard;
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<int> {
    co_await seen.watch(target);
    throw std::runtime_error("oh");
  };
  started<int> failing(context, with_process(gentle_child(), body, patient()));
  test::run_dry(context);
  CHECK_THROWS_WITH(failing.get(), "oh");
  CHECK(seen.end() == "exited with code 7");
}

TEST_CASE("a body that throws before it returns a task finds its process stopped by the plan") {
  const no_leaks guard;
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<int> {
    seen.kept = target.shared();
    throw std::runtime_error("at once");
  };
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGUSR1), 1h)).then_kill();
  started<int> failing(context, with_process(child_command("wait"), body, plan));
  test::run_dry(context);
  CHECK_THROWS_WITH(failing.get(), "at once");
  CHECK(seen.end() == "killed by SIGUSR1");
}

TEST_CASE("a process that ends by itself during the body") {
  const no_leaks guard;
  asio::io_context context;
  const auto body = [](process& target) -> task<exit_status> { co_return co_await target.wait(); };
  CHECK(run(context, with_process(child_command("exit", "3"), body)) == exit_status::exited(3));
}

TEST_CASE("what a process leaves behind is ended after the body") {
  const no_leaks guard;
  asio::io_context context;
  pid_t left = 0;
  const auto body = [&](process& target) -> task<exit_status> {
    const std::string said = co_await read_until(target, "\n");
    left = test::number_after(said, "pid ");
    co_return co_await target.wait();
  };
  const command what = child_command("daemon", "{", "ignore", "TERM", "pid", "wait", "}", "exit", "0");
  CHECK(run(context, with_process(what, body, stop_plan(signal_number(SIGTERM), 5ms))).is_success());
  CHECK_FALSE(test::is_alive(left));
}

TEST_CASE("a process that cannot be started never comes to the body") {
  const no_leaks guard;
  asio::io_context context;
  bool came = false;
  const auto body = [&](process&) -> task<void> {
    came = true;
    co_return;
  };
  started<void> failing(context, with_process(command("/no/such/program"), body));
  test::run_dry(context);
  CHECK_THROWS_AS(failing.get(), spawn_error);
  CHECK_FALSE(came);
}

TEST_CASE("total and partial cancel the body and stop the process gently") {
  const no_leaks guard;
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial);
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<void> {
    co_await seen.watch(target);
    co_await sleep_for(1h);
  };
  started<void> under_way(context, with_process(gentle_child(), body, patient()));
  run_until_ready(context, seen);
  under_way.cancel(type);
  test::run_dry(context);
  CHECK(under_way.was_aborted());
  CHECK(seen.end() == "exited with code 7");
}

TEST_CASE("terminal cancels the body and takes the last step of the plan at once") {
  const no_leaks guard;
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<void> {
    co_await seen.watch(target);
    co_await sleep_for(1h);
  };
  started<void> under_way(context, with_process(deaf_child(), body, patient()));
  run_until_ready(context, seen);
  under_way.cancel(cancellation_type::terminal);
  test::run_dry(context);
  CHECK(under_way.was_aborted());
  CHECK(seen.end() == "killed by SIGKILL");
}

TEST_CASE("a second cancellation acts on the stop") {
  const no_leaks guard;
  const auto type = GENERATE(cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<void> {
    co_await seen.watch(target);
    co_await sleep_for(1h);
  };
  started<void> under_way(context, with_process(deaf_child(), body, patient()));
  run_until_ready(context, seen);
  under_way.cancel(cancellation_type::total);
  test::settle(context);
  CHECK_FALSE(under_way.is_done());
  under_way.cancel(type);
  test::run_dry(context);
  CHECK(under_way.was_aborted());
  CHECK(seen.end() == "killed by SIGKILL");
}

TEST_CASE("a cancellation in the turn in which the body ends still stops the process by its plan") {
  const no_leaks guard;
  asio::io_context context;
  witness seen;
  notifier go(context.get_executor());
  bool body_ended = false;
  const auto body = [&](process& target) -> task<int> {
    co_await seen.watch(target);
    co_await go.wait();
    body_ended = true;
    co_return 1;
  };
  started<int> under_way(context, with_process(gentle_child(), body, patient()));
  run_until_ready(context, seen);
  go.notify_all();
  context.restart();
  while (!body_ended) context.poll_one();
  under_way.cancel(cancellation_type::total);
  test::run_dry(context);
  CHECK(under_way.get() == 1);
  CHECK(seen.end() == "exited with code 7");
}

TEST_CASE("a deadline stops the process by its plan and cuts the plan short after the patience") {
  const no_leaks guard;
  asio::io_context context;
  witness seen;
  const auto body = [&](process& target) -> task<void> {
    co_await seen.watch(target);
    co_await sleep_for(1h);
  };
  started<void> gentle(context, with_deadline(with_process(gentle_child(), body, patient()), 200ms));
  test::run_dry(context);
  CHECK_THROWS_WITH(gentle.get(), catchx::StartsWith("with_deadline: after 200ms: "));
  CHECK(seen.end() == "exited with code 7");
  seen = {};
  started<void> deaf(context, with_deadline(with_process(deaf_child(), body, patient()), 200ms, 10ms));
  test::run_dry(context);
  CHECK_THROWS_WITH(deaf.get(), catchx::StartsWith("with_deadline: after 200ms: "));
  CHECK(seen.end() == "killed by SIGKILL");
}

TEST_CASE("a loop that keeps a process up ends when it is cancelled") {
  const no_leaks guard;
  asio::io_context context;
  int rounds = 0;
  const auto body = [&](process& target) -> task<void> {
    ++rounds;
    co_await target.wait();
  };
  const auto keep_up = [&]() -> task<void> {
    for (;;) co_await with_process(child_command("exit", "0"), body);
  };
  started<void> loop(context, keep_up());
  context.restart();
  while (rounds < 5) context.run_one();
  loop.cancel(cancellation_type::terminal);
  test::run_dry(context);
  CHECK(loop.was_aborted());
}

TEST_CASE("a context that ends during the body kills the process") {
  const no_leaks guard;
  pid_t pid = 0;
  {
    asio::io_context context;
    const auto body = [&](process& target) -> task<void> {
      pid = target.pid();
      co_await sleep_for(1h);
    };
    asio::co_spawn(context, with_process(deaf_child(), body, patient()), [](const std::exception_ptr&) {});
    test::settle(context);
  }
  REQUIRE(pid != 0);
  CHECK(test::eventually([&] { return !test::is_alive(pid); }));
}

}  // namespace t_process_with_process
