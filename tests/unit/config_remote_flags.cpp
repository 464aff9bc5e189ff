// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags of documents swapped under a supervisor that runs, told in the simulated world.
#include <catch.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/config/remote_flags.hpp>

#include "simulated.hpp"

namespace t_config_remote_flags {

using namespace ovrseer;
using namespace std::chrono_literals;

std::string document(const std::string& flags) { return R"({"version": 1, "flags": [)" + flags + "]}"; }
std::string flag(const std::string& name, const std::string& pattern, const std::string& more = {}) {
  return R"({"name": ")" + name + R"(", "pattern": ")" + pattern + '"' + more + "}";
}
const std::string ticks = flag("ticks", "tick");

/// A unit "clock" that says "tick" every 100 ms, and a source that is asked every second.
struct stage : test::simulated {
  scripted_document_source source;
  std::vector<std::string> news;
  std::vector<failure_notice> complaints;
  remote_flags flags{it};

  stage() {
    world.os().program("clock", process_script().wait(100ms).say("tick").repeat());
    it.add(unit_spec("clock", command("clock")).flag(flag_spec("own", *pattern<>::compile("tick"))));
    it.add(unit_spec("other", command("clock")));
    it.on_error([this](const failure_notice& what) { complaints.push_back(what); });
    flags.on_news(
        [this](const remote_flag_news& what) { news.push_back(std::to_string(second()) + " " + to_text(what)); });
  }
  void follow(flag_document_rules::reactions allowed = {}) {
    remote_flag_options how;
    how.when = poll_schedule(1s);
    how.rules.allowed = allowed;
    flags.add(source, how);
  }
  void begin_task(task<void> what) {
    asio::co_spawn(world.context(), std::move(what), [](const std::exception_ptr& why) { CHECK_FALSE(why); });
  }
  long second() { return (clock_of(world.get_executor()).now() - begin) / 1s; }
  int run(std::chrono::nanoseconds time) {
    begin = clock_of(world.get_executor()).now();
    nursery beside(world.get_executor());
    const auto all = [&]() -> task<int> {
      beside.start(flags.run());
      const int code = co_await it.run();
      beside.cancel(cancellation_type::terminal);
      co_await beside.join();
      co_return code;
    };
    world.at(time, [this] { it.request_stop("enough"); });
    return world.run(all());
  }
  std::optional<std::uint64_t> count(const char* unit, const char* name) { return it.lines(unit).flags().count(name); }
  steady_time begin;
};

TEST_CASE("flags come from a document and are looked for from then on") {
  stage s;
  s.source.then(document(ticks));
  s.follow();
  CHECK(s.run(10s + 50ms) == 0);
  CHECK(s.news == std::vector<std::string>{"0 flags from a script: 1 added (ticks)"});
  CHECK(s.count("clock", "ticks") == s.count("clock", "own"));
  CHECK(s.count("clock", "own") > 90U);
}

TEST_CASE("each line is looked at by the flags before a swap or by those after it") {
  stage s;
  for (int i = 0; i < 50; ++i) s.source.then(document(flag(i % 2 == 0 ? "even" : "odd", "tick")));
  s.follow();
  std::map<std::uint64_t, std::vector<std::string>> seen;  // by the number of the line
  s.it.lines("clock").flags().on_match(
      [&](const flag_match& match) { seen[match.where.seq].push_back(match.flag.name()); });
  CHECK(s.run(49s + 50ms) == 0);
  CHECK(s.news.size() == 50);
  CHECK(s.news[1] == "1 flags from a script: 1 added (odd), 1 removed (even)");
  std::size_t evens = 0;
  std::size_t odds = 0;
  for (const auto& [line, names] : seen) {
    CHECK(names.size() == 2);  // the unit's own, and one of the two
    evens += static_cast<std::size_t>(std::count(names.begin(), names.end(), "even"));
    odds += static_cast<std::size_t>(std::count(names.begin(), names.end(), "odd"));
  }
  CHECK(evens + odds == seen.size());
  CHECK(evens > 200);
  CHECK(odds > 200);
  CHECK(s.count("clock", "own") == seen.size());
  CHECK(s.world.os().starts("clock") == 2);  // one of each unit: nobody was restarted
}

TEST_CASE("a flag that stays goes on counting and one that changes begins anew") {
  stage s;
  s.source.then(document(ticks + "," + flag("other", "tick")));
  s.source.then(document(flag("other", "tick") + "," + ticks));
  s.source.then(document(ticks + "," + flag("other", "tick", R"(, "color": "red")")));
  s.follow();
  CHECK(s.run(10s + 50ms) == 0);
  CHECK(s.news.size() == 2);
  CHECK(s.news[1] == "2 flags from a script: 1 changed (other)");
  CHECK(s.count("clock", "ticks") == s.count("clock", "own"));
  const std::uint64_t anew = *s.count("clock", "other");
  CHECK(anew >= *s.count("clock", "own") - 21);
  CHECK(anew <= *s.count("clock", "own") - 19);
}

TEST_CASE("a flag of the same name stands before the unit's own which is back when it goes") {
  stage s;
  s.source.then(document(flag("own", "never")));
  s.source.then(document(""));
  s.follow();
  std::optional<std::uint64_t> covered;
  s.world.at(900ms, [&] { covered = s.count("clock", "own"); });
  CHECK(s.run(2s + 50ms) == 0);
  CHECK(covered == 0U);
  CHECK(s.count("clock", "own") >= 9U);
  CHECK(s.count("clock", "own") <= 11U);
  CHECK(s.it.spec("clock").flags().size() == 1);
  CHECK(s.it.spec("other").flags().empty());
}

TEST_CASE("flags are for the units that they name") {
  stage s;
  s.it.add(unit_spec(unit_id("shop", "clock"), command("clock")));
  s.source.then(document(flag("a", "x", R"(, "units": ["clo*"])") + "," + flag("b", "x", R"(, "units": ["shop/*"])") +
                         "," + flag("c", "x", R"(, "units": ["other", "nobody"])") + "," + flag("d", "x")));
  s.follow();
  CHECK(s.run(1s) == 0);
  const auto names = [&](const unit_id& id) {
    std::string all;
    for (const flag_spec& each : s.it.spec(id).flags()) all += each.name() + " ";
    return all;
  };
  CHECK(names("clock") == "own a d ");
  CHECK(names("other") == "c d ");
  CHECK(names(unit_id("shop", "clock")) == "a b d ");
}

TEST_CASE("a wrong document changes nothing and every error in it is told once") {
  stage s;
  s.source.then(document(ticks));
  const std::string wrong = document(flag("a", "(") + R"(,{"name": "b"},)" + ticks);
  s.source.then(wrong, "2").then(wrong, "2").then_unchanged();
  s.source.then("<html>", "3");
  s.follow();
  CHECK(s.run(10s) == 0);
  REQUIRE(s.news.size() == 3);
  CHECK(s.news[1].find("1 flags from a script are refused, those before go on: ") == 0);
  CHECK(s.news[1].find("a script:1:") != std::string::npos);
  CHECK(s.news[1].find("is not a pattern") != std::string::npos);
  CHECK(s.news[1].find("\"pattern\"") != std::string::npos);
  CHECK(s.news[2].find("4 flags from a script are refused") == 0);
  CHECK(s.count("clock", "ticks") == s.count("clock", "own"));
  const remote_flag_status now = s.flags.status().at(0);
  CHECK(now.flags == 1);
  CHECK(now.counts.fetched == 1);
  CHECK(now.counts.refused == 2);
  CHECK_FALSE(now.last_failure.empty());
  CHECK(s.source.tags().at(2) == "2");
  CHECK(s.source.tags().at(5) == "3");
}

TEST_CASE("a source that cannot be had is told once and asked again sooner") {
  stage s;
  s.source.then(document(ticks), "1");
  for (int i = 0; i < 4; ++i) s.source.then_fail(make_error_code(errc::unavailable));
  s.source.then_unchanged();
  remote_flag_options how;
  how.when = poll_schedule(1min);
  s.flags.add(s.source, how);
  CHECK(s.run(5min) == 0);
  REQUIRE(s.news.size() == 3);
  CHECK(s.news[1].find("60 flags from a script cannot be had, those before go on: ") == 0);
  CHECK(s.news[2].find("flags from a script can be had again") != std::string::npos);
  CHECK(std::stol(s.news[2]) < 60 + 5 + 10 + 20 + 40 + 1);
  CHECK(s.count("clock", "ticks") == s.count("clock", "own"));
  CHECK(s.flags.status().at(0).last_failure.empty());
}

TEST_CASE("a source that never answers is left after its time and holds nobody up") {
  stage s;
  scripted_document_source hangs;
  hangs.then([]() -> task<std::optional<fetched_document>> {
    co_await sleep_for(24h);
    co_return std::nullopt;
  });
  remote_flag_options how;
  how.when = poll_schedule(1s);
  how.timeout = 3s;
  s.flags.add(hangs, how);
  s.source.then(document(ticks));
  s.follow();
  CHECK(s.run(10s) == 0);
  REQUIRE(s.news.size() == 3);
  CHECK(s.news[0] == "0 flags from a script: 1 added (ticks)");
  CHECK(s.news[1].find("3 flags from a script cannot be had") == 0);
  CHECK(s.news[1].find("timed out") != std::string::npos);
  CHECK(s.count("clock", "ticks") == s.count("clock", "own"));
}

TEST_CASE("of two sources the later one wins") {
  stage s;
  scripted_document_source first;
  first.then(document(flag("f", "never") + "," + flag("g", "tick")))
      .then_unchanged()
      .then_unchanged()
      .then(document(""));
  remote_flag_options how;
  how.when = poll_schedule(1s);
  s.flags.add(first, how);
  s.source.then(document(flag("f", "tick"))).then_unchanged().then(document(""));
  s.follow();
  std::optional<std::uint64_t> high;
  std::optional<std::uint64_t> low;
  s.world.at(1900ms, [&] { high = s.count("clock", "f"); });
  s.world.at(2900ms, [&] { low = s.count("clock", "f"); });
  CHECK(s.run(5s) == 0);
  CHECK(high >= 17U);
  CHECK(low == 0U);
  CHECK_FALSE(s.count("clock", "f"));
  CHECK_FALSE(s.count("clock", "g"));
}

TEST_CASE("a flag touches processes where that is allowed alone") {
  const std::string restarts = flag("ticks", "tick", R"(, "onMatch": "restart")");
  stage careful;
  careful.source.then(document(restarts));
  careful.follow();
  CHECK(careful.run(2s) == 0);
  REQUIRE(careful.news.size() == 1);
  CHECK(careful.news[0].find("\"onMatch\" may not touch a process here") != std::string::npos);
  CHECK(careful.world.os().starts("clock") == 2);
  stage bold;
  bold.source.then(document(restarts));
  bold.follow(flag_document_rules::reactions::any);
  CHECK(bold.run(2s) == 0);
  CHECK(bold.world.os().starts("clock") > 2);
  stage lost;
  lost.source.then(document(flag("ticks", "tick", R"(, "onMatch": {"run": "nobody"})")));
  lost.follow(flag_document_rules::reactions::any);
  CHECK(lost.run(2s) == 0);
  REQUIRE(lost.news.size() == 1);
  CHECK(lost.news[0].find("there is no process nobody to start") != std::string::npos);
}

TEST_CASE("a change of units keeps the flags that lie over them") {
  stage s;
  s.source.then(document(ticks)).then_unchanged().then_unchanged().then_unchanged().then(document(""));
  s.follow();
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  s.world.at(1500ms, [&] {
    before = s.count("clock", "ticks");
    unit_changes wanted;
    wanted.describe.push_back(
        unit_spec("clock", command("clock")).flag(flag_spec("mine", *pattern<>::compile("tick"))));
    wanted.put.push_back(unit_spec("third", command("clock")));
    wanted.remove.emplace_back("other");
    s.begin_task(s.flags.change(std::move(wanted)));
  });
  s.world.at(2500ms, [&] { after = s.count("clock", "ticks"); });
  std::optional<std::uint64_t> third;
  s.world.at(3500ms, [&] { third = s.count("third", "ticks"); });
  CHECK(s.run(5s) == 0);
  CHECK(after >= *before + 9U);  // it went on
  CHECK(third >= 17U);
  CHECK_FALSE(s.count("clock", "own"));
  CHECK_FALSE(s.count("clock", "ticks"));
  CHECK(s.count("clock", "mine") >= 30U);
  CHECK(s.it.spec("third").flags().empty());
}

TEST_CASE("a unit that others describe keeps what they said") {
  stage s;
  s.source.then(document(ticks)).then_unchanged().then_unchanged().then(document(flag("late", "tick")));
  s.follow();
  s.world.at(1500ms, [&] {
    unit_changes wanted;
    wanted.describe.push_back(
        unit_spec("clock", command("clock")).flag(flag_spec("mine", *pattern<>::compile("tick"))));
    s.begin_task(s.it.change(std::move(wanted)));
  });
  CHECK(s.run(5s) == 0);
  CHECK(s.count("clock", "mine") >= 30U);
  CHECK(s.count("clock", "late") >= 15U);
  CHECK_FALSE(s.count("clock", "ticks"));
}

TEST_CASE("swaps wait for a change of units that takes its time") {
  stage s;
  s.world.os().program("slow", process_script().on(SIGTERM, signal_reaction::exits(0, 3s)));
  s.it.add(unit_spec("slow", command("slow")));
  s.source.then(document(ticks)).then_unchanged().then(document(flag("new", "tick")));
  s.follow();
  s.world.at(1500ms, [&] {
    unit_changes wanted;
    wanted.remove.emplace_back("slow");
    wanted.describe.emplace_back("clock", command("clock"));
    s.begin_task(s.flags.change(std::move(wanted)));
  });
  CHECK(s.run(8s) == 0);
  REQUIRE(s.news.size() == 2);
  CHECK(s.news[1] == "4 flags from a script: 1 added (new), 1 removed (ticks)");
  CHECK(s.count("clock", "new") >= 34U);
  CHECK_FALSE(s.count("clock", "ticks"));
}

TEST_CASE("who asks again has all documents read anew at once") {
  stage s;
  s.source.then(document(ticks), "1").then(document(ticks), "1").then(document(flag("b", "tick")), "2");
  remote_flag_options how;
  how.when = poll_schedule(1h);
  s.flags.add(s.source, how);
  s.world.at(10s, [&] { s.flags.ask_again(); });
  s.world.at(20s, [&] { s.flags.ask_again(); });
  CHECK(s.run(30s) == 0);
  REQUIRE(s.news.size() == 2);
  CHECK(s.news[1] == "20 flags from a script: 1 added (b), 1 removed (ticks)");
  CHECK(s.source.tags() == std::vector<std::string>{"", "", ""});
}

TEST_CASE("without anybody to tell what is wrong goes to the handler of errors") {
  stage s;
  s.flags.on_news(nullptr);
  s.source.then(document(ticks)).then_fail(make_error_code(errc::unavailable));
  s.source.then("?");
  s.follow();
  CHECK(s.run(5s) == 0);
  REQUIRE(s.complaints.size() == 2);
  CHECK(s.complaints[0].operation == "remote flags");
  CHECK(s.complaints[0].level == severity::warning);
  CHECK(s.complaints[1].message.find("refused") != std::string::npos);
}

TEST_CASE("following ends wherever it is when it is cancelled") {
  for (const auto when : {0ms, 500ms, 1500ms, 5000ms}) {
    stage s;
    s.source.then(document(ticks));
    s.source.then([]() -> task<std::optional<fetched_document>> {
      co_await sleep_for(2s);
      co_return std::nullopt;
    });
    s.follow();
    bool was_aborted = false;
    nursery beside(s.world.get_executor());
    const auto follow = [&]() -> task<void> {
      const attempted<void> ended = co_await attempt(s.flags.run());
      was_aborted = !ended && ended.reason().is_cancellation();
    };
    const auto all = [&]() -> task<int> {
      beside.start(follow());
      if (when == 0ms) {  // it waits for a supervisor that does not run yet
        beside.cancel(cancellation_type::total);
        co_await beside.join();
        CHECK(was_aborted);
      }
      const int code = co_await s.it.run();
      co_await beside.join();
      co_return code;
    };
    s.world.at(when + 1ms, [&] { beside.cancel(cancellation_type::total); });
    s.world.at(10s, [&] { s.it.request_stop("enough"); });
    CHECK(s.world.run(all()) == 0);
    CHECK(was_aborted);
    CHECK(s.count("clock", "ticks").has_value() == (when != 0ms));
  }
}

}  // namespace t_config_remote_flags
