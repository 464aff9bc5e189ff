// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer check` and `ovrseer plan`: what a configuration says, without starting anything.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/supervise/json.hpp>
#include <ovrseer/supervise/plan.hpp>

#include "choose.hpp"
#include "load.hpp"
#include "options.hpp"
#include "words.hpp"

namespace program {
namespace {

using nlohmann::ordered_json;

long long milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

void show_json(const stack_configuration& stack, const ovrseer::supervisor_plan& plan) {
  ordered_json root{{"v", 1}, {"name", stack.name}};
  root["start_layers"] = ordered_json::array();
  for (const auto& layer : plan.start_layers) root["start_layers"].push_back(names(layer));
  root["stop_layers"] = ordered_json::array();
  for (const auto& layer : plan.stop_layers) root["stop_layers"].push_back(names(layer));
  root["start_bound_ms"] = plan.has_start_bound ? ordered_json(milliseconds(plan.start_bound)) : ordered_json(nullptr);
  root["stop_bound_ms"] = milliseconds(plan.stop_bound);
  root["units"] = ordered_json::array();
  for (const ovrseer::planned_unit& unit : plan.units) {
    root["units"].push_back({{"unit", to_text(unit.id)},
                             {"role", to_text(unit.role)},
                             {"depends_on", names(unit.depends_on)},
                             {"dependents", names(unit.dependents)},
                             {"ready_bound_ms", unit.has_ready_bound ? ordered_json(milliseconds(unit.ready_bound))
                                                                     : ordered_json(nullptr)},
                             {"stop_bound_ms", milliseconds(unit.stop_bound)}});
  }
  root["graph"] = to_json(ovrseer::view_graph(stack.units, stack.groups));
  console out(STDOUT_FILENO, color_choice::never);
  out.line(root.dump(2));
}

void show_text(const stack_configuration& stack, const ovrseer::supervisor_plan& plan, color_choice colors) {
  console out(STDOUT_FILENO, colors);
  show_layers(out, "start order (each line together, when the line before is ready)", plan.start_layers);
  show_layers(out, "stop order (each line together, when the line before has ended)", plan.stop_layers);
  out.line("units", color::bold);
  std::size_t width = 4;
  for (const ovrseer::planned_unit& unit : plan.units) width = std::max(width, to_text(unit.id).size());
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    const ovrseer::planned_unit& unit = plan.units[i];
    const ovrseer::unit_spec& spec = stack.units[i];
    out.text("  ").text(padded(to_text(unit.id), width), color_of_unit(i)).text("  ");
    out.line(std::string(to_text(unit.role)) + ", " + to_text(spec.what()), color::gray);
    const std::string indent(width + 4, ' ');
    if (!unit.depends_on.empty()) out.line(indent + "waits for " + joined(words_of(unit.depends_on)));
    if (!unit.dependents.empty()) out.line(indent + "needed by " + joined(words_of(unit.dependents)));
    if (spec.ready_when()) {
      out.line(
          indent + "ready when " + spec.ready_when().describe() +
          (unit.has_ready_bound ? ", at most " + ovrseer::to_text(unit.ready_bound) : ", however long that takes"));
    }
    if (spec.role() == ovrseer::role::cleanup)
      out.line(indent + "killed after " + ovrseer::to_text(spec.time_limit()));
    else
      out.line(indent + "stop: " + to_text(spec.stop_by()));
  }
  out.line("at worst", color::bold);
  out.line("  start: " + (plan.has_start_bound ? ovrseer::to_text(plan.start_bound) + ", restarts not counted"
                                               : std::string("no bound: a ready check has none")));
  out.line("  stop:  " + ovrseer::to_text(plan.stop_bound));
}

}  // namespace

int run_check(const stack_options& options) {
  asio::io_context io(1);
  const std::optional<stack_configuration> stack = load(options, io.get_executor());
  if (!stack) return usage;
  console out(STDOUT_FILENO, options.colors);
  if (options.form == output_form::json) return success;
  out.text("fine", color::green).line(": " + std::to_string(stack->units.size()) + " units");
  return success;
}

int run_plan(const plan_options& options) {
  asio::io_context io(1);
  const auto stack = load_chosen(options.stack, io.get_executor());
  if (!stack) return stack.reason();
  using language = plan_options::language;
  if (options.as == language::dot || options.as == language::mermaid) {
    const ovrseer::graph_view graph = ovrseer::view_graph(stack->units, stack->groups);
    console out(STDOUT_FILENO, color_choice::never);
    out.text(options.as == language::dot ? to_dot(graph, stack->name) : to_mermaid(graph));
    return success;
  }
  const ovrseer::supervisor_plan plan = ovrseer::make_plan(stack->units, stack->groups);
  if (options.as == language::json || options.stack.form == output_form::json)
    show_json(*stack, plan);
  else
    show_text(*stack, plan, options.stack.colors);
  return success;
}

}  // namespace program
