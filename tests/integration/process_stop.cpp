// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Stopping real processes by their plan: gentle ends, deaf children, relatives left behind, pushes from outside.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

#include <ovrseer/process/stop.hpp>

namespace t_process_stop {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::child_command;
using test::complete;
using test::is_alive;
using test::no_leaks;
using test::read_until;
using test::run;
using test::started;

/// Starts a child and waits until it has said "ready".
task<process> begin(command what) {
  process child = co_await spawn(std::move(what));
  co_await read_until(child, "ready");
  co_return child;
}

/// SIGTERM to the group, then SIGKILL to the tree, each with a grace that no test waits for.
stop_plan patient() { return stop_plan(signal_number(SIGTERM), 1h); }

/// SIGTERM to the group, then SIGKILL to the tree soon.
stop_plan impatient() { return stop_plan(signal_number(SIGTERM), 20ms); }

TEST_CASE("a child that obeys ends in the first step") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("trap", "TERM", "7", "print", "ready", "wait")));
  const stop_report report = run(context, stop(child, patient()));
  CHECK(report.ended_by == 0U);
  CHECK(report.status == exit_status::exited(7));
  CHECK(report.survivors.empty());
  CHECK(report.problems.empty());
  CHECK(report.is_clean());
  CHECK(report.held_up.empty());
  CHECK(report.took >= 0s);
}

TEST_CASE("a child that ignores SIGTERM is killed in the second step") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("ignore", "TERM", "print", "ready", "wait")));
  const stop_report report = run(context, stop(child, impatient()));
  CHECK(report.ended_by == 1U);
  CHECK(report.status == exit_status::signaled(signal_number(SIGKILL)));
  CHECK(report.took >= 20ms);
  CHECK(report.is_clean());
  REQUIRE(report.held_up.size() == 1);
  CHECK(report.held_up[0].pid == child.pid());
}

TEST_CASE("a process that has ended before needs no step") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, spawn(child_command("exit", "3")));
  complete(context, child.wait());
  const stop_report report = run(context, stop(child, patient()));
  CHECK(report.ended_by == std::nullopt);
  CHECK(report.status == exit_status::exited(3));
  CHECK(report.is_clean());
}

TEST_CASE("an empty handle cannot be stopped") {
  asio::io_context context;
  process none;
  try {
    run(context, stop(none));
    FAIL("there is nothing to stop");
  } catch (const error& why) {
    CHECK(why.code() == errc::no_process);
  }
}

TEST_CASE("a stopped child continues so that it can obey") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("trap", "TERM", "7", "print", "ready", "die", "STOP", "wait")));
  REQUIRE(test::eventually([&] {
    const auto info = process_detail::read_process(child.pid());
    return info && info->state == 'T';
  }));
  const stop_report report = run(context, stop(child, patient()));
  CHECK(report.ended_by == 0U);
  CHECK(report.status == exit_status::exited(7));
}

TEST_CASE("steps are taken in their order with the scope that they say") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(
      context, begin(child_command("fork", "{", "trap", "USR1", "0", "trap", "TERM", "0", "print", "re", "wait", "}",
                                   "ignore", "USR1", "trap", "USR2", "9", "print", "ready", "wait")));
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGUSR1), 1ms, stop_scope::leader))
      .then(stop_step(signal_number(SIGUSR2), 1h, stop_scope::leader))
      .then_kill();
  // The grandchild is in the group but no signal so far was for it: the stop goes on until it is told.
  plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGUSR1), 1ms, stop_scope::leader))
      .then(stop_step(signal_number(SIGUSR2), 20ms, stop_scope::leader))
      .then(stop_step(signal_number(SIGTERM), 1h, stop_scope::group))
      .then_kill();
  const stop_report report = run(context, stop(child, plan));
  CHECK(report.status == exit_status::exited(9));
  CHECK(report.ended_by == 2U);
  CHECK(report.is_clean());
}

TEST_CASE("grandchildren left behind are ended as well") {
  const no_leaks guard;
  asio::io_context context;
  pid_t grandchild = 0;
  const auto start_family = [&]() -> task<process> {
    process child = co_await spawn(
        child_command("fork", "{", "ignore", "TERM", "pid", "wait", "}", "trap", "TERM", "0", "skip-input", "wait"));
    const std::string said = co_await read_until(child, "\n");
    grandchild = test::number_after(said, "pid ");
    co_return child;
  };
  process child = complete(context, start_family());
  const stop_report report = run(context, stop(child, impatient()));
  CHECK(report.ended_by == 1U);
  CHECK(report.is_clean());
  CHECK_FALSE(is_alive(grandchild));
}

TEST_CASE("a grandchild in its own session that holds the pipe is ended as well") {
  const no_leaks guard;
  asio::io_context context;
  pid_t grandchild = 0;
  const auto start_family = [&]() -> task<process> {
    process child = co_await spawn(child_command("daemon", "{", "ignore", "TERM", "pid", "wait", "}", "wait"));
    const std::string said = co_await read_until(child, "\n");
    grandchild = test::number_after(said, "pid ");
    co_return child;
  };
  process child = complete(context, start_family());
  started<std::string> reading(context, test::read_all(child));
  test::settle(context);
  const stop_report report = run(context, stop(child, impatient()));
  CHECK(report.ended_by == 1U);
  CHECK(report.status == exit_status::signaled(signal_number(SIGTERM)));
  CHECK(report.is_clean());
  CHECK_FALSE(is_alive(grandchild));
  CHECK(reading.is_done());  // nobody holds the pipe any more
}

TEST_CASE("the stop of an ended process sweeps what it left behind") {
  const no_leaks guard;
  asio::io_context context;
  pid_t left = 0;
  const auto start_family = [&]() -> task<process> {
    process child = co_await spawn(child_command("fork", "{", "pid", "wait", "}", "fork", "{", "setsid", "ignore",
                                                 "TERM", "print", "deaf", "wait", "}", "skip-input", "exit", "0"));
    std::string said;
    while (said.find("pid") == std::string::npos || said.find("deaf") == std::string::npos) {
      said += co_await child.read_output(output_stream::out);
    }
    left = test::number_after(said, "pid ");
    co_await child.wait();
    co_return child;
  };
  process child = complete(context, start_family());
  REQUIRE(child.status() == exit_status::exited(0));
  CHECK(is_alive(left));
  const stop_report report = run(context, stop(child, impatient()));
  CHECK(report.status == exit_status::exited(0));
  CHECK(report.ended_by == 1U);
  CHECK(report.is_clean());
  CHECK_FALSE(is_alive(left));
}

/// Waits until so many of the tree are called "sleep": who has been forked is called as its parent until exec.
bool has_sleepers(process& child, std::ptrdiff_t count) {
  return test::eventually([&] {
    const std::vector<process_info> tree = child.tree();
    return std::ranges::count(tree, "sleep", &process_info::name) == count;
  });
}

/// Ends what a stop has left alone, by the numbers in its report.
void end_left_alone(const stop_report& report) {
  for (const survivor& each : report.left_alone) ::kill(each.pid, SIGKILL);
  for (const survivor& each : report.left_alone) CHECK(test::eventually([&] { return !is_alive(each.pid); }));
}

TEST_CASE("what must finish is left alone by its command line and everybody else is ended") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(command::shell("sleep 7301 & sleep 7302 & echo ready; wait")));
  REQUIRE(has_sleepers(child, 2));
  stop_plan plan = impatient();
  plan.leave(*pattern<>::compile("^sleep 7301$"));
  const stop_report report = run(context, stop(child, plan));
  CHECK(report.is_clean());
  CHECK(report.status == exit_status::signaled(signal_number(SIGTERM)));
  REQUIRE(report.left_alone.size() == 1);
  CHECK(report.left_alone.front().name == "sleep");
  CHECK(is_alive(report.left_alone.front().pid));
  CHECK(child.tree().size() == 1);
  end_left_alone(report);
}

TEST_CASE("the children of what must finish are left alone too and the leader never is") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(
      context, begin(command::shell("sh -c 'sleep 7303; true' backup & sh -c 'sleep 7304; true' & echo ready; wait")));
  REQUIRE(has_sleepers(child, 2));
  stop_plan plan = stop_plan::kill();
  plan.leave(*pattern<>::compile("backup$")).leave(*pattern<>::compile("echo ready"));
  const stop_report report = run(context, stop(child, plan));
  CHECK(report.is_clean());
  CHECK(report.left_alone.size() == 2);
  CHECK(child.tree().size() == 2);
  end_left_alone(report);
}

TEST_CASE("who runs away from the kill is hunted down") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("fork", "{", "run-away", "}", "print", "ready", "wait")));
  const stop_report report = run(context, stop(child, stop_plan::kill()));
  CHECK(report.survivors.empty());
  CHECK(child.tree().empty());
}

TEST_CASE("survivors of the plan are reported with their names") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("ignore", "TERM", "fork", "{", "ignore", "TERM", "wait", "}",
                                                        "print", "ready", "wait")));
  stop_plan gentle = stop_plan::empty();
  gentle.then(stop_step(signal_number(SIGTERM), 5ms));
  const stop_report report = complete(context, stop(child, gentle));
  CHECK(report.ended_by == std::nullopt);
  CHECK(report.status == std::nullopt);
  CHECK_FALSE(report.is_clean());
  REQUIRE(report.survivors.size() == 2);
  const auto is_leader = [&](const survivor& each) { return each.pid == child.pid(); };
  CHECK(std::ranges::count_if(report.survivors, is_leader) == 1);
  CHECK(report.survivors[0].name == std::filesystem::path(OVRSEER_TEST_CHILD).filename().string());
  CHECK(run(context, stop(child, stop_plan::kill())).is_clean());
}

TEST_CASE("a plan without steps stops nothing and says who is there") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("print", "ready", "wait")));
  const stop_report report = complete(context, stop(child, stop_plan::empty()));
  CHECK(report.survivors.size() == 1);
  CHECK(report.ended_by == std::nullopt);
  CHECK(run(context, stop(child, stop_plan::kill())).is_clean());
}

TEST_CASE("a command step is told whom to stop") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("trap", "USR1", "5", "print", "ready", "wait")));
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(command::shell("kill -USR1 $OVRSEER_PID"), 1h)).then_kill();
  const stop_report report = run(context, stop(child, plan));
  CHECK(report.ended_by == 0U);
  CHECK(report.status == exit_status::exited(5));
  CHECK(report.problems.empty());
}

TEST_CASE("a command step that fails or hangs is reported and the plan goes on") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("print", "ready", "wait")));
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(command("/no/such/program"), 1ms))
      .then(stop_step(command::shell("exit 3"), 100ms))
      .then(stop_step(child_command("ignore", "TERM", "wait"), 20ms))
      .then_kill();
  const stop_report report = run(context, stop(child, plan));
  CHECK(report.ended_by == 3U);
  CHECK(report.is_clean());
  REQUIRE(report.problems.size() == 3);
  CHECK_THAT(report.problems[0], catchx::StartsWith("stop command: exec: /no/such/program"));
  CHECK(report.problems[1] == "stop command: exited with code 3");
  CHECK(report.problems[2] == "stop command: not finished within 20ms");
}

TEST_CASE("a condition that holds ends its step before the grace") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("ignore", "TERM", "print", "ready", "wait")));
  notifier drained(context.get_executor());
  const auto is_drained = [&](process&) -> task<void> { co_await drained.wait(); };
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGTERM), 1h).until(is_drained)).then_kill();
  started<stop_report> stopping(context, stop(child, plan));
  test::settle(context);
  CHECK_FALSE(stopping.is_done());
  drained.notify_all();
  test::run_dry(context);
  const stop_report report = stopping.get();
  CHECK(report.ended_by == 1U);
  CHECK(report.held_up.empty());
  CHECK(report.problems.empty());
}

TEST_CASE("a condition that fails is reported and ends nothing and one that waits is cancelled at the end") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("ignore", "TERM", "print", "ready", "wait")));
  const auto broken = [](process&) -> task<void> {
    co_await asio::this_coro::executor;
    throw error(errc::not_ready, "drain");
  };
  bool was_cancelled = false;
  const auto never = [&](process&) -> task<void> {
    const attempted<void> waited = co_await attempt(sleep_for(1h));
    was_cancelled = !waited && waited.reason().is_cancellation();
  };
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGTERM), 20ms).until(broken))
      .then(stop_step(signal_number(SIGTERM), 20ms).until(never))
      .then_kill();
  const stop_report report = run(context, stop(child, plan));
  CHECK(report.ended_by == 2U);
  REQUIRE(report.problems.size() == 1);
  CHECK_THAT(report.problems[0], catchx::StartsWith("stop condition: drain: "));
  CHECK(was_cancelled);
}

TEST_CASE("total changes nothing and partial takes the next step each time") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(
      context, begin(child_command("ignore", "INT", "ignore", "TERM", "trap", "USR1", "5", "print", "ready", "wait")));
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGINT), 1h))
      .then(stop_step(signal_number(SIGTERM), 1h))
      .then(stop_step(signal_number(SIGUSR1), 1h))
      .then_kill();
  started<stop_report> stopping(context, stop(child, plan));
  test::settle(context);
  stopping.cancel(cancellation_type::total);
  test::settle(context);
  CHECK_FALSE(stopping.is_done());
  stopping.cancel(cancellation_type::partial);
  test::settle(context);
  CHECK_FALSE(stopping.is_done());
  stopping.cancel(cancellation_type::partial);
  test::run_dry(context);
  const stop_report report = stopping.get();
  CHECK(report.ended_by == 2U);
  CHECK(report.status == exit_status::exited(5));
}

TEST_CASE("after the last step there is no next one to push to") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("print", "ready", "wait")));
  started<stop_report> stopping(context, stop(child, stop_plan::kill()));
  context.restart();
  context.run_one();  // the kill is sent, but its end has not been heard of
  REQUIRE_FALSE(stopping.is_done());
  stopping.cancel(cancellation_type::partial);
  test::run_dry(context);
  CHECK(stopping.get().is_clean());
}

TEST_CASE("terminal goes straight to the last step") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("ignore", "INT", "ignore", "TERM", "print", "ready", "wait")));
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGINT), 1h)).then(stop_step(signal_number(SIGTERM), 1h)).then_kill();
  started<stop_report> stopping(context, stop(child, plan));
  test::settle(context);
  stopping.cancel(cancellation_type::terminal);
  test::run_dry(context);
  const stop_report report = stopping.get();
  CHECK(report.ended_by == 2U);
  CHECK(report.status == exit_status::signaled(signal_number(SIGKILL)));
}

TEST_CASE("two stops at once both end with a clean report") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("ignore", "TERM", "print", "ready", "wait")));
  started<stop_report> patient_one(context, stop(child, patient()));
  started<stop_report> impatient_one(context, stop(child, impatient()));
  started<stop_report> same_again(context, stop(child, impatient()));
  test::run_dry(context);
  for (started<stop_report>* each : {&patient_one, &impatient_one, &same_again}) {
    const stop_report report = each->get();
    CHECK(report.is_clean());
    CHECK(report.status == exit_status::signaled(signal_number(SIGKILL)));
  }
}

TEST_CASE("others who wait for the end are told as well") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("print", "ready", "wait")));
  started<exit_status> waiting(context, child.wait());
  run(context, stop(child));
  CHECK(waiting.get() == exit_status::signaled(signal_number(SIGTERM)));
}

TEST_CASE("a stop leaves the caller's answer to cancellation as it was") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("print", "ready", "wait")));
  bool throws = true;
  const auto quiet = [&]() -> task<void> {
    co_await asio::this_coro::throw_if_cancelled(false);
    const stop_report report = co_await stop(child);
    throws = co_await asio::this_coro::throw_if_cancelled();
    CHECK(report.is_clean());
  };
  run(context, quiet);
  CHECK_FALSE(throws);
}

TEST_CASE("a condition that cancels its own stop is heard at once") {
  const no_leaks guard;
  asio::io_context context;
  process child = complete(context, begin(child_command("ignore", "TERM", "print", "ready", "wait")));
  std::unique_ptr<started<stop_report>> stopping;
  const auto force = [&](process&) -> task<void> {
    stopping->cancel(cancellation_type::terminal);
    co_await sleep_for(1h);
  };
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGTERM), 1h).until(force)).then_kill();
  stopping = std::make_unique<started<stop_report>>(context, stop(child, plan));
  test::run_dry(context);
  CHECK(stopping->get().ended_by == 1U);
}

}  // namespace t_process_stop
