// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports as events in Sentry, by envelopes: the event, and the end of the log as an attachment.
// Source: https://develop.sentry.dev/sdk/data-model/envelopes, /sdk/expected-features/rate-limiting
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <ovrseer/build.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/net/http.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// Where events go: `{scheme}://{public key}[:{secret}]@{host}[:{port}][/{path}]/{project}`.
class sentry_dsn {
 public:
  /// Errors: `std::errc::invalid_argument` for what is no DSN; the message does not repeat it, for it has the key.
  static result<sentry_dsn, error> parse(std::string_view text);

  /// The address of envelopes; the path in front of the project stays.
  const url& envelopes() const noexcept { return envelopes_; }
  const std::string& public_key() const noexcept { return public_key_; }

 private:
  sentry_dsn(url envelopes, std::string key) : envelopes_(std::move(envelopes)), public_key_(std::move(key)) {}

  url envelopes_;
  std::string public_key_;
};

/// A project of Sentry. Tested against Spotlight, Sentry's own reader of envelopes, and for what its server refuses and
/// limits against an emulator.
class sentry {
 public:
  explicit sentry(sentry_dsn where) : where_(std::move(where)) {}

  sentry& environment(std::string name) {
    environment_ = std::move(name);
    return *this;
  }
  sentry& release(std::string name) {
    release_ = std::move(name);
    return *this;
  }
  sentry& server_name(std::string name) {
    server_name_ = std::move(name);
    return *this;
  }
  /// Of the attached log, at most so many bytes from its end. Default 128 KiB.
  sentry& log_bytes(byte_size most) {
    log_bytes_ = most;
    return *this;
  }

  /// The same for a report each time: 32 digits made of its id.
  static std::string event_id(const crash_report& report);
  nlohmann::ordered_json event(const crash_report& report) const;
  /// The body of a request: headers and payloads, each header on one line.
  std::string envelope(const crash_report& report, wall_time now) const;

  http_request request(const crash_report& report, wall_time now) const;
  /// Errors: as `expect_success`. What the headers of an answer limit is for `sentry_limits`.
  void accept(const http_response& answer, wall_time now) const;

 private:
  sentry_dsn where_;
  std::string environment_ = "production";
  std::string release_;
  std::string server_name_;
  byte_size log_bytes_{std::uint64_t{128} << 10U};
};

/// Until when Sentry wants no items of a category, as its answers say. Pure.
class sentry_limits {
 public:
  /// Reads `X-Sentry-Rate-Limits` of any answer, else `Retry-After` of a 429 (60 s where it has none).
  void note(const http_response& answer, wall_time now);
  /// Whether items of a category ("error", "attachment") are unwanted at `now`.
  bool is_limited(std::string_view category, wall_time now) const;

 private:
  void limit(std::string_view category, wall_time until);

  std::map<std::string, wall_time, std::less<>> until_;  // "" stands for all
};

/// Tells Sentry of crashes. While Sentry wants none they are dropped, as it asks for, and counted.
template <http_client Client = any_http_client>
class sentry_reporter {
 public:
  sentry_reporter(sentry service, Client client) : service_(std::move(service)), client_(std::move(client)) {}

  /// Errors and cancellation: as `http_deliverer`; `errc::rejected` for what is dropped.
  task<void> deliver(const crash_report& report) {
    const executor ex = co_await asio::this_coro::executor;
    const clock_service& clock = clock_of(ex);
    if (limits_.is_limited("error", clock.wall_now())) {
      ++dropped_;
      throw error(errc::rejected, "deliver", "Sentry: its rate limit drops this");
    }
    http_request request = service_.request(report, clock.wall_now());
    const std::vector<std::string> credentials = credentials_of(request);
    http_response answer = co_await client_.exchange(std::move(request));
    hide_credentials(answer, credentials);
    limits_.note(answer, clock.wall_now());
    service_.accept(answer, clock.wall_now());
  }

  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  sentry service_;
  Client client_;
  sentry_limits limits_;
  std::uint64_t dropped_ = 0;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/sentry.ipp>
#endif
