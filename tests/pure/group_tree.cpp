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

TEST_CASE("who is put in the place of another keeps that place") {
  bench it;
  it.tree.add(group_spec("web"));
  it.add_members("web");
  for (const char* name : {"b", "a", "c"}) {
    it.tree.replace(member(name, "web"));
    CHECK(names_of(it.tree.units_of("web")) == names{"a", "b", "c"});
  }
  it.tree.replace(member("d", "web"));  // in the place of nobody
  CHECK(names_of(it.tree.units_of("web")) == names{"a", "b", "c", "d"});
}

TEST_CASE("who is put into another group is the last there and is what it is then") {
  bench it;
  it.tree.add(group_spec("web"));
  it.tree.add(group_spec("other").auto_shutdown(group_spec::shutdown::any_significant).stay_down());
  it.add_members("web");
  it.tree.add(member("x", "other"));
  it.tree.add(member("y", "other"));
  it.tree.replace(member("b", "other", when::never).significant());
  CHECK(names_of(it.tree.units_of("web")) == names{"a", "c"});
  CHECK(names_of(it.tree.units_of("other")) == names{"x", "y", "b"});
  CHECK(it.tree.group_of("b") == "other");
  CHECK(names_of(it.end("b", done).stop) == names{"x", "y", "b"});
}

TEST_CASE("significance in a group that never shuts down by itself is refused for groups as well") {
  group_tree tree;
  tree.add(group_spec("plain"));
  CHECK_THROWS_WITH(tree.add(group_spec("sub").within("plain").significant().stay_down()),
                    catchx::ContainsSubstring("the group \"sub\" is significant in a group that never shuts down"));
  CHECK_THROWS_WITH(tree.add(group_spec("top").significant().stay_down()), catchx::ContainsSubstring("the root"));
  CHECK_FALSE(tree.contains("sub"));
  tree.add(group_spec("ends").auto_shutdown(group_spec::shutdown::all_significant));
  CHECK_NOTHROW(tree.add(group_spec("part").within("ends").significant().stay_down()));
  CHECK(tree.contains("part"));
  CHECK(tree.spec("part").parent() == "ends");
}

TEST_CASE("a unit that is started again unless it was stopped cannot be significant") {
  group_tree tree;
  tree.add(group_spec("ends").auto_shutdown(group_spec::shutdown::any_significant));
  CHECK_THROWS_WITH(tree.add(member("a", "ends", when::unless_stopped).significant()),
                    catchx::ContainsSubstring("always restarted"));
  CHECK_NOTHROW(tree.add(member("a", "ends", when::on_failure).significant()));
}

TEST_CASE("the units of a group are its own and those of the groups in it in the order of their addition") {
  group_tree tree;
  tree.add(group_spec("shop"));
  tree.add(member("a", "shop"));
  tree.add(group_spec("web").within("shop"));
  tree.add(member("d", "shop"));
  tree.add(member("b", "web"));
  tree.add(member("c", "web"));
  CHECK(names_of(tree.units_of("shop")) == names{"a", "b", "c", "d"});
  CHECK(names_of(tree.units_of("web")) == names{"b", "c"});
  CHECK(names_of(tree.units_of("")) == names{"a", "b", "c", "d"});
  CHECK(tree.group_of("b") == "web");
  try {
    tree.units_of("nowhere");
    FAIL("nobody noticed that there is no such group");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::invalid_state);
  }
}

TEST_CASE("who is removed and comes back is what it is then") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("web").by(strategy::one_for_all()).auto_shutdown(any_significant).stay_down());
  it.tree.add(group_spec("other"));
  it.tree.add(member("a", "web"));
  it.tree.add(member("b", "web", when::never).significant());
  it.tree.remove("b");
  it.tree.remove("b");
  it.tree.remove("nobody");
  CHECK(names_of(it.tree.units_of("web")) == names{"a"});
  CHECK_THROWS(it.tree.group_of("b"));
  it.tree.add(member("b", "web", when::on_failure));
  CHECK(it.end("b", done).stop.empty());                    // of no significance any more
  CHECK(names_of(it.end("a").restart) == names{"a", "b"});  // nor temporary
}

TEST_CASE("a group that was given up and restarted has its whole window again") {
  bench it;
  it.tree.add(group_spec("shop").intensity(9, 1min));
  it.tree.add(group_spec("web").within("shop").intensity(1, 5s));
  it.add_members("web");
  it.end("a");
  CHECK(it.end("a").reason() == "group web: more than 1 restarts in 5s");
  const group_verdict next = it.end("a");
  CHECK(names_of(next.restart) == names{"a"});
  CHECK(next.reasons.empty());
  CHECK_FALSE(next.has_given_up);
}

TEST_CASE("a group that is given up says so even where it is restarted") {
  bench it;
  it.tree.add(group_spec("shop").intensity(9, 1min));
  it.tree.add(group_spec("web").within("shop").intensity(1, 5s));
  it.add_members("web");
  it.end("a");
  CHECK(it.end("a").has_given_up);
}

TEST_CASE("a group that stays down is not restarted by a group with a bound") {
  bench it;
  it.tree.add(group_spec("shop").intensity(9, 1min).auto_shutdown(group_spec::shutdown::any_significant));
  it.tree.add(group_spec("web").within("shop").intensity(1, 5s).stay_down());
  it.add_members("web");
  it.tree.add(member("db", "shop"));
  it.end("a");
  const group_verdict verdict = it.end("a");
  CHECK(verdict.restart.empty());
  CHECK(names_of(verdict.stop) == names{"a", "b", "c"});
  CHECK_FALSE(verdict.ends_all);
  CHECK(verdict.reason() == "group web: more than 1 restarts in 5s");
}

TEST_CASE("a significant group that is given up and stays down ends the group around it") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("shop").stay_down().auto_shutdown(any_significant));
  it.tree.add(group_spec("web").within("shop").intensity(1, 5s).stay_down().significant());
  it.add_members("web");
  it.tree.add(member("db", "shop"));
  it.end("a");
  const group_verdict verdict = it.end("a");
  CHECK(names_of(verdict.stop) == names{"a", "b", "c", "db"});
  CHECK(verdict.reason() == "group web: more than 1 restarts in 5s, group shop: group web is significant");
}

TEST_CASE("the last significant child may be a group and counts for as long as anything in it is up") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("shop").auto_shutdown(all_significant).stay_down());
  it.tree.add(group_spec("web").within("shop").auto_shutdown(all_significant).stay_down().significant());
  it.tree.add(group_spec("side").within("shop"));
  it.tree.add(member("a", "web", when::never).significant());
  it.tree.add(member("b", "web"));
  it.tree.add(member("c", "shop", when::never).significant());
  it.tree.add(member("d", "side"));
  it.tree.add(member("e", "shop"));
  it.down = {"c"};
  SECTION("something in it is up") {
    CHECK(it.end("c", done).stop.empty());
    it.down.insert("a");
    CHECK(it.end("c", done).stop.empty());
  }
  SECTION("nothing in it is up and what is of no significance does not count") {
    it.down = {"a", "b", "c"};
    CHECK(names_of(it.end("c", done).stop) == names{"a", "b", "d", "c", "e"});
  }
  SECTION("it ends with its own last significant child and takes the rest along") {
    it.down = {"a", "c"};
    CHECK(names_of(it.end("a", done).stop) == names{"a", "b", "d", "c", "e"});
  }
}

TEST_CASE("only a significant end counts where the last one ends the group") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("web").auto_shutdown(all_significant).stay_down());
  it.tree.add(member("a", "web", when::never).significant());
  it.tree.add(member("c", "web"));
  it.down = {"a"};
  CHECK(it.end("c", done).stop.empty());
}

TEST_CASE("the root that ends by itself ends the supervisor even where it has a bound") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec::root().auto_shutdown(any_significant).intensity(9, 1min));
  it.tree.add(member("a", "", when::never).significant());
  it.tree.add(member("b", ""));
  const group_verdict verdict = it.end("a", done);
  CHECK(verdict.ends_all);
  CHECK_FALSE(verdict.has_given_up);
  CHECK_FALSE(verdict.exit_code);
  CHECK(verdict.restart.empty());
  CHECK(names_of(verdict.stop) == names{"a", "b"});
}

TEST_CASE("the root that is given up ends the supervisor with the code that it says") {
  bench it;
  it.tree.add(group_spec::root().intensity(1, 1min).when_given_up(give_up().exit_code(7)));
  it.add_members("");
  it.end("a");
  const group_verdict verdict = it.end("a");
  CHECK(verdict.ends_all);
  CHECK(verdict.has_given_up);
  CHECK(verdict.exit_code == 7);
  CHECK(verdict.reason() == "the root: more than 1 restarts in 1m");
}

TEST_CASE("in the root to stop the group is to end the supervisor and a group ends alone") {
  using enum give_up::action;
  bench it;
  it.tree.add(group_spec("web"));
  it.tree.add(member("a", "web"));
  it.tree.add(member("b", ""));
  const group_verdict part = it.end("a", given_up, give_up(stop_group));
  CHECK_FALSE(part.ends_all);
  CHECK(names_of(part.stop) == names{"a"});
  const group_verdict whole = it.end("b", given_up, give_up(stop_group));
  CHECK(whole.ends_all);
  CHECK_FALSE(whole.has_given_up);
  CHECK(names_of(whole.stop) == names{"a", "b"});
  CHECK(whole.reason() == "the root stops: b is given up");
}

TEST_CASE("a significant group that is stopped for a member ends the group around it") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("shop").stay_down().auto_shutdown(any_significant));
  it.tree.add(group_spec("web").within("shop").stay_down().significant());
  it.tree.add(member("a", "web"));
  it.tree.add(member("db", "shop"));
  CHECK(names_of(it.end("a", given_up, give_up(give_up::action::stop_group)).stop) == names{"a", "db"});
}

TEST_CASE("a significant unit that is given up and nothing follows counts as ended all the same") {
  using enum group_spec::shutdown;
  bench it;
  it.tree.add(group_spec("web").auto_shutdown(any_significant).stay_down());
  it.tree.add(member("a", "web", when::on_failure).significant());
  it.tree.add(member("b", "web"));
  CHECK(names_of(it.end("a", given_up, give_up(give_up::action::nothing)).stop) == names{"a", "b"});
  CHECK(it.end("b", given_up, give_up(give_up::action::nothing)).stop.empty());
}

TEST_CASE("in the root a unit escalates where it asks for that") {
  bench it;
  it.add_members("");
  const group_verdict verdict = it.end("a", given_up, give_up(give_up::action::escalate));
  CHECK(verdict.ends_all);
  CHECK(verdict.has_given_up);
  CHECK(verdict.reason() == "the root: a is given up");
  const group_verdict all = it.end("a", given_up, give_up(give_up::action::stop_all));
  CHECK(all.ends_all);
  CHECK(all.has_given_up);
  CHECK_FALSE(all.exit_code);
}

TEST_CASE("a group in the root that has a bound is restarted there and without one everything ends") {
  bench with;
  with.tree.add(group_spec::root().intensity(5, 1min));
  with.tree.add(group_spec("web"));
  with.add_members("web");
  const group_verdict restarted = with.end("a", given_up);
  CHECK(names_of(restarted.restart) == names{"a", "b", "c"});
  CHECK_FALSE(restarted.ends_all);
  bench without;
  without.tree.add(group_spec("web"));
  without.add_members("web");
  const group_verdict ended = without.end("a", given_up);
  CHECK(ended.ends_all);
  CHECK(ended.restart.empty());
}

TEST_CASE("a strategy sees places from zero and a member always shares its own fate") {
  CHECK(group_child().place == 0);
  const group_child first{"a", 0};
  const group_child second{"b", 1};
  const strategy never("never", [](const group_child&, const group_child&) { return false; });
  CHECK(never.name() == "never");
  CHECK(never.shares_fate(first, first));
  CHECK_FALSE(never.shares_fate(first, second));
  CHECK(strategy::one_for_all().shares_fate(second, first));
  CHECK_FALSE(strategy::one_for_one().shares_fate(second, first));
  CHECK(strategy::rest_for_one().shares_fate(first, second));
  CHECK_FALSE(strategy::rest_for_one().shares_fate(second, first));
  std::vector<std::size_t> places;
  bench it;
  it.tree.add(group_spec("web").by(strategy("seen", [&](const group_child& ended, const group_child& other) {
    places.push_back(ended.place);
    places.push_back(other.place);
    return false;
  })));
  it.add_members("web");
  it.end("b");
  CHECK(places == std::vector<std::size_t>{1, 0, 1, 2});
}

}  // namespace t_group_tree
