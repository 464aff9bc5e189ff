// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/extension.hpp>.
#pragma once

#include <ovrseer/config/detail/extension.hpp>
#include <ovrseer/config/detail/masking.hpp>

namespace ovrseer::config_detail {

inline void move_by(config_node& node, std::size_t distance) {
  node.where = {node.where.begin + distance, node.where.end + distance};
  for (config_node& each : node.keys) move_by(each, distance);
  for (config_node& each : node.items) move_by(each, distance);
}

OVRSEER_DECL bool extension::run(config_node& root) {
  const std::string& name = source_.name();
  open_.push_back({name, (reader_.base() / std::filesystem::path(name).filename()).lexically_normal()});
  return extend(root);
}

OVRSEER_DECL bool extension::extend(config_node& root) {
  read_variables(root);
  const auto key = std::ranges::find(root.keys, "extends", &config_node::text);
  if (key == root.keys.end()) return true;
  config_node& value = root.items[static_cast<std::size_t>(key - root.keys.begin())];
  interpolate(source_, value, options_.variables(), reader_.out());
  env_files_draft wanted;
  bool is_good = false;
  reader_.inside("extends", [&] { is_good = value_traits<env_files_draft>::read(reader_, value, wanted); });
  std::optional<config_node> below;
  const std::filesystem::path folder = std::filesystem::path(open_.back().name).parent_path();
  for (const env_files_draft::file& each : wanted.files) {
    std::optional<config_node> more = load(*each.node, {(folder / each.node->text).lexically_normal(), each.path});
    is_good = more && is_good;
    if (more && below)
      merge_configurations(*below, *std::move(more), section_for<stack_draft>());
    else if (more)
      below = std::move(more);
  }
  if (!below) return is_good;
  merge_configurations(*below, std::move(root), section_for<stack_draft>());
  root = *std::move(below);
  return is_good;
}

OVRSEER_DECL std::optional<config_node> extension::load(const config_node& place, file wanted) {
  if (is_ring(place, wanted)) return std::nullopt;
  if (lookups_.size() == most_files) {
    diagnostic& finding = reader_.error(place, "too many files extend each other");
    finding.expected = "at most " + std::to_string(most_files) + " files";
    return std::nullopt;
  }
  const document_limits limits;
  io_result<std::string> text = read_file(wanted.path.string(), limits.size, options_.files());
  if (!text) {
    diagnostic& finding =
        reader_.error(place, in_quotes(wanted.path.string()) + " cannot be read: " + text.reason().message());
    finding.cure = "relative paths start from the folder of the file that they stand in";
    return std::nullopt;
  }
  result<config_document, diagnostics> document = options_.reader()(source_text(wanted.name, *std::move(text)), limits);
  if (!document) {
    reader_.out().append(std::move(document).reason());
    return std::nullopt;
  }
  config_node root = std::move(document->root);
  move_by(root, source_.append(std::move(document->source)));
  reader_.add_base(wanted.path.parent_path());
  if (!reader_.is_configuration(root)) {
    lookups_.emplace_back();
    return std::nullopt;
  }
  open_.push_back(std::move(wanted));
  const bool is_good = extend(root);
  open_.pop_back();
  if (!is_good) return std::nullopt;
  return root;
}

OVRSEER_DECL bool extension::is_ring(const config_node& place, const file& wanted) {
  const auto first = std::ranges::find(open_, wanted.path, &file::path);
  if (first == open_.end()) return false;
  std::string way;
  for (auto each = first; each != open_.end(); ++each) way += printable(each->name) + " -> ";
  reader_.error(place, "files extend each other: " + way + printable(first->name)).cure =
      "remove one of these \"extends\"";
  return true;
}

OVRSEER_DECL void extension::read_variables(config_node& root) {
  env_variables set;
  const auto key = std::ranges::find(root.keys, "envFile", &config_node::text);
  if (key != root.keys.end()) {
    config_node& value = root.items[static_cast<std::size_t>(key - root.keys.begin())];
    interpolate(source_, value, options_.variables(), reader_.out());
    env_files_draft wanted;
    // What is wrong with it is reported when the key is read.
    diagnostics ignored;
    config_reader quiet(reader_, ignored);
    if (value_traits<env_files_draft>::read(quiet, value, wanted)) set = files_.load(reader_, wanted);
  }
  lookups_.push_back([outer = options_.variables(), set](std::string_view name) -> std::optional<std::string> {
    if (outer) {
      if (std::optional<std::string> value = outer(name)) return value;
    }
    for (auto it = set.rbegin(); it != set.rend(); ++it) {
      if (it->first == name) return it->second;
    }
    return std::nullopt;
  });
}

}  // namespace ovrseer::config_detail
