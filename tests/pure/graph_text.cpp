// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The graph for tools that draw it: what is in it, its form in each language, and names that are no names.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <catch.hpp>

#include <ovrseer/supervise/json.hpp>

#include "disk_folder.hpp"

namespace t_graph_text {

using namespace ovrseer;
using origin = graph_view::edge::origin;
using need = dependency_edge::need;

unit_spec unit_of(std::string name, role as = role::main, std::string group = "") {
  unit_spec made(unit_id(std::move(name)), command("true"));
  made.as(as).within(std::move(group));
  return made;
}

/// Every shape and every kind of edge, once.
graph_view shop() {
  std::vector<unit_spec> units{unit_of("db", role::dependency, "data"),
                               unit_of("migrate", role::dependency, "data").of_kind(unit_spec::kind::one_shot),
                               unit_of("cache", role::dependency),
                               unit_of("api", role::main, "web"),
                               unit_of("proxy", role::main, "edge").depends_on(std::vector<dependency_edge>{}),
                               unit_of("worker"),
                               unit_of("helper").on_demand().depends_on("db", edge_condition::started),
                               unit_of("tidy", role::cleanup)};
  units[1].depends_on({"db", edge_condition::ready, need::required, edge_action::nothing});
  units[3].depends_on({"db", edge_condition::healthy, need::required, edge_action::stop, edge_action::start});
  units[3].depends_on("migrate").depends_on({"cache", edge_condition::standard, need::wanted});
  units[4].tag("http").tag("two words");
  std::vector<group_spec> groups{group_spec("data"), group_spec("web").by(strategy::rest_for_one()),
                                 group_spec("empty")};
  groups.push_back(group_spec("edge").within("web"));
  return view_graph(units, groups);
}

/// Names that want out of their quotes; no supervisor takes them.
graph_view hostile() {
  std::vector<unit_spec> units{unit_of("a\"]; evil [label=\"x"),
                               unit_of("end"),
                               unit_of("back\\"),
                               unit_of("new\nline"),
                               unit_of("<b>&amp;</b> `x` #35; %%{init}%%"),
                               unit_of("\xC3\xA4rger -- {}|[]")};
  for (std::size_t i = 1; i < units.size(); ++i) units[i].depends_on(units[i - 1].id());
  return view_graph(units);
}

std::string golden(const std::string& name) {
  std::ifstream file(std::string(OVRSEER_SOURCE_DIR "/tests/golden/graph/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a view has every default resolved") {
  const graph_view view = shop();
  CHECK(view.nodes.size() == 8);
  CHECK(view.groups.size() == 4);
  CHECK(view.groups[3].parent == "web");
  const auto edge = [&](const char* from, const char* on) {
    const auto found = std::ranges::find_if(
        view.edges, [&](const graph_view::edge& each) { return each.from == from && each.needs.on == on; });
    REQUIRE(found != view.edges.end());
    return *found;
  };
  CHECK(edge("api", "migrate").needs.condition == edge_condition::completed_successfully);
  CHECK(edge("api", "cache").needs.condition == edge_condition::ready);
  CHECK(edge("api", "cache").because == origin::declared);
  CHECK(edge("worker", "cache").because == origin::implied);
  CHECK(edge("api", "proxy").because == origin::order);
  CHECK(std::ranges::none_of(view.edges, [](const auto& each) { return each.from == "tidy"; }));
}

TEST_CASE("a graph is written in the language of Graphviz") { CHECK(to_dot(shop(), "shop") == golden("shop.dot")); }

TEST_CASE("a graph is written as a flowchart of Mermaid") { CHECK(to_mermaid(shop()) == golden("shop.mmd")); }

TEST_CASE("a graph is written as JSON") { CHECK(to_json(shop()).dump(2) + "\n" == golden("shop.json")); }

TEST_CASE("names that are no names stay within their quotes") {
  CHECK(to_dot(hostile(), "\"}\\") == golden("hostile.dot"));
  CHECK(to_mermaid(hostile()) == golden("hostile.mmd"));
}

TEST_CASE("a graph of nobody is a graph") {
  CHECK(to_mermaid(graph_view()) == "flowchart LR\n");
  CHECK_THAT(to_dot(graph_view()), catchx::StartsWith("digraph \"\" {\n"));
  CHECK(to_json(graph_view()).at("edges").empty());
}

TEST_CASE("Graphviz reads what is written for it") {
  if (std::system("command -v dot > /dev/null 2>&1") != 0) SKIP("no dot: install graphviz");  // NOLINT
  const ovrseer_test::disk_folder folder;
  for (const graph_view& view : {shop(), hostile(), graph_view()}) {
    const std::string file = folder / "graph.dot";
    std::ofstream(file, std::ios::binary) << to_dot(view, "any");
    const std::string run = "dot -Tplain '" + file + "' > '" + file + ".out'";
    CHECK(std::system(run.c_str()) == 0);  // NOLINT
    std::ifstream plain(file + ".out");
    std::vector<std::string> words;
    for (std::string line; std::getline(plain, line);) words.push_back(line.substr(0, line.find(' ')));
    CHECK(static_cast<std::size_t>(std::ranges::count(words, "node")) == view.nodes.size());
    CHECK(static_cast<std::size_t>(std::ranges::count(words, "edge")) == view.edges.size());
  }
}

}  // namespace t_graph_text
