// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crashes and their ends: what receivers that keep incidents, such as PagerDuty and Datadog's service checks, are told.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/deliver/incident_book.hpp>
#include <ovrseer/event/incident_update.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// Delivers one update of an incident; see `deliverer`.
template <class R>
concept incident_reporter = deliverer<R, incident_update>;
/// Any `incident_reporter`, chosen at run time. Move-only.
using any_incident_reporter = any_deliverer<incident_update>;

/// How `incidents` tells.
struct incident_options : incident_rules {
  incident_options() = default;

  delivery_limits limits;  ///< for one delivery
  /// Hears of an update that was not delivered, and why. One that may pass is tried again after a minute, as what the unit
  /// then needs. What it throws is ignored. Empty: the supervisor's error handler is told.
  std::function<void(const incident_update& update, const caught& why)> on_error;
};

/// Tells a receiver of the first crash of each unit, now and then how many followed, and of the recovery once the unit has
/// been well for a while, so that a loop of crashes is one incident:
///
///     incidents calls(io.get_executor(), retried(pagerduty_reporter<curl_client>(service, client)));
///     asio::co_spawn(io, calls.run(stack), asio::use_future);
///
/// It takes the place of queue, `deduplicated` and `rate_limited`, which know nothing of recoveries. A receiver that does not
/// answer costs no memory but the last report of each unit: what it is told then is how the unit stands.
/// One strand; must outlive `run`.
class incidents {
 public:
  incidents(const executor& ex, any_incident_reporter receiver, incident_options options = {})
      : receiver_(std::move(receiver)), options_(std::move(options)), book_(options_), changed_(ex) {}
  incidents(const incidents&) = delete;
  incidents& operator=(const incidents&) = delete;

  /// Tells of the crashes and recoveries of `of`, those of before included, until the supervisor has ended and what was open
  /// is told. Run it beside `supervisor::run`.
  ///
  /// Cancellation: every type is passed to the delivery under way; what still waits is lost.
  task<void> run(supervisor& of);

  void add_to(delivery_status& into) const;

 private:
  task<void> read_reports(supervisor::report_stream::reader reader);
  task<void> read_standings(journal::reader reader);
  task<void> read_all(supervisor& of);
  task<void> tell_all(supervisor& of);
  task<void> tell(supervisor& of, unit_id unit, steady_time until);
  task<void> wait_for_news(std::uint64_t after);
  void note_change();

  any_incident_reporter receiver_;
  incident_options options_;
  incident_book book_;
  notifier changed_;
  std::uint64_t changes_ = 0;
  bool is_ended_ = false;  // nothing follows
  std::optional<steady_time> since_;  // when the update under way was first tried
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/report/impl/incidents.ipp>
#endif
