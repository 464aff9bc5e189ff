// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Orders of start and stop, cycles, and the judgement of single edges.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/error.hpp>
#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/plan.hpp>

namespace t_graph {

using namespace ovrseer;
using namespace std::chrono_literals;

unit_spec unit_named(const char* name, role what = role::main) {
  unit_spec spec(name, command("true"));
  spec.as(what);
  return spec;
}

dependency_graph graph_of(const std::vector<unit_spec>& specs) {
  std::vector<const unit_spec*> pointers;
  for (const unit_spec& spec : specs) pointers.push_back(&spec);
  return dependency_graph(pointers);
}

std::string text_of(const std::vector<std::vector<unit_id>>& layers) {
  std::string text;
  for (const auto& layer : layers) {
    if (!text.empty()) text += " | ";
    for (std::size_t i = 0; i < layer.size(); ++i) text += (i == 0 ? "" : " ") + layer[i].name;
  }
  return text;
}

TEST_CASE("a main without a list waits for all dependencies and an explicit list replaces that") {
  std::vector<unit_spec> specs{unit_named("db", role::dependency), unit_named("cache", role::dependency),
                               unit_named("api"), unit_named("lonely")};
  specs[3].depends_on(std::vector<dependency_edge>{});
  const dependency_graph graph = graph_of(specs);
  CHECK(graph.dependencies_of("api").size() == 2);
  CHECK(graph.dependencies_of("lonely").empty());
  CHECK(graph.dependents_of("db") == std::vector<unit_id>{"api"});
  CHECK(text_of(graph.layers()) == "cache db lonely | api");
}

TEST_CASE("a cycle is refused with its path") {
  std::vector<unit_spec> specs{unit_named("a"), unit_named("b"), unit_named("c"), unit_named("d")};
  specs[0].depends_on("b");
  specs[1].depends_on("c");
  specs[2].depends_on("b");
  try {
    graph_of(specs);
    FAIL("the cycle went unnoticed");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::dependency_cycle);
    CHECK(failure.context() == "b -> c -> b");
  }
}

TEST_CASE("a unit that depends on itself is a cycle") {
  std::vector<unit_spec> specs{unit_named("a")};
  specs[0].depends_on("a");
  CHECK_THROWS_WITH(graph_of(specs), catchx::ContainsSubstring("a -> a"));
}

TEST_CASE("an unknown dependency is refused by name") {
  std::vector<unit_spec> specs{unit_named("api")};
  specs[0].depends_on("db");
  CHECK_THROWS_WITH(graph_of(specs), catchx::ContainsSubstring("api depends on db"));
}

TEST_CASE("the longest ways up and down a rhombus go through its slower side") {
  std::vector<unit_spec> specs{unit_named("base"), unit_named("slow"), unit_named("fast"), unit_named("top")};
  specs[1].depends_on("base");
  specs[2].depends_on("base");
  specs[3].depends_on("slow").depends_on("fast");
  const dependency_graph graph = graph_of(specs);
  const auto cost = [](const unit_id& id) -> std::chrono::nanoseconds { return id.name == "slow" ? 5s : 1s; };
  CHECK(graph.longest_to("top", cost) == 7s);
  CHECK(graph.longest_to("fast", cost) == 2s);
  CHECK(graph.longest_from("base", cost) == 7s);
  CHECK(graph.longest_from("top", cost) == 1s);
}

TEST_CASE("a deep graph with many ways through it is walked once a unit") {
  std::vector<unit_spec> specs;
  for (int layer = 0; layer < 40; ++layer) {
    for (int place = 0; place < 2; ++place) {
      unit_spec spec = unit_named(("u" + std::to_string(layer) + "_" + std::to_string(place)).c_str());
      spec.depends_on(std::vector<dependency_edge>{});
      for (int below = 0; layer > 0 && below < 2; ++below) {
        spec.depends_on(unit_id("u" + std::to_string(layer - 1) + "_" + std::to_string(below)));
      }
      specs.push_back(std::move(spec));
    }
  }
  const dependency_graph graph = graph_of(specs);
  CHECK(graph.layers().size() == 40);
  CHECK(graph.longest_to("u39_0", [](const unit_id&) { return 1ns; }) == 40ns);
  CHECK(graph.longest_from("u0_0", [](const unit_id&) { return 1ns; }) == 40ns);
}

TEST_CASE("edges are judged by condition kind and state") {
  using enum unit_state;
  constexpr auto met = edge_status::met;
  constexpr auto pending = edge_status::pending;
  constexpr auto impossible = edge_status::impossible;
  struct row {
    edge_condition condition;
    unit_spec::kind kind;
    unit_state state;
    edge_status expected;
  };
  constexpr auto service = unit_spec::kind::service;
  constexpr auto one_shot = unit_spec::kind::one_shot;
  const row rows[] = {
      {edge_condition::standard, service, running, pending},
      {edge_condition::standard, service, ready, met},
      {edge_condition::standard, service, completed, impossible},
      {edge_condition::standard, service, failed, impossible},
      {edge_condition::standard, service, skipped, impossible},
      {edge_condition::standard, service, stopped, pending},
      {edge_condition::standard, service, backing_off, pending},
      {edge_condition::standard, one_shot, running, pending},
      {edge_condition::standard, one_shot, completed, met},
      {edge_condition::standard, one_shot, failed, impossible},
      {edge_condition::started, service, starting, pending},
      {edge_condition::started, service, running, met},
      {edge_condition::started, service, failed, impossible},
      {edge_condition::completed, service, running, pending},
      {edge_condition::completed, service, failed, met},
      {edge_condition::completed, service, completed, met},
      {edge_condition::completed_successfully, service, failed, impossible},
      {edge_condition::completed_successfully, service, completed, met},
  };
  for (const row& each : rows) {
    INFO("condition " << static_cast<int>(each.condition) << ", state " << to_text(each.state));
    CHECK(judge_edge({"x", each.condition, dependency_edge::need::required}, each.kind, each.state) == each.expected);
    const edge_status wanted = each.expected == impossible ? met : each.expected;
    CHECK(judge_edge({"x", each.condition, dependency_edge::need::wanted}, each.kind, each.state) == wanted);
  }
}

TEST_CASE("a plan stops mains in reverse then cleans up one by one then stops dependencies") {
  std::vector<unit_spec> specs{unit_named("db", role::dependency), unit_named("api"), unit_named("web"),
                               unit_named("sweep", role::cleanup), unit_named("mop", role::cleanup)};
  specs[2].depends_on("api");
  const supervisor_plan plan = make_plan(specs);
  CHECK(text_of(plan.start_layers) == "db | api | web");
  CHECK(text_of(plan.stop_layers) == "web | api | sweep | mop | db");
  // three stops of 12 s one after another, and two cleanups of 5 s with a kill of 2 s each
  CHECK(plan.stop_bound == 36s + 14s);
  CHECK(plan.start_bound == 0s);
  CHECK(plan.has_start_bound);
}

/// The states in which an edge of a service is met, and those in which it can never be.
struct judged {
  std::vector<unit_state> met;
  std::vector<unit_state> impossible;
};
void judge_all(edge_condition condition, unit_spec::kind kind, const edge_evidence& more, const judged& expected) {
  for (int value = 0; value <= static_cast<int>(unit_state::skipped); ++value) {
    const auto state = static_cast<unit_state>(value);
    INFO("condition " << static_cast<int>(condition) << ", state " << to_text(state));
    edge_status is = edge_status::pending;
    if (std::ranges::count(expected.met, state) != 0) is = edge_status::met;
    if (std::ranges::count(expected.impossible, state) != 0) is = edge_status::impossible;
    const dependency_edge required{"x", condition, dependency_edge::need::required};
    const dependency_edge wanted{"x", condition, dependency_edge::need::wanted};
    CHECK(judge_edge(required, kind, state, more) == is);
    CHECK(judge_edge(wanted, kind, state, more) == (is == edge_status::impossible ? edge_status::met : is));
  }
}

TEST_CASE("every condition is met and impossible in exactly these states") {
  using enum unit_state;
  constexpr auto service = unit_spec::kind::service;
  constexpr auto one_shot = unit_spec::kind::one_shot;
  const edge_evidence nothing{false, false};
  const edge_evidence proven{true, false};
  const edge_evidence line{false, true};
  judge_all(edge_condition::started, service, nothing,
            {{running, ready, unhealthy, paused, stopping, completed, crashed}, {failed, skipped}});
  judge_all(edge_condition::ready, service, nothing, {{ready}, {failed, skipped, completed}});
  judge_all(edge_condition::healthy, service, proven, {{ready}, {failed, skipped, completed}});
  judge_all(edge_condition::healthy, service, nothing, {{}, {failed, skipped, completed}});
  judge_all(edge_condition::log_line, service, line,
            {{running, ready, unhealthy, paused, completed}, {failed, skipped}});
  judge_all(edge_condition::log_line, service, proven, {{}, {failed, skipped, completed}});
  judge_all(edge_condition::completed, service, nothing, {{completed, failed}, {skipped}});
  judge_all(edge_condition::completed_successfully, service, nothing, {{completed}, {failed, skipped}});
  judge_all(edge_condition::standard, service, nothing, {{ready}, {failed, skipped, completed}});
  judge_all(edge_condition::standard, one_shot, nothing, {{completed}, {failed, skipped}});
  judge_all(edge_condition::ready, one_shot, nothing, {{ready}, {failed, skipped, completed}});
}

TEST_CASE("without evidence a unit counts as proven and has written no line") {
  using enum unit_state;
  constexpr auto service = unit_spec::kind::service;
  CHECK(judge_edge({"x", edge_condition::healthy}, service, ready) == edge_status::met);
  CHECK(judge_edge({"x", edge_condition::log_line}, service, ready) == edge_status::pending);
}

TEST_CASE("a unit that starts on demand is waited for by nobody who does not name it") {
  std::vector<unit_spec> specs{unit_named("db", role::dependency), unit_named("medic", role::dependency),
                               unit_named("api"), unit_named("web")};
  specs[1].on_demand();
  specs[3].depends_on("medic");
  const dependency_graph graph = graph_of(specs);
  REQUIRE(graph.dependencies_of("api").size() == 1);
  CHECK(graph.dependencies_of("api").front().on == unit_id("db"));
  CHECK(graph.dependents_of("medic") == std::vector<unit_id>{"web"});
  CHECK(graph.dependents_of("web").empty());
}

TEST_CASE("a dependency waits for no other unless it says so") {
  std::vector<unit_spec> specs{unit_named("db", role::dependency), unit_named("cache", role::dependency)};
  const dependency_graph graph = graph_of(specs);
  CHECK(graph.dependencies_of("db").empty());
  CHECK(graph.dependencies_of("cache").empty());
}

TEST_CASE("an order from outside adds an edge where there is none and keeps one that is there") {
  std::vector<unit_spec> specs{unit_named("a"), unit_named("b"), unit_named("c")};
  specs[1].depends_on("a", edge_condition::started);
  std::vector<const unit_spec*> pointers;
  for (const unit_spec& spec : specs) pointers.push_back(&spec);
  const dependency_graph graph(pointers, {{"b", "a"}, {"c", "a"}, {"c", "b"}, {"c", "b"}});
  REQUIRE(graph.dependencies_of("b").size() == 1);
  CHECK(graph.dependencies_of("b").front().condition == edge_condition::started);
  REQUIRE(graph.dependencies_of("c").size() == 2);
  CHECK(graph.dependencies_of("c").front().condition == edge_condition::standard);
  CHECK(text_of(graph.layers()) == "a | b | c");
  CHECK(graph.dependents_of("a") == std::vector<unit_id>{"b", "c"});
}

TEST_CASE("above the mains are the mains and who depends on them") {
  std::vector<unit_spec> specs{unit_named("db", role::dependency), unit_named("api"),
                               unit_named("exporter", role::dependency), unit_named("watch", role::dependency)};
  specs[2].depends_on("api");
  specs[1].depends_on("db");
  specs[3].depends_on("exporter");
  const dependency_graph graph = graph_of(specs);
  CHECK(graph.is_above_mains("api"));
  CHECK(graph.is_above_mains("exporter"));
  CHECK(graph.is_above_mains("watch"));
  CHECK_FALSE(graph.is_above_mains("db"));
}

TEST_CASE("somebody above is looked for at any distance and never below or beside") {
  std::vector<unit_spec> specs{unit_named("base"), unit_named("left"), unit_named("right"), unit_named("top"),
                               unit_named("other")};
  specs[1].depends_on("base");
  specs[2].depends_on("base");
  specs[3].depends_on("left").depends_on("right");
  const dependency_graph graph = graph_of(specs);
  const auto is = [](const char* name) { return [name](const unit_id& id) { return id.name == name; }; };
  CHECK(graph.any_above("base", is("left")));
  CHECK(graph.any_above("base", is("top")));
  CHECK(graph.any_above("right", is("top")));
  CHECK_FALSE(graph.any_above("base", is("base")));
  CHECK_FALSE(graph.any_above("base", is("other")));
  CHECK_FALSE(graph.any_above("left", is("right")));
  CHECK_FALSE(graph.any_above("top", is("base")));
  int asked = 0;
  CHECK_FALSE(graph.any_above("base", [&](const unit_id&) { return ++asked > 100; }));
  CHECK(asked == 3);  // each once, although two ways lead to the top
}

TEST_CASE("units with their dependencies are all that is below them and nothing beside") {
  std::vector<unit_spec> specs{unit_named("top"), unit_named("left"), unit_named("right"), unit_named("bottom"),
                               unit_named("beside")};
  specs[0].depends_on("left").depends_on("right");
  specs[1].depends_on("bottom");
  specs[2].depends_on("bottom");
  const dependency_graph graph = graph_of(specs);
  CHECK(graph.with_dependencies({"top"}) == std::set<unit_id>{"top", "left", "right", "bottom"});
  CHECK(graph.with_dependencies({"left"}) == std::set<unit_id>{"left", "bottom"});
  CHECK(graph.with_dependencies({"bottom", "beside"}) == std::set<unit_id>{"bottom", "beside"});
  CHECK(graph.with_dependencies({}).empty());
}

TEST_CASE("layers are those of the longest way and nothing has none") {
  std::vector<unit_spec> specs{unit_named("a"), unit_named("b"), unit_named("c"), unit_named("d")};
  specs[0].depends_on("b").depends_on("d");
  specs[1].depends_on("c");
  specs[2].depends_on("d");
  CHECK(text_of(graph_of(specs).layers()) == "d | c | b | a");
  CHECK(graph_of({}).layers().empty());
}

TEST_CASE("a cycle behind others is found and what is walked twice is none") {
  std::vector<unit_spec> specs{unit_named("a"), unit_named("b"), unit_named("c"), unit_named("d")};
  specs[0].depends_on("b").depends_on("c");
  specs[1].depends_on("d");
  specs[2].depends_on("d");
  CHECK_NOTHROW(graph_of(specs));
  specs[3].depends_on("c");
  CHECK_THROWS_WITH(graph_of(specs), catchx::ContainsSubstring("d -> c -> d"));
}

TEST_CASE("a single unit is a single layer") { CHECK(graph_of({unit_named("a")}).layers().size() == 1); }

TEST_CASE("the path of a cycle names only those that are on it") {
  std::vector<unit_spec> specs{unit_named("b"), unit_named("c"), unit_named("d"), unit_named("e")};
  specs[0].depends_on("d").depends_on("c");
  specs[1].depends_on("e").depends_on("b");
  try {
    graph_of(specs);
    FAIL("the cycle went unnoticed");
  } catch (const error& failure) {
    CHECK(failure.context() == "b -> c -> b");
  }
}

TEST_CASE("a line proves no health") {
  judge_all(edge_condition::healthy, unit_spec::kind::service, {false, true},
            {{}, {unit_state::failed, unit_state::skipped, unit_state::completed}});
}

TEST_CASE("a main that names none waits for the dependencies in the order of their addition") {
  const std::vector<unit_spec> specs{unit_named("z", role::dependency), unit_named("api"),
                                     unit_named("b", role::dependency), unit_named("c", role::dependency)};
  std::vector<std::string> names;
  const dependency_graph graph = graph_of(specs);
  for (const dependency_edge& edge : graph.dependencies_of("api")) names.push_back(edge.on.name);
  CHECK(names == std::vector<std::string>{"z", "b", "c"});
}

}  // namespace t_graph
