// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A guard in a program that forgets to become one.
#include <catch.hpp>

#include <cstdlib>

#include <asio/io_context.hpp>

#include <ovrseer/error.hpp>
#include <ovrseer/process/guard.hpp>

namespace t_process_guard {

using namespace ovrseer;

TEST_CASE("a program that was started as a guard and goes on as itself does not start the next") {
  ::setenv(process_detail::guard_variable, "cookie", 1);
  asio::io_context context;
  CHECK_THROWS_AS(guard(context.get_executor()), error);
  ::unsetenv(process_detail::guard_variable);
}

}  // namespace t_process_guard
