// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reporters as a configuration names them: the one place where services that are chosen at run time lose their types.
#pragma once

#include <functional>
#include <utility>
#include <variant>

#include <ovrseer/config/model.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/deduplicated.hpp>
#include <ovrseer/deliver/rate_limited.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/net/mail.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/report/datadog_reporter.hpp>
#include <ovrseer/report/exec_reporter.hpp>
#include <ovrseer/report/mail_reporter.hpp>

namespace ovrseer {

/// What reporters send with. Where there is no mail client, those by mail fail with `std::errc::not_supported`.
struct reporter_means {
  explicit reporter_means(any_http_client client) : http(std::move(client)) {}

  any_http_client http;
  std::function<any_mail_client(const mail_server&)> mail;
  executor ex;  ///< of datagrams
};

namespace config_detail {

struct service_maker {
  reporter_means means;

  any_crash_reporter operator()(const pagerduty& service) {
    return pagerduty_reporter<any_http_client>(service, std::move(means.http));
  }
  any_crash_reporter operator()(const sentry& service) {
    return sentry_reporter<any_http_client>(service, std::move(means.http));
  }
  any_crash_reporter operator()(const reporter_settings::mail& by) {
    if (!means.mail) throw error(std::make_error_code(std::errc::not_supported), "mail", "there is no mail client");
    return mail_reporter<any_mail_client>(by.report, means.mail(by.server));
  }
  any_crash_reporter operator()(const command& what) { return exec_reporter(what); }
  any_crash_reporter operator()(const reporter_settings::datadog& to) {
    return datadog_reporter<>(to.service, datagram_socket(means.ex, to.to));
  }
  template <class Service>
  any_crash_reporter operator()(const Service& service) {
    return http_deliverer(service, std::move(means.http));
  }
};

}  // namespace config_detail

/// The service alone: one attempt for each report, and its failure as it is.
inline any_crash_reporter service_of(const reporter_settings& from, reporter_means means) {
  return std::visit(config_detail::service_maker{std::move(means)}, from.service);
}

/// The service as long as it answers; one that fails is left alone for a while.
inline any_crash_reporter sender_of(const reporter_settings& from, reporter_means means) {
  return circuit_broken(service_of(from, std::move(means)));
}

/// What stands before it, or before the outbox: the same fault is told once, what comes too fast is told together.
inline any_crash_reporter calmed(const reporter_settings& from, any_crash_reporter sender) {
  if (from.per_minute != 0) {
    rate_limited_options rates;
    rates.each = rate_limit(from.per_minute, std::chrono::minutes(1), from.per_minute);
    sender = rate_limited(std::move(sender), rates);
  }
  if (from.repeat_after == std::chrono::nanoseconds::zero()) return sender;
  return deduplicated(std::move(sender), deduplicated_options(from.repeat_after));
}

/// All that a reporter without an outbox needs to be left alone with; what may pass is tried again.
inline any_crash_reporter reporter_of(const reporter_settings& from, reporter_means means) {
  return calmed(from, retried(sender_of(from, std::move(means))));
}

}  // namespace ovrseer
