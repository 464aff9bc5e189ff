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
#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>

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
  bool is_decided() const;

  /// The verdict: the reasons of those who said no, each with what was asked.
  check_result verdict(const std::vector<any_check>& voters) const;

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
  std::string describe() const;
  /// The longest of all; zero where one has no bound.
  std::chrono::nanoseconds bound() const;
  void tell_needs(check_needs& into) const {
    for (const any_check& check : checks_) check.tell_needs(into);
  }

 private:
  struct poll {
    std::vector<any_check> checks;
    check_target target;
    check_detail::ballot votes;
  };

  static task<check_result> run(quorum needed, std::vector<any_check> checks, check_target target);

  static task<void> ask_all(poll& asked, scope& voters);

  static task<void> ask(poll& asked, scope& voters, std::size_t index);

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

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/combine.ipp>
#endif
