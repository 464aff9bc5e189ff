// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who is told of a crash: a policy that is handed a report.
#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/event/crash_report.hpp>

namespace ovrseer {

/// Delivers one crash report.
///
/// `report` completes when the report is where it belongs and throws when it will not get there; the
/// exception is the only word of failure. The report is the caller's and outlives the call. Several calls
/// may be under way. Every cancellation type abandons the call.
template <class R>
concept crash_reporter = requires(R& reporter, const crash_report& report) {
  { reporter.report(report) } -> std::same_as<task<void>>;
};

/// The least that a `crash_reporter` is; for tests of what takes one.
struct crash_reporter_archetype {
  crash_reporter_archetype() = delete;
  crash_reporter_archetype(const crash_reporter_archetype&) = delete;
  crash_reporter_archetype& operator=(const crash_reporter_archetype&) = delete;
  task<void> report(const crash_report& report);
};

/// Tells nobody.
struct null_reporter {
  task<void> report(const crash_report&) { co_return; }
};

/// Keeps every report, for tests.
struct recording_reporter {
  std::vector<crash_report> reports;

  task<void> report(const crash_report& report) {
    reports.push_back(report);
    co_return;
  }
};

/// Any `crash_reporter`, chosen at run time. Move-only.
class any_crash_reporter {
 public:
  template <crash_reporter R>
    requires(!std::same_as<R, any_crash_reporter>)
  any_crash_reporter(R reporter) : self_(std::make_unique<holder<R>>(std::move(reporter))) {}

  task<void> report(const crash_report& report) { return self_->report(report); }

 private:
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    virtual task<void> report(const crash_report& report) = 0;
  };
  template <class R>
  struct holder final : base {
    explicit holder(R inside) : reporter(std::move(inside)) {}
    task<void> report(const crash_report& report) override { return reporter.report(report); }
    R reporter;
  };

  std::unique_ptr<base> self_;
};

/// A reporter that belongs to somebody else, who outlives it.
template <crash_reporter R>
class borrowed_reporter {
 public:
  explicit borrowed_reporter(R& reporter) noexcept : reporter_(&reporter) {}
  task<void> report(const crash_report& report) { return reporter_->report(report); }

 private:
  R* reporter_;
};

}  // namespace ovrseer
