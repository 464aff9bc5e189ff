// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/notify.hpp>.
#pragma once

#include <algorithm>
#include <optional>

#include <ovrseer/async/alarm.hpp>
#include <ovrseer/async/first_of.hpp>
#include <ovrseer/check/detail/until_ended.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

OVRSEER_DECL void notify_channel::prepare(command& what) {
  close();
  socket_ = os_of(changed_.get_executor()).open_notify_socket(changed_.get_executor());
  what.env("NOTIFY_SOCKET", socket_->address()).unset_env("WATCHDOG_PID").unset_env("WATCHDOG_USEC");
  const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(watchdog_).count();
  if (usec > 0) what.env("WATCHDOG_USEC", std::to_string(usec));
}

OVRSEER_DECL task<void> notify_channel::listen(std::shared_ptr<child> from) {
  co_await detail::admit_all_cancellation();
  const std::shared_ptr<notify_socket> socket = socket_;
  if (!socket) throw error(errc::invalid_state, "listen", "the notify channel is not prepared");
  int rounds_after_end = 0;
  for (;;) {
    const bool has_ended = from->status.has_value();
    int in_row = 0;
    while (in_row < most_in_row && socket == socket_ && take_next(*socket, *from)) ++in_row;
    if (socket != socket_) co_return;
    // What it left behind may go on talking; of its own words no more than a queue full can be there.
    if (has_ended && (in_row < most_in_row || ++rounds_after_end == most_rounds_after_end)) break;
    if (in_row == most_in_row) {
      // Who floods must not keep everybody else from running.
      co_await asio::post(changed_.get_executor(), use_task);
    } else {
      co_await first_of(socket->wait(), check_detail::until_ended(from));
    }
  }
  socket_.reset();  // whoever still writes to it must not wait for a reader
}

OVRSEER_DECL void notify_channel::close() {
  socket_.reset();
  state_ = notify_state();
}

OVRSEER_DECL bool notify_channel::take_next(notify_socket& socket, child& from) {
  const std::optional<notify_datagram> came = socket.try_receive();
  if (came) take(*came, from);
  return came.has_value();
}

OVRSEER_DECL void notify_channel::take(const notify_datagram& came, child& from) {
  if (!belongs(came.sender, from)) {
    ++counts_.strangers;
    return;
  }
  std::optional<notify_message> said;
  if (!came.is_cut) said = parse_notify(came.text);
  if (!said) {
    ++counts_.malformed;
    return;
  }
  if (said->main_pid && !belongs(*said->main_pid, from)) {
    ++counts_.strangers;
    said->main_pid.reset();
  }
  ++counts_.taken;
  counts_.ignored += said->ignored;
  state_.take(*said, clock_of(changed_.get_executor()).now());
  changed_.notify_all();
}

OVRSEER_DECL notified_check& notified_check::limit(std::chrono::nanoseconds duration) {
  limit_ = duration;
  return *this;
}

OVRSEER_DECL task<check_result> notified_check::run(std::chrono::nanoseconds limit, check_target target) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  const clock_service& clock = clock_of(ex);
  const steady_time began = clock.now();
  check_result answer;
  answer.attempts = 1;
  answer.outcome = check_result::verdict::not_ready;
  answer.reason = "it was given no notify socket";
  if (target.notify == nullptr) co_return answer;
  notify_channel& channel = *target.notify;
  for (;;) {
    const notify_state& said = channel.state();
    steady_time due = steady_time::max();
    if (limit != std::chrono::nanoseconds::zero() && limit < due - began) due = began + limit;
    if (due != steady_time::max() && said.extended_until) due = std::max(due, *said.extended_until);
    answer.took = clock.now() - began;
    if (said.is_ready) {
      answer.outcome = check_result::verdict::ready;
      answer.reason.clear();
      co_return answer;
    }
    if (said.is_stopping) {
      answer.reason = "it says that it is stopping" + status_of(said);
      co_return answer;
    }
    if (clock.now() >= due) {
      answer.outcome = check_result::verdict::timed_out;
      answer.reason = "no READY=1 within " + to_text(answer.took) + status_of(said);
      co_return answer;
    }
    const alarm wake(ex, due, channel.changed());
    co_await channel.changed().wait();
  }
}

}  // namespace ovrseer
