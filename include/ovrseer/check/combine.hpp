// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Several checks as one: all of them, or any of them, asked together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/scope.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/check/probe.hpp>

namespace ovrseer {

/// How many of several checks must be ready.
enum class quorum : std::uint8_t { all, any };

namespace check_detail {

/// Gathers the answers of several checks and decides as soon as the rest cannot change it. Pure.
class ballot {
 public:
  ballot(quorum needed, std::size_t voters) : needed_(needed), answers_(voters) {}

  void cast(std::size_t voter, check_result answer) { answers_[voter] = std::move(answer); }

  /// Whether the verdict stands.
  bool is_decided() const {
    const auto is_deciding = [this](const std::optional<check_result>& answer) {
      return answer && answer->is_ready() == (needed_ == quorum::any);
    };
    const bool is_complete =
        std::all_of(answers_.begin(), answers_.end(), [](const auto& answer) { return answer.has_value(); });
    return is_complete || std::any_of(answers_.begin(), answers_.end(), is_deciding);
  }

  /// The verdict: the reasons of those who said no, each with what was asked.
  check_result verdict(const std::vector<any_check>& voters) const {
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

 private:
  quorum needed_;
  std::vector<std::optional<check_result>> answers_;
};

}  // namespace check_detail

/// Several checks, asked together, each by its own timing.
class combined_check {
 public:
  combined_check(quorum needed, std::vector<any_check> checks) : checks_(std::move(checks)), needed_(needed) {}

  /// Cancellation: every type abandons all checks.
  task<check_result> operator()(check_target target) const { return run(needed_, checks_, target); }

  /// "all of (TCP 127.0.0.1:80, log line /up/)".
  std::string describe() const {
    std::string text = needed_ == quorum::all ? "all of (" : "any of (";
    for (const any_check& check : checks_) {
      if (&check != &checks_.front()) text += ", ";
      text += check.describe();
    }
    return text + ")";
  }
  /// The longest of all; zero where one has no bound.
  std::chrono::nanoseconds bound() const {
    std::chrono::nanoseconds longest(1);
    for (const any_check& check : checks_) {
      const std::chrono::nanoseconds bound = check.bound();
      if (check && bound == std::chrono::nanoseconds::zero()) return bound;
      longest = std::max(longest, bound);
    }
    return longest;
  }
  void tell_needs(check_needs& into) const {
    for (const any_check& check : checks_) check.tell_needs(into);
  }

 private:
  struct poll {
    std::vector<any_check> checks;
    check_target target;
    check_detail::ballot votes;
  };

  static task<check_result> run(quorum needed, std::vector<any_check> checks, check_target target) {
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

  static task<void> ask_all(poll& asked, scope& voters) {
    for (std::size_t i = 0; i < asked.checks.size() && !asked.votes.is_decided(); ++i)
      voters.start(ask(asked, voters, i));
    co_return;
  }

  static task<void> ask(poll& asked, scope& voters, std::size_t index) {
    constexpr std::chrono::nanoseconds no_limit{};
    attempted<check_result> said = co_await attempt(ask_once(asked.checks[index], asked.target, no_limit));
    if (!said || asked.votes.is_decided()) co_return;  // abandoned, or too late to matter
    asked.votes.cast(index, *std::move(said));
    if (asked.votes.is_decided()) voters.cancel();
  }

  std::vector<any_check> checks_;
  quorum needed_;
};

/// Ready when every check is. The first that is not decides; the others are abandoned then. Without checks: ready.
inline combined_check all_of(std::vector<any_check> checks) { return {quorum::all, std::move(checks)}; }
template <ready_check... Checks>
combined_check all_of(Checks... checks) {
  std::vector<any_check> all;
  (all.emplace_back(std::move(checks)), ...);
  return all_of(std::move(all));
}

/// Ready when one check is; the others are abandoned then. Not ready when none is, with the reasons of all.
/// Without checks: not ready.
inline combined_check any_of(std::vector<any_check> checks) { return {quorum::any, std::move(checks)}; }
template <ready_check... Checks>
combined_check any_of(Checks... checks) {
  std::vector<any_check> all;
  (all.emplace_back(std::move(checks)), ...);
  return any_of(std::move(all));
}

}  // namespace ovrseer
