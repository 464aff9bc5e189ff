// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The groups of a supervisor with their memory of restarts, and what they decide when a member has ended. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/error.hpp>
#include <ovrseer/supervise/group.hpp>
#include <ovrseer/supervise/restart_policy.hpp>
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
  std::string reason() const {
    std::string text;
    for (const std::string& each : reasons) text += (text.empty() ? "" : ", ") + each;
    return text;
  }
};

/// Groups within groups, and the units in them.
class group_tree {
 public:
  using asks_whether = std::function<bool(const unit_id&)>;

  group_tree() { groups_.emplace("", node{group_spec::root(), {}, {}}); }

  /// Adds a group, or describes the root. The group that it is in must be there.
  ///
  /// Errors: `errc::invalid_configuration` for a name that is taken, a group around it that is not known, and for
  /// significance that could never count.
  void add(group_spec spec) {
    const std::string name = spec.name();
    if (name.empty()) {
      groups_.at("").spec = std::move(spec);
      return;
    }
    if (groups_.contains(name)) refuse("the group \"" + name + "\" is there already");
    node& parent = group_named(spec.parent(), "the group \"" + name + "\"");
    if (spec.is_significant() && !spec.stays_down()) {
      refuse("the group \"" + name + "\" is significant and is restarted: its end would never count");
    }
    if (spec.is_significant()) refuse_without_shutdown(parent, "the group \"" + name + "\"");
    parent.members.push_back({in_words(spec), spec.name(), {}});
    groups_.emplace(name, node{std::move(spec), {}, {}});
  }

  /// Puts a unit into its group. Errors: `errc::invalid_configuration`, as for groups.
  void add(const unit_spec& unit) {
    const std::string who = "the unit " + to_text(unit.id());
    node& group = group_named(unit.group(), who);
    using enum restart_rules::when;
    if (unit.is_significant()) {
      if (unit.restart().restart() == always || unit.restart().restart() == unless_stopped) {
        refuse(who + " is significant and is always restarted: its end would never count");
      }
      refuse_without_shutdown(group, who);
      significant_.insert(unit.id());
    }
    if (unit.restart().restart() == never) temporary_.insert(unit.id());
    group.members.push_back({to_text(unit.id()), {}, unit.id()});
    home_[unit.id()] = unit.group();
  }

  void remove(const unit_id& id) {
    if (!home_.contains(id)) return;
    std::erase_if(groups_.at(home_.at(id)).members, [&](const member& each) { return each.unit == id; });
    home_.erase(id);
    significant_.erase(id);
    temporary_.erase(id);
  }

  bool contains(const std::string& group) const { return groups_.contains(group); }
  const group_spec& spec(const std::string& group) const { return groups_.at(group).spec; }
  /// The group that a unit is in.
  const std::string& group_of(const unit_id& id) const { return home_.at(id); }
  /// All units of a group and of the groups in it, in the order in which they were added. Errors: `errc::invalid_state`
  /// for a group that is not known.
  std::vector<unit_id> units_of(const std::string& group) const {
    if (!groups_.contains(group)) throw error(errc::invalid_state, "group", "no group is named \"" + group + "\"");
    std::vector<unit_id> all;
    collect(groups_.at(group), all);
    return all;
  }

  /// Who must wait for whom because a group starts in the order of declaration: the later first.
  std::vector<std::pair<unit_id, unit_id>> order_edges() const {
    std::vector<std::pair<unit_id, unit_id>> edges;
    for (const auto& [name, group] : groups_) {
      if (group.spec.start_order() != group_spec::order::declared) continue;
      for (std::size_t i = 1; i < group.members.size(); ++i) {
        for (const unit_id& later : units_of(group.members[i])) {
          for (const unit_id& earlier : units_of(group.members[i - 1])) edges.emplace_back(later, earlier);
        }
      }
    }
    return edges;
  }

  /// Decides what follows from the end of a unit at `now`. `gives_up` is what the unit wants where it is given up;
  /// `is_up` says which units have not ended for good.
  group_verdict on_end(const unit_id& id, member_end how, const give_up& gives_up, steady_time now,
                       const asks_whether& is_up) {
    group_verdict made;
    const std::string& home = home_.at(id);
    if (how == member_end::given_up) {
      follow(made, home, to_text(id), significant_.contains(id), gives_up, now, is_up);
    } else {
      member_ended(made, home, to_text(id), how, significant_.contains(id), now, is_up);
    }
    std::set<unit_id> seen;
    std::erase_if(made.stop, [&](const unit_id& each) { return made.is_restarted(each) || !seen.insert(each).second; });
    return made;
  }

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
  static void refuse_without_shutdown(const node& group, const std::string& who) {
    if (group.spec.auto_shutdown() != group_spec::shutdown::never) return;
    refuse(who + " is significant in a group that never shuts down by itself: " + in_words(group.spec));
  }
  static std::string in_words(const group_spec& group) {
    return group.name().empty() ? "the root" : "group " + group.name();
  }
  node& group_named(const std::string& name, const std::string& who) {
    const auto found = groups_.find(name);
    if (found == groups_.end()) refuse(who + " is in the group \"" + name + "\", which is not there; add it first");
    return found->second;
  }

  void collect(const node& group, std::vector<unit_id>& into) const {
    for (const member& each : group.members) {
      if (each.unit)
        into.push_back(*each.unit);
      else
        collect(groups_.at(each.group), into);
    }
  }
  std::vector<unit_id> units_of(const member& which) const {
    if (which.unit) return {*which.unit};
    return units_of(which.group);
  }

  /// A member of `home` has ended and is restarted, or stays down.
  void member_ended(group_verdict& made, const std::string& home, const std::string& name, member_end how,
                    bool is_significant, steady_time now, const asks_whether& is_up) {
    node& group = groups_.at(home);
    if (how == member_end::restarting) {
      if (admits_restart(group, now)) return restart_with(made, group, name);
      made.reasons.push_back(in_words(group.spec) + ": more than " + std::to_string(group.spec.intensity()) +
                             " restarts in " + to_text(group.spec.period()));
      return give_up_group(made, group, now, is_up);
    }
    using enum group_spec::shutdown;
    const bool is_last = group.spec.auto_shutdown() == all_significant && !has_significant_up(group, name, is_up);
    if (!is_significant || (group.spec.auto_shutdown() != any_significant && !is_last)) return;
    made.reasons.push_back(in_words(group.spec) + ": " + name + " is significant");
    shut_down(made, group, now, is_up);
  }

  static bool admits_restart(node& group, steady_time now) {
    if (group.spec.intensity() == 0) return true;
    std::erase_if(group.restarts, [&](steady_time time) { return time < now - group.spec.period(); });
    group.restarts.push_back(now);
    return group.restarts.size() <= group.spec.intensity();
  }

  void restart_with(group_verdict& made, const node& group, const std::string& name) {
    const auto place = std::ranges::find(group.members, name, &member::name);
    const auto as_seen = [&](const member& each) {
      return group_child{each.name, static_cast<std::size_t>(&each - group.members.data())};
    };
    std::size_t shared = 0;
    for (const member& each : group.members) {
      if (!group.spec.by().shares_fate(as_seen(*place), as_seen(each))) continue;
      ++shared;
      for (unit_id& unit : units_of(each)) {
        // What is never restarted is not restarted for others either.
        const bool stays_down = temporary_.contains(unit) && each.name != name;
        (stays_down ? made.stop : made.restart).push_back(std::move(unit));
      }
    }
    if (shared > 1) made.reasons.push_back(in_words(group.spec) + ": " + group.spec.by().name());
  }

  bool has_significant_up(const node& group, const std::string& but, const asks_whether& is_up) const {
    return std::ranges::any_of(group.members, [&](const member& each) {
      if (each.name == but) return false;
      if (each.unit) return significant_.contains(*each.unit) && is_up(*each.unit);
      return groups_.at(each.group).spec.is_significant() && std::ranges::any_of(units_of(each), is_up);
    });
  }

  void stop_all_of(group_verdict& made, node& group) {
    group.restarts.clear();
    collect(group, made.stop);
  }

  void give_up_group(group_verdict& made, node& group, steady_time now, const asks_whether& is_up) {
    made.has_given_up = true;
    stop_all_of(made, group);
    if (group.spec.name().empty()) return end_all(made, group.spec.when_given_up());
    using enum give_up::action;
    give_up wish = group.spec.when_given_up();
    if (wish.what() == standard) {
      if (is_restarted(group)) {
        return member_ended(made, group.spec.parent(), in_words(group.spec), member_end::restarting, false, now, is_up);
      }
      wish = give_up(group.spec.stays_down() ? nothing : escalate);
    }
    follow(made, group.spec.parent(), in_words(group.spec), group.spec.is_significant(), wish, now, is_up);
  }

  // A group without a bound would restart what is in it for ever.
  bool is_restarted(const node& group) const {
    return !group.spec.stays_down() && groups_.at(group.spec.parent()).spec.intensity() != 0;
  }

  void shut_down(group_verdict& made, node& group, steady_time now, const asks_whether& is_up) {
    stop_all_of(made, group);
    if (group.spec.name().empty()) {
      made.ends_all = true;
      return;
    }
    member_ended(made, group.spec.parent(), in_words(group.spec),
                 is_restarted(group) ? member_end::restarting : member_end::done, group.spec.is_significant(), now,
                 is_up);
  }

  /// Does what was asked for when the member `name` of `home` is given up.
  void follow(group_verdict& made, const std::string& home, const std::string& name, bool is_significant,
              const give_up& what, steady_time now, const asks_whether& is_up) {
    if (what.run()) made.run.push_back(*what.run());
    node& group = groups_.at(home);
    using enum give_up::action;
    switch (what.what()) {
      case stop_all: return end_all(made, what);
      case stop_group:
        made.reasons.push_back(in_words(group.spec) + " stops: " + name + " is given up");
        stop_all_of(made, group);
        made.ends_all = home.empty();
        if (home.empty()) return;
        return member_ended(made, group.spec.parent(), in_words(group.spec), member_end::done,
                            group.spec.is_significant(), now, is_up);
      case standard:
        if (home.empty()) break;
        [[fallthrough]];
      case escalate:
        made.reasons.push_back(in_words(group.spec) + ": " + name + " is given up");
        return give_up_group(made, group, now, is_up);
      case nothing: break;
    }
    member_ended(made, home, name, member_end::done, is_significant, now, is_up);
  }

  static void end_all(group_verdict& made, const give_up& what) {
    made.ends_all = true;
    made.has_given_up = true;
    made.exit_code = what.exit_code();
  }

  std::map<std::string, node> groups_;
  std::map<unit_id, std::string> home_;
  std::set<unit_id> significant_;
  std::set<unit_id> temporary_;
};

}  // namespace ovrseer
