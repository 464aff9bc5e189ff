// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The decision of a probe as tables: which answers at which times come to which verdict.
#include <ovrseer/check/probe.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"

namespace t_check_probe_pure {

using namespace ovrseer;
using namespace std::chrono_literals;
using verdict = check_result::verdict;

check_result yes() { return {}; }
check_result no(std::string why = "refused") { return {verdict::not_ready, std::move(why), {}, 1}; }

const steady_time zero{};

/// Plays one answer after the other, each so long after its attempt began; tells when the attempts began, and
/// the verdict.
struct play {
  play(const probe_timing& timing, const std::vector<std::pair<check_result, std::chrono::nanoseconds>>& answers)
      : state(timing, zero), step(state.start()) {
    for (const auto& [answer, took] : answers) {
      const auto* next = std::get_if<probe_attempt>(&step);
      if (next == nullptr) break;
      begins.push_back(next->at - zero);
      limits.push_back(next->limit);
      step = state.resume(answer, next->at + took);
    }
  }
  bool is_done() const { return std::holds_alternative<check_result>(step); }
  const check_result& result() const { return std::get<check_result>(step); }
  const probe_attempt& next() const { return std::get<probe_attempt>(step); }

  probe_state state;
  probe_step step;
  std::vector<std::chrono::nanoseconds> begins;
  std::vector<std::chrono::nanoseconds> limits;
};

using times = std::vector<std::chrono::nanoseconds>;

TEST_CASE("one good answer is enough by default") {
  const play one(probe_timing(), {{yes(), 2ms}});
  REQUIRE(one.is_done());
  CHECK(one.result().is_ready());
  CHECK(one.result().attempts == 1);
  CHECK(one.result().took == 2ms);
  CHECK(one.result().reason.empty());
}

TEST_CASE("the interval counts from the start of an attempt") {
  const play some(probe_timing().interval(100ms), {{no(), 10ms}, {no(), 99ms}, {no(), 0ms}});
  CHECK(some.begins == times{0ms, 100ms, 200ms});
  CHECK(some.next().at == zero + 300ms);
}

TEST_CASE("an attempt that took longer than the interval is followed at once and by no other") {
  const play some(probe_timing().interval(100ms), {{no(), 250ms}, {no(), 10ms}, {no(), 10ms}});
  CHECK(some.begins == times{0ms, 250ms, 350ms});
}

TEST_CASE("the initial delay comes first and counts") {
  const play one(probe_timing().initial_delay(3s), {{yes(), 1ms}});
  CHECK(one.begins == times{3s});
  CHECK(one.result().took == 3001ms);
}

TEST_CASE("so many good answers in a row are needed") {
  const probe_timing three = probe_timing().successes(3).interval(1s);
  CHECK_FALSE(play(three, {{yes(), 0ms}, {yes(), 0ms}}).is_done());
  CHECK(play(three, {{yes(), 0ms}, {yes(), 0ms}, {yes(), 0ms}}).result().is_ready());
  const play broken(three, {{yes(), 0ms}, {yes(), 0ms}, {no(), 0ms}, {yes(), 0ms}, {yes(), 0ms}});
  CHECK_FALSE(broken.is_done());
  CHECK(play(three, {{yes(), 0ms}, {no(), 0ms}, {yes(), 0ms}, {yes(), 0ms}, {yes(), 0ms}}).result().attempts == 5);
  CHECK(play(probe_timing().successes(0), {{yes(), 0ms}}).result().is_ready());
}

TEST_CASE("so many bad answers in a row decide and not one more or less") {
  const probe_timing three = probe_timing().failures(3).interval(1s);
  CHECK_FALSE(play(three, {{no(), 0ms}, {no(), 0ms}}).is_done());
  const play failed(three, {{no("a"), 0ms}, {no("b"), 0ms}, {no("c"), 0ms}});
  REQUIRE(failed.is_done());
  CHECK(failed.result().outcome == verdict::not_ready);
  CHECK(failed.result().reason == "3 times in a row, the last: c");
  CHECK(failed.result().attempts == 3);
  CHECK(failed.result().took == 2s);
  const probe_timing both = probe_timing().failures(3).successes(2);
  CHECK_FALSE(play(both, {{no(), 0ms}, {no(), 0ms}, {yes(), 0ms}, {no(), 0ms}, {no(), 0ms}}).is_done());
  CHECK(play(probe_timing().failures(1), {{no("a"), 0ms}}).result().reason == "a");
}

TEST_CASE("zero failures means that only the deadline decides") {
  const probe_timing timing = probe_timing().interval(1s).deadline(1h);
  std::vector<std::pair<check_result, std::chrono::nanoseconds>> answers(3600, {no("refused"), 0ms});
  const play late(timing, answers);
  REQUIRE(late.is_done());
  CHECK(late.result().outcome == verdict::timed_out);
  CHECK(late.result().reason == "not within 1h, the last: refused");
  CHECK(late.begins.size() == 3600);
  CHECK(late.result().took == 1h);
}

TEST_CASE("the last attempt has only what is left before the deadline") {
  const probe_timing timing = probe_timing().interval(400ms).attempt_limit(300ms).deadline(1s);
  const play late(timing, {{no(), 300ms}, {no(), 300ms}, {no(), 200ms}});
  CHECK(late.begins == times{0ms, 400ms, 800ms});
  CHECK(late.limits == times{300ms, 300ms, 200ms});
  REQUIRE(late.is_done());
  CHECK(late.result().outcome == verdict::timed_out);
  CHECK(late.result().took == 1s);
}

TEST_CASE("an attempt without limit has the deadline as its limit") {
  const play one(probe_timing().attempt_limit(0s).deadline(5s), {{no(), 1s}});
  CHECK(one.limits == times{5s});
  const play none(probe_timing().attempt_limit(0s).deadline(0s), {{no(), 1s}});
  CHECK(none.limits == times{0s});
  CHECK_FALSE(none.is_done());
}

TEST_CASE("no attempt begins at the deadline or after it") {
  const play exact(probe_timing().interval(500ms).deadline(1s), {{no(), 0ms}, {no(), 0ms}, {yes(), 0ms}});
  CHECK(exact.begins == times{0ms, 500ms});
  CHECK(exact.result().outcome == verdict::timed_out);
  const play never(probe_timing().initial_delay(2s).deadline(1s), {});
  REQUIRE(never.is_done());
  CHECK(never.result().attempts == 0);
  CHECK_THAT(never.result().reason, catchx::ContainsSubstring("the initial delay is longer"));
}

TEST_CASE("a good answer that comes at the deadline still counts") {
  CHECK(play(probe_timing().deadline(1s).attempt_limit(0s), {{yes(), 1s}}).result().is_ready());
}

TEST_CASE("the bound is the deadline or what the failures allow") {
  CHECK(probe_timing().bound() == 60s);
  CHECK(probe_timing().deadline(0s).bound() == 0s);
  const probe_timing counted =
      probe_timing().deadline(0s).initial_delay(1s).interval(2s).attempt_limit(500ms).failures(3);
  CHECK(counted.bound() == 1s + 2 * 2s + 500ms);
  CHECK(probe_timing(counted).interval(100ms).bound() == 1s + 3 * 500ms);
  CHECK(probe_timing(counted).attempt_limit(0s).bound() == 0s);
  CHECK(probe_timing(counted).successes(2).bound() == 0s);
}

TEST_CASE("no order of answers passes the bound") {
  const probe_timing timing =
      probe_timing().deadline(0s).initial_delay(1s).interval(2s).attempt_limit(500ms).failures(3);
  for (unsigned pattern = 0; pattern < 8; ++pattern) {
    std::vector<std::pair<check_result, std::chrono::nanoseconds>> answers;
    for (unsigned i = 0; i < 3; ++i) answers.emplace_back((pattern >> i) % 2 != 0 ? yes() : no(), 500ms);
    const play one(timing, answers);
    REQUIRE(one.is_done());
    CHECK(one.result().took <= timing.bound());
  }
}

}  // namespace t_check_probe_pure
