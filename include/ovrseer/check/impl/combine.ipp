// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/combine.hpp>.
#pragma once

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/check/combine.hpp>
#include <ovrseer/check/probe.hpp>

namespace ovrseer::check_detail {

OVRSEER_DECL bool ballot::is_decided() const {
  const auto is_deciding = [this](const std::optional<check_result>& answer) {
    return answer && answer->is_ready() == (needed_ == quorum::any);
  };
  const bool is_complete =
      std::all_of(answers_.begin(), answers_.end(), [](const auto& answer) { return answer.has_value(); });
  return is_complete || std::any_of(answers_.begin(), answers_.end(), is_deciding);
}

OVRSEER_DECL check_result ballot::verdict(const std::vector<any_check>& voters) const {
  check_result made;
  std::size_t ready = 0;
  bool are_all_late = true;
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    if (!answers_[i]) continue;
    made.attempts += answers_[i]->attempts;
    if (answers_[i]->is_ready()) {
      ++ready;
      continue;
    }
    are_all_late = are_all_late && answers_[i]->outcome == check_result::verdict::timed_out;
    if (!made.reason.empty()) made.reason += "; ";
    made.reason += voters[i].describe() + ": " + answers_[i]->reason;
  }
  const bool is_ready = needed_ == quorum::all ? ready == answers_.size() : ready != 0;
  if (is_ready) {
    made.reason.clear();
  } else {
    made.outcome = are_all_late ? check_result::verdict::timed_out : check_result::verdict::not_ready;
  }
  return made;
}

}  // namespace ovrseer::check_detail

namespace ovrseer {

OVRSEER_DECL std::string combined_check::describe() const {
  std::string text = needed_ == quorum::all ? "all of (" : "any of (";
  for (const any_check& check : checks_) {
    if (&check != &checks_.front()) text += ", ";
    text += check.describe();
  }
  return text + ")";
}

OVRSEER_DECL std::chrono::nanoseconds combined_check::bound() const {
  std::chrono::nanoseconds longest(1);
  for (const any_check& check : checks_) {
    const std::chrono::nanoseconds bound = check.bound();
    if (check && bound == std::chrono::nanoseconds::zero()) return bound;
    longest = std::max(longest, bound);
  }
  return longest;
}

OVRSEER_DECL task<check_result> combined_check::run(quorum needed, std::vector<any_check> checks, check_target target) {
  const executor ex = co_await asio::this_coro::executor;
  const steady_time began = clock_of(ex).now();
  const std::size_t count = checks.size();
  poll asked{std::move(checks), target, check_detail::ballot(needed, count)};
  auto body = [&asked](scope& voters) { return ask_all(asked, voters); };
  co_await with_scope(body);
  if (count != 0 && !asked.votes.is_decided()) detail::throw_cancelled();
  check_result answer = asked.votes.verdict(asked.checks);
  answer.took = clock_of(ex).now() - began;
  co_return answer;
}

OVRSEER_DECL task<void> combined_check::ask_all(poll& asked, scope& voters) {
  for (std::size_t i = 0; i < asked.checks.size() && !asked.votes.is_decided(); ++i)
    voters.start(ask(asked, voters, i));
  co_return;
}

OVRSEER_DECL task<void> combined_check::ask(poll& asked, scope& voters, std::size_t index) {
  constexpr std::chrono::nanoseconds no_limit{};
  attempted<check_result> said = co_await attempt(ask_once(asked.checks[index], asked.target, no_limit));
  if (!said || asked.votes.is_decided()) co_return;  // abandoned, or too late to matter
  asked.votes.cast(index, *std::move(said));
  if (asked.votes.is_decided()) voters.cancel();
}

}  // namespace ovrseer
