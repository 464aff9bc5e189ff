// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What no single process can tell: names that are taken, dependencies that are not there, circles.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer::config_detail {

/// A process with its name, for checks across all of them.
struct named_process {
  const process_draft* draft = nullptr;
  unit_id id;
  /// Resolved, where it names any; parallel to the draft's list without those that were reported.
  std::optional<std::vector<dependency_edge>> edges;
  std::vector<const dependency_draft*> edge_drafts;

  ovrseer::role role() const { return draft->type.value_or(ovrseer::role::main); }
  bool is_disabled() const { return draft->disabled.value_or(false); }
  bool is_working() const { return !is_disabled() && role() != ovrseer::role::cleanup; }
};

class cross_checker {
 public:
  cross_checker(config_reader& reader, std::vector<named_process>& processes);

  void run(const config_node& processes);

  /// The process of this name, if there is one.
  const named_process* find(const unit_id& id) const;
  /// What is to run when somebody is given up must be there.
  /// A process that is started by another's fate must be there.
  void helper(const given<std::string>& run, const std::string& name_space) const;

  /// "did you mean …?" among the names that may be written inside of a namespace.
  std::string suggestion(std::string_view written, const std::string& name_space) const;

 private:
  void no_main(const config_node& processes);

  void cleanup_keys(const named_process& process);

  void resolve(named_process& process);

  static edge_action action_of(return_word word);

  void line_of(dependency_edge& edge, const dependency_draft& each);

  /// Whether the process may depend on `on`; a wish for one that is disabled is left out without a word.
  bool accepts(const named_process& process, const dependency_draft& each, const unit_id& on, const config_node& node);

  void conditions(const named_process& process);

  void log_files();

  /// One terminal has one reader.
  void inherited_input();

  /// Reports every circle once, with its path.
  ///
  /// A main without `dependsOn` waits for every dependency: those edges go through one node more, so that
  /// their number stays small.
  void circles();

  void report_circle(std::vector<std::size_t> circle, std::size_t hub);

  config_reader& reader_;
  std::vector<named_process>& all_;
  std::map<unit_id, std::size_t> by_id_;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/cross_checks.ipp>
#endif
