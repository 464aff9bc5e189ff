// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a supervisor may be told before it begins, and what it says at its end.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <ovrseer/event/journal.hpp>

namespace ovrseer {

/// Bounds and names of a supervisor. All setters return the options, so that they chain.
class supervisor_options {
 public:
  /// Units at most. Default 1,000.
  supervisor_options& max_units(std::size_t count) {
    max_units_ = count;
    return *this;
  }
  /// Events that the journal keeps in memory. Default 64 Ki.
  supervisor_options& journal_capacity(std::size_t count) {
    journal_capacity_ = count;
    return *this;
  }
  /// Crash reports that wait for a slow reader at most; older ones are dropped and counted. Default 256.
  supervisor_options& max_reports(std::size_t count) {
    max_reports_ = count;
    return *this;
  }
  /// The last lines of the log in a crash report. Default 100.
  supervisor_options& report_lines(std::size_t count) {
    report_lines_ = count;
    return *this;
  }
  /// Tells this life from all others in events. Default: random.
  supervisor_options& boot_id(std::string id) {
    boot_id_ = std::move(id);
    return *this;
  }

  std::size_t max_units() const noexcept { return max_units_; }
  std::size_t journal_capacity() const noexcept { return journal_capacity_; }
  std::size_t max_reports() const noexcept { return max_reports_; }
  std::size_t report_lines() const noexcept { return report_lines_; }
  const std::string& boot_id() const noexcept { return boot_id_; }

 private:
  std::size_t max_units_ = 1'000;
  std::size_t journal_capacity_ = journal::default_capacity;
  std::size_t max_reports_ = 256;
  std::size_t report_lines_ = 100;
  std::string boot_id_ = make_boot_id();
};

/// Exit codes of `supervisor::run` beside a unit's own.
enum class supervisor_exit : int {
  success = 0,
  start_failed = 3,  ///< something needed never became ready
  gave_up = 4,       ///< something needed was lost for good
  forced = 130,      ///< a stop was forced
};

}  // namespace ovrseer
