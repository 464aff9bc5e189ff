// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reporters as a configuration names them: the one place where services that are chosen at run time lose their types.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/deliver/deduplicated.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/deliver/outbox.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/net/mail.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/report/incidents.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// What reporters send with. Where there is no mail client, those by mail fail with `std::errc::not_supported`.
struct reporter_means {
  explicit reporter_means(any_http_client client) : http(std::move(client)) {}

  any_http_client http;
  std::function<any_mail_client(const mail_server&)> mail;
  executor ex;                                              ///< of datagrams
  std::vector<std::pair<std::string, std::string>> fields;  ///< that each report gets where it does not have them
};

/// What each report gets: what the configuration says, and what is known of the deployment, as `read_deployment_fields`
/// finds it now.
OVRSEER_DECL std::vector<std::pair<std::string, std::string>> fields_of(const report_fields_settings& from);

/// Whether the service keeps incidents, and so hears of recoveries: PagerDuty and Datadog.
OVRSEER_DECL bool keeps_incidents(const reporter_settings& from) noexcept;

/// The service alone: one attempt for each update, and its failure as it is. One that keeps no incidents is told of crashes
/// alone.
OVRSEER_DECL any_incident_reporter service_of(const reporter_settings& from, reporter_means means);

/// A reporter of a configuration, whole: the service as long as it answers, for what may pass again and again, from an outbox
/// where the configuration has one, and calmed, so that neither the service nor who reads it is flooded.
///
/// A service that keeps incidents is told by `incidents`; of the others, each is told the same fault once, and together what
/// comes too fast. One strand; must outlive `run`.
class configured_reporter {
 public:
  /// Hears of what was not delivered and why; the unit's name is empty where that concerns none.
  using error_hook = std::function<void(const unit_id&, const caught&)>;

  configured_reporter(const executor& ex, const reporter_settings& from, reporter_means means, error_hook on_error);

  configured_reporter(const configured_reporter&) = delete;
  configured_reporter& operator=(const configured_reporter&) = delete;

  const std::string& name() const noexcept { return name_; }

  /// Tells of `of` until the supervisor has ended and the last report is delivered, from the outbox too. Run it beside
  /// `supervisor::run`.
  ///
  /// Cancellation: total and partial are passed to the deliveries under way, terminal cuts them off; what waits in an outbox
  /// stays there.
  task<void> run(supervisor& of);

  void add_to(delivery_status& into) const;

 private:
  /// Where reports go that are due: to the outbox, or to the service.
  any_incident_reporter front();
  task<void> feed(supervisor& of);
  task<void> send_kept();

  std::string name_;
  error_hook on_error_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::optional<outbox<incident_update>> box_;
  any_incident_reporter sender_;
  std::optional<delivery_queue<crash_report>> crashes_;  // one of the two
  std::optional<incidents> incidents_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/reporters.ipp>
#endif
