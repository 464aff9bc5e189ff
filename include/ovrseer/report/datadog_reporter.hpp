// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports to Datadog's Agent: an event for people, and a service check for monitors.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/incident_update.hpp>
#include <ovrseer/event/recovery.hpp>
#include <ovrseer/net/datagram.hpp>
#include <ovrseer/service/statsd.hpp>

namespace ovrseer {

/// The service check of a unit.
inline constexpr std::string_view datadog_check_name = "ovrseer.unit";

/// The event of a report: the headline, the facts and the end of the log; tags `unit`, `namespace` and `kind`. Reports of
/// one fault have one aggregation key. What would notify somebody, '@' before a name, has a space between.
OVRSEER_DECL statsd_event datadog_event(const crash_report& report);
/// What the report says of the unit: a warning where the unit still does its work (a flag matched, a cleanup failed), else
/// critical. Its tags are `unit` and `namespace` alone, so that a recovery finds it.
OVRSEER_DECL statsd_check datadog_check(const crash_report& report);
/// That the unit is well.
OVRSEER_DECL statsd_check datadog_check(const recovery& over);

/// Tells Datadog's Agent of crashes and recoveries. Tested against an emulator of the Agent.
template <datagram_sender Sender = datagram_socket>
class datadog_reporter {
 public:
  /// `service` is of Datadog's dialect; in the plain one nothing is said.
  datadog_reporter(statsd service, Sender sender) : service_(std::move(service)), sender_(std::move(sender)) {}

  /// Sends the check and then the event, which is cut to the limit of the service.
  ///
  /// Errors: as `expect_taken`; then the check may have left and the event not. A message that the limit cannot hold is
  /// `errc::message_too_large`.
  /// Cancellation: never waits.
  task<void> deliver(const crash_report& report) {
    send(service_.message(datadog_check(report)));
    send(service_.message(datadog_event(report)));
    co_return;
  }
  /// Sends the check.
  task<void> deliver(const recovery& over) {
    send(service_.message(datadog_check(over)));
    co_return;
  }

  task<void> deliver(const incident_update& update) {
    return std::visit([this](const auto& one) { return this->deliver(one); }, update.what);
  }

  const Sender& sender() const noexcept { return sender_; }

 private:
  void send(const std::string& message) {
    if (message.empty()) return;
    const bool fits = message.size() <= service_.limit();
    expect_taken(fits ? sender_.send(message) : std::make_error_code(std::errc::message_size), "Datadog");
  }

  statsd service_;
  Sender sender_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/report/impl/datadog_reporter.ipp>
#endif
