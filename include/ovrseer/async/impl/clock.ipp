// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/async/clock.hpp>.
#pragma once

#include <ovrseer/async/cancellation.hpp>
#include <ovrseer/async/clock.hpp>

namespace ovrseer {

OVRSEER_DECL steady_time clock_service::after(std::chrono::nanoseconds duration) const {
  const steady_time begin = now();
  return duration < steady_time::max() - begin ? begin + duration : steady_time::max();
}

OVRSEER_DECL wall_time clock_service::wall_now() const {
  if (!is_virtual_) return std::chrono::system_clock::now();
  return virtual_epoch_ + std::chrono::duration_cast<wall_time::duration>(virtual_now_.time_since_epoch());
}

OVRSEER_DECL void clock_service::make_virtual(wall_time epoch) {
  is_virtual_ = true;
  virtual_epoch_ = epoch;
}

OVRSEER_DECL void clock_service::advance_to(steady_time time) {
  if (time > virtual_now_) virtual_now_ = time;
  while (!sleepers_.empty() && sleepers_.begin()->first <= virtual_now_) {
    asio::steady_timer* timer = sleepers_.begin()->second;
    sleepers_.erase(sleepers_.begin());
    timer->cancel();
  }
}

OVRSEER_DECL clock_service::sleeper::~sleeper() {
  const auto [first, last] = clock_.sleepers_.equal_range(due_);
  for (auto it = first; it != last; ++it) {
    if (it->second != &timer_) continue;
    clock_.sleepers_.erase(it);
    return;
  }
}

OVRSEER_DECL task<void> sleep_until(steady_time due) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  clock_service& clock = clock_of(ex);
  asio::steady_timer timer(ex, clock.is_virtual() ? steady_time::max() : due);
  if (!clock.is_virtual()) {
    co_await timer.async_wait(use_task);
    co_return;
  }
  if (clock.now() >= due) {
    co_await asio::post(ex, use_task);
    co_return;
  }
  const clock_service::sleeper sleeping(clock, due, timer);
  auto [code] = co_await timer.async_wait(use_task_tuple);
  if (!sleeping.is_due()) throw std::system_error(code);
}

OVRSEER_DECL task<void> sleep_for(std::chrono::nanoseconds duration) {
  const executor ex = co_await asio::this_coro::executor;
  co_await sleep_until(clock_of(ex).after(duration));
}

OVRSEER_DECL task<steady_time> now() {
  const executor ex = co_await asio::this_coro::executor;
  co_return clock_of(ex).now();
}

OVRSEER_DECL bool virtual_clock::step() {
  context_.restart();
  return context_.poll_one() != 0 || jump();
}

OVRSEER_DECL bool virtual_clock::turn() {
  context_.restart();
  return context_.poll() != 0 || jump();
}

OVRSEER_DECL bool virtual_clock::jump() {
  const steady_time due = clock_.next_due();
  if (due == steady_time::max()) return false;
  clock_.advance_to(due);
  return true;
}

OVRSEER_DECL void virtual_clock::run_until(steady_time end) {
  for (;;) {
    context_.restart();
    while (context_.poll() != 0) context_.restart();
    const steady_time due = clock_.next_due();
    if (due > end || due == steady_time::max()) break;
    clock_.advance_to(due);
  }
  if (end != steady_time::max()) clock_.advance_to(end);
}

}  // namespace ovrseer
