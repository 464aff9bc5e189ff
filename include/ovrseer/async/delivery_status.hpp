// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What became of the items that policies were given, as one plain value: for metrics and for people.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ovrseer/async/clock.hpp>

namespace ovrseer {

/// Whether a circuit breaker lets tries through: all, none, or one probe.
enum class breaker_state : std::uint8_t { closed, open, half_open };

constexpr std::string_view to_text(breaker_state state) noexcept {
  constexpr std::string_view names[] = {"closed", "open", "half_open"};
  return names[static_cast<std::size_t>(state)];
}

/// The sum of what a policy and those within it know of their items; counts begin with the policy.
struct delivery_status {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;              ///< given up: the receiver refused them, or too late
  std::uint64_t dropped = 0;             ///< for want of room
  std::uint64_t retried = 0;             ///< attempts after a failed one
  std::uint64_t folded = 0;              ///< told together with others instead of alone
  std::uint64_t dead = 0;                ///< kept as dead letters
  std::uint64_t waiting = 0;             ///< now
  std::uint64_t bytes = 0;               ///< of those that wait, where they are counted
  std::uint64_t openings = 0;            ///< of circuit breakers
  std::optional<steady_time> since;      ///< since when the oldest item waits that is not delivered, as far as it is known
  std::optional<breaker_state> breaker;  ///< nothing without one; of several, the first that is not closed

  /// A policy that answers before the receiver has, such as a batch, counts itself what is delivered and what fails; who hands
  /// it items then does not.
  enum class counted : std::uint8_t { by_caller, by_policy };
  counted ends = counted::by_caller;

  /// Takes note of a circuit breaker.
  void add_breaker(breaker_state state, std::uint64_t times_opened) noexcept {
    openings += times_opened;
    if (!breaker || *breaker == breaker_state::closed) breaker = state;
  }
  /// Takes note of an item that is not delivered yet.
  void add_since(std::optional<steady_time> begun) noexcept {
    if (begun) since = since ? std::min(*since, *begun) : *begun;
  }

  friend bool operator==(const delivery_status&, const delivery_status&) = default;
};

}  // namespace ovrseer
