// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer plan --against`: what a change of the configuration does, without doing it.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/config/difference.hpp>

#include "load.hpp"
#include "options.hpp"
#include "words.hpp"

namespace program {
namespace {

using nlohmann::ordered_json;
using ovrseer::unit_id;

void show_json(const ovrseer::configuration_difference& found) {
  ordered_json root{{"v", 1}, {"added", names(found.added)}, {"removed", names(found.removed)}};
  for (const char* list : {"changed", "affected", "settings", "stop_layers", "start_layers"})
    root[list] = ordered_json::array();
  for (const ovrseer::changed_unit& each : found.changed) {
    root["changed"].push_back({{"unit", to_text(each.id)}, {"keys", each.keys}, {"restarts", each.restarts}});
  }
  for (const ovrseer::affected_unit& each : found.affected) {
    root["affected"].push_back(
        {{"unit", to_text(each.id)}, {"effect", to_text(each.what)}, {"because", to_text(each.because)}});
  }
  root["settings"] = found.settings;
  for (const auto& layer : found.stop_layers) root["stop_layers"].push_back(names(layer));
  for (const auto& layer : found.start_layers) root["start_layers"].push_back(names(layer));
  console out(STDOUT_FILENO, color_choice::never);
  out.line(root.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void show_text(const ovrseer::configuration_difference& found, color_choice colors) {
  console out(STDOUT_FILENO, colors);
  if (found.is_empty()) {
    out.line("no change");
    return;
  }
  const auto row = [&](const char* word, color shade, const std::string& rest) {
    out.text(padded(word, 11), shade).line(rest);
  };
  for (const unit_id& id : found.added) row("added", color::green, to_text(id));
  for (const unit_id& id : found.removed) row("removed", color::red, to_text(id));
  for (const ovrseer::changed_unit& each : found.changed) {
    row("changed", color::yellow, to_text(each.id) + ": " + joined(each.keys) + (each.restarts ? "" : "; no restart"));
  }
  for (const ovrseer::affected_unit& each : found.affected) {
    row(std::string(to_text(each.what)).c_str(), color::yellow,
        to_text(each.id) + ", because of " + to_text(each.because));
  }
  if (!found.settings.empty()) {
    row("settings", color::yellow, joined(found.settings) + "; from the next start of the supervisor on");
  }
  show_layers(out, "stops (each line together, when the line before has ended)", found.stop_layers);
  show_layers(out, "starts (each line together, when the line before is ready)", found.start_layers);
}

}  // namespace

int run_change(const plan_options& options) {
  asio::io_context io(1);
  const std::optional<stack_configuration> to = load(options.stack, io.get_executor());
  if (!to) return usage;
  stack_options old = options.stack;
  old.file = *options.against;
  // So that a copy from elsewhere means the same files.
  const std::optional<stack_configuration> from = load(old, io.get_executor(), to->directory);
  if (!from) return usage;
  const ovrseer::configuration_difference found = ovrseer::difference(*from, *to);
  if (options.as == plan_options::language::json || options.stack.form == output_form::json)
    show_json(found);
  else
    show_text(found, options.stack.colors);
  return success;
}

}  // namespace program
