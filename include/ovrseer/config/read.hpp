// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From a document to a model: variables, tables, defaults and checks, with every error at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/build.hpp>
#include <ovrseer/config/detail/build_exporters.hpp>
#include <ovrseer/config/detail/build_reporters.hpp>
#include <ovrseer/config/detail/build_sinks.hpp>
#include <ovrseer/config/detail/cross_checks.hpp>
#include <ovrseer/config/detail/extension.hpp>
#include <ovrseer/config/detail/spelling.hpp>
#include <ovrseer/config/detail/tables.hpp>
#include <ovrseer/config/detail/usual_values.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/interpolate.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/config/options.hpp>
#include <ovrseer/config/schema.hpp>
#include <ovrseer/result.hpp>
#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/group_tree.hpp>

namespace ovrseer {

namespace config_detail {

/// The steps from a document to a model, in their order.
class stack_reading {
 public:
  stack_reading(config_document& document, const read_options& options);

  result<stack_configuration, diagnostics> run();

 private:
  static std::filesystem::path absolute(const std::filesystem::path& path);

  /// Expands variables: in `extends` and `envFile` this was done by the environment, elsewhere by those files as well.
  void expand(config_node& root, const extension& files);

  void read_processes(const config_node& node);

  void read_process(const config_node& node, process_draft draft);

  bool is_name(const given<std::string>& name);

  stack_configuration model();

  void units(stack_configuration& made, std::vector<named_process>& processes);

  /// Groups in an order in which each stands behind the one that it is in; and what does not fit together in them.
  void groups(stack_configuration& made, const cross_checker& checker);

  /// Does what may be refused, and puts the refusal where it belongs.
  template <class Try>
  bool accepts(const config_node& place, Try attempt) {
    try {
      attempt();
      return true;
    } catch (const error& refusal) {
      reader_.error(place, refusal.context());
      return false;
    }
  }

  void settings(stack_configuration& made, const cross_checker& checker);

  void journal(stack_configuration& made, const journal_draft& draft);

  void reporters(stack_configuration& made);
  void sinks(stack_configuration& made);
  void exporters(stack_configuration& made);
  /// Builds what has an id, each of its own.
  template <class Draft, class Builder, class Made>
  void named(const std::vector<Draft>& drafts, const std::string& what, Builder builder, std::vector<Made>& made) {
    for (const Draft& draft : drafts) {
      if (!draft.id) continue;
      const auto has_its_name = [&](const Made& other) { return other.name == *draft.id; };
      if (std::any_of(made.begin(), made.end(), has_its_name)) {
        reader_.error(*draft.id.node, "there are two " + what + " " + in_quotes(*draft.id)).cure =
            "give each its own id";
      } else if (std::optional<Made> one = builder.build(draft)) {
        made.push_back(*std::move(one));
      }
    }
  }
  void flag_sources(stack_configuration& made);
  void metrics(metric_settings& made, const metrics_draft& draft);

  void exit_code(stack_configuration& made, const cross_checker& checker);

  written_settings written() const;

  config_document& document_;
  const read_options& options_;
  diagnostics out_;
  env_file_cache files_;
  config_reader reader_;
  stack_draft stack_;
  std::vector<process_draft> drafts_;
};

}  // namespace config_detail

/// Makes the model of a document.
///
/// What it `extends` holds below what it says itself: mappings are merged key by key, processes and groups by their
/// ids, lists and all other values are replaced, and `null` takes a key away. In each file relative paths start from its
/// own folder, and `${...}` has the environment and the file's own `envFile`.
///
/// Errors: all that are wrong with it, by file, in the order of their places. What is only suspicious is in the
/// model's `warnings`. Reads the files that the document extends and the env files that it names, and nothing else.
inline result<stack_configuration, diagnostics> read_configuration(config_document document,
                                                                   const read_options& options) {
  return config_detail::stack_reading(document, options).run();
}

/// The form of a configuration: every key with its type, default and meaning, for documentation and schemas.
inline const section_shape& configuration_schema() { return config_detail::section_for<config_detail::stack_draft>(); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/read.ipp>
#endif
