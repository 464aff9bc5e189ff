// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Readiness of real processes: the answer of the check, or the end of the process, whichever comes first.
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/check/ready.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/check/combine.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/check/within.hpp>
#include <ovrseer/log/line_stream.hpp>

#include "catch.hpp"
#include "check_scripts.hpp"
#include "http_run.hpp"
#include "leaks.hpp"

namespace t_check_ready {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using verdict = check_result::verdict;

pattern<> of(const char* text) { return *pattern<>::compile(text); }

/// Starts `what`, asks, kills it with its group, and tells what was answered.
task<check_result> ask_of(command what, any_check check) {
  process child = co_await spawn(std::move(what));
  check_result answer = co_await ready(child, std::move(check));
  child.send(signal_number(SIGKILL), stop_scope::group);
  [[maybe_unused]] const exit_status ended = co_await child.wait();
  co_return answer;
}
check_result answer_of(command what, any_check check) {
  asio::io_context context;
  check_result answer = run_task(context, ask_of(std::move(what), std::move(check)));
  context.run_for(1s);  // the reader of the output ends with the process
  return answer;
}

TEST_CASE("a process is ready when it says so") {
  const no_leaks nothing_left;
  const check_result answer =
      answer_of(command::shell("echo starting; echo now ready >&2; sleep 1000"), log_line(of("now ready")));
  CHECK(answer.is_ready());
  CHECK(answer.reason.empty());
  CHECK(answer.took > 0s);
}

TEST_CASE("a process that ends before it is ready is not ready and says how it ended") {
  const no_leaks nothing_left;
  scripted_check never("never");
  never.then_never();
  const check_result failed = answer_of(command::shell("exit 3"), never);
  CHECK(failed.outcome == verdict::not_ready);
  CHECK(failed.reason == "exited with code 3 before it was ready");
  CHECK(never.abandoned() == 1);
  CHECK_THAT(answer_of(command::shell("kill -9 $$"), never).reason, catchx::StartsWith("killed by SIGKILL"));
  CHECK(answer_of(command("true"), probing(tcp("127.0.0.1", 1))).reason == "exited with code 0 before it was ready");
}

TEST_CASE("a process that closes its output but lives may be ready by another check") {
  const no_leaks nothing_left;
  const check_result answer =
      answer_of(command::shell("exec >&- 2>&-; sleep 1000"), any_of(log_line(of("ready")), always_ready()));
  CHECK(answer.is_ready());
  const check_result ended = answer_of(command::shell("exec >&- 2>&-; sleep 1000"), log_line(of("ready")));
  CHECK(ended.reason == "the output ended before a line that matches /ready/");
}

TEST_CASE("a process that is not ready in time is late and goes on") {
  const no_leaks nothing_left;
  scripted_check never("never");
  never.then_never();
  asio::io_context context;
  auto scenario = [&]() -> task<void> {
    process child = co_await spawn(command("sleep", "1000"));
    const check_result answer = co_await ready(child, within(never, 10ms));
    CHECK(answer.outcome == verdict::timed_out);
    CHECK_FALSE(child.status().has_value());
    child.send(signal_number(SIGKILL));
    [[maybe_unused]] const exit_status ended = co_await child.wait();
  };
  run_task(context, scenario());
  context.run_for(1s);
}

TEST_CASE("waiting for readiness takes no line from who reads them later") {
  const no_leaks nothing_left;
  asio::io_context context;
  auto scenario = [&]() -> task<void> {
    process child = co_await spawn(command::shell("echo one; echo two; echo three"));
    const check_result answer = co_await ready(child, log_line(of("two")));
    CHECK(answer.is_ready());
    line_stream lines = child.lines();
    std::string all;
    for (;;) {
      const std::optional<line> next = co_await lines.next();
      if (!next) break;
      all += std::string(next->text) + " ";
    }
    CHECK(all == "one two three ");
    const exit_status ended = co_await child.wait();
    CHECK(ended.is_success());
  };
  run_task(context, scenario());
}

TEST_CASE("a talkative process does not block while nobody asks for its lines") {
  const no_leaks nothing_left;
  const check_result answer =
      answer_of(command::shell("yes | head -c 3000000; echo done; sleep 1000"), log_line(of("done")));
  CHECK(answer.is_ready());
}

TEST_CASE("an output that somebody reads by himself leaves the check without lines") {
  const no_leaks nothing_left;
  asio::io_context context;
  auto scenario = [&]() -> task<void> {
    process child = co_await spawn(command::shell("echo ready; sleep 1000"));
    const std::string_view first = co_await child.read_output(output_stream::out);
    CHECK(first == "ready\n");
    const check_result answer = co_await ready(child, log_line(of("ready")));
    CHECK(answer.reason == "the output is not read");
    child.send(signal_number(SIGKILL), stop_scope::group);
    [[maybe_unused]] const exit_status ended = co_await child.wait();
  };
  run_task(context, scenario());
}

TEST_CASE("asking about no process is an error") {
  asio::io_context context;
  process none;
  CHECK_THROWS_AS(ready(none, always_ready()), error);
}

TEST_CASE("waiting for readiness can be cancelled and the process goes on") {
  const no_leaks nothing_left;
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    scripted_check never("never");
    never.then_never();
    asio::io_context context;
    process child = run_task(context, spawn(command("sleep", "1000")));
    asio::cancellation_signal stop;
    std::error_code code;
    auto ended = [&](const std::exception_ptr& failure, const check_result&) { code = caught(failure).code(); };
    asio::co_spawn(context, ready(child, never), asio::bind_cancellation_slot(stop.slot(), ended));
    while (never.begins().empty()) context.run_one();
    stop.emit(type);
    while (!code) context.run_one();
    CHECK(code == asio::error::operation_aborted);
    CHECK(never.abandoned() == 1);
    CHECK_FALSE(child.status().has_value());
    child.send(signal_number(SIGKILL));
    run_task(context, child.wait());
    context.run_for(1s);
  }
}

}  // namespace t_check_ready
