// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a user's first program might be: it includes what it needs, of which the single header is all, and
// awaits an operation of its own.
#if __has_include(<ovrseer/process/process.hpp>)
#include <ovrseer/process/process.hpp>
#include <ovrseer/version.hpp>
#else
#include <ovrseer/ovrseer.hpp>
#endif

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <cstdio>
#include <exception>

int from_the_other_unit();

namespace {

ovrseer::task<int> answer(int half) { co_return 2 * half; }

ovrseer::task<int> ask() {
  const int value = co_await answer(from_the_other_unit());
  co_return value;
}

}  // namespace

int main() {
  asio::io_context context;
  int result = 0;
  asio::co_spawn(context, ask(),
                 [&result](const std::exception_ptr& failure, int value) { result = failure ? -1 : value; });
  context.run();
  std::printf("ovrseer %s: %d\n", ovrseer::version, result);
  return result == 42 ? 0 : 1;
}
