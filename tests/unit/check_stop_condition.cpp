// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a step of a stop waits for: lines, files that go, connections that end.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <asio/ip/tcp.hpp>

#include <catch.hpp>

#include <ovrseer/check/file.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/stop_condition.hpp>
#include <ovrseer/log/line_stream.hpp>

#include "leaks.hpp"
#include "run.hpp"
#include "simulated.hpp"

namespace t_check_stop_condition {

using namespace ovrseer;
using namespace std::chrono_literals;

/// Ask every second, for as long as the step has time.
probe_timing patiently() { return probe_timing().interval(1s).deadline({}); }

/// A unit whose process takes SIGUSR1 as a wish to drain and SIGTERM as one to end, stopped at 10 s by both.
struct stack : test::simulated {
  explicit stack(process_script script) { world.os().program("api", std::move(script)); }

  /// Yields the second in which the process ended.
  std::int64_t stop_with(stop_condition condition, std::chrono::nanoseconds grace = 60s) {
    stop_plan plan = stop_plan::empty();
    plan.then(stop_step(signal_number(SIGUSR1), grace).until(std::move(condition)))
        .then(stop_step(signal_number(SIGTERM), 10s))
        .then_kill();
    unit_spec api("api", command("api"));
    it.add(api.stop_by(plan));
    it.on_error([this](const failure_notice& notice) { failures += notice.message; });
    CHECK(run_for(10s) == 0);
    return first("api", event_type::stopped).mono_ns / 1'000'000'000;
  }

  std::string failures;
};

TEST_CASE("a step ends with a line that came after it began") {
  stack s(process_script().say("drained").on(SIGUSR1, signal_reaction::ignored()).wait(15s).say("drained"));
  CHECK(s.stop_with(holding(log_line(pattern<"drained">{}))) == 15);
  CHECK(s.failures.empty());
}

TEST_CASE("a step ends when a file is gone") {
  stack s(process_script().on(SIGUSR1, signal_reaction::ignored()));
  s.world.os().add_file("/run/api.lock");
  s.world.at(13500ms, [&] { s.world.os().remove_file("/run/api.lock"); });
  CHECK(s.stop_with(holding(probing(gone(file("/run/api.lock")), patiently()))) == 14);
}

TEST_CASE("a step ends when the connections have") {
  stack s(process_script().on(SIGUSR1, signal_reaction::ignored()));
  s.world.os().connections(8080, 3);
  s.world.at(12500ms, [&] { s.world.os().connections(8080, 1); });
  s.world.at(16500ms, [&] { s.world.os().connections(8080, 0); });
  CHECK(s.stop_with(holding(probing(drained(8080), patiently()))) == 17);
}

TEST_CASE("what never holds costs the step its grace and nothing else") {
  stack s(process_script().on(SIGUSR1, signal_reaction::ignored()));
  s.world.os().connections(8080, 1);
  CHECK(s.stop_with(holding(probing(drained(8080), patiently())), 7s) == 17);
  CHECK(s.failures.empty());
}

TEST_CASE("a condition that says no once and for all is told and ends nothing") {
  stack s(process_script().on(SIGUSR1, signal_reaction::ignored()));
  s.world.os().connections(8080, 2);
  CHECK(s.stop_with(holding(drained(8080)), 7s) == 17);
  CHECK_THAT(s.failures, catchx::ContainsSubstring("stop condition: until: port 8080: 2 connections"));
}

TEST_CASE("a condition that ends without holding when it is cancelled speeds nothing up") {
  stack s(process_script().on(SIGUSR1, signal_reaction::ignored()).on(SIGTERM, signal_reaction::ignored()));
  const auto gives_way = [](process&) -> task<void> {
    const attempted<void> waited = co_await attempt(sleep_for(1h));
    if (waited) throw std::runtime_error("it waited an hour");
  };
  CHECK(s.stop_with({gives_way, "nothing"}, 7s) == 27);  // after SIGTERM's own ten seconds
}

TEST_CASE("the end of a unit says who beside its process held it up") {
  const process_script stubborn = process_script().on(SIGTERM, signal_reaction::ignored());
  stack s(process_script().fork(stubborn).on(SIGTERM, signal_reaction::exits(0, 1s)).wait(1h));
  unit_spec api("api", command("api"));
  s.it.add(api.stop_by(stop_plan(signal_number(SIGTERM), 5s)));
  CHECK(s.run_for(10s) == 0);
  const std::string told = cause_of(s.first("api", event_type::stopped))->what;
  CHECK_THAT(told, catchx::StartsWith("exited with code 0, held up by api ("));
}

TEST_CASE("a plan says what its steps wait for") {
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGUSR1), 30s).until(holding(probing(drained(8080)))))
      .then(stop_step(signal_number(SIGTERM), 10s).until(holding(gone(file("/run/x.lock")))))
      .then(stop_step(signal_number(SIGINT), 10s).until([](process&) -> task<void> { co_return; }));
  CHECK(to_text(plan) ==
        "SIGUSR1 to the group, 30s or until no connections at port 8080; SIGTERM to the group, 10s or until no file "
        "/run/x.lock; SIGINT to the group, 10s or until a condition holds");
}

TEST_CASE("gone is the opposite of there and no answer is none") {
  simulated_world world;
  const auto ask = [&](any_check check) {
    check_result answer;
    asio::co_spawn(world.context(), check({}), [&](const std::exception_ptr&, check_result said) { answer = said; });
    world.context().restart();
    world.context().run();
    return answer;
  };
  world.os().add_file("/x");
  CHECK(ask(gone(file("/y"))).is_ready());
  const check_result there = ask(gone(file("/x")));
  CHECK(there.outcome == check_result::verdict::not_ready);
  CHECK(there.reason == "file /x is there");
  const auto mute = [](check_target) -> task<check_result> {
    co_return check_result{check_result::verdict::timed_out, "no answer", 1s, 1};
  };
  CHECK(ask(gone(mute)).outcome == check_result::verdict::timed_out);
  CHECK(gone(file("/x")).describe() == "no file /x");
}

TEST_CASE("connections of the real system are counted while either side has not said its last word") {
  asio::io_context context;
  using asio::ip::tcp;
  tcp::acceptor listener(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::uint16_t port = listener.local_endpoint().port();
  os_backend& os = os_of(context.get_executor());
  CHECK(os.connections_at(port).value() == 0);
  tcp::socket client(context);
  client.connect(listener.local_endpoint());
  tcp::socket served = listener.accept();
  CHECK(os.connections_at(port).value() == 1);
  client.shutdown(tcp::socket::shutdown_send);
  char byte = 0;
  asio::error_code ended;
  served.read_some(asio::buffer(&byte, 1), ended);
  CHECK(ended == asio::error::eof);
  CHECK(os.connections_at(port).value() == 1);
  served.close();
  client.read_some(asio::buffer(&byte, 1), ended);
  CHECK(os.connections_at(port).value() == 0);
}

task<test::names> said_until(process& child, std::string word) {
  line_stream lines = feed_of(child).subscribe(on_overrun::drop_oldest, read_from::oldest);
  test::names said;
  while (said.empty() || said.back() != word) {
    const std::optional<line> next = co_await lines.next();
    if (!next) throw std::runtime_error("it never said " + word);
    said.emplace_back(next->text);
  }
  co_return said;
}

TEST_CASE("a condition reads the lines of a process that stands alone") {
  const test::no_leaks guard;
  asio::io_context context;
  const executor ex = context.get_executor();
  const command trapped = command::shell("trap 'echo drained' USR1; echo ready; while :; do sleep 0.05; done");
  process child(os_of(ex).spawn(ex, trapped));
  CHECK(test::complete(context, said_until(child, "ready")).size() == 1);
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGUSR1), 1h, stop_scope::leader).until(holding(log_line(pattern<"drained">{}))));
  const stop_report report = test::run(context, stop(child, plan.then_kill()));
  CHECK(report.ended_by == 1U);
  CHECK(report.problems.empty());
}

}  // namespace t_check_stop_condition
