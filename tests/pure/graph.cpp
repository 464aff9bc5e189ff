// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Orders of start and stop, cycles, and the judgement of single edges.
#include <catch.hpp>

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

}  // namespace t_graph
