// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports as messages in Slack, by the Web API with a token or by an incoming webhook.
// Source: https://docs.slack.dev/reference/methods/chat.postMessage, /messaging/sending-messages-using-incoming-webhooks
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <ovrseer/build.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer {

/// Where messages go, and how much they say. Tested against an emulator, which Slack's own clients pass too.
class slack {
 public:
  /// Posts with a bot's token (`xoxb-…`, scope chat:write) to a channel, by its id or "#name".
  static slack with_token(std::string token, std::string channel) {
    slack made(url("https://slack.com"));
    made.token_ = std::move(token);
    made.channel_ = std::move(channel);
    return made;
  }
  /// Posts to an incoming webhook, whose address is a secret.
  static slack with_webhook(url address) { return slack(std::move(address)); }

  /// Where the Web API is; default "https://slack.com". Only for `with_token`.
  slack& base(url address) {
    address_ = std::move(address);
    return *this;
  }
  /// Of the log, at most so many characters from its end; at most 2,900. Default 2,400; 0 for none.
  slack& log_characters(std::size_t most) {
    log_characters_ = std::min<std::size_t>(most, 2900);
    return *this;
  }

  /// The body of the message: text for notifications, and blocks within Slack's limits.
  nlohmann::ordered_json message(const crash_report& report) const;

  http_request request(const crash_report& report, wall_time now) const;
  /// Slack answers 200 also where it refuses; then the code is by its word: `errc::throttled` or `errc::unavailable`
  /// for what passes, `errc::not_permitted` for a token that is not good, `errc::misdirected` for a channel or webhook
  /// that is not there, else `errc::rejected`.
  /// A status whose body has none of those words is as for `expect_success`.
  void accept(const http_response& answer, wall_time now) const;

 private:
  explicit slack(url address) : address_(std::move(address)) {}

  url address_;
  std::string token_;
  std::string channel_;
  std::size_t log_characters_ = 2400;
};

/// Tells Slack of crashes.
template <http_client Client = any_http_client>
using slack_reporter = http_deliverer<slack, Client>;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/slack.ipp>
#endif
