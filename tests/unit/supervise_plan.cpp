// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A plan: orders and bounds of a set of units, made without starting anything.
#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/supervise/plan.hpp>

namespace t_supervise_plan {

using namespace ovrseer;
using namespace std::chrono_literals;

/// A check that only has a bound.
struct bounded_check {
  std::chrono::nanoseconds limit;
  task<check_result> operator()(check_target) const { co_return check_result{}; }
  std::chrono::nanoseconds bound() const { return limit; }
};

unit_spec unit_of(std::string name, role as) {
  unit_spec made(unit_id(std::move(name)), command("x"));
  made.as(as).stop_by(stop_plan(signal_number(SIGTERM), 3s));  // 5 s with the kill
  return made;
}

using layers = std::vector<std::vector<unit_id>>;

TEST_CASE("a plan starts by layers and stops mains before cleanup before dependencies") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("api", role::main));
  specs.push_back(unit_of("db", role::dependency));
  specs.push_back(unit_of("cache", role::dependency).depends_on("db"));
  specs.push_back(unit_of("one", role::cleanup));
  specs.push_back(unit_of("two", role::cleanup));
  const supervisor_plan plan = make_plan(specs);
  CHECK(plan.start_layers == layers{{"db"}, {"cache"}, {"api"}});
  CHECK(plan.stop_layers == layers{{"api"}, {"one"}, {"two"}, {"cache"}, {"db"}});
  REQUIRE(plan.units.size() == 5);
  CHECK(plan.units[0].depends_on.size() == 2);
  CHECK(plan.units[1].dependents.size() == 2);
}

TEST_CASE("the bounds are those of the longest chain") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("db", role::dependency).ready_when(bounded_check{4s}));
  specs.push_back(unit_of("queue", role::dependency).ready_when(bounded_check{7s}));
  specs.push_back(unit_of("api", role::main).ready_when(bounded_check{2s}));
  specs.push_back(unit_of("tidy", role::cleanup).time_limit(1s));
  const supervisor_plan plan = make_plan(specs);
  CHECK(plan.has_start_bound);
  CHECK(plan.start_bound == 9s);
  // Two layers of 5 s; the cleanup's second and its kill.
  CHECK(plan.stop_bound == 5s + 5s + 1s + 2s);
  CHECK(plan.units[3].stop_bound == 3s);
}

TEST_CASE("a check without a bound makes a start without one") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("api", role::main).ready_when(bounded_check{0s}));
  const supervisor_plan plan = make_plan(specs);
  CHECK_FALSE(plan.has_start_bound);
  CHECK_FALSE(plan.units[0].has_ready_bound);
}

TEST_CASE("a plan of nothing is empty") {
  const supervisor_plan plan = make_plan({});
  CHECK(plan.start_layers.empty());
  CHECK(plan.stop_layers.empty());
  CHECK(plan.stop_bound == 0s);
}

TEST_CASE("a plan refuses what run would refuse") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("a", role::main).depends_on("b"));
  CHECK_THROWS_AS(make_plan(specs), std::system_error);
  specs.push_back(unit_of("b", role::main).depends_on("a"));
  CHECK_THROWS_WITH(make_plan(specs), catchx::ContainsSubstring("a -> b -> a"));
}

TEST_CASE("a plan says of every unit who it is and whom it waits for in the order of its list") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("db", role::dependency));
  specs.push_back(unit_of("cache", role::dependency));
  specs.push_back(unit_of("api", role::main).depends_on("db").depends_on("cache"));
  specs.push_back(unit_of("tidy", role::cleanup).time_limit(4s));
  const supervisor_plan plan = make_plan(specs);
  REQUIRE(plan.units.size() == 4);
  CHECK(plan.units[2].id == unit_id("api"));
  CHECK(plan.units[2].role == role::main);
  CHECK(plan.units[2].depends_on == std::vector<unit_id>{"db", "cache"});
  CHECK(plan.units[2].dependents.empty());
  CHECK(plan.units[2].stop_bound == 5s);
  CHECK(plan.units[0].role == role::dependency);
  CHECK(plan.units[0].dependents == std::vector<unit_id>{"api"});
  CHECK(plan.units[3].role == role::cleanup);
  CHECK(plan.units[3].stop_bound == 6s);
  CHECK(plan.units[3].depends_on.empty());
  CHECK(planned_unit().has_ready_bound);
  CHECK(plan.units[3].has_ready_bound);
}

TEST_CASE("one check without a bound is enough wherever it stands") {
  for (std::size_t unbounded = 0; unbounded != 2; ++unbounded) {
    std::vector<unit_spec> specs;
    for (std::size_t i = 0; i != 2; ++i)
      specs.push_back(unit_of("u" + std::to_string(i), role::main).ready_when(bounded_check{i == unbounded ? 0s : 1s}));
    const supervisor_plan plan = make_plan(specs);
    CHECK_FALSE(plan.has_start_bound);
    CHECK(plan.units[unbounded].has_ready_bound == false);
    CHECK(plan.units[1 - unbounded].has_ready_bound == true);
  }
}

TEST_CASE("with priorities a stop takes at worst one unit after the other") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("a", role::main));
  specs.push_back(unit_of("b", role::main));
  CHECK(make_plan(specs).stop_bound == 5s);
  specs.push_back(unit_of("c", role::main).priority(1));
  CHECK(make_plan(specs).stop_bound == 15s);
  specs.push_back(unit_of("tidy", role::cleanup).time_limit(1s).priority(7));
  CHECK(make_plan(specs).stop_bound == 15s + 3s);
}

TEST_CASE("a group that starts in the order of declaration puts its members into layers") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("b", role::main).within("web"));
  specs.push_back(unit_of("a", role::main).within("web"));
  specs.push_back(unit_of("c", role::main).within("api"));
  const std::vector<group_spec> groups{group_spec("web").start_order(group_spec::order::declared),
                                       group_spec("api").within("web")};
  const supervisor_plan plan = make_plan(specs, groups);
  // The group stands before the units that were added after it.
  CHECK(plan.start_layers == layers{{"c"}, {"b"}, {"a"}});
  CHECK(plan.stop_layers == layers{{"a"}, {"b"}, {"c"}});
  CHECK(plan.stop_bound == 15s);
}

TEST_CASE("a unit in a group that nobody added is refused and a cleanup is in none") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("tidy", role::cleanup).within("nowhere"));
  CHECK_NOTHROW(make_plan(specs));
  specs.push_back(unit_of("a", role::main).within("nowhere"));
  CHECK_THROWS_WITH(make_plan(specs), catchx::ContainsSubstring("nowhere"));
}

TEST_CASE("what stops first and what stops after it are added up") {
  std::vector<unit_spec> specs;
  specs.push_back(unit_of("db", role::dependency).stop_by(stop_plan(signal_number(SIGTERM), 7s)));
  specs.push_back(unit_of("queue", role::dependency).depends_on("db"));
  specs.push_back(unit_of("api", role::main));
  specs.push_back(unit_of("web", role::main).depends_on("api"));
  // web and api one after the other; then queue and db.
  CHECK(make_plan(specs).stop_bound == (5s + 5s) + (5s + 9s));
}

}  // namespace t_supervise_plan
