// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports as incidents in PagerDuty, by its Events API v2: a fault triggers once, and is resolved on recovery.
// Source: https://developer.pagerduty.com/docs/events-api-v2-overview
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include <ovrseer/build.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/incident_update.hpp>
#include <ovrseer/event/recovery.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer {

/// An integration of PagerDuty, by its routing key.
///
/// One unit of one source has one incident at a time: the key is `ovrseer/SOURCE/NAMESPACE/UNIT` and no more, so that what
/// follows joins the incident and a recovery resolves it. Tested against an emulator, which Alertmanager passes too.
class pagerduty {
 public:
  /// `source` tells this machine or deployment from others, such as the host's name.
  pagerduty(std::string routing_key, std::string source)
      : routing_key_(std::move(routing_key)), source_(std::move(source)) {}

  /// Where the API is; default "https://events.pagerduty.com".
  pagerduty& base(url address) {
    base_ = std::move(address);
    return *this;
  }
  /// Crashes trigger from so many restarts on; what is given up always does. Default 0: every crash.
  pagerduty& from_restarts(std::uint32_t count) {
    from_restarts_ = count;
    return *this;
  }

  /// What tells incidents apart; a hash where it would pass 255 bytes.
  std::string dedup_key(const unit_id& unit) const;
  /// Whether the report is grave enough to trigger.
  bool triggers(const crash_report& report) const noexcept {
    return report.kind == crash_kind::retries_exhausted || report.retry_count >= from_restarts_;
  }

  nlohmann::ordered_json event(const crash_report& report) const;
  nlohmann::ordered_json event(const recovery& over) const;

  template <class T>
  http_request request(const T& item, wall_time) const {
    return post(event(item));
  }
  void accept(const http_response& answer, wall_time now) const;

 private:
  http_request post(const nlohmann::ordered_json& body) const;

  url base_{"https://events.pagerduty.com"};
  std::string routing_key_;
  std::string source_;
  std::uint32_t from_restarts_ = 0;
};

/// Triggers incidents for crashes, and resolves them for recoveries.
template <http_client Client = any_http_client>
class pagerduty_reporter {
 public:
  pagerduty_reporter(pagerduty service, Client client) : inner_(std::move(service), std::move(client)) {}

  /// What does not trigger is delivered to nobody. Errors and cancellation: as `http_deliverer`.
  task<void> deliver(const crash_report& report) {
    return inner_.service().triggers(report) ? inner_.deliver(report) : nothing();
  }
  task<void> deliver(const recovery& over) { return inner_.deliver(over); }
  task<void> deliver(const incident_update& update) {
    return std::visit([this](const auto& one) { return this->deliver(one); }, update.what);
  }

 private:
  static task<void> nothing() { co_return; }

  http_deliverer<pagerduty, Client> inner_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/pagerduty.ipp>
#endif
