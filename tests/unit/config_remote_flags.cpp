// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags of documents swapped under a supervisor that runs, told in the simulated world.
#include <catch.hpp>

#include <chrono>
#include <exception>
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
    flags.on_news([this](const remote_flag_news& what) {
      news.push_back(std::to_string(second()) + " " + to_text(what));
    });
  }
  void follow(flag_document_rules::reactions allowed = {}) {
    remote_flag_options how;
    how.when = poll_schedule(1s);
    how.rules.allowed = allowed;
    flags.add(source, how);
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

}  // namespace t_config_remote_flags
