// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports to any HTTP address: as our JSON, or as a text of one's own with places for what is known.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/net/http.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// A text with places: `{{unit}} crashed: {{message}}`. `{{{{` stands for two braces.
///
/// Names: id, time, kind, severity, namespace, unit, headline, message, status, uptime, restarts, seen, program, log (the
/// last lines), and `field.NAME` for a field of the deployment. What is not known is empty.
class report_template {
 public:
  /// Errors: `std::errc::invalid_argument` with the offset, for a place that is not closed and a name that is not one of those.
  static result<report_template, error> parse(std::string_view text);

  /// The text for a report. Each value is put through `escape` first.
  std::string fill(const crash_report& report, const std::function<std::string(std::string_view)>& escape) const;

 private:
  struct piece {
    std::string text;  // or the name of a place
    bool is_place = false;
  };
  static bool is_name(std::string_view name);
  static std::string value_of(const crash_report& report, std::string_view name);

  std::vector<piece> pieces_;
};

/// An address that is posted to. Success is any status from 200 to 299.
///
/// Each report has the header `Idempotency-Key` with its id, so that a receiver can tell a repetition. The path of the
/// address is masked wherever it is shown: often it is the password.
class webhook {
 public:
  explicit webhook(url address) : address_(std::move(address)) { address_.hide_path(); }

  webhook& header(std::string name, std::string value) {
    headers_.add(std::move(name), std::move(value));
    return *this;
  }
  /// In place of our JSON. Values are escaped as the content type needs it: inside of a JSON string, percent-encoded for a
  /// form, else not at all.
  webhook& body(report_template text, std::string content_type = "application/json") {
    template_ = std::move(text);
    content_type_ = std::move(content_type);
    return *this;
  }

  http_request request(const crash_report& report, wall_time now) const;
  void accept(const http_response& answer, wall_time now) const;

 private:
  url address_;
  http_headers headers_;
  std::optional<report_template> template_;
  std::string content_type_ = "application/json";
};

/// Posts crashes to an address.
template <http_client Client = any_http_client>
using webhook_reporter = http_deliverer<webhook, Client>;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/webhook.ipp>
#endif
