// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where failures go that have no caller to throw to: nothing is swallowed.
#pragma once

#include <concepts>
#include <cstdio>
#include <functional>
#include <string>

#include <ovrseer/event/vocabulary.hpp>

namespace ovrseer {

/// A failure inside of the supervisor or of a policy attached to it.
struct failure_notice {
  std::string operation;  ///< "pump", "report", "stop"
  unit_id unit;           ///< empty name: the supervisor itself
  severity level = severity::error;
  std::string message;
};

/// Takes notice of failures. Called on the supervisor's strand; what it throws is dropped.
template <class H>
concept error_handler = std::invocable<H, const failure_notice&>;

/// The default: one line on standard error.
inline void print_failure(const failure_notice& notice) {
  const std::string unit = notice.unit.name.empty() ? "" : " " + to_text(notice.unit);
  std::fprintf(stderr, "ovrseer: %s: %s%s: %s\n", std::string(to_text(notice.level)).c_str(), notice.operation.c_str(),
               unit.c_str(), notice.message.c_str());
}

}  // namespace ovrseer
