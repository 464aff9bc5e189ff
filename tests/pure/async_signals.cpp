// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which request a signal is: a table, at compile time.
#include <catch.hpp>

#include <ovrseer/async/signals.hpp>

namespace t_pure_async_signals {

using namespace ovrseer;

TEST_CASE("the first stop stops and every further one forces") {
  STATIC_CHECK(request_of(SIGINT, 0) == user_request::stop);
  STATIC_CHECK(request_of(SIGTERM, 0) == user_request::stop);
  STATIC_CHECK(request_of(SIGINT, 1) == user_request::force);
  STATIC_CHECK(request_of(SIGTERM, 1) == user_request::force);
  STATIC_CHECK(request_of(SIGTERM, 7) == user_request::force);
}

TEST_CASE("a hangup reloads however many stops came before") {
  STATIC_CHECK(request_of(SIGHUP, 0) == user_request::reload);
  STATIC_CHECK(request_of(SIGHUP, 3) == user_request::reload);
}

}  // namespace t_pure_async_signals
