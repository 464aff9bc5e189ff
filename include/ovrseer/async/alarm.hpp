// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A notification at a moment: how a coroutine waits for a change, but not longer than that.
#pragma once

#include <memory>
#include <optional>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/notifier.hpp>

namespace ovrseer {

/// Notifies `target` once when `due` comes, real or virtual time; disarmed by its destructor.
///
///     const alarm wake(ex, due, changed);
///     co_await changed.wait();   // wakes for a change, or because it is due
class alarm {
 public:
  alarm(const executor& ex, steady_time due, notifier& target)
      : timer_(ex, clock_of(ex).is_virtual() ? steady_time::max() : due), armed_(std::make_shared<bool>(true)) {
    clock_service& clock = clock_of(ex);
    if (clock.is_virtual()) {
      if (clock.now() >= due) {
        asio::post(ex, [armed = armed_, &target] {
          if (*armed) target.notify_all();
        });
        return;
      }
      sleeper_.emplace(clock, due, timer_);
    }
    timer_.async_wait([armed = armed_, &target](const std::error_code&) {
      if (*armed) target.notify_all();
    });
  }
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;
  ~alarm() { *armed_ = false; }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> armed_;
  std::optional<clock_service::sleeper> sleeper_;
};

}  // namespace ovrseer
