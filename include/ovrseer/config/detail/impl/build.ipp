// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/build.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

#include <ovrseer/config/detail/build.hpp>
#include <ovrseer/config/detail/tree.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL std::optional<unit_spec> unit_builder::build(const process_draft& draft, unit_id id) {
  std::optional<command> what = main_command(draft);
  if (!what) return std::nullopt;
  surround(*what, draft);
  streams(*what, draft);
  unit_spec unit(std::move(id), *std::move(what));
  unit.as(draft.type.value_or(role::main));
  if (draft.one_shot.value_or(false)) unit.of_kind(unit_spec::kind::one_shot);
  if (draft.restart) unit.restart(restart(*draft.restart, *draft.restart.node));
  if (draft.ready_checks) unit.ready_when(checks(draft));
  if (draft.health_checks) {
    for (const health_draft& each : *draft.health_checks) {
      if (std::optional<health_watch> watch = check_maker(draft).watch(each)) unit.watch(*std::move(watch));
    }
  }
  notify(unit, draft);
  if (draft.group) unit.within(*draft.group);
  if (draft.significant.value_or(false)) unit.significant();
  if (draft.priority) unit.priority(static_cast<int>(draft.priority->value));
  if (draft.on_demand.value_or(false)) unit.on_demand();
  if (draft.when_given_up) unit.when_given_up(given_up(*draft.when_given_up, unit.id().name_space));
  if (draft.stop) unit.stop_by(stop(draft));
  flags(unit, draft);
  if (draft.log) log(unit, *draft.log);
  if (draft.time_limit) unit.time_limit(*draft.time_limit);
  for (const std::string& tag : draft.tags.value_or({})) unit.tag(tag);
  return unit;
}

OVRSEER_DECL group_spec unit_builder::build(const group_draft& draft) {
  group_spec group(draft.id.value_or(""));
  if (draft.within) group.within(*draft.within);
  using word = strategy_word;
  const word how = draft.strategy.value_or(word::one_for_one);
  if (how == word::one_for_all) group.by(strategy::one_for_all());
  if (how == word::rest_for_one) group.by(strategy::rest_for_one());
  if (draft.order) group.start_order(*draft.order);
  if (draft.intensity) set_intensity(group, *draft.intensity);
  if (draft.auto_shutdown) group.auto_shutdown(*draft.auto_shutdown);
  if (draft.stay_down.value_or(false)) group.stay_down();
  if (draft.significant.value_or(false)) group.significant();
  if (draft.when_given_up) group.when_given_up(given_up(*draft.when_given_up, "default"));
  return group;
}

OVRSEER_DECL give_up unit_builder::given_up(const give_up_draft& draft, const std::string& name_space) {
  give_up made(draft.action.value_or(give_up::action::standard));
  if (draft.code) made.exit_code(static_cast<int>(draft.code->value));
  if (draft.run) made.run(resolved_id(*draft.run, name_space));
  return made;
}

OVRSEER_DECL std::optional<command> unit_builder::main_command(const process_draft& draft) {
  if (draft.shell && draft.command) {
    reader_.error(*draft.shell.key, "\"shell\" beside \"command\"").cure = "remove one of the two";
    return std::nullopt;
  }
  if (draft.shell) {
    if (draft.args)
      reader_.error(*draft.args.key, "\"args\" beside \"shell\"").cure = "put the arguments into the line";
    if (draft.shell->empty()) reader_.error(*draft.shell.node, "\"shell\" is empty").expected = "a line for the shell";
    return command::shell(*draft.shell);
  }
  if (!draft.command) {
    // A wrong value was reported where it stands.
    if (draft.command.node != nullptr || draft.shell.node != nullptr) return std::nullopt;
    diagnostic& finding = reader_.out().error(reader_.source(), place_of(draft), "a process without a command");
    finding.expected = "\"command\" or \"shell\"";
    finding.cure = "add " + reader_.written("command", "...") + ", the program to run";
    return std::nullopt;
  }
  command what(draft.command->words.front());
  what.arg_list({draft.command->words.begin() + 1, draft.command->words.end()});
  return std::move(what.arg_list(draft.args.value_or({})));
}

OVRSEER_DECL text_span unit_builder::place_of(const process_draft& draft) {
  if (draft.id.node != nullptr) return draft.id.node->where;
  return draft.node->keys.empty() ? draft.node->where : draft.node->keys.front().where;
}

OVRSEER_DECL void unit_builder::surround(command& what, const process_draft& draft) {
  what.working_directory(draft.cwd.value_or(reader_.base()));
  if (draft.user) what.user(*draft.user);
  if (draft.groups) what.groups(*draft.groups);
  if (draft.umask) what.file_mode_mask(draft.umask->value);
  if (!draft.inherit_env.value_or(true)) what.clear_env();
  for (auto& [name, value] : environment_of(draft)) {
    if (value)
      what.env(name, *value);
    else
      what.unset_env(name);
  }
}

OVRSEER_DECL unit_builder::environment unit_builder::environment_of(const process_draft& draft) {
  const bool inherits = draft.inherit_env.value_or(true);
  environment all;
  for (const auto& [name, value] : stack_variables_) {
    const std::optional<std::string> outer = options_.variables() ? options_.variables()(name) : std::nullopt;
    if (!outer)
      all[name] = value;
    else if (!inherits)
      all[name] = *outer;
  }
  if (stack_.env) add(all, stack_.env->values);
  if (draft.env_file) {
    for (const auto& [name, value] : files_.load(reader_, *draft.env_file)) all[name] = value;
  }
  if (draft.env) add(all, draft.env->values);
  return all;
}

OVRSEER_DECL void unit_builder::streams(command& what, const process_draft& draft) {
  if (draft.nice) what.nice(static_cast<int>(draft.nice->value));
  if (draft.process_group) what.in_group(*draft.process_group);
  if (draft.when_supervisor_dies) what.when_supervisor_dies(*draft.when_supervisor_dies);
  if (draft.limits) {
    for (const auto& [resource, limit] : draft.limits->by_resource) what.limit({resource, limit.soft, limit.hard});
  }
  if (has_terminal(draft)) return terminal(what, draft);
  if (draft.input) what.input(input(*draft.input));
  if (draft.output) {
    what.output(output(*draft.output));
    if (draft.output->what == output_draft::word::merged) {
      reader_.error(*draft.output.node, "\"stdout\" cannot go to itself").cure =
          "write " + reader_.written("stderr", "stdout");
    }
  }
  if (draft.error_output) what.error_output(output(*draft.error_output));
}

OVRSEER_DECL void unit_builder::terminal(command& what, const process_draft& draft) {
  for (const config_node* key : {draft.input.key, draft.output.key, draft.error_output.key}) {
    if (!draft.has_own(key)) continue;  // what the defaults say of a stream gives way
    reader_.error(*key, in_quotes(key->text) + " beside \"terminal\"").cure =
        "remove one of the two: a terminal takes all three streams";
  }
  const auto size = [](const given<whole<1, 65535>>& value, std::uint16_t standard) {
    return value ? static_cast<std::uint16_t>(value->value) : standard;
  };
  const terminal_size standard;
  what.terminal(size(draft.terminal->columns, standard.columns), size(draft.terminal->rows, standard.rows));
}

OVRSEER_DECL stdin_source unit_builder::input(const input_draft& draft) {
  if (draft.file) return stdin_source(stdin_source::file{*draft.file});
  if (draft.text) return stdin_source(stdin_source::text{*draft.text});
  switch (draft.what) {
    case input_draft::word::inherit: return stdin_source(stdin_source::inherited{});
    case input_draft::word::pipe: return stdin_source(stdin_source::writer{});
    case input_draft::word::nothing: break;
  }
  return stdin_source();
}

OVRSEER_DECL output_target unit_builder::output(const output_draft& draft) {
  if (draft.file) {
    return output_target(output_target::file{*draft.file, draft.mode.value_or(output_target::file::mode::append)});
  }
  switch (draft.what) {
    case output_draft::word::inherit: return output_target(output_target::inherited{});
    case output_draft::word::nothing: return output_target(output_target::discarded{});
    case output_draft::word::merged: return output_target(output_target::merged{});
    case output_draft::word::pipe: break;
  }
  return output_target();
}

OVRSEER_DECL bool unit_builder::has_log(const process_draft& draft) {
  if (has_terminal(draft)) return true;
  const auto is_piped = [](const given<output_draft>& stream) {
    return !stream || (stream->what == output_draft::word::pipe && !stream->file);
  };
  const bool merges = draft.error_output && draft.error_output->what == output_draft::word::merged;
  return is_piped(draft.output) || (!merges && is_piped(draft.error_output));
}

OVRSEER_DECL void unit_builder::notify(unit_spec& unit, const process_draft& draft) {
  std::optional<health_watch> watch;
  if (draft.watchdog) watch = check_maker(draft).watch(*draft.watchdog);
  const auto listens = [](const check_draft& each) { return static_cast<bool>(each.notify); };
  if (watch && !draft.watchdog->log_pattern)
    unit.notifies(*draft.watchdog->timeout);
  else if (draft.ready_checks && std::ranges::any_of(*draft.ready_checks, listens))
    unit.notifies();
  if (watch) unit.watch(*std::move(watch));
}

OVRSEER_DECL restart_rules unit_builder::restart(const restart_draft& draft, const config_node& node) {
  restart_rules rules(draft.type.value_or(restart_rules::when::on_failure));
  const auto codes = [](const std::vector<exit_code>& given_codes) {
    std::vector<int> plain;
    for (const exit_code& each : given_codes) plain.push_back(static_cast<int>(each.value));
    return plain;
  };
  if (draft.codes) rules.codes(codes(*draft.codes));
  if (draft.signals) rules.signals(*draft.signals);
  if (draft.success_codes) rules.success_codes(codes(*draft.success_codes));
  if (draft.permanent_codes) rules.permanent_codes(codes(*draft.permanent_codes));
  if (draft.max_retries) rules.max_retries(static_cast<std::uint32_t>(draft.max_retries->value));
  if (draft.stable_after) rules.stable_after(*draft.stable_after);
  if (draft.intensity) set_intensity(rules, *draft.intensity);
  if (draft.max_restarts) rules.max_restarts(static_cast<std::uint32_t>(draft.max_restarts->value));
  if (draft.breaker && draft.breaker->open_for) {
    rules.breaker(*draft.breaker->open_for, draft.breaker->longest.value_or({}));
    if (*draft.breaker->open_for == nanoseconds::zero()) {
      reader_.error(*draft.breaker->open_for.node, "\"openFor\" is zero").expected = "a time of rest";
    }
  }
  if (rules.restart() != restart_rules::when::on_failure) {
    warn_without_effect(node, draft.codes.key, "since it narrows on-failure alone");
    warn_without_effect(node, draft.signals.key, "since it narrows on-failure alone");
  }
  rules.delays(delays(draft, node, rules.delays()));
  return rules;
}

OVRSEER_DECL backoff unit_builder::delays(const restart_draft& draft, const config_node& node,
                                          const backoff& standard) {
  const backoff::curve curve = draft.curve.value_or(backoff::curve::exponential);
  const nanoseconds first = draft.delay.value_or(standard.first());
  const nanoseconds cap = draft.max_delay.value_or(std::max(standard.cap(), first));
  if (cap < first) {
    diagnostic& finding =
        reader_.error(*draft.max_delay.node, "\"maxDelay\" is shorter than the first delay, " + to_text(first));
    finding.cure = "raise it, or lower \"delay\"";
  }
  if (curve != backoff::curve::exponential)
    warn_without_effect(node, draft.growth.key, "since it belongs to exponential backoff");
  if (curve == backoff::curve::constant)
    warn_without_effect(node, draft.max_delay.key, "since a constant delay does not grow");
  if (curve == backoff::curve::decorrelated)
    warn_without_effect(node, draft.jitter.key, "since decorrelated backoff is random by itself");
  backoff made = backoff::decorrelated(first, cap);
  if (curve == backoff::curve::constant) made = backoff::constant(first);
  if (curve == backoff::curve::exponential) made = backoff::exponential(first, cap, draft.growth.value_or({2.0}).value);
  return made.jitter(draft.jitter.value_or({0.1}).value);
}

OVRSEER_DECL void unit_builder::warn_without_effect(const config_node& node, const config_node* key,
                                                    std::string_view why) {
  const bool is_own = std::ranges::any_of(node.keys, [&](const config_node& each) { return &each == key; });
  if (is_own) reader_.warning(*key, in_quotes(key->text) + " has no effect, " + std::string(why));
}

OVRSEER_DECL stop_plan unit_builder::stop(const process_draft& draft) {
  stop_plan made = stop_steps(draft);
  if (!draft.stop->leave) return made;
  for (const pattern_draft& each : *draft.stop->leave) {
    if (each.value) made.leave(*each.value);
  }
  return made;
}

OVRSEER_DECL stop_plan unit_builder::stop_steps(const process_draft& draft) {
  const stop_draft& plan = *draft.stop;
  if (!plan.steps) {
    const signal_number signal = plan.signal.value_or(signal_number(SIGTERM));
    if (signal == signal_number(SIGKILL) && !plan.timeout) return stop_plan::kill();
    return stop_plan(signal, plan.timeout.value_or(std::chrono::seconds(10)));
  }
  stop_plan made = stop_plan::empty();
  bool is_kill = false;
  for (const stop_step_draft& step : *plan.steps) {
    const nanoseconds grace = step.grace.value_or({});
    const stop_scope scope = step.scope.value_or(stop_scope::group);
    is_kill = step.signal && *step.signal == signal_number(SIGKILL) && scope == stop_scope::tree;
    if (!step.signal && !step.command) continue;  // which was reported where it stands
    stop_step next =
        step.signal ? stop_step(*step.signal, grace, scope) : stop_step(side_command(*step.command, draft), grace);
    std::optional<stop_condition> condition;
    if (step.until) condition = check_maker(draft).condition(*step.until);
    if (condition) next.until(*std::move(condition));
    made.then(std::move(next));
  }
  return is_kill ? made : made.then_kill();
}

OVRSEER_DECL command unit_builder::side_command(const command_line_draft& line, const process_draft& draft) {
  command what = line.shell ? command::shell(*line.shell) : command(line.command.value_or(""));
  if (!line.shell) what.arg_list(line.args.value_or({}));
  surround(what, draft);
  return what;
}

OVRSEER_DECL check_builder unit_builder::check_maker(const process_draft& draft) {
  using log = check_builder::log;
  const auto make_command = [this, &draft](const command_line_draft& line) { return side_command(line, draft); };
  return {reader_, options_, has_log(draft) ? log::piped : log::none, make_command};
}

OVRSEER_DECL void unit_builder::flags(unit_spec& unit, const process_draft& draft) {
  if (!draft.flags) return;
  if (!has_log(draft) && draft.has_own(draft.flags.key)) {
    reader_.warning(*draft.flags.key, "\"flags\" has no effect, since neither stream is piped");
  }
  for (const flag_draft* each : distinct_flags(reader_, *draft.flags)) {
    const std::string& name_space = unit.id().name_space;
    unit.flag(flag_of(*each), reaction_of(each->on_match, name_space), reaction_of(each->on_target, name_space));
  }
}

OVRSEER_DECL void unit_builder::log(unit_spec& unit, const log_draft& draft) {
  log_limits limits;
  bound(draft.ring_size, byte_size(1U << 10U), byte_size(1U << 30U));
  if (draft.ring_size) limits.ring_size(*draft.ring_size);
  if (draft.ring_lines) limits.ring_lines(static_cast<std::size_t>(draft.ring_lines->value));
  if (draft.line_limit) limits.line_cap(*draft.line_limit);
  if (draft.kept_matches) limits.kept_matches(static_cast<std::size_t>(draft.kept_matches->value));
  if (draft.minimum_level) limits.minimum_level(*draft.minimum_level);
  const bool is_possible = bound(draft.line_limit, byte_size(16), byte_size(8U << 20U));
  if (is_possible && draft.line_limit && *draft.line_limit > limits.ring_size()) {
    reader_.error(*draft.line_limit.node, "\"lineLimit\" is larger than the ring, " + to_text(limits.ring_size()))
        .cure = "raise \"ringSize\"";
  }
  unit.log(limits);
  if (!draft.file || !draft.file->path) return;
  log_file_spec file(*draft.file->path);
  if (draft.file->max_size) file.max_size(*draft.file->max_size);
  if (draft.file->max_age) file.max_age(std::chrono::ceil<std::chrono::milliseconds>(*draft.file->max_age));
  if (draft.file->keep) file.keep(static_cast<std::size_t>(draft.file->keep->value));
  if (draft.file->format) file.format(*draft.file->format);
  if (draft.file->compress.value_or(false)) compress(file, draft.file->compress);
  unit.log_file(std::move(file));
}

OVRSEER_DECL void unit_builder::compress(log_file_spec& file, const given<bool>& wish) {
  if (!options_.compress()) {
    diagnostic& finding = reader_.error(*wish.key, "this program was built without compression");
    finding.cure =
        "build it with the component zlib, or remove the key; a program gives one with read_options::compress";
  }
  file.compress(options_.compress());
}

OVRSEER_DECL bool unit_builder::bound(const given<byte_size>& size, byte_size least, byte_size most) {
  if (!size || (*size >= least && *size <= most)) return true;
  diagnostic& finding = reader_.error(*size.node, in_quotes(size.key->text) + " is " + to_text(*size));
  finding.expected = "a size from " + to_text(least) + " to " + to_text(most);
  return false;
}

}  // namespace ovrseer::config_detail
