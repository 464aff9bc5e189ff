// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When a unit is restarted, after what delay, and when it is given up: decided without a process.
#include <csignal>
#include <vector>

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

TEST_CASE("rules that say nothing have the documented defaults") {
  const restart_rules rules;
  CHECK(rules.restart() == restart_rules::when::on_failure);
  CHECK(rules.max_retries() == 3);
  CHECK(rules.max_restarts() == 0);
  CHECK_FALSE(rules.has_breaker());
  CHECK(rules.stable_after() == 30s);
  CHECK(rules.intensity() == 0);
  CHECK(rules.delays().delay_after(1, 0s, 0.0) == 1s);
  CHECK(rules.delays().delay_after(2, 0s, 0.0) == 2s);
  CHECK(rules.delays().delay_after(9, 0s, 0.0) == 30s);
  CHECK(rules.delays().delay_after(1, 0s, 1.0) == 900ms);
  CHECK(rules.codes().empty());
  CHECK(rules.signals().empty());
}

TEST_CASE("rules keep what they were told") {
  const restart_rules rules = restart_rules()
                                  .restart(restart_rules::when::always)
                                  .codes({1})
                                  .signals({signal_number(SIGSEGV)})
                                  .success_codes({2})
                                  .permanent_codes({3})
                                  .max_retries(4)
                                  .delays(backoff::constant(5s))
                                  .stable_after(6s)
                                  .max_restarts(7)
                                  .intensity(8, 9s);
  CHECK(rules.restart() == restart_rules::when::always);
  CHECK(rules.codes() == std::vector<int>{1});
  CHECK(rules.signals() == std::vector<signal_number>{signal_number(SIGSEGV)});
  CHECK(rules.success_codes() == std::vector<int>{2});
  CHECK(rules.permanent_codes() == std::vector<int>{3});
  CHECK(rules.max_retries() == 4);
  CHECK(rules.delays().first() == 5s);
  CHECK(rules.stable_after() == 6s);
  CHECK(rules.max_restarts() == 7);
  CHECK(rules.intensity() == 8);
  CHECK(rules.period() == 9s);
}

TEST_CASE("codes alone and signals alone leave the other kind of end out") {
  restart_rules by_code;
  by_code.codes({1});
  CHECK(by_code.wants_restart(exit_status::exited(1)));
  CHECK_FALSE(by_code.wants_restart(exit_status::signaled(signal_number(SIGSEGV))));
  restart_rules by_signal;
  by_signal.signals({signal_number(SIGSEGV)});
  CHECK(by_signal.wants_restart(exit_status::signaled(signal_number(SIGSEGV))));
  CHECK_FALSE(by_signal.wants_restart(exit_status::exited(1)));
}

TEST_CASE("an end that nobody saw is restarted after whatever the codes and signals") {
  restart_rules rules;
  rules.codes({1}).signals({signal_number(SIGSEGV)});
  CHECK(rules.wants_restart(exit_status::lost()));
  rules.permanent_codes({0, 1});
  CHECK_FALSE(rules.is_permanent(exit_status::lost()));
  CHECK_FALSE(rules.is_permanent(exit_status::signaled(signal_number(1))));
  CHECK_FALSE(rules.is_success(exit_status::lost()));
}

TEST_CASE("the breaker rests twice as long each time up to its longest") {
  const restart_rules rules = restart_rules().breaker(1min, 5min);
  CHECK(rules.has_breaker());
  CHECK(rules.open_for(1) == 1min);
  CHECK(rules.open_for(2) == 2min);
  CHECK(rules.open_for(3) == 4min);
  CHECK(rules.open_for(4) == 5min);
  CHECK(rules.open_for(4'000'000) == 5min);
  const restart_rules flat = restart_rules().breaker(1min);
  CHECK(flat.open_for(1) == 1min);
  CHECK(flat.open_for(9) == 1min);
  CHECK(restart_rules().breaker(1ns).has_breaker());
}

TEST_CASE("a decision that says nothing is that no restart is wanted") {
  const restart_decision nothing;
  CHECK(nothing.what == verdict::not_wanted);
  CHECK(nothing.delay == 0s);
  CHECK(nothing.number == 0);
  CHECK_FALSE(nothing.is_trial);
  const restart_question question;
  CHECK(question.in_row == 0);
  CHECK(question.restarts == 0);
  CHECK(question.random == 0.0);
}

TEST_CASE("an end that is not restarted after carries the row so far") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(2).permanent_codes({78});
  history.decide(rules, crashed, 0s, start, 0);
  CHECK(history.decide(rules, exit_status::exited(78), 0s, start, 0).number == 1);
  CHECK(history.decide(rules, exit_status::exited(0), 0s, start, 0).number == 0);
  history.decide(rules, crashed, 0s, start, 0);
  const restart_decision over = history.decide(rules, crashed, 0s, start, 0);
  CHECK(over.what == verdict::retries_exhausted);
  CHECK(over.number == 2);
  CHECK(over.delay == 0s);
  CHECK(history.total() == 2);
}

TEST_CASE("being ready exactly as long as asked for is stable and one nanosecond less is not") {
  const restart_rules rules = restart_rules().max_retries(1).stable_after(10s);
  restart_history history;
  history.decide(rules, crashed, 0s, start, 0);
  CHECK(history.decide(rules, crashed, 10s - 1ns, start, 0).what == verdict::retries_exhausted);
  CHECK(history.decide(rules, crashed, 10s, start, 0).what == verdict::restart);
  const restart_rules at_once = restart_rules().max_retries(1).stable_after(0s);
  restart_history quick;
  quick.decide(at_once, crashed, 1ns, start, 0);
  CHECK(quick.decide(at_once, crashed, 1ns, start, 0).what == verdict::restart);
}

TEST_CASE("too much intensity and no retries left is the retries") {
  const restart_rules rules = restart_rules().max_retries(1).intensity(1, 10s);
  restart_history history;
  history.decide(rules, crashed, 0s, start, 0);
  CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::retries_exhausted);
  const restart_rules often = restart_rules().max_retries(5).intensity(1, 10s);
  restart_history other;
  other.decide(often, crashed, 0s, start, 0);
  const restart_decision made = other.decide(often, crashed, 0s, start, 0);
  CHECK(made.what == verdict::too_intense);
  CHECK(made.number == 1);
}

TEST_CASE("without a bound of intensity no restart is remembered for one") {
  restart_history history;
  const restart_rules free = restart_rules().max_retries(0);
  for (int i = 0; i < 5; ++i) history.decide(free, crashed, 0s, start, 0);
  const restart_rules bound = restart_rules().max_retries(0).intensity(1, 10s);
  CHECK(history.decide(bound, crashed, 0s, start, 0).what == verdict::restart);
}

TEST_CASE("a life has as many restarts as it may and the number is of the row") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(0).max_restarts(1);
  CHECK(history.decide(rules, crashed, 0s, start, 0).number == 1);
  const restart_decision over = history.decide(rules, crashed, 0s, start, 0);
  CHECK(over.what == verdict::life_over);
  CHECK(over.number == 1);
}

TEST_CASE("trials of the breaker count in the row and in the window") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(1).breaker(1min);
  history.decide(rules, crashed, 0s, start, 0);
  const restart_decision trial = history.decide(rules, crashed, 0s, start, 0);
  CHECK(trial.number == 2);
  CHECK(history.in_row() == 2);
  CHECK(history.total() == 2);
}

TEST_CASE("the delay of a decorrelated curve grows from the last one and begins anew with the row") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(0).delays(backoff::decorrelated(1s, 1h));
  CHECK(history.decide(rules, crashed, 0s, start, 1.0).delay == 1s);
  CHECK(history.decide(rules, crashed, 0s, start, 1.0).delay == 3s);
  CHECK(history.decide(rules, crashed, 0s, start, 1.0).delay == 9s);
  history.reset();
  CHECK(history.in_row() == 0);
  CHECK(history.decide(rules, crashed, 0s, start, 1.0).delay == 1s);
  CHECK(history.total() == 4);
}

TEST_CASE("what somebody else decides against a restart is not counted") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(5);
  const restart_decision own = history.decide(rules, crashed, 0s, start, 0);
  restart_decision other;
  other.number = 99;
  const restart_decision made = history.replace(rules, own, other, start);
  CHECK(made.what == verdict::not_wanted);
  CHECK(made.number == 1);
  CHECK(history.total() == 1);
  CHECK(history.replace(restart_rules(restart_rules::when::never), restart_decision(), other, start).number == 1);
  CHECK(history.total() == 1);
}

TEST_CASE("a restart that somebody else decided counts in the window of intensity") {
  restart_history history;
  const restart_rules rules = restart_rules().max_retries(0).intensity(1, 10s);
  restart_decision other;
  other.what = verdict::restart;
  history.replace(rules, restart_decision(), other, start);
  CHECK(history.decide(rules, crashed, 0s, start + 1s, 0).what == verdict::too_intense);
}

TEST_CASE("no policy is none and one of one's own is asked") {
  const any_restart_policy none;
  CHECK_FALSE(none);
  const any_restart_policy own([](const restart_question& question) {
    restart_decision made;
    made.number = question.in_row + 1;
    return made;
  });
  REQUIRE(own);
  restart_question question;
  question.in_row = 6;
  CHECK(own(question).number == 7);
}

TEST_CASE("a window for a single restart is emptied by time as well") {
  const restart_rules rules = restart_rules().max_retries(0).intensity(1, 5s);
  restart_history history;
  CHECK(history.decide(rules, crashed, 0s, start, 0).what == verdict::restart);
  CHECK(history.decide(rules, crashed, 0s, start + 5s + 1ns, 0).what == verdict::restart);
  CHECK(history.decide(rules, crashed, 0s, start + 10s, 0).what == verdict::too_intense);
}

}  // namespace t_restart_policy
