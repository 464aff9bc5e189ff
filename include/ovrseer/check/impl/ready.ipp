// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/ready.hpp>.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <ovrseer/async/first_of.hpp>
#include <ovrseer/check/detail/until_ended.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/log/line_stream.hpp>

namespace ovrseer::check_detail {

OVRSEER_DECL line_feed* lines_of(process& target) {
  const child& state = *target.shared();
  return state.output_is_read && !state.attachment ? nullptr : &feed_of(target);
}

OVRSEER_DECL task<check_result> ask_until_ended(process& target, any_check check, notify_channel* notify) {
  const executor ex = co_await asio::this_coro::executor;
  const steady_time began = clock_of(ex).now();
  check_target seen;
  seen.lines = lines_of(target);
  seen.child = &target;
  seen.notify = notify;
  constexpr std::chrono::nanoseconds no_limit{};
  auto first = co_await first_of(ask_once(std::move(check), seen, no_limit), until_ended(target.shared()));
  check_result answer;
  if (auto* said = std::get_if<check_result>(&first)) {
    answer = std::move(*said);
  } else {
    answer.outcome = check_result::verdict::not_ready;
    answer.reason = to_text(*target.status()) + " before it was ready";
  }
  answer.took = clock_of(ex).now() - began;
  co_return answer;
}

}  // namespace ovrseer::check_detail

namespace ovrseer {

OVRSEER_DECL task<check_result> ready(process& target, any_check check) {
  target.status();  // throws for an empty handle
  return check_detail::ask_until_ended(target, std::move(check), nullptr);
}

OVRSEER_DECL task<check_result> ready(process& target, any_check check, notify_channel& notify) {
  target.status();  // throws for an empty handle
  return check_detail::ask_until_ended(target, std::move(check), &notify);
}

}  // namespace ovrseer
