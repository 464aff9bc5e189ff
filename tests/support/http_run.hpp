// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Runs a coroutine of a test to its end, and counts descriptors around it.
#pragma once

#include <dirent.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/nursery.hpp>

namespace ovrseer::test {

/// Runs `operation` on `context` until it has ended, and everything that it left behind with it. A test that
/// hangs fails after `longest` instead.
template <class T>
T run_task(asio::io_context& context, task<T> operation, std::chrono::minutes longest = std::chrono::minutes(1)) {
  outcome<T> kept;
  bool is_done = false;
  asio::co_spawn(context, keep_outcome(std::move(operation), kept), [&](const std::exception_ptr&) { is_done = true; });
  context.restart();
  const auto until = std::chrono::steady_clock::now() + longest;
  while (!is_done && context.run_one_until(until) != 0) {}
  if (!is_done) throw std::runtime_error("the test's coroutine hangs");
  if (kept.failure) std::rethrow_exception(kept.failure);
  if constexpr (!std::is_void_v<T>) return std::move(*kept.value);
}

/// The open descriptors of this process.
inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) throw std::runtime_error("no /proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count - 3;  // ".", ".." and the folder itself
}

}  // namespace ovrseer::test
