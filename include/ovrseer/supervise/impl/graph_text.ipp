// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/graph_text.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include <ovrseer/supervise/graph_text.hpp>
#include <ovrseer/supervise/group_tree.hpp>

namespace ovrseer::supervise_detail {

/// A language in which graphs are written: what differs between Graphviz and Mermaid.
class graph_writer {
 public:
  explicit graph_writer(const graph_view& graph) : graph_(graph) {}
  virtual ~graph_writer() = default;

  std::string write();

 protected:
  using view = graph_view;

  virtual void begin() = 0;
  virtual void end() = 0;
  virtual void begin_group(std::size_t place, const view::group& which) = 0;
  virtual void end_group() = 0;
  virtual void add(std::size_t place, const view::node& which) = 0;
  virtual void add(const view::edge& which) = 0;

  void line(const std::string& text) { text_ += std::string(2 * depth_, ' ') + text + "\n"; }
  void push(const std::string& text) {
    line(text);
    ++depth_;
  }
  void pop(const std::string& text) {
    --depth_;
    line(text);
  }

  static std::string words_of(const view::edge& which, std::string_view separator);

  const view& graph_;

 private:
  void add_members(const std::string& group);
  bool is_empty(const std::string& group) const;

  std::string text_;
  std::size_t depth_ = 0;
};

OVRSEER_DECL std::string graph_writer::write() {
  begin();
  add_members("");
  for (const view::edge& each : graph_.edges) add(each);
  end();
  return std::move(text_);
}

OVRSEER_DECL void graph_writer::add_members(const std::string& group) {
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (graph_.nodes[i].group == group) add(i, graph_.nodes[i]);
  }
  for (std::size_t i = 0; i < graph_.groups.size(); ++i) {
    const view::group& inner = graph_.groups[i];
    if (inner.parent != group || is_empty(inner.name)) continue;
    begin_group(i, inner);
    add_members(inner.name);
    end_group();
  }
}

OVRSEER_DECL bool graph_writer::is_empty(const std::string& group) const {
  return std::ranges::none_of(graph_.nodes, [&](const view::node& each) { return each.group == group; }) &&
         std::ranges::all_of(graph_.groups,
                             [&](const view::group& each) { return each.parent != group || is_empty(each.name); });
}

OVRSEER_DECL std::string graph_writer::words_of(const view::edge& which, std::string_view separator) {
  if (which.because == view::edge::origin::order) return "order";
  std::string words(to_text(which.needs.condition));
  const auto add = [&](const char* key, edge_action what, edge_action usual) {
    if (what != usual) words += std::string(separator) + key + " " + std::string(to_text(what));
  };
  add("onLoss", which.needs.on_loss, edge_action::hold);
  add("onReturn", which.needs.on_return, edge_action::nothing);
  return words;
}

class dot_writer final : public graph_writer {
 public:
  dot_writer(const graph_view& graph, std::string_view title) : graph_writer(graph), title_(title) {}

 private:
  /// In quotes, inside of which a backslash and an ampersand begin something as well.
  static std::string quoted(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) {
      const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
      if (c == '"' || c == '\\') made += '\\';
      made += c == '&' ? "&amp;" : std::string(1, is_control ? ' ' : c);
    }
    return made + "\"";
  }

  void begin() override {
    push("digraph " + quoted(title_) + " {");
    line("rankdir=LR;");
    line("edge [fontsize=10];");
  }
  void end() override { pop("}"); }
  void begin_group(std::size_t, const view::group& which) override {
    push("subgraph " + quoted("cluster_" + which.name) + " {");
    line("label=" + quoted(which.name + " (" + which.strategy + ")") + ";");
  }
  void end_group() override { pop("}"); }
  void add(std::size_t, const view::node& which) override {
    constexpr std::array<const char*, 3> shapes{"ellipse", "box", "note"};
    const std::string name = quoted(to_text(which.id));
    line(name + " [label=" + name + ", shape=" + shapes[static_cast<std::size_t>(which.role)] +
         (which.is_on_demand ? ", style=dashed];" : "];"));
  }
  void add(const view::edge& which) override {
    std::string style;
    if (which.needs.strength == dependency_edge::need::wanted) style = ", style=dashed";
    if (which.because == view::edge::origin::order) style = ", style=dotted";
    line(quoted(to_text(which.from)) + " -> " + quoted(to_text(which.needs.on)) + " [label=\"" +
         words_of(which, "\\n") + "\"" + style + "];");
  }

  std::string_view title_;
};

class mermaid_writer final : public graph_writer {
 public:
  explicit mermaid_writer(const graph_view& graph) : graph_writer(graph) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) places_[graph.nodes[i].id] = i;
  }

 private:
  /// In quotes. Whatever might mean something there, to Mermaid or to the page that it is on, is written as its number.
  static std::string quoted(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const bool is_plain = is_valid_unit_name(std::string("x") + c) ||
                            std::string_view("/ ()").find(c) != std::string_view::npos || byte >= 0x80;
      made += is_plain ? std::string(1, c) : byte < 0x20 || byte == 0x7f ? " " : "#" + std::to_string(byte) + ";";
    }
    return made + "\"";
  }
  static std::string name_of(std::size_t place) { return "u" + std::to_string(place + 1); }

  void begin() override { push("flowchart LR"); }
  void end() override {
    const bool has_any = std::ranges::any_of(graph_.nodes, [](const view::node& each) { return each.is_on_demand; });
    if (has_any) line("classDef onDemand stroke-dasharray: 5 5");
  }
  void begin_group(std::size_t place, const view::group& which) override {
    push("subgraph g" + std::to_string(place + 1) + "[" + quoted(which.name + " (" + which.strategy + ")") + "]");
  }
  void end_group() override { pop("end"); }
  void add(std::size_t place, const view::node& which) override {
    constexpr std::array<std::pair<const char*, const char*>, 3> shapes{{{"([", "])"}, {"[", "]"}, {"[/", "/]"}}};
    const auto& [open, close] = shapes[static_cast<std::size_t>(which.role)];
    line(name_of(place) + open + quoted(to_text(which.id)) + close + (which.is_on_demand ? ":::onDemand" : ""));
  }
  void add(const view::edge& which) override {
    const bool is_solid =
        which.needs.strength == dependency_edge::need::required && which.because != view::edge::origin::order;
    line(name_of(places_.at(which.from)) + (is_solid ? " -->|\"" : " -.->|\"") + words_of(which, "<br/>") + "\"| " +
         name_of(places_.at(which.needs.on)));
  }

  std::map<unit_id, std::size_t> places_;
};

}  // namespace ovrseer::supervise_detail

namespace ovrseer {

OVRSEER_DECL graph_view view_graph(const std::vector<unit_spec>& units, const std::vector<group_spec>& groups) {
  group_tree tree(groups);
  graph_view made;
  for (const group_spec& each : groups) {
    if (!each.name().empty()) made.groups.push_back({each.name(), each.parent(), each.by().name()});
  }
  std::map<unit_id, unit_spec::kind> kinds;
  std::vector<const unit_spec*> working;
  for (const unit_spec& each : units) {
    made.nodes.push_back({each.id(), each.role(), each.of_kind(), each.group(), each.tags(), each.is_on_demand()});
    if (each.role() == role::cleanup) continue;
    tree.add(each);
    working.push_back(&each);
    kinds[each.id()] = each.of_kind();
  }
  using origin = graph_view::edge::origin;
  const dependency_graph own(working);
  const dependency_graph ordered(working, tree.order_edges());  // which adds to what each says itself
  for (const unit_spec* each : working) {
    const std::size_t own_edges = own.dependencies_of(each->id()).size();
    const auto& edges = ordered.dependencies_of(each->id());
    for (std::size_t i = 0; i < edges.size(); ++i) {
      graph_view::edge edge{each->id(), edges[i], each->dependencies() ? origin::declared : origin::implied};
      if (i >= own_edges) edge.because = origin::order;
      edge.needs.condition = resolved(edges[i].condition, kinds.at(edges[i].on));
      made.edges.push_back(std::move(edge));
    }
  }
  return made;
}

OVRSEER_DECL std::string to_dot(const graph_view& graph, std::string_view title) {
  return supervise_detail::dot_writer(graph, title).write();
}

OVRSEER_DECL std::string to_mermaid(const graph_view& graph) { return supervise_detail::mermaid_writer(graph).write(); }

}  // namespace ovrseer
