// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The signals that a program takes from its user: stop, stop at once, read the configuration again.
#pragma once

#include <csignal>
#include <cstdint>

#include <ovrseer/async/cancellation.hpp>

#include <asio/signal_set.hpp>

namespace ovrseer {

/// What the user wants.
enum class user_request : std::uint8_t {
  stop,    ///< the first SIGINT or SIGTERM
  force,   ///< every further one
  reload,  ///< SIGHUP
};

/// Which request a signal is, given how many stops came before: pure.
constexpr user_request request_of(int signal, unsigned stops_before) noexcept {
  if (signal == SIGHUP) return user_request::reload;
  return stops_before == 0 ? user_request::stop : user_request::force;
}

/// Takes SIGINT, SIGTERM and SIGHUP for the program while it lives. A library never does this unasked.
class program_signals {
 public:
  explicit program_signals(const executor& ex) : signals_(ex, SIGINT, SIGTERM, SIGHUP) {}

  /// The next request.
  ///
  /// Cancellation: every type abandons the wait.
  task<user_request> next() {
    co_await detail::admit_all_cancellation();
    const int signal = co_await signals_.async_wait(use_task);
    last_ = signal;
    const user_request request = request_of(signal, stops_);
    if (request != user_request::reload) ++stops_;
    co_return request;
  }

  /// The number of the last signal; 0 before the first.
  int last_signal() const noexcept { return last_; }

 private:
  asio::signal_set signals_;
  unsigned stops_ = 0;
  int last_ = 0;
};

}  // namespace ovrseer
