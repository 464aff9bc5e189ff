// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A value or the reason why there is none, for callers that must expect both (C++20 has no std::expected).
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace ovrseer {

/// Wraps a failure on its way into a `result`: `return failure(reason);`
template <class E>
struct failure {
  constexpr explicit failure(E why) : reason(std::move(why)) {}
  E reason;
};

/// Holds a `T`, or an `E` that says why not.
///
/// `value()` without a value and `reason()` with one are programming errors: they throw
/// `std::bad_variant_access`.
template <class T, class E>
class [[nodiscard]] result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class Other>
    requires std::is_convertible_v<Other, E>
  constexpr result(failure<Other> why) : state_(std::in_place_index<1>, std::move(why.reason)) {}

  constexpr bool has_value() const noexcept { return state_.index() == 0; }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  constexpr T& value() & { return std::get<0>(state_); }
  constexpr const T& value() const& { return std::get<0>(state_); }
  constexpr T&& value() && { return std::get<0>(std::move(state_)); }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T&& operator*() && { return std::move(*this).value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }

  constexpr const E& reason() const& { return std::get<1>(state_); }
  constexpr E&& reason() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, E> state_;
};

}  // namespace ovrseer
