// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a step of a stop may wait for: any check, that something is gone, that the connections have ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/process/stop_plan.hpp>

namespace ovrseer {

/// Ready when another check is not, such as when a file is gone. One attempt: see `probing`. That there was no answer in
/// time says neither.
class gone_check {
 public:
  explicit gone_check(any_check what) : what_(std::move(what)) {}

  /// Cancellation: every type abandons the check.
  task<check_result> operator()(check_target target) const { return run(what_, target); }

  /// "no file /run/x.lock".
  std::string describe() const { return "no " + what_.describe(); }
  std::chrono::nanoseconds bound() const { return what_.bound(); }
  void tell_needs(check_needs&) const {}  // nothing has to come about

 private:
  static task<check_result> run(any_check what, check_target target);

  any_check what_;
};

/// Ready when `what` is not.
inline gone_check gone(any_check what) { return gone_check(std::move(what)); }

/// Ready when nobody is connected to a TCP port of this machine (of this network namespace) any more: no connection is
/// established, none waits for an answer with its other side closed. One attempt: see `probing`. The operating-system
/// service is asked, which may be a scripted one.
class drained_check {
 public:
  explicit drained_check(std::uint16_t port) : port_(port) {}

  /// Cancellation: it does not wait, so there is nothing to cancel.
  task<check_result> operator()(check_target target) const { return run(port_, target); }

  /// "no connections at port 8080".
  std::string describe() const { return "no connections at port " + std::to_string(port_); }
  /// The least there is: zero would mean "without bound".
  std::chrono::nanoseconds bound() const { return std::chrono::nanoseconds(1); }
  void tell_needs(check_needs&) const {}  // nothing has to come about

 private:
  static task<check_result> run(std::uint16_t port, check_target target);

  std::uint16_t port_;
};

/// Ready when the connections to `port` have ended.
inline drained_check drained(std::uint16_t port) { return drained_check(port); }

/// A condition for `stop_step::until`: the step has done what it was for when `check` says ready.
///
///     stop_step(signal_number(SIGUSR1), 30s).until(holding(probing(drained(8080))))
///
/// Of the lines of the process (its `feed_of`, that of its unit) only those count that came after the step began. A check
/// that answers no is a problem of the stop's report and ends nothing: ask by `probing` what may hold later, with a
/// deadline of zero, since the step has its grace.
OVRSEER_DECL stop_condition holding(any_check check);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/stop_condition.ipp>
#endif
