// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The groups of a supervisor with their memory of restarts, and what they decide when a member has ended. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/supervise/group.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// How a member of a group has ended, as far as its own rules go.
enum class member_end : std::uint8_t {
  restarting,  ///< it is to be restarted
  done,        ///< it has ended and is not restarted
  given_up,    ///< its rules gave it up
};

/// What the groups decide. What is named in none of the lists goes on as it is.
struct group_verdict {
  std::vector<unit_id> restart;      ///< comes down and goes up again, the member itself included
  std::vector<unit_id> stop;         ///< comes down and stays down
  std::vector<std::string> reasons;  ///< what was decided on the way up, for the causes: "group web: one_for_all"
  bool ends_all = false;             ///< the supervisor ends
  bool has_given_up = false;         ///< a group was given up
  std::optional<int> exit_code;      ///< of the supervisor, where it ends and a description says one
  std::vector<unit_id> run;          ///< to be started beside

  bool is_restarted(const unit_id& id) const { return std::ranges::find(restart, id) != restart.end(); }
  /// All reasons in one sentence.
  std::string reason() const;
};

/// Groups within groups, and the units in them.
class group_tree {
 public:
  using asks_whether = std::function<bool(const unit_id&)>;

  group_tree() { groups_.emplace("", node{group_spec::root(), {}, {}}); }
  /// With groups, each behind the one that it is in. Errors: as `add` of each.
  explicit group_tree(const std::vector<group_spec>& groups) : group_tree() {
    for (const group_spec& each : groups) add(each);
  }

  /// Adds a group, or describes the root. The group that it is in must be there.
  ///
  /// Errors: `errc::invalid_configuration` for a name that is taken, a group around it that is not known, and for
  /// significance that could never count.
  void add(group_spec spec);

  /// Puts a unit into its group. Errors: `errc::invalid_configuration`, as for groups.
  void add(const unit_spec& unit);

  /// Puts a unit in the place of the one of its name, or adds it; its place among the others of its group stays. Errors:
  /// as `add`; the unit may be gone then.
  void replace(const unit_spec& unit);

  void remove(const unit_id& id);

  bool contains(const std::string& group) const { return groups_.contains(group); }
  const group_spec& spec(const std::string& group) const { return groups_.at(group).spec; }
  /// The group that a unit is in.
  const std::string& group_of(const unit_id& id) const { return home_.at(id); }
  /// All units of a group and of the groups in it, in the order in which they were added. Errors: `errc::invalid_state`
  /// for a group that is not known.
  std::vector<unit_id> units_of(const std::string& group) const;

  /// Who must wait for whom because a group starts in the order of declaration: the later first.
  std::vector<std::pair<unit_id, unit_id>> order_edges() const;

  /// Decides what follows from the end of a unit at `now`. `gives_up` is what the unit wants where it is given up;
  /// `is_up` says which units have not ended for good.
  group_verdict on_end(const unit_id& id, member_end how, const give_up& gives_up, steady_time now,
                       const asks_whether& is_up);

 private:
  struct member {
    std::string name;   // as in causes
    std::string group;  // empty: it is a unit
    std::optional<unit_id> unit;
  };
  struct node {
    group_spec spec;
    std::vector<member> members;
    std::vector<steady_time> restarts;  // those within the window
  };

  [[noreturn]] static void refuse(const std::string& why) { throw error(errc::invalid_configuration, "add", why); }
  static void refuse_without_shutdown(const node& group, const std::string& who);
  static std::string in_words(const group_spec& group) {
    return group.name().empty() ? "the root" : "group " + group.name();
  }
  node& group_named(const std::string& name, const std::string& who);

  void collect(const node& group, std::vector<unit_id>& into) const;
  std::vector<unit_id> units_of(const member& which) const;

  /// A member of `home` has ended and is restarted, or stays down.
  void member_ended(group_verdict& made, const std::string& home, const std::string& name, member_end how,
                    bool is_significant, steady_time now, const asks_whether& is_up);

  static bool admits_restart(node& group, steady_time now);

  void restart_with(group_verdict& made, const node& group, const std::string& name);

  bool has_significant_up(const node& group, const std::string& but, const asks_whether& is_up) const;

  void stop_all_of(group_verdict& made, node& group);

  void give_up_group(group_verdict& made, node& group, steady_time now, const asks_whether& is_up);

  // A group without a bound would restart what is in it for ever.
  bool is_restarted(const node& group) const {
    return !group.spec.stays_down() && groups_.at(group.spec.parent()).spec.intensity() != 0;
  }

  void shut_down(group_verdict& made, node& group, steady_time now, const asks_whether& is_up);

  /// Does what was asked for when the member `name` of `home` is given up.
  void follow(group_verdict& made, const std::string& home, const std::string& name, bool is_significant,
              const give_up& what, steady_time now, const asks_whether& is_up);

  static void end_all(group_verdict& made, const give_up& what);

  std::map<std::string, node> groups_;
  std::map<unit_id, std::string> home_;
  std::set<unit_id> significant_;
  std::set<unit_id> temporary_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/group_tree.ipp>
#endif
