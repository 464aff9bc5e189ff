// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The signals of a program, sent to ourselves.
#include <csignal>
#include <vector>

#include <unistd.h>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/signals.hpp>

namespace t_async_signals {

using namespace ovrseer;
using test::run;
using test::started;

TEST_CASE("a program hears stop then force and reload in between") {
  asio::io_context context;
  program_signals signals(context.get_executor());
  CHECK(signals.last_signal() == 0);
  ::kill(::getpid(), SIGHUP);
  CHECK(run(context, signals.next()) == user_request::reload);
  CHECK(signals.last_signal() == SIGHUP);
  ::kill(::getpid(), SIGTERM);
  CHECK(run(context, signals.next()) == user_request::stop);
  CHECK(signals.last_signal() == SIGTERM);
  ::kill(::getpid(), SIGHUP);
  CHECK(run(context, signals.next()) == user_request::reload);
  ::kill(::getpid(), SIGINT);
  CHECK(run(context, signals.next()) == user_request::force);
  ::kill(::getpid(), SIGINT);
  CHECK(run(context, signals.next()) == user_request::force);
  CHECK(signals.last_signal() == SIGINT);
}

TEST_CASE("a signal wakes who waits for it") {
  asio::io_context context;
  program_signals signals(context.get_executor());
  started<user_request> waiting(context, signals.next());
  test::settle(context);
  CHECK_FALSE(waiting.is_done());
  ::kill(::getpid(), SIGTERM);
  test::run_dry(context);
  CHECK(waiting.get() == user_request::stop);
}

TEST_CASE("every type of cancellation abandons the wait and no signal is lost") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  program_signals signals(context.get_executor());
  started<user_request> waiting(context, signals.next());
  test::settle(context);
  waiting.cancel(type);
  test::settle(context);
  CHECK(waiting.was_aborted());
  ::kill(::getpid(), SIGTERM);
  CHECK(run(context, signals.next()) == user_request::stop);
}

TEST_CASE("afterwards the signals act as before") {
  struct sigaction before{};
  ::sigaction(SIGTERM, nullptr, &before);
  {
    asio::io_context context;
    const program_signals signals(context.get_executor());
    struct sigaction meanwhile{};
    ::sigaction(SIGTERM, nullptr, &meanwhile);
    CHECK(meanwhile.sa_handler != SIG_DFL);
  }
  struct sigaction after{};
  ::sigaction(SIGTERM, nullptr, &after);
  CHECK(after.sa_handler == SIG_DFL);
}

}  // namespace t_async_signals
