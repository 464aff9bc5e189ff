// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The simulated world: operations on scripted processes, in virtual time, the same again from the same seed.
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/file.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/process/stop.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace t_sim_world {

using namespace ovrseer;
using namespace std::chrono_literals;

TEST_CASE("a scripted process speaks and ends in virtual time") {
  simulated_world world;
  world.os().program("job", process_script().wait(2h).say("half").wait(2h).say("done", output_stream::err).exit(3));
  const auto story = []() -> task<std::vector<std::string>> {
    process job = co_await spawn(command("/usr/bin/job"));
    line_stream lines = job.lines();
    std::vector<std::string> said;
    for (;;) {
      const std::optional<line> next = co_await lines.next();
      if (!next) break;
      said.emplace_back(next->text);
    }
    const exit_status status = co_await job.wait();
    said.push_back(to_text(status));
    co_return said;
  };
  CHECK(world.run(story()) == std::vector<std::string>{"half", "done", "exited with code 3"});
  CHECK(world.elapsed() >= 4h);
  CHECK(world.elapsed() < 4h + 2s);
}

TEST_CASE("a program that nobody has scripted is not there and one may refuse to start") {
  simulated_world world;
  world.os().program("broken", process_script().cannot_start(std::make_error_code(std::errc::permission_denied)));
  const auto start = [](std::string name) -> task<void> {
    const process made = co_await spawn(command(std::move(name)));
  };
  const auto code_of = [&](std::string name) {
    try {
      world.run(start(std::move(name)));
    } catch (const spawn_error& failure) {
      return failure.step() + ": " + failure.code().message();
    }
    return std::string("started");
  };
  CHECK(code_of("nobody") == "exec: No such file or directory");
  CHECK(code_of("broken") == "exec: Permission denied");
  CHECK(world.os().starts("broken") == 1);
}

TEST_CASE("ports and files are there as scripts make them") {
  simulated_world world;
  world.os().program("db", process_script().wait(3s).listen(5432).make_file("/run/db.pid").wait(5s).exit(0));
  const auto story = [](simulated_world& in) -> task<std::vector<bool>> {
    process db = co_await spawn(command("db"));
    std::vector<bool> answers;
    const check_result early = co_await ready(db, tcp("127.0.0.1", 5432));
    answers.push_back(early.is_ready());
    const check_result soon = co_await ready(db, probing(tcp("127.0.0.1", 5432)));
    answers.push_back(soon.is_ready());
    const check_result made = co_await ready(db, file("/run/db.pid"));
    answers.push_back(made.is_ready());
    co_await db.wait();
    const std::error_code closed = co_await in.os().connect("127.0.0.1", 5432);
    answers.push_back(!closed);
    co_return answers;
  };
  CHECK(world.run(story(world)) == std::vector<bool>{false, true, true, false});
  world.os().open_port(80);
  CHECK_FALSE(world.run(world.os().connect("x", 80)));
}

TEST_CASE("a stop goes up its ladder in virtual time") {
  simulated_world world;
  world.os().program("deaf", process_script().on(SIGTERM, signal_reaction::ignored()));
  const auto story = []() -> task<stop_report> {
    process deaf = co_await spawn(command("deaf"));
    const stop_report report = co_await stop(deaf);
    co_return report;
  };
  const stop_report report = world.run(story());
  CHECK(report.is_clean());
  CHECK(report.ended_by == 1U);
  CHECK(report.status == exit_status::signaled(signal_number(SIGKILL)));
  CHECK(world.elapsed() == 10s);
}

TEST_CASE("grandchildren are members of the tree until they are gone") {
  simulated_world world;
  process_script orphan;
  orphan.on(SIGTERM, signal_reaction::ignored());
  world.os().program("parent",
                     process_script().fork(orphan, command::group::session).on(SIGTERM, signal_reaction::exits(0)));
  const auto story = []() -> task<std::pair<std::size_t, stop_report>> {
    process parent = co_await spawn(command("parent"));
    co_await sleep_for(1ms);
    const std::size_t members = parent.tree().size();
    stop_report report = co_await stop(parent, stop_plan(signal_number(SIGTERM), 5s));
    std::pair<std::size_t, stop_report> both(members, std::move(report));
    co_return both;
  };
  const auto [members, report] = world.run(story());
  CHECK(members == 2);
  CHECK(report.is_clean());
  CHECK(report.ended_by == 1U);  // the kill, which reaches the tree
}

TEST_CASE("a full pipe holds a script up until somebody reads") {
  simulated_world world;
  world.os().program("flood", process_script().write(std::string(65'536, 'x')).write("end\n").exit(0));
  const auto story = []() -> task<std::pair<bool, std::size_t>> {
    process flood = co_await spawn(command("flood"));
    co_await sleep_for(1h);
    const bool lived = !flood.status();
    std::size_t bytes = 0;
    for (;;) {
      const std::string_view some = co_await flood.read_output(output_stream::out);
      if (some.empty()) break;
      bytes += some.size();
    }
    std::pair<bool, std::size_t> both(lived, bytes);
    co_return both;
  };
  const auto [lived, bytes] = world.run(story());
  CHECK(lived);
  CHECK(bytes == 65'540);
}

TEST_CASE("a process that hangs keeps its ports and answers nobody") {
  simulated_world world;
  world.os().program("api", process_script().listen(80).wait(5s).hang());
  const auto story = [](simulated_world& in) -> task<std::vector<bool>> {
    process api = co_await spawn(command("api"));
    co_await sleep_for(1s);
    std::vector<bool> answers;
    const check_result early = co_await ready(api, tcp("127.0.0.1", 80));
    answers.push_back(early.is_ready());
    co_await sleep_for(5s);
    const check_result late = co_await ready(api, probing(tcp("127.0.0.1", 80), probe_timing().failures(2)));
    answers.push_back(late.is_ready());
    answers.push_back(in.os().listener_on(80) == scripted_os::listener::hung);
    const stop_report report = co_await stop(api);
    answers.push_back(report.ended_by == 1U);
    answers.push_back(in.os().listener_on(80) == scripted_os::listener::none);
    co_return answers;
  };
  CHECK(world.run(story(world)) == std::vector<bool>{true, false, true, true, true});
}

TEST_CASE("one script may play for all programs that have none and a child may be ended from outside") {
  simulated_world world;
  std::vector<std::string> cast;
  world.os().program("known", process_script().exit(0));
  world.os().otherwise([&cast](const command& what, std::uint32_t nth) {
    cast.push_back(what.program() + std::to_string(nth));
    return process_script();
  });
  const auto story = [](simulated_world& in) -> task<std::string> {
    process known = co_await spawn(command("known"));
    process other = co_await spawn(command("other"));
    process third = co_await spawn(command("third"));
    co_await known.wait();
    scripted_os::end(*other.shared(), exit_status::exited(7));
    scripted_os::hang(*third.shared());
    const exit_status ended = co_await other.wait();
    third.send(signal_number(SIGTERM));
    co_await sleep_for(1s);
    const std::string hung = scripted_os::is_hung(*third.shared()) && in.os().children().size() >= 2 ? ", hung" : "";
    third.send(signal_number(SIGKILL));
    co_await third.wait();
    co_return to_text(ended) + hung;
  };
  CHECK(world.run(story(world)) == "exited with code 7, hung");
  CHECK(cast == std::vector<std::string>{"other1", "third2"});
}

TEST_CASE("files have contents and times in the simulated world") {
  simulated_world world;
  world.os().program("db", process_script().make_file("/run/db.pid", "17").wait(5s).make_file("/run/db.pid", ""));
  world.os().program("late", process_script());
  const auto story = []() -> task<std::vector<bool>> {
    process first = co_await spawn(command("db"));
    co_await sleep_for(1s);
    std::vector<bool> answers;
    const check_result content = co_await ready(first, file("/run/db.pid").expect_content(*pattern<>::compile("^17$")));
    answers.push_back(content.is_ready());
    process second = co_await spawn(command("late"));
    const check_result fresh = co_await ready(second, file("/run/db.pid").newer_than_start());
    answers.push_back(fresh.is_ready());
    co_await sleep_for(10s);
    const check_result filled = co_await ready(second, file("/run/db.pid").non_empty());
    answers.push_back(filled.is_ready());
    co_return answers;
  };
  CHECK(world.run(story()) == std::vector<bool>{true, false, false});
}

TEST_CASE("what waits for what never comes is an error and no hang") {
  simulated_world world;
  world.os().program("still", process_script());
  const auto story = []() -> task<void> {
    process still = co_await spawn(command("still"));
    co_await still.wait();
  };
  try {
    world.run(story());
    FAIL("it came to an end");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::invalid_state);
  }
}

/// A stack that crashes now and then for a day; yields its journal as JSON lines.
std::string a_day(std::uint64_t seed) {
  simulated_world world(seed);
  world.os().program("db", process_script().wait(2s).say("ready").on(SIGTERM, signal_reaction::exits(0, 1s)));
  world.os().program("api", [&world](const command&, std::uint32_t) {
    std::uniform_int_distribution<int> minutes(1, 90);
    return process_script().say("up").wait(std::chrono::minutes(minutes(world.random()))).exit(1);
  });
  supervisor stack(world.get_executor(), supervisor_options().boot_id("test"));
  unit_spec db(unit_id("db"), command("db"));
  db.as(role::dependency).ready_when(log_line(*pattern<>::compile("ready")));
  stack.add(std::move(db));
  unit_spec api(unit_id("api"), command("api"));
  api.restart(restart_rules().max_retries(0).delays(backoff::decorrelated(1s, 60s)));
  stack.add(std::move(api));
  std::string all;
  world.at(24h, [&] { stack.request_stop("the day is over"); });
  const int code = world.run(stack.run());
  CHECK(code == 0);
  for (std::uint64_t seq = stack.events().begin_seq(); seq != stack.events().end_seq(); ++seq) {
    all += to_json(*stack.events().at(seq), "test").dump() + "\n";
  }
  return all;
}

TEST_CASE("one seed gives the same bytes and another seed gives others") {
  const std::string first = a_day(7);
  CHECK(first.size() > 1'000);
  CHECK(a_day(7) == first);
  CHECK(a_day(8) != first);
}

}  // namespace t_sim_world
