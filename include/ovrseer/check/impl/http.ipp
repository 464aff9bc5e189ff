// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/http.hpp>.
#pragma once

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/check/http.hpp>

namespace ovrseer {

OVRSEER_DECL http_check& http_check::expect_status(int first, int last) {
  first_status_ = first;
  last_status_ = last;
  return *this;
}

OVRSEER_DECL http_check& http_check::expect_body(pattern<> what) {
  body_ = std::move(what);
  return *this;
}

OVRSEER_DECL http_check& http_check::header(std::string name, std::string value) {
  request_.header(std::move(name), std::move(value));
  return *this;
}

OVRSEER_DECL task<check_result> http_check::run(http_check self) {
  const attempted<http_response> response = co_await attempt(self.client_.exchange(self.request_));
  check_result answer;
  answer.attempts = 1;
  if (!response) {
    if (response.reason().is_cancellation()) response.reason().rethrow();
    answer.reason = response.reason().what();
  } else if (response->status() < self.first_status_ || response->status() > self.last_status_) {
    answer.reason = "answered " + std::to_string(response->status()) + " " +
                    std::string(status_phrase(response->status())) + ", expected " + self.expected_status();
  } else if (self.body_ && !self.body_->matches(response->body())) {
    answer.reason = "answered " + std::to_string(response->status()) + ", but the body has no match of /" +
                    std::string(self.body_->text()) + "/";
  }
  if (!answer.reason.empty()) answer.outcome = check_result::verdict::not_ready;
  co_return answer;
}

OVRSEER_DECL std::string http_check::expected_status() const {
  const std::string first = std::to_string(first_status_);
  return first_status_ == last_status_ ? first : first + " to " + std::to_string(last_status_);
}

}  // namespace ovrseer
