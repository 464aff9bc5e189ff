// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A group of units that are restarted and given up together: a description.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/strategy.hpp>

namespace ovrseer {

/// What follows when a unit or a group is given up.
class give_up {
 public:
  enum class action : std::uint8_t {
    standard,    ///< in a group: escalate; else a dependency stops all, a main nothing
    nothing,     ///< the others go on
    stop_group,  ///< the group that it is in is stopped and stays so
    escalate,    ///< the group that it is in is given up as well, and the group around that decides
    stop_all,    ///< the supervisor ends
  };

  give_up() = default;
  explicit give_up(action what) : action_(what) {}

  /// stop_all: the exit code of the supervisor. Default: its own, "gave up" or "could not start".
  give_up& exit_code(int code);
  /// Starts a unit as well, one that tells somebody or repairs something.
  give_up& run(unit_id unit);

  action what() const noexcept { return action_; }
  const std::optional<int>& exit_code() const noexcept { return exit_code_; }
  const std::optional<unit_id>& run() const noexcept { return run_; }

 private:
  action action_ = action::standard;
  std::optional<int> exit_code_;
  std::optional<unit_id> run_;
};

/// Describes a group, which its units name by `unit_spec::within`. Groups nest. All setters return the
/// description, so that they chain:
///
///     group_spec("web").by(strategy::rest_for_one()).intensity(3, 5s).within("shop")
///
/// Whoever is in no group is in the root, which has no name; it can be described as well.
class group_spec {
 public:
  /// When a group ends by itself, because of members that are significant.
  enum class shutdown : std::uint8_t {
    never,
    any_significant,  ///< when one of them has ended and is not restarted
    all_significant,  ///< when the last of them has ended and is not restarted
  };
  /// In which order its members start.
  enum class order : std::uint8_t {
    dependencies,  ///< as their dependencies allow
    declared,      ///< one after the other is ready, as they were added
  };

  explicit group_spec(std::string name) : name_(std::move(name)) {}
  /// The group that everything is in.
  static group_spec root() { return group_spec(""); }

  /// The group that this one is in. Default: the root.
  group_spec& within(std::string group);
  /// Who shares the fate of a member that is restarted. Default one_for_one. With rest_for_one the members start
  /// in the order in which they were added, unless `start_order` says otherwise afterwards.
  group_spec& by(strategy how);
  group_spec& start_order(order how);
  /// At most so many automatic restarts of members in any window of `period`; one more, and the group is given
  /// up: all of it is stopped, and the group around it decides. Zero, the default: no limit.
  group_spec& intensity(std::uint32_t restarts, std::chrono::nanoseconds period);
  group_spec& auto_shutdown(shutdown when);
  /// Once ended, it stays so; its end can then be of significance to the group around it. Default: that group
  /// restarts it.
  group_spec& stay_down();
  /// The group around it ends with it, as that says. Only for one that stays down.
  group_spec& significant();
  /// The root: what follows when it is given up. Default: the supervisor ends with the code 4.
  group_spec& when_given_up(give_up what);

  const std::string& name() const noexcept { return name_; }
  const std::string& parent() const noexcept { return parent_; }
  const strategy& by() const noexcept { return strategy_; }
  order start_order() const noexcept { return order_; }
  std::uint32_t intensity() const noexcept { return intensity_; }
  std::chrono::nanoseconds period() const noexcept { return period_; }
  shutdown auto_shutdown() const noexcept { return shutdown_; }
  bool stays_down() const noexcept { return stays_down_; }
  bool is_significant() const noexcept { return significant_; }
  const give_up& when_given_up() const noexcept { return give_up_; }

 private:
  std::string name_;
  std::string parent_;
  strategy strategy_ = strategy::one_for_one();
  order order_ = order::dependencies;
  std::uint32_t intensity_ = 0;
  std::chrono::nanoseconds period_{};
  shutdown shutdown_ = shutdown::never;
  bool stays_down_ = false;
  bool significant_ = false;
  give_up give_up_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/group.ipp>
#endif
