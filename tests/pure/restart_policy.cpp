// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When a unit is restarted, after what delay, and when it is given up: decided without a process.
#include <catch.hpp>

#include <ovrseer/supervise/restart_policy.hpp>

namespace t_restart_policy {

using namespace ovrseer;
using namespace std::chrono_literals;
using verdict = restart_decision::verdict;

constexpr steady_time start{};
const exit_status crashed = exit_status::exited(1);

TEST_CASE("the rule no restarts after nothing and on failure after failures and always after all") {
  const exit_status done = exit_status::exited(0);
  const exit_status killed = exit_status::signaled(signal_number(SIGSEGV));
  using when = restart_rules::when;
  for (const exit_status& status : {done, crashed, killed}) {
    CHECK_FALSE(restart_rules(when::never).wants_restart(status));
    CHECK(restart_rules(when::always).wants_restart(status));
    CHECK(restart_rules(when::unless_stopped).wants_restart(status));
  }
  const restart_rules on_failure(when::on_failure);
  CHECK_FALSE(on_failure.wants_restart(done));
  CHECK(on_failure.wants_restart(crashed));
  CHECK(on_failure.wants_restart(killed));
  CHECK(on_failure.wants_restart(exit_status::lost()));
}

TEST_CASE("codes and signals narrow what on failure restarts after") {
  restart_rules rules;
  rules.codes({1, 7}).signals({signal_number(SIGSEGV)});
  CHECK(rules.wants_restart(exit_status::exited(1)));
  CHECK(rules.wants_restart(exit_status::exited(7)));
  CHECK_FALSE(rules.wants_restart(exit_status::exited(2)));
  CHECK(rules.wants_restart(exit_status::signaled(signal_number(SIGSEGV))));
  CHECK_FALSE(rules.wants_restart(exit_status::signaled(signal_number(SIGKILL))));
}

TEST_CASE("success codes count as success") {
  restart_rules rules;
  rules.success_codes({42});
  CHECK(rules.is_success(exit_status::exited(42)));
  CHECK_FALSE(rules.wants_restart(exit_status::exited(42)));
  CHECK_FALSE(rules.is_success(exit_status::exited(41)));
  CHECK_FALSE(rules.is_success(exit_status::signaled(signal_number(42))));
}

TEST_CASE("after a permanent code no restart is tried whatever the rules") {
  restart_rules rules(restart_rules::when::always);
  rules.permanent_codes({64, 78});
  restart_history history;
  CHECK(history.decide(rules, exit_status::exited(78), 0s, start, 0).what == verdict::permanent);
  CHECK(history.decide(rules, exit_status::exited(1), 0s, start, 0).what == verdict::restart);
  CHECK(history.decide(rules, exit_status::signaled(signal_number(64)), 0s, start, 0).what == verdict::restart);
  CHECK_FALSE(rules.wants_restart(exit_status::exited(64)));
}

TEST_CASE("three retries in a row and the fourth failure gives up") {
  restart_rules rules;
  rules.max_retries(3).delays(backoff::constant(1s));
  restart_history history;
  for (std::uint32_t n = 1; n <= 3; ++n) {
    const restart_decision decision = history.decide(rules, crashed, 0s, start, 0);
    CHECK(decision.what == verdict::restart);
    CHECK(decision.number == n);
    CHECK(decision.delay == 1s);
  }
  CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::retries_exhausted);
}

TEST_CASE("zero retries means no limit") {
  restart_rules rules;
  rules.max_retries(0);
  restart_history history;
  for (int n = 0; n < 100; ++n) CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::restart);
}

TEST_CASE("the delays grow and begin anew once it was stable") {
  restart_rules rules;
  rules.delays(backoff::exponential(1s, 5s)).stable_after(10s).max_retries(0);
  restart_history history;
  CHECK(history.decide(rules, crashed, 0s, start, 0).delay == 1s);
  CHECK(history.decide(rules, crashed, 0s, start, 0).delay == 2s);
  CHECK(history.decide(rules, crashed, 9'999ms, start, 0).delay == 4s);
  CHECK(history.decide(rules, crashed, 0s, start, 0).delay == 5s);
  CHECK(history.decide(rules, crashed, 10s, start, 0).delay == 1s);
  CHECK(history.in_row() == 1);
}

TEST_CASE("stable after zero never resets a unit that was never ready") {
  restart_rules rules;
  rules.stable_after(0s).max_retries(1);
  restart_history history;
  CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::restart);
  CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::retries_exhausted);
}

TEST_CASE("intensity counts restarts in a window and not beyond its edge") {
  restart_rules rules;
  rules.max_retries(0).intensity(2, 5s);
  restart_history history;
  CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::restart);
  CHECK(history.decide(rules, crashed, 0s, start + 1s, 0).what == verdict::restart);
  SECTION("the third within the window is one too many") {
    CHECK(history.decide(rules, crashed, 0s, start + 5s, 0).what == verdict::too_intense);
  }
  SECTION("a restart older than the window is forgotten") {
    CHECK(history.decide(rules, crashed, 0s, start + 5s + 1ns, 0).what == verdict::restart);
  }
  SECTION("being stable does not empty the window") {
    CHECK(history.decide(rules, crashed, 60s, start + 2s, 0).what == verdict::too_intense);
  }
}

TEST_CASE("an end that the rules do not restart after counts as no restart") {
  restart_rules rules;
  rules.max_retries(1);
  restart_history history;
  for (int n = 0; n < 3; ++n)
    CHECK(history.decide(rules, exit_status::exited(0), 0s, start, 0).what == verdict::not_wanted);
  CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::restart);
}

TEST_CASE("max restarts counts over its whole life and being stable changes nothing") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(0).max_restarts(2).stable_after(1s);
  CHECK(history.decide(rules, crashed, 5s, start, 0).what == verdict::restart);
  CHECK(history.decide(rules, crashed, 5s, start + 10s, 0).what == verdict::restart);
  CHECK(history.decide(rules, crashed, 5s, start + 20s, 0).what == verdict::life_over);
  CHECK(history.total() == 2);
}

TEST_CASE("a breaker rests and tries once instead of giving up") {
  restart_history history;
  const restart_rules rules =
      restart_rules().max_retries(1).delays(backoff::constant(1s)).breaker(1min, 3min).stable_after(30s);
  CHECK_FALSE(history.decide(rules, crashed, 0s, start, 0).is_trial);
  for (const auto rest : {1min, 2min, 3min, 3min}) {
    const restart_decision open = history.decide(rules, crashed, 0s, start, 0);
    CHECK(open.what == verdict::restart);
    CHECK(open.is_trial);
    CHECK(open.delay == rest);
  }
}

TEST_CASE("a trial that holds closes the breaker") {
  restart_history history;
  const restart_rules rules =
      restart_rules().max_retries(1).delays(backoff::constant(1s)).breaker(1min, 3min).stable_after(30s);
  for (int i = 0; i < 3; ++i) history.decide(rules, crashed, 0s, start, 0);
  const restart_decision after = history.decide(rules, crashed, 30s, start, 0);
  CHECK_FALSE(after.is_trial);
  CHECK(after.delay == 1s);
  CHECK(history.decide(rules, crashed, 29s, start, 0).delay == 1min);
}

TEST_CASE("a breaker opens for too much intensity as well") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(0).intensity(1, 10s).breaker(1min);
  CHECK_FALSE(history.decide(rules, crashed, 0s, start, 0).is_trial);
  CHECK(history.decide(rules, crashed, 0s, start + 5s, 0).is_trial);
}

TEST_CASE("a decision of somebody else counts as a restart where it is one") {
  restart_history history;
  const restart_rules rules(restart_rules::when::never);
  const restart_decision own = history.decide(rules, crashed, 0s, start, 0);
  CHECK(own.what == verdict::not_wanted);
  restart_decision other;
  other.what = verdict::restart;
  other.delay = 7s;
  const restart_decision made = history.replace(rules, own, other, start);
  CHECK(made.number == 1);
  CHECK(made.delay == 7s);
  CHECK(history.in_row() == 1);
  CHECK(history.replace(rules, made, other, start).number == 1);
}

}  // namespace t_restart_policy
