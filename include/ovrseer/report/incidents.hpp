// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crashes and their ends: a plugin that tells of a crash, and of the recovery that closes it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/recovery.hpp>

namespace ovrseer {

/// Hands crash reports on to `D`, and a `recovery` when a unit that it was told of is ready again. For receivers that keep
/// the state of a unit, such as PagerDuty and Datadog's service checks; `attach` of <ovrseer/supervise/plugin.hpp> runs it:
///
///     attach(stack, incidents(retried(pagerduty_reporter<curl_client>(service, client))));
///
/// Give units a ready check: one without is ready as soon as it is spawned, and so recovers before each crash of a loop.
/// A recovery that comes to the plugin before its report follows the report. One that fails is told when the unit is ready
/// the next time.
template <class D>
  requires deliverer<D, crash_report> && deliverer<D, recovery>
class incidents {
 public:
  explicit incidents(D inner) : inner_(std::move(inner)) {}

  /// Errors and cancellation: those of `D`.
  task<void> on_crash(const crash_report& report) {
    open_.insert(report.unit);  // also where this fails: it may have arrived
    co_await inner_.deliver(report);
    const auto last = ready_.find(report.unit);
    if (last != ready_.end() && last->second.first > report.event_seq) co_await close(report.unit, last->second.second);
  }
  /// Errors and cancellation: those of `D`.
  task<void> on_ready(const event& what) {
    ready_.insert_or_assign(what.unit, std::pair(what.seq, what.time));
    if (open_.contains(what.unit)) co_await close(what.unit, what.time);
  }

 private:
  task<void> close(unit_id unit, wall_time when) {
    const recovery over(unit, when);
    co_await inner_.deliver(over);
    open_.erase(unit);
  }

  D inner_;
  std::set<unit_id> open_;
  std::map<unit_id, std::pair<std::uint64_t, wall_time>> ready_;  // the last time, by its event
};

}  // namespace ovrseer
