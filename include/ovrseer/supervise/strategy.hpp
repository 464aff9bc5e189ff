// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who of a group shares the fate of a member that is restarted. Pure.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace ovrseer {

/// A member of a group, as a strategy sees it: a unit, or a group within the group.
struct group_child {
  std::string name;       ///< "db", "shop/db" outside of the namespace "default"; of a group "group web"
  std::size_t place = 0;  ///< in the order in which the members were added, from 0
};

/// Decides whether `other` is stopped and started again because `ended` is restarted. A function of its two
/// arguments: it is asked for each pair, in any order, as often as need be.
template <class S>
concept restart_strategy = requires(const S how, const group_child& ended, const group_child& other) {
  { how(ended, other) } -> std::same_as<bool>;
};

/// A strategy of a group: one of OTP's three, or one's own.
class strategy {
 public:
  /// Only the member that ended.
  static strategy one_for_one() {
    return {"one_for_one", [](const group_child&, const group_child&) { return false; }};
  }
  /// All members.
  static strategy one_for_all() {
    return {"one_for_all", [](const group_child&, const group_child&) { return true; }};
  }
  /// The member that ended and those that were added after it.
  static strategy rest_for_one() {
    return {"rest_for_one",
            [](const group_child& ended, const group_child& other) { return other.place > ended.place; }};
  }

  /// One's own; `name` stands in the causes of what it does.
  template <restart_strategy S>
  strategy(std::string name, S how) : name_(std::move(name)), shares_(std::move(how)) {}

  const std::string& name() const noexcept { return name_; }
  /// Whether `other` is restarted with `ended`; true for a member and itself.
  bool shares_fate(const group_child& ended, const group_child& other) const {
    return ended.place == other.place || shares_(ended, other);
  }

 private:
  std::string name_;
  std::function<bool(const group_child&, const group_child&)> shares_;
};

}  // namespace ovrseer
