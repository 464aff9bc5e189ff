// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What groups decide when a member has ended: strategies, intensity at its edge, significance, escalation.
#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/supervise/group_tree.hpp>

namespace t_group_tree {

using namespace ovrseer;
using namespace std::chrono_literals;
using names = std::vector<std::string>;
using when = restart_rules::when;
using enum member_end;

unit_spec member(std::string name, std::string group, when restart = when::always) {
  unit_spec made(unit_id(std::move(name)), command("program"));
  made.within(std::move(group)).restart(restart_rules(restart));
  return made;
}

names names_of(const std::vector<unit_id>& ids) {
  names all;
  for (const unit_id& id : ids) all.push_back(id.name);
  return all;
}

/// Groups with a clock of their own.
struct bench {
  group_tree tree;
  steady_time now{};
  std::set<unit_id> down;

  group_verdict end(const char* name, member_end how = restarting, const give_up& wish = give_up()) {
    return tree.on_end(name, how, wish, now, [this](const unit_id& id) { return !down.contains(id); });
  }
  void add_members(const char* group) {
    for (const char* name : {"a", "b", "c"}) tree.add(member(name, group));
  }
};

TEST_CASE("one_for_one restarts the child that ended and no other") {
  bench it;
  it.tree.add(group_spec("web"));
  it.add_members("web");
  const group_verdict verdict = it.end("b");
  CHECK(names_of(verdict.restart) == names{"b"});
  CHECK(verdict.stop.empty());
  CHECK(verdict.reasons.empty());
}

TEST_CASE("one_for_all restarts all children") {
  bench it;
  it.tree.add(group_spec("web").by(strategy::one_for_all()));
  it.add_members("web");
  const group_verdict verdict = it.end("b");
  CHECK(names_of(verdict.restart) == names{"a", "b", "c"});
  CHECK(verdict.reason() == "group web: one_for_all");
}

TEST_CASE("rest_for_one restarts the child that ended and those that were started after it") {
  bench it;
  it.tree.add(group_spec("web").by(strategy::rest_for_one()));
  it.add_members("web");
  CHECK(names_of(it.end("b").restart) == names{"b", "c"});
  CHECK(names_of(it.end("c").restart) == names{"c"});
  CHECK(names_of(it.end("a").restart) == names{"a", "b", "c"});
}

TEST_CASE("a strategy of one's own is asked for each pair") {
  const auto same_letter = [](const group_child& ended, const group_child& other) {
    return ended.name.front() == other.name.front();
  };
  bench it;
  it.tree.add(group_spec("web").by(strategy("same_letter", same_letter)));
  for (const char* name : {"api", "auth", "db"}) it.tree.add(member(name, "web"));
  const group_verdict verdict = it.end("auth");
  CHECK(names_of(verdict.restart) == names{"api", "auth"});
  CHECK(verdict.reason() == "group web: same_letter");
}

TEST_CASE("a temporary bystander is stopped by a strategy and not started again") {
  bench it;
  it.tree.add(group_spec("web").by(strategy::one_for_all()));
  it.tree.add(member("a", "web"));
  it.tree.add(member("b", "web", when::never));
  it.tree.add(member("c", "web", when::on_failure));
  const group_verdict verdict = it.end("a");
  CHECK(names_of(verdict.restart) == names{"a", "c"});
  CHECK(names_of(verdict.stop) == names{"b"});
}

TEST_CASE("intensity lets as many restarts happen in the period and the next one gives the group up") {
  bench it;
  it.tree.add(group_spec("web").intensity(2, 5s));
  it.add_members("web");
  CHECK(names_of(it.end("a").restart) == names{"a"});
  CHECK(names_of(it.end("b").restart) == names{"b"});
  const group_verdict verdict = it.end("a");
  CHECK(verdict.restart.empty());
  CHECK(names_of(verdict.stop) == names{"a", "b", "c"});
  CHECK(verdict.has_given_up);
  CHECK(verdict.ends_all);
  CHECK(verdict.reason() == "group web: more than 2 restarts in 5s, the root: group web is given up");
}

TEST_CASE("a restart exactly one period ago still counts and one nanosecond older does not") {
  bench it;
  it.tree.add(group_spec("web").intensity(1, 5s));
  it.add_members("web");
  it.end("a");
  it.now += 5s + 1ns;
  CHECK_FALSE(it.end("a").has_given_up);
  it.now += 5s;
  CHECK(it.end("a").has_given_up);
}

TEST_CASE("restarts of different children count in one window") {
  bench it;
  it.tree.add(group_spec("web").intensity(2, 5s));
  it.add_members("web");
  it.end("a");
  it.end("b");
  CHECK(it.end("c").has_given_up);
}

TEST_CASE("a group that is given up is restarted by the group around it and that counts there") {
  bench it;
  it.tree.add(group_spec("shop").intensity(1, 1min));
  it.tree.add(group_spec("web").within("shop").intensity(1, 5s));
  it.add_members("web");
  it.tree.add(member("db", "shop"));
  it.end("a");
  const group_verdict first = it.end("a");
  CHECK(names_of(first.restart) == names{"a", "b", "c"});
  CHECK(first.stop.empty());
  CHECK_FALSE(first.ends_all);
  CHECK(first.reason() == "group web: more than 1 restarts in 5s");
  it.end("b");  // the window of the group began anew
  const group_verdict second = it.end("b");
  CHECK(names_of(second.stop) == names{"a", "b", "c", "db"});
  CHECK(second.restart.empty());
  CHECK(second.ends_all);
  CHECK(second.reason() ==
        "group web: more than 1 restarts in 5s, group shop: more than 1 restarts in 1m, the root: group shop is given "
        "up");
}

TEST_CASE("the strategy of the outer group applies to a group that is restarted in it") {
  bench it;
  it.tree.add(group_spec("shop").intensity(5, 1min).by(strategy::rest_for_one()));
  it.tree.add(member("db", "shop"));
  it.tree.add(group_spec("web").within("shop").intensity(1, 5s));
  it.add_members("web");
  it.tree.add(member("mail", "shop"));
  it.end("a");
  const group_verdict verdict = it.end("a");
  CHECK(names_of(verdict.restart) == names{"a", "b", "c", "mail"});
  CHECK(names_of(it.end("db").restart) == names{"db", "a", "b", "c", "mail"});
}

TEST_CASE("a group without a bound hands the end of what is in it on") {
  bench it;
  it.tree.add(group_spec("shop"));
  it.tree.add(group_spec("web").within("shop").intensity(1, 5s));
  it.add_members("web");
  it.end("a");
  const group_verdict verdict = it.end("a");
  CHECK(verdict.ends_all);
  CHECK(verdict.restart.empty());
}

TEST_CASE("a group that stays down is not restarted and the others go on") {
  bench it;
  it.tree.add(group_spec("shop").intensity(5, 1min));
  it.tree.add(
      group_spec("web").within("shop").intensity(1, 5s).stay_down().when_given_up(give_up(give_up::action::nothing)));
  it.add_members("web");
  it.tree.add(member("db", "shop"));
  it.end("a");
  const group_verdict verdict = it.end("a");
  CHECK(names_of(verdict.stop) == names{"a", "b", "c"});
  CHECK(verdict.restart.empty());
  CHECK_FALSE(verdict.ends_all);
}

TEST_CASE("any_significant ends the group with the first significant child that is not restarted") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("web").auto_shutdown(any_significant).stay_down());
  it.tree.add(member("a", "web", when::on_failure).significant());
  it.tree.add(member("b", "web", when::never).significant());
  it.tree.add(member("c", "web"));
  CHECK(it.end("c", done).stop.empty());
  const group_verdict verdict = it.end("b", done);
  CHECK(names_of(verdict.stop) == names{"a", "b", "c"});
  CHECK(verdict.reason() == "group web: b is significant");
  CHECK_FALSE(verdict.has_given_up);
}

TEST_CASE("all_significant ends the group with the last significant child") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("web").auto_shutdown(all_significant).stay_down());
  it.tree.add(member("a", "web", when::on_failure).significant());
  it.tree.add(member("b", "web", when::never).significant());
  it.tree.add(member("c", "web"));
  CHECK(it.end("b", done).stop.empty());
  it.down.insert("b");
  CHECK(names_of(it.end("a", done).stop) == names{"a", "b", "c"});
}

TEST_CASE("a significant child that is restarted does not end its group") {
  bench it;
  it.tree.add(group_spec("web").auto_shutdown(group_spec::shutdown::any_significant));
  it.tree.add(member("a", "web", when::on_failure).significant());
  CHECK(it.end("a", restarting).stop.empty());
}

TEST_CASE("significance goes up through groups that stay down") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec::root().auto_shutdown(any_significant));
  it.tree.add(group_spec("web").auto_shutdown(any_significant).stay_down().significant());
  it.tree.add(member("a", "web", when::never).significant());
  it.tree.add(member("other", ""));
  const group_verdict verdict = it.end("a", done);
  CHECK(verdict.ends_all);
  CHECK_FALSE(verdict.has_given_up);
  CHECK(names_of(verdict.stop) == names{"a", "other"});
}

TEST_CASE("a group that ended by itself is restarted where the group around it has a bound") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec::root().intensity(1, 1min));
  it.tree.add(group_spec("web").auto_shutdown(any_significant));
  it.tree.add(member("a", "web", when::never).significant());
  it.tree.add(member("b", "web"));
  const group_verdict first = it.end("a", done);
  CHECK(names_of(first.restart) == names{"a", "b"});  // all of it begins anew
  CHECK(first.stop.empty());
  CHECK(it.end("a", done).ends_all);
}

TEST_CASE("significance that could never count is refused") {
  using enum group_spec::shutdown;
  group_tree tree;
  tree.add(group_spec("plain"));
  tree.add(group_spec("ends").auto_shutdown(any_significant));
  CHECK_THROWS_WITH(tree.add(member("a", "ends", when::always).significant()),
                    catchx::ContainsSubstring("always restarted"));
  CHECK_THROWS_WITH(tree.add(member("a", "plain", when::never).significant()),
                    catchx::ContainsSubstring("never shuts down by itself: group plain"));
  CHECK_THROWS_WITH(tree.add(group_spec("sub").within("ends").significant()),
                    catchx::ContainsSubstring("is restarted"));
  CHECK_THROWS_WITH(tree.add(group_spec("sub").within("nowhere")), catchx::ContainsSubstring("add it first"));
  CHECK_THROWS_WITH(tree.add(group_spec("plain")), catchx::ContainsSubstring("there already"));
}

TEST_CASE("a unit that is given up takes its group along or not as it says") {
  using enum give_up::action;
  bench it;
  it.tree.add(group_spec("shop").intensity(3, 1min));
  it.tree.add(group_spec("web").within("shop"));
  it.add_members("web");
  it.tree.add(member("db", "shop"));
  CHECK(names_of(it.end("a", given_up).restart) == names{"a", "b", "c"});
  CHECK(it.end("a", given_up, give_up(nothing)).stop.empty());
  const group_verdict stopped = it.end("a", given_up, give_up(stop_group));
  CHECK(names_of(stopped.stop) == names{"a", "b", "c"});
  CHECK(stopped.restart.empty());
  CHECK(stopped.reason() == "group web stops: a is given up");
  const group_verdict all = it.end("a", given_up, give_up(stop_all).exit_code(17));
  CHECK(all.ends_all);
  CHECK(all.exit_code == 17);
  CHECK(names_of(it.end("a", given_up, give_up(nothing).run("medic")).run) == names{"medic"});
}

TEST_CASE("in the root nothing follows when a unit is given up") {
  bench it;
  it.add_members("");
  const group_verdict verdict = it.end("a", given_up);
  CHECK(verdict.stop.empty());
  CHECK(verdict.restart.empty());
  CHECK_FALSE(verdict.ends_all);
}

TEST_CASE("members of an ordered group wait for the one before them") {
  group_tree tree;
  tree.add(group_spec("shop").by(strategy::rest_for_one()));
  tree.add(member("a", "shop"));
  tree.add(group_spec("web").within("shop"));
  for (const char* name : {"b", "c"}) tree.add(member(name, "web"));
  tree.add(member("d", "shop"));
  std::vector<std::pair<unit_id, unit_id>> edges = tree.order_edges();
  std::ranges::sort(edges);
  const std::vector<std::pair<unit_id, unit_id>> expected{{"b", "a"}, {"c", "a"}, {"d", "b"}, {"d", "c"}};
  CHECK(edges == expected);
}

TEST_CASE("a unit that is removed is no member any more") {
  bench it;
  it.tree.add(group_spec("web").by(strategy::one_for_all()));
  it.add_members("web");
  it.tree.remove("b");
  CHECK(names_of(it.end("a").restart) == names{"a", "c"});
}

}  // namespace t_group_tree
