// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the draft of a process to the description that a supervisor takes: defaults filled in, and what does
// not fit together reported.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/build_checks.hpp>
#include <ovrseer/config/detail/build_flags.hpp>
#include <ovrseer/config/detail/drafts.hpp>
#include <ovrseer/config/detail/env_files.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/options.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer::config_detail {

/// Makes units of drafts. What it reports has its place in the document; what it yields of a wrong draft is
/// not to be run.
class unit_builder {
 public:
  using environment = std::map<std::string, std::optional<std::string>>;

  unit_builder(config_reader& reader, const read_options& options, env_file_cache& files, const stack_draft& stack)
      : reader_(reader), options_(options), files_(files), stack_(stack) {
    if (stack.env_file) stack_variables_ = files.load(reader, *stack.env_file);
  }

  /// The unit, or nothing where the draft has no command.
  std::optional<unit_spec> build(const process_draft& draft, unit_id id);

  group_spec build(const group_draft& draft);

 private:
  static give_up given_up(const give_up_draft& draft, const std::string& name_space);

  // the command and its surroundings

  std::optional<command> main_command(const process_draft& draft);

  static text_span place_of(const process_draft& draft);

  /// What a unit's command shares with the commands of its checks and stop steps.
  void surround(command& what, const process_draft& draft);

  environment environment_of(const process_draft& draft);
  static void add(environment& all, const environment& more) {
    for (const auto& [name, value] : more) all[name] = value;
  }

  void streams(command& what, const process_draft& draft);

  static stdin_source input(const input_draft& draft);
  static bool has_terminal(const process_draft& draft) { return draft.terminal && draft.terminal->is_wanted; }
  void terminal(command& what, const process_draft& draft);

  static output_target output(const output_draft& draft);

  static bool has_log(const process_draft& draft);

  /// The notify protocol, where a check or the watchdog listens to it, and the watchdog itself.
  void notify(unit_spec& unit, const process_draft& draft);

  // restarts and stops

  restart_rules restart(const restart_draft& draft, const config_node& node);

  /// Of a unit's rules, or of a group.
  template <class Description>
  void set_intensity(Description& of, const intensity_draft& draft) {
    of.intensity(static_cast<std::uint32_t>(draft.restarts.value_or({}).value), draft.period.value_or({}));
    if (draft.period && *draft.period == nanoseconds::zero()) {
      reader_.error(*draft.period.node, "\"period\" is zero").expected = "the length of a window of time";
    }
  }

  backoff delays(const restart_draft& draft, const config_node& node, const backoff& standard);

  /// What stands in `node` itself; what the defaults gave may suit others.
  void warn_without_effect(const config_node& node, const config_node* key, std::string_view why);

  stop_plan stop(const process_draft& draft);
  stop_plan stop_steps(const process_draft& draft);

  command side_command(const command_line_draft& line, const process_draft& draft);

  // checks, flags, log

  any_check checks(const process_draft& draft) { return check_maker(draft).all(*draft.ready_checks); }

  check_builder check_maker(const process_draft& draft);

  void flags(unit_spec& unit, const process_draft& draft);

  void log(unit_spec& unit, const log_draft& draft);
  void compress(log_file_spec& file, const given<bool>& wish);

  bool bound(const given<byte_size>& size, byte_size least, byte_size most);

  config_reader& reader_;
  const read_options& options_;
  env_file_cache& files_;
  const stack_draft& stack_;
  env_variables stack_variables_;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/build.ipp>
#endif
