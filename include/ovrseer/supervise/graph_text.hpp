// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The graph of a set of units for tools that draw it: as data, in the languages of Graphviz and of Mermaid. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/group.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// Who there is and who waits for whom, with every default resolved.
struct graph_view {
  struct node {
    unit_id id;
    ovrseer::role role = role::main;
    unit_spec::kind kind = unit_spec::kind::service;
    std::string group;  ///< empty: the root
    std::vector<std::string> tags;
    bool is_on_demand = false;
  };
  struct edge {
    enum class origin : std::uint8_t {
      declared,
      implied,  ///< a main without a list waits for all dependencies
      order,    ///< its group starts in the order of declaration
    };
    unit_id from;
    dependency_edge needs;  ///< its condition is never `standard`
    origin because = origin::declared;
  };
  struct group {
    std::string name;
    std::string parent;    ///< empty: the root
    std::string strategy;  ///< as it names itself: "one_for_one"
  };
  std::vector<node> nodes;    ///< in the order of the units
  std::vector<edge> edges;    ///< in the order of the units
  std::vector<group> groups;  ///< each behind the one that it is in; without the root
};

/// Makes the view. A group stands behind the one that it is in.
///
/// Errors: `errc::unknown_dependency`, `errc::dependency_cycle`, and those of `group_tree`.
OVRSEER_DECL graph_view view_graph(const std::vector<unit_spec>& units, const std::vector<group_spec>& groups = {});

/// In the language of Graphviz (https://graphviz.org/doc/info/lang.html): `dot -Tsvg`.
///
/// An arrow goes from a unit to what it waits for, and says the condition and what happens when that is lost, where that
/// is not hold; dashed where it can do without, dotted where only its group orders it. Dependencies are ellipses, mains
/// boxes, cleanup units notes, groups clusters; who starts on demand is dashed. Any name is quoted as need be.
OVRSEER_DECL std::string to_dot(const graph_view& graph, std::string_view title = {});

/// The same as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html), which many sites draw in Markdown.
/// Dependencies have round ends, cleanup units are slanted, groups are subgraphs.
OVRSEER_DECL std::string to_mermaid(const graph_view& graph);

constexpr std::string_view to_text(graph_view::edge::origin value) noexcept {
  constexpr std::string_view names[] = {"declared", "implied", "order"};
  return names[static_cast<std::size_t>(value)];
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/graph_text.ipp>
#endif
