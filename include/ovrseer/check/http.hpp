// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a URL answers as it should.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/pattern/pattern.hpp>

namespace ovrseer {

/// Ready when a GET is answered with an expected status, and a body that matches where a pattern was given.
/// One attempt: see `probing`. All setters return the check, so that they chain.
class http_check {
 public:
  http_check(any_http_client client, url where) : client_(std::move(client)), request_("GET", std::move(where)) {}

  /// The statuses that count as ready, both ends included. Default 200 to 399.
  http_check& expect_status(int first, int last);
  http_check& expect_status(int only) { return expect_status(only, only); }
  /// What the body must have somewhere. At most 1 MiB of a body is read, more is an answer that is not ready.
  http_check& expect_body(pattern<> what);
  /// Sends a header as well. Errors: as `http_headers::add`.
  http_check& header(std::string name, std::string value);

  /// Cancellation: every type abandons the exchange.
  task<check_result> operator()(check_target) const { return run(*this); }

  /// "HTTP http://127.0.0.1:8080/health", without credentials and query.
  std::string describe() const { return "HTTP " + to_text(request_.target()); }
  /// None of its own: as long as the client waits.
  std::chrono::nanoseconds bound() const { return {}; }
  void tell_needs(check_needs& into) const {
    into.answers.push_back({request_.target(), first_status_, last_status_, body_});
  }

 private:
  static task<check_result> run(http_check self);

  std::string expected_status() const;

  any_http_client client_;
  http_request request_;
  std::optional<pattern<>> body_;
  int first_status_ = 200;
  int last_status_ = 399;
};

/// Ready when a GET of `where` is answered with 200 to 399.
inline http_check http(any_http_client client, url where) { return {std::move(client), std::move(where)}; }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/http.ipp>
#endif
