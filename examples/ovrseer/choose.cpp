// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What an expression of the command line makes of a configuration.
#include "choose.hpp"

#include <optional>
#include <utility>

#include <ovrseer/supervise/selection.hpp>

namespace program {

ovrseer::result<std::vector<ovrseer::unit_id>, exit_code> choose(const stack_configuration& stack,
                                                                 const std::string& expression,
                                                                 const stack_options& options) {
  console errors(STDERR_FILENO, options.colors);
  const auto which = ovrseer::selection::parse(expression);
  if (!which) {
    errors.text("ovrseer: ", color::red).line(to_text(which.reason(), expression));
    return ovrseer::failure(usage);
  }
  if (which->asks_for_states()) {
    errors.text("ovrseer: ", color::red).line("state: asks for the state of what runs, and a configuration has none");
    errors.line("  help: ovrseer journal --at end shows the last states");
    return ovrseer::failure(usage);
  }
  std::vector<ovrseer::unit_id> meant = select(*which, stack.units, stack.groups);
  if (meant.empty()) {
    errors.text("ovrseer: ", color::red).line("no unit is " + to_text(*which));
    errors.line("  help: ovrseer list shows all, with their groups and tags");
    return ovrseer::failure(nothing_found);
  }
  return meant;
}

ovrseer::result<stack_configuration, exit_code> load_chosen(const stack_options& options, const ovrseer::executor& ex) {
  std::optional<stack_configuration> stack = load(options, ex);
  if (!stack) return ovrseer::failure(usage);
  if (options.only) {
    const auto meant = choose(*stack, *options.only, options);
    if (!meant) return ovrseer::failure(meant.reason());
    stack->units = with_dependencies(*meant, stack->units);
  }
  return *std::move(stack);
}

}  // namespace program
