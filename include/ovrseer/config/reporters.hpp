// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reporters as a configuration names them: the one place where services that are chosen at run time lose their types.
#pragma once

#include <utility>
#include <variant>

#include <ovrseer/config/model.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/deduplicated.hpp>
#include <ovrseer/deliver/rate_limited.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/report/crash_reporter.hpp>

namespace ovrseer {

namespace config_detail {

struct service_maker {
  any_http_client client;

  any_crash_reporter operator()(const pagerduty& service) {
    return pagerduty_reporter<any_http_client>(service, std::move(client));
  }
  any_crash_reporter operator()(const sentry& service) {
    return sentry_reporter<any_http_client>(service, std::move(client));
  }
  template <class Service>
  any_crash_reporter operator()(const Service& service) {
    return http_deliverer(service, std::move(client));
  }
};

}  // namespace config_detail

/// The service alone: one attempt for each report, and its failure as it is.
inline any_crash_reporter service_of(const reporter_settings& from, any_http_client client) {
  return std::visit(config_detail::service_maker{std::move(client)}, from.service);
}

/// The service behind all that a reporter needs to be left alone with: the same fault is told once, what comes too fast is
/// told together, what may pass is tried again, and a receiver that fails is left alone.
inline any_crash_reporter reporter_of(const reporter_settings& from, any_http_client client) {
  any_crash_reporter sender = circuit_broken(retried(service_of(from, std::move(client))));
  if (from.per_minute != 0) {
    rate_limited_options rates;
    rates.each = rate_limit(from.per_minute, std::chrono::minutes(1), from.per_minute);
    sender = rate_limited(std::move(sender), rates);
  }
  if (from.repeat_after == std::chrono::nanoseconds::zero()) return sender;
  return deduplicated(std::move(sender), deduplicated_options(from.repeat_after));
}

}  // namespace ovrseer
