// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/async/nursery.hpp>.
#pragma once

#include <ovrseer/async/alarm.hpp>
#include <ovrseer/async/nursery.hpp>

namespace ovrseer {

OVRSEER_DECL void nursery::start(task<void> body) {
  sweep();
  const auto child = children_.emplace(children_.end());
  ++running_;
  auto finished = [this, child](std::exception_ptr failure) { finish(*child, std::move(failure)); };
  asio::co_spawn(changed_.get_executor(), admit(std::move(body)),
                 asio::bind_cancellation_slot(child->cancel.slot(), std::move(finished)));
}

OVRSEER_DECL void nursery::cancel(cancellation_type type) {
  ++emitting_;
  for (child_type& child : children_) {
    if (!child.done) child.cancel.emit(type);
  }
  --emitting_;
}

OVRSEER_DECL task<bool> nursery::join_within(std::chrono::nanoseconds limit, std::chrono::nanoseconds patience) {
  bool expired = false;
  if (running_ == 0) co_return expired;
  co_await wait_until(clock_of(changed_.get_executor()).after(limit), all);
  if (running_ == 0) co_return expired;
  expired = true;
  cancel(cancellation_type::total);
  co_await wait_until(clock_of(changed_.get_executor()).after(patience), all);
  if (running_ != 0) cancel(cancellation_type::terminal);
  co_await join();
  co_return expired;
}

OVRSEER_DECL task<void> nursery::wind_down(std::chrono::nanoseconds patience) {
  cancel(cancellation_type::total);
  co_await join_within(patience, std::chrono::nanoseconds::zero());
}

OVRSEER_DECL task<void> nursery::wait_until(steady_time due, std::size_t count) {
  const executor ex = changed_.get_executor();
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::optional<alarm> wake;
  if (due != steady_time::max()) wake.emplace(ex, due, changed_);
  for (;;) {
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    const cancellation_type type = gentlest(state.cancelled());
    // Also a request that comes in the turn of the last end: the caller's next wait must not throw.
    if (type != cancellation_type::none) {
      co_await detail::admit_all_cancellation();
      cancelled_by_ = type;
      cancel(type);
    } else if (finished_ < count && running_ != 0 && clock_of(ex).now() < due) {
      co_await changed_.wait_quietly();
    } else {
      break;
    }
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  sweep();
}

OVRSEER_DECL task<void> nursery::admit(task<void> body) {
  co_await detail::admit_all_cancellation();
  co_await std::move(body);
}

OVRSEER_DECL void nursery::finish(child_type& child, std::exception_ptr failure) {
  child.done = true;
  --running_;
  ++finished_;
  if (failure && !failure_) failure_ = std::move(failure);
  changed_.notify_all();
}

}  // namespace ovrseer

namespace ovrseer::async_detail {

OVRSEER_DECL task<void> unthrowing(task<void> body) {
  co_await detail::admit_all_cancellation();
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(body);
}

}  // namespace ovrseer::async_detail
