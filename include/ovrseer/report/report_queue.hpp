// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What stands between the supervisor and a reporter: a bounded queue, so that a reporter that is slow,
// broken or stuck costs reports, which are counted, and never a restart.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/mailbox.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// Hears of a report that was not delivered, and why. What it throws is ignored.
using report_error_hook = std::function<void(const crash_report& report, const caught& why)>;

/// How a `report_queue` works.
struct report_queue_options {
  report_queue_options() = default;

  std::size_t capacity = 64;                                  ///< reports that wait at most; 0 means 1
  std::chrono::nanoseconds limit = std::chrono::seconds(30);  ///< for one delivery; zero means none
  /// How long a delivery past its limit may take to end before it is cut off.
  std::chrono::nanoseconds patience = std::chrono::seconds(1);
  report_error_hook on_error;  ///< for failures and drops; may be empty
};

/// What became of the reports that were offered. Their sum and those that wait make all.
struct report_counts {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   ///< the reporter threw or was too slow
  std::uint64_t dropped = 0;  ///< came when the queue was full or closed
};

/// Reports on their way to one reporter, one after the other. One strand; must outlive `run`.
///
/// Either reports are offered and `run()` delivers them, or `run(reader)` delivers what a broadcast holds,
/// whose bounded history then is the queue.
class report_queue {
 public:
  using item = std::shared_ptr<const crash_report>;

  report_queue(const executor& ex, any_crash_reporter reporter, report_queue_options options = {})
      : waiting_(ex, options.capacity == 0 ? 1 : options.capacity),
        reporter_(std::move(reporter)),
        options_(std::move(options)) {}
  report_queue(const report_queue&) = delete;
  report_queue& operator=(const report_queue&) = delete;

  /// Takes a report and returns at once; says whether it was taken. The first reports of a crash loop tell
  /// more than the last, so a full queue drops what comes.
  bool offer(crash_report report) { return offer(std::make_shared<const crash_report>(std::move(report))); }
  /// The same for a report that is shared and not null.
  bool offer(const item& report);

  /// Delivers until the queue is closed and empty. Throws nothing but its own cancellation.
  ///
  /// Cancellation: every type is passed to the delivery under way, which counts as failed; those that wait
  /// stay, and a new `run` goes on with them.
  task<void> run();

  /// Delivers what `reader` yields until it comes to its end; what the reader misses counts as dropped.
  /// `Reader` is the reader of a broadcast of shared reports, such as `supervisor::reports()`.
  ///
  /// Errors: those of the reader.
  /// Cancellation: every type is passed to the delivery under way, which counts as failed.
  template <class Reader>
  task<void> run(Reader reader) {
    co_await detail::admit_all_cancellation();
    std::uint64_t missed = 0;
    for (;;) {
      const std::optional<item> next = co_await reader.next();
      counts_.dropped += reader.missed() - missed;
      missed = reader.missed();
      if (!next) co_return;
      co_await deliver(**next);
    }
  }

  /// No more reports are taken; `run` ends when those that wait are delivered.
  void close() { waiting_.close(); }

  std::size_t waiting() const noexcept { return waiting_.size(); }
  const report_counts& counts() const noexcept { return counts_; }

 private:
  task<void> deliver(const crash_report& report);

  // Not `keep_outcome`: a reporter may throw before it returns a task.
  static task<void> call(any_crash_reporter& reporter, const crash_report& report, outcome<void>& ended);

  static bool is_cancelled(const std::exception_ptr& failure);
  std::exception_ptr too_late() const {
    return std::make_exception_ptr(error(errc::timed_out, "report", "after " + to_text(options_.limit)));
  }

  void tell(const crash_report& report, const std::exception_ptr& why) const noexcept;

  mailbox<item> waiting_;
  any_crash_reporter reporter_;
  report_queue_options options_;
  report_counts counts_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/report/impl/report_queue.ipp>
#endif
