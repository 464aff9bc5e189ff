// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports by mail.
#pragma once

#include <functional>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/net/mail.hpp>
#include <ovrseer/service/mail_report.hpp>

namespace ovrseer {

/// Mails crashes to people.
template <mail_client Client = any_mail_client>
class mail_reporter {
 public:
  mail_reporter(mail_report service, Client client) : service_(std::move(service)), client_(std::move(client)) {}

  /// Is told of each receiver whom the server refused while it took the mail for others. Default nobody.
  mail_reporter& on_refused(std::function<void(const refused_recipient&)> tell) {
    tell_ = std::move(tell);
    return *this;
  }

  /// Delivered once the server has the mail for one receiver at least: sent again it would come twice to those.
  ///
  /// Errors: what the client throws.
  /// Cancellation: every type abandons the mail.
  task<void> deliver(const crash_report& report) {
    mail_message mail = service_.message(report);
    const mail_receipt receipt = co_await client_.send(std::move(mail));
    for (const refused_recipient& each : receipt.refused) {
      if (tell_) tell_(each);
    }
  }

 private:
  mail_report service_;
  Client client_;
  std::function<void(const refused_recipient&)> tell_;
};

}  // namespace ovrseer
