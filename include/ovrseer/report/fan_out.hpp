// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One report to several reporters, none of which can spoil it for the others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/report/crash_reporter.hpp>

namespace ovrseer {

/// How one of several reporters fared.
struct report_outcome {
  std::string reporter;           ///< its name, or its position from 0
  std::optional<caught> failure;  ///< what it threw; nothing where it delivered
};

/// Some of several reporters failed. The code is that of the first failure (`std::errc::io_error` where it
/// has none), the context names all.
class reports_failed : public error {
 public:
  explicit reports_failed(std::vector<report_outcome> outcomes)
      : error(code_of(outcomes), "report", describe(outcomes)), outcomes_(std::move(outcomes)) {}

  /// One for each reporter, in their order.
  const std::vector<report_outcome>& outcomes() const noexcept { return outcomes_; }

 private:
  static std::error_code code_of(const std::vector<report_outcome>& outcomes);
  static std::string describe(const std::vector<report_outcome>& outcomes);

  std::vector<report_outcome> outcomes_;
};

namespace report_detail {

template <class R>
task<void> deliver(R& reporter, const crash_report& report, report_outcome& into) {
  try {
    co_await reporter.report(report);
  } catch (...) {
    into.failure.emplace(std::current_exception());
  }
}

/// Waits for the deliveries that `start(children, outcomes)` begins; throws where the caller was cancelled.
template <class Start>
task<std::vector<report_outcome>> run_deliveries(Start start) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  std::vector<report_outcome> outcomes;
  nursery children(ex);
  start(children, outcomes);
  co_await children.join();
  if (children.was_cancelled()) detail::throw_cancelled();
  co_return std::move(outcomes);
}

OVRSEER_DECL task<void> throw_if_any_failed(task<std::vector<report_outcome>> deliveries);

}  // namespace report_detail

/// Hands everything to all of `Rs` at the same time, for types chosen at compile time.
template <class... Rs>
class fan_out {
 public:
  explicit fan_out(Rs... members) : members_(std::move(members)...) {}

  /// Delivers to all and waits for all. Throws `reports_failed` when any has failed.
  ///
  /// Cancellation: every type is passed to all.
  task<void> report(const crash_report& report)
    requires(crash_reporter<Rs> && ...)
  {
    return report_detail::throw_if_any_failed(report_all(report));
  }

  /// As `report`, but failures are values: one outcome for each, in their order.
  task<std::vector<report_outcome>> report_all(const crash_report& report)
    requires(crash_reporter<Rs> && ...)
  {
    auto start = [this, &report](nursery& children, std::vector<report_outcome>& outcomes) {
      outcomes.resize(sizeof...(Rs));
      std::size_t next = 0;
      const auto begin = [&](auto& member) {
        report_outcome& outcome = outcomes[next];
        outcome.reporter = std::to_string(next++);
        children.start(report_detail::deliver(member, report, outcome));
      };
      std::apply([&](auto&... each) { (begin(each), ...); }, members_);
    };
    return report_detail::run_deliveries(std::move(start));
  }

  template <std::size_t I>
  auto& member() noexcept {
    return std::get<I>(members_);
  }

 private:
  std::tuple<Rs...> members_;
};

/// Hands every report to all of its reporters at the same time, for reporters chosen at run time. Move-only.
class reporter_list {
 public:
  /// Adds a reporter under a name for outcomes and messages.
  reporter_list& add(std::string name, any_crash_reporter reporter);
  std::size_t size() const noexcept { return members_.size(); }

  /// Delivers to all and waits for all. Throws `reports_failed` when any has failed.
  ///
  /// Cancellation: every type is passed to all.
  task<void> report(const crash_report& report) { return report_detail::throw_if_any_failed(report_all(report)); }

  /// As `report`, but failures are values: one outcome for each, in their order.
  task<std::vector<report_outcome>> report_all(const crash_report& report);

 private:
  struct named {
    std::string name;
    any_crash_reporter reporter;
  };
  std::list<named> members_;  // stays where it is when another is added while a report is under way
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/report/impl/fan_out.ipp>
#endif
