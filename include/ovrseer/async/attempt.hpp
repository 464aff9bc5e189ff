// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Failures as values, for callers that want no exception, and for policies that must not throw.
#pragma once

#include <exception>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// A caught exception, with the code and the words that most callers want of it.
class caught {
 public:
  explicit caught(std::exception_ptr exception) : exception_(std::move(exception)) {}

  /// The code of a `std::system_error`; for any other exception an empty one.
  std::error_code code() const {
    try {
      std::rethrow_exception(exception_);
    } catch (const std::system_error& failure) {
      return failure.code();
    } catch (...) {
      return {};
    }
  }

  /// Whether the operation was cancelled rather than failed.
  bool is_cancellation() const {
    const std::error_code why = code();
    return why == asio::error::operation_aborted || why == condition::cancelled;
  }
  /// What the exception says, followed by what it was nested on.
  std::string what() const { return describe(exception_); }
  const std::exception_ptr& exception() const noexcept { return exception_; }
  [[noreturn]] void rethrow() const { std::rethrow_exception(exception_); }

 private:
  static std::string describe(const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& failure) {
      std::string text = failure.what();
      const auto* nested = dynamic_cast<const std::nested_exception*>(&failure);
      if (nested == nullptr || !nested->nested_ptr()) return text;
      const std::string inner = describe(nested->nested_ptr());
      return text.find(inner) == std::string::npos ? text + ": " + inner : text;
    } catch (...) {
      return "an exception of unknown type";
    }
  }

  std::exception_ptr exception_;
};

/// What `attempt` yields of an operation with result `T`; `std::monostate` stands for `void`.
template <class T = void>
using attempted = result<typename outcome<T>::value_type, caught>;

/// Awaits `operation` and yields its value or what it threw; throws nothing itself.
///
/// Cancellation: every type is passed to the operation. A cancelled coroutine still throws at its next
/// `co_await`, as everywhere in Asio.
template <class T>
task<attempted<T>> attempt(task<T> operation) {
  outcome<T> kept;
  try {
    co_await keep_outcome(std::move(operation), kept);
  } catch (...) {  // kept in `kept`
  }
  if (kept.failure) co_return attempted<T>(failure(caught(kept.failure)));
  co_return attempted<T>(std::move(*kept.value));
}

}  // namespace ovrseer
