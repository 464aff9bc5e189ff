// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/reporters.hpp>.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <system_error>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/deployment_fields.hpp>
#include <ovrseer/deliver/enriched.hpp>
#include <ovrseer/deliver/rate_limited.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/report/datadog_reporter.hpp>
#include <ovrseer/report/exec_reporter.hpp>
#include <ovrseer/report/mail_reporter.hpp>

namespace ovrseer {

namespace config_detail {

/// Tells a crash reporter of incidents: of their crashes.
template <crash_reporter R>
struct crashes_alone {
  task<void> deliver(const incident_update& update) {
    const auto* report = std::get_if<crash_report>(&update.what);
    return report != nullptr ? inner.deliver(*report) : nothing();
  }
  static task<void> nothing() { co_return; }

  R inner;
};

/// Hands crashes to who takes incidents.
struct as_incidents {
  task<void> deliver(const crash_report& report) {
    const incident_update update(report);
    co_await inner.deliver(update);
  }
  void add_to(delivery_status& into) const { inner.add_to(into); }

  any_incident_reporter inner;
};

struct service_maker {
  reporter_means means;

  any_incident_reporter operator()(const pagerduty& service) {
    return pagerduty_reporter<any_http_client>(service, std::move(means.http));
  }
  any_incident_reporter operator()(const reporter_settings::datadog& to) {
    return datadog_reporter<>(to.service, datagram_socket(means.ex, to.to));
  }
  any_incident_reporter operator()(const sentry& service) {
    return crashes_alone{sentry_reporter<any_http_client>(service, std::move(means.http))};
  }
  any_incident_reporter operator()(const reporter_settings::mail& by) {
    if (!means.mail) throw error(std::make_error_code(std::errc::not_supported), "mail", "there is no mail client");
    return crashes_alone{mail_reporter<any_mail_client>(by.report, means.mail(by.server))};
  }
  any_incident_reporter operator()(const command& what) { return crashes_alone{exec_reporter(what)}; }
  template <class Service>
  any_incident_reporter operator()(const Service& service) {
    return crashes_alone{http_deliverer(service, std::move(means.http))};
  }
};

inline rate_limit rate_of(const reporter_settings& from) {
  // So many that no unit crashes faster.
  constexpr std::uint32_t no_limit = std::numeric_limits<std::uint32_t>::max();
  const std::uint32_t most = from.per_minute == 0 ? no_limit : from.per_minute;
  return rate_limit(most, std::chrono::minutes(1), most);
}

inline any_crash_reporter calmed(const reporter_settings& from, any_crash_reporter sender) {
  if (from.per_minute != 0) {
    rate_limited_options rates;
    rates.each = rate_of(from);
    sender = rate_limited(std::move(sender), rates);
  }
  if (from.repeat_after == std::chrono::nanoseconds::zero()) return sender;
  return deduplicated(std::move(sender), deduplicated_options(from.repeat_after));
}

inline outbox_options outbox_of(const reporter_settings& from) {
  outbox_options options(from.keep->folder.string());
  options.bytes = from.keep->bytes;
  // A recovery must not overtake its crash.
  if (keeps_incidents(from)) options.in_flight = 1;
  return options;
}

inline incident_rules rules_of(const reporter_settings& from) {
  incident_rules made;
  made.settled_after = from.settled_after;
  made.repeat_after = from.repeat_after;
  made.each = rate_of(from);
  if (const auto* service = std::get_if<pagerduty>(&from.service)) {
    made.opens = [service = *service](const crash_report& report) { return service.triggers(report); };
  }
  return made;
}

// Of attempts and the delays between them.
inline const delivery_limits reporter_limits(std::chrono::minutes(2));

}  // namespace config_detail

OVRSEER_DECL std::vector<std::pair<std::string, std::string>> fields_of(const report_fields_settings& from) {
  auto made = from.own;
  if (from.of_deployment == report_fields_settings::deployment::left_out) return made;
  const auto found = read_deployment_fields();
  made.insert(made.end(), found.begin(), found.end());
  return made;
}

OVRSEER_DECL bool keeps_incidents(const reporter_settings& from) noexcept {
  return std::holds_alternative<pagerduty>(from.service) ||
         std::holds_alternative<reporter_settings::datadog>(from.service);
}

OVRSEER_DECL any_incident_reporter service_of(const reporter_settings& from, reporter_means means) {
  return std::visit(config_detail::service_maker{std::move(means)}, from.service);
}

OVRSEER_DECL configured_reporter::configured_reporter(const executor& ex, const reporter_settings& from,
                                                      reporter_means means, error_hook on_error)
    : name_(from.name),
      on_error_(std::move(on_error)),
      fields_(means.fields),
      sender_(circuit_broken(service_of(from, std::move(means)))) {
  if (from.keep) box_.emplace(ex, config_detail::outbox_of(from));
  if (keeps_incidents(from)) {
    incident_options options;
    static_cast<incident_rules&>(options) = config_detail::rules_of(from);
    options.limits = config_detail::reporter_limits;
    options.on_error = [this](const incident_update& update, const caught& why) { on_error_(update.unit(), why); };
    incidents_.emplace(ex, front(), std::move(options));
    return;
  }
  delivery_queue_options<crash_report> options;
  options.limits = config_detail::reporter_limits;
  options.on_error = [this](const crash_report& report, const caught& why) { on_error_(report.unit, why); };
  crashes_.emplace(ex, config_detail::calmed(from, config_detail::as_incidents{front()}), std::move(options));
}

OVRSEER_DECL any_incident_reporter configured_reporter::front() {
  using outbox_end = enriched<borrowed<outbox<incident_update>>, incident_update>;
  using direct_end = enriched<retried<borrowed<any_incident_reporter>>, incident_update>;
  if (box_) return outbox_end(borrowed(*box_), fields_);
  return direct_end(retried(borrowed(sender_)), fields_);
}

OVRSEER_DECL task<void> configured_reporter::feed(supervisor& of) {
  co_await detail::admit_all_cancellation();
  if (incidents_) {
    co_await incidents_->run(of);
  } else {
    co_await attach(of, *crashes_);
  }
  if (box_) box_->close();
}

OVRSEER_DECL task<void> configured_reporter::send_kept() {
  co_await detail::admit_all_cancellation();
  const attempted<void> ended = co_await attempt(box_->run(sender_));
  if (ended) co_return;
  if (ended.reason().is_cancellation()) ended.reason().rethrow();
  on_error_({}, ended.reason());
}

OVRSEER_DECL task<void> configured_reporter::run(supervisor& of) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  nursery both(ex);
  both.start(feed(of));
  if (box_) both.start(send_kept());
  co_await both.join();
  if (both.was_cancelled()) detail::throw_cancelled();
}

OVRSEER_DECL void configured_reporter::add_to(delivery_status& into) const {
  if (crashes_) add_status(*crashes_, into);
  if (incidents_) add_status(*incidents_, into);
  if (box_) add_status(sender_, into);
}

}  // namespace ovrseer
