// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Waiting for the end of a process without taking its output, as `process::wait` does where nobody reads.
#pragma once

#include <memory>

#include <ovrseer/asio.hpp>
#include <ovrseer/process/os.hpp>

namespace ovrseer::check_detail {

/// Cancellation: every type abandons the wait.
inline task<void> until_ended(std::shared_ptr<child> what) {
  while (!what->status) co_await what->changed.wait();
}

}  // namespace ovrseer::check_detail
