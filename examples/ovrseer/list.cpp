// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer list`: the units of a configuration, or those that an expression chooses, one a line.
#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/supervise/json.hpp>

#include "choose.hpp"
#include "words.hpp"

namespace program {
namespace {

using cells = std::array<std::string, 5>;

std::vector<std::string> needs_of(const ovrseer::graph_view& graph, const ovrseer::unit_id& id) {
  std::vector<std::string> names;
  for (const ovrseer::graph_view::edge& each : graph.edges) {
    if (each.from == id) names.push_back(to_text(each.needs.on));
  }
  return names;
}

void show_json(console& out, const ovrseer::graph_view& graph, const std::vector<ovrseer::graph_view::node>& nodes) {
  for (const ovrseer::graph_view::node& each : nodes) {
    nlohmann::ordered_json json = to_json(each);
    json["depends_on"] = needs_of(graph, each.id);
    out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

void show_text(console& out, const ovrseer::graph_view& graph, const std::vector<ovrseer::graph_view::node>& nodes) {
  std::vector<cells> rows{{"UNIT", "ROLE", "GROUP", "TAGS", "WAITS FOR"}};
  for (const ovrseer::graph_view::node& each : nodes) {
    const auto or_none = [](std::string text) { return text.empty() ? "-" : std::move(text); };
    std::string role(to_text(each.role));
    if (each.kind == ovrseer::unit_spec::kind::one_shot && each.role != ovrseer::role::cleanup) role += ", one shot";
    if (each.is_on_demand) role += ", on demand";
    rows.push_back({to_text(each.id), role, or_none(each.group), or_none(joined(each.tags)),
                    or_none(joined(needs_of(graph, each.id)))});
  }
  std::array<std::size_t, 4> widths{};
  for (std::size_t column = 0; column < widths.size(); ++column) {
    for (const cells& row : rows) widths[column] = std::max(widths[column], row[column].size() + 2);
  }
  for (const cells& row : rows) {
    const color shade = &row == rows.data() ? color::bold : color::none;
    std::string text;
    for (std::size_t column = 0; column < widths.size(); ++column) text += padded(row[column], widths[column]);
    out.line(text + row.back(), shade);
  }
}

}  // namespace

int run_list(const list_options& options) {
  asio::io_context io(1);
  const std::optional<stack_configuration> stack = load(options.stack, io.get_executor());
  if (!stack) return usage;
  const auto meant = choose(*stack, options.which, options.stack);
  if (!meant) return meant.reason();
  const ovrseer::graph_view graph = ovrseer::view_graph(stack->units, stack->groups);
  std::vector<ovrseer::graph_view::node> nodes;
  std::ranges::copy_if(graph.nodes, std::back_inserter(nodes),
                       [&](const auto& each) { return std::ranges::count(*meant, each.id) != 0; });
  console out(STDOUT_FILENO, options.stack.colors);
  if (options.stack.form == output_form::json)
    show_json(out, graph, nodes);
  else
    show_text(out, graph, nodes);
  return success;
}

}  // namespace program
