// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/group_tree.hpp>.
#pragma once

#include <cstddef>

#include <ovrseer/supervise/group_tree.hpp>
#include <ovrseer/supervise/restart_policy.hpp>

namespace ovrseer {

OVRSEER_DECL std::string group_verdict::reason() const {
  std::string text;
  for (const std::string& each : reasons) text += (text.empty() ? "" : ", ") + each;
  return text;
}

OVRSEER_DECL void group_tree::add(group_spec spec) {
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

OVRSEER_DECL void group_tree::add(const unit_spec& unit) {
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

OVRSEER_DECL void group_tree::replace(const unit_spec& unit) {
  std::ptrdiff_t place{};
  const auto group = groups_.find(unit.group());
  if (group != groups_.end()) {  // else `add` says so
    const std::vector<member>& members = group->second.members;
    place = std::ranges::find(members, unit.id(), &member::unit) - members.begin();  // for who is new, the end
  }
  remove(unit.id());
  add(unit);
  std::vector<member>& members = groups_.at(unit.group()).members;
  std::rotate(members.begin() + place, members.end() - 1, members.end());
}

OVRSEER_DECL void group_tree::remove(const unit_id& id) {
  if (!home_.contains(id)) return;
  std::erase_if(groups_.at(home_.at(id)).members, [&](const member& each) { return each.unit == id; });
  home_.erase(id);
  significant_.erase(id);
  temporary_.erase(id);
}

OVRSEER_DECL std::vector<unit_id> group_tree::units_of(const std::string& group) const {
  if (!groups_.contains(group)) throw error(errc::invalid_state, "group", "no group is named \"" + group + "\"");
  std::vector<unit_id> all;
  collect(groups_.at(group), all);
  return all;
}

OVRSEER_DECL std::vector<std::pair<unit_id, unit_id>> group_tree::order_edges() const {
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

OVRSEER_DECL group_verdict group_tree::on_end(const unit_id& id, member_end how, const give_up& gives_up,
                                              steady_time now, const asks_whether& is_up) {
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

OVRSEER_DECL void group_tree::refuse_without_shutdown(const node& group, const std::string& who) {
  if (group.spec.auto_shutdown() != group_spec::shutdown::never) return;
  refuse(who + " is significant in a group that never shuts down by itself: " + in_words(group.spec));
}

OVRSEER_DECL group_tree::node& group_tree::group_named(const std::string& name, const std::string& who) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) refuse(who + " is in the group \"" + name + "\", which is not there; add it first");
  return found->second;
}

OVRSEER_DECL void group_tree::collect(const node& group, std::vector<unit_id>& into) const {
  for (const member& each : group.members) {
    if (each.unit)
      into.push_back(*each.unit);
    else
      collect(groups_.at(each.group), into);
  }
}

OVRSEER_DECL std::vector<unit_id> group_tree::units_of(const member& which) const {
  if (which.unit) return {*which.unit};
  return units_of(which.group);
}

OVRSEER_DECL void group_tree::member_ended(group_verdict& made, const std::string& home, const std::string& name,
                                           member_end how, bool is_significant, steady_time now,
                                           const asks_whether& is_up) {
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

OVRSEER_DECL bool group_tree::admits_restart(node& group, steady_time now) {
  if (group.spec.intensity() == 0) return true;
  std::erase_if(group.restarts, [&](steady_time time) { return time < now - group.spec.period(); });
  group.restarts.push_back(now);
  return group.restarts.size() <= group.spec.intensity();
}

OVRSEER_DECL void group_tree::restart_with(group_verdict& made, const node& group, const std::string& name) {
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

OVRSEER_DECL bool group_tree::has_significant_up(const node& group, const std::string& but,
                                                 const asks_whether& is_up) const {
  return std::ranges::any_of(group.members, [&](const member& each) {
    if (each.name == but) return false;
    if (each.unit) return significant_.contains(*each.unit) && is_up(*each.unit);
    return groups_.at(each.group).spec.is_significant() && std::ranges::any_of(units_of(each), is_up);
  });
}

OVRSEER_DECL void group_tree::stop_all_of(group_verdict& made, node& group) {
  group.restarts.clear();
  collect(group, made.stop);
}

OVRSEER_DECL void group_tree::give_up_group(group_verdict& made, node& group, steady_time now,
                                            const asks_whether& is_up) {
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

OVRSEER_DECL void group_tree::shut_down(group_verdict& made, node& group, steady_time now, const asks_whether& is_up) {
  stop_all_of(made, group);
  if (group.spec.name().empty()) {
    made.ends_all = true;
    return;
  }
  member_ended(made, group.spec.parent(), in_words(group.spec),
               is_restarted(group) ? member_end::restarting : member_end::done, group.spec.is_significant(), now,
               is_up);
}

OVRSEER_DECL void group_tree::follow(group_verdict& made, const std::string& home, const std::string& name,
                                     bool is_significant, const give_up& what, steady_time now,
                                     const asks_whether& is_up) {
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

OVRSEER_DECL void group_tree::end_all(group_verdict& made, const give_up& what) {
  made.ends_all = true;
  made.has_given_up = true;
  made.exit_code = what.exit_code();
}

}  // namespace ovrseer
