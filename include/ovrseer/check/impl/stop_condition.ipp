// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/stop_condition.hpp>.
#pragma once

#include <system_error>

#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/check/stop_condition.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

OVRSEER_DECL task<check_result> gone_check::run(any_check what, check_target target) {
  const std::string asked = what.describe();
  check_result answer = co_await what(target);
  if (answer.outcome == check_result::verdict::timed_out) co_return answer;
  const bool is_there = answer.is_ready();
  answer.outcome = is_there ? check_result::verdict::not_ready : check_result::verdict::ready;
  answer.reason = is_there ? asked + " is there" : "";
  co_return answer;
}

OVRSEER_DECL task<check_result> drained_check::run(std::uint16_t port, check_target) {
  const executor ex = co_await asio::this_coro::executor;
  check_result answer;
  answer.attempts = 1;
  const result<std::size_t, std::error_code> count = os_of(ex).connections_at(port);
  if (count && *count == 0) co_return answer;
  answer.outcome = check_result::verdict::not_ready;
  answer.reason = "port " + std::to_string(port) + ": " +
                  (count ? std::to_string(*count) + " connections" : count.reason().message());
  co_return answer;
}

}  // namespace ovrseer

namespace ovrseer::check_detail {

OVRSEER_DECL task<void> until_ready(any_check check, check_target target) {
  constexpr std::chrono::nanoseconds no_limit{};
  const check_result answer = co_await ask_once(std::move(check), target, no_limit);
  if (!answer.is_ready()) throw error(errc::not_ready, "until", answer.reason);
}

}  // namespace ovrseer::check_detail

namespace ovrseer {

OVRSEER_DECL stop_condition holding(any_check check) {
  const std::string text = check.describe();
  const auto holds = [check = std::move(check)](process& target) {
    const check_needs needs = check.needs();
    const bool may_read = !needs.lines.empty() || !needs.untold.empty();
    check_target seen;
    seen.child = &target;
    if (may_read || target.shared()->attachment) seen.lines = check_detail::lines_of(target);
    if (seen.lines != nullptr) seen.first_seq = seen.lines->lines().end_seq();
    return check_detail::until_ready(check, seen);
  };
  return {holds, text};
}

}  // namespace ovrseer
