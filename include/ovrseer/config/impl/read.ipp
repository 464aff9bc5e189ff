// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/read.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/config/read.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL stack_reading::stack_reading(config_document& document, const read_options& options)
    : document_(document),
      options_(options),
      files_(options.files()),
      reader_(document.source, absolute(options.directory()), out_) {}

OVRSEER_DECL result<stack_configuration, diagnostics> stack_reading::run() {
  config_node& root = document_.root;
  extension files(reader_, document_.source, options_, files_);
  if (!reader_.is_configuration(root) || !files.run(root)) return failure(std::move(out_));
  expand(root, files);
  reader_.section(root, section_for<stack_draft>(), &stack_);
  if (stack_.processes.node != nullptr) read_processes(*stack_.processes.node);
  stack_configuration made = model();
  if (out_.has_errors()) return failure(std::move(out_));
  made.written = written();
  made.warnings = std::move(out_);
  return made;
}

OVRSEER_DECL std::filesystem::path stack_reading::absolute(const std::filesystem::path& path) {
  std::error_code code;
  const std::filesystem::path made = std::filesystem::absolute(path.empty() ? "." : path, code);
  return (code ? path : made).lexically_normal();
}

OVRSEER_DECL void stack_reading::expand(config_node& root, const extension& files) {
  const auto choose = [&](const config_node& node) -> const variable_lookup& { return files.variables_of(node); };
  add_usual_values(root, section_for<stack_draft>(), choose);
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    const std::string& key = root.keys[i].text;
    if (key == "extends" || key == "envFile" || key.starts_with("x-")) continue;
    interpolate_tree(document_.source, root.items[i], choose, out_);
  }
}

OVRSEER_DECL void stack_reading::read_processes(const config_node& node) {
  process_draft first;
  if (stack_.defaults) first = *stack_.defaults;
  reader_.inside("processes", [&] {
    if (node.is_mapping()) {
      for (std::size_t i = 0; i < node.keys.size(); ++i) {
        if (node.keys[i].text.starts_with("x-")) continue;
        process_draft each = first;
        each.id = {node.keys[i].text, &node.keys[i], &node.keys[i]};
        reader_.inside(node.keys[i].text, [&] { read_process(node.items[i], std::move(each)); });
      }
      return;
    }
    reader_.list(node, "processes", [&](const config_node& item) {
      read_process(item, first);
      return true;
    });
  });
}

OVRSEER_DECL void stack_reading::read_process(const config_node& node, process_draft draft) {
  draft.node = &node;
  const config_node* const named = draft.id.node;
  // Where a key is wrong, reading goes on with the right ones, so that the other checks see them.
  reader_.section(node, section_for<process_draft>(), &draft);
  draft.is_broken = !node.is_mapping();
  if (draft.is_broken && draft.id.node == nullptr) return;
  if (named != nullptr && draft.id.node != named) {
    reader_.error(*draft.id.key, "\"id\" in a mapping of processes").cure =
        "the key of the mapping is the id: remove it";
  }
  if (draft.id.node == nullptr) {
    const text_span place = node.keys.empty() ? node.where : node.keys.front().where;
    diagnostic& finding = out_.error(document_.source, place, "a process has no \"id\"");
    finding.cure = "add " + reader_.written("id", "...") + ", its name";
    return;
  }
  if (!draft.id || !is_name(draft.id) || !is_name(draft.name_space)) return;
  drafts_.push_back(std::move(draft));
}

OVRSEER_DECL bool stack_reading::is_name(const given<std::string>& name) {
  if (!name || is_valid_unit_name(*name)) return true;
  diagnostic& finding = reader_.error(*name.node, in_quotes(*name) + " is not a name of a process");
  finding.expected = "letters, digits, \"_\", \".\" and \"-\", at most 63, the first a letter, a digit or \"_\"";
  return false;
}

OVRSEER_DECL stack_configuration stack_reading::model() {
  stack_configuration made;
  made.directory = reader_.base();
  made.name = stack_.name.value_or(made.directory.filename().string());
  made.description = stack_.description.value_or("");
  std::vector<named_process> processes;
  for (const process_draft& draft : drafts_) {
    processes.push_back({&draft, unit_id(draft.name_space.value_or("default"), *draft.id), {}, {}});
  }
  cross_checker checker(reader_, processes);
  if (stack_.processes.node != nullptr && (!out_.has_errors() || !processes.empty()))
    checker.run(*stack_.processes.node);
  units(made, processes);
  groups(made, checker);
  settings(made, checker);
  return made;
}

OVRSEER_DECL void stack_reading::units(stack_configuration& made, std::vector<named_process>& processes) {
  unit_builder builder(reader_, options_, files_, stack_);
  for (named_process& each : processes) {
    if (each.draft->is_broken) continue;
    std::optional<unit_spec> unit = builder.build(*each.draft, each.id);
    if (!unit) continue;
    if (each.is_disabled()) {
      made.disabled.push_back(each.id);
      continue;
    }
    if (each.edges) unit->depends_on(std::move(*each.edges));
    if (each.draft->simulate) made.simulated[each.id] = behavior_of(*each.draft->simulate);
    if (each.draft->description) made.descriptions[each.id] = *each.draft->description;
    made.units.push_back(*std::move(unit));
  }
}

OVRSEER_DECL void stack_reading::groups(stack_configuration& made, const cross_checker& checker) {
  group_tree tree;
  unit_builder builder(reader_, options_, files_, stack_);
  std::vector<const group_draft*> left;
  if (stack_.groups) {
    for (const group_draft& each : *stack_.groups) left.push_back(&each);
  }
  for (bool has_moved = true; has_moved;) {
    has_moved = false;
    for (const group_draft*& each : left) {
      if (each == nullptr || !tree.contains(each->within.value_or(""))) continue;
      const group_draft& draft = *std::exchange(each, nullptr);
      has_moved = true;
      if (!draft.id || !is_name(draft.id)) continue;
      group_spec group = builder.build(draft);
      if (draft.when_given_up) checker.helper(draft.when_given_up->run, "default");
      if (accepts(*draft.id.node, [&] { tree.add(group); })) made.groups.push_back(std::move(group));
    }
  }
  for (const group_draft* each : left) {
    if (each == nullptr) continue;
    diagnostic& finding = reader_.error(*each->within.node, "there is no group " + in_quotes(*each->within));
    finding.cure = "define it in \"groups\", and no group within itself";
  }
  for (const unit_spec& unit : made.units) {
    const process_draft& draft = *checker.find(unit.id())->draft;
    if (unit.role() == role::cleanup) {
      if (draft.group) reader_.error(*draft.group.node, "a cleanup process is in no group").cure = "remove it";
    } else {
      const config_node* const place = draft.group ? draft.group.node : draft.significant.node;
      accepts(place == nullptr ? *draft.id.node : *place, [&] { tree.add(unit); });
    }
  }
  if (out_.has_errors() || made.groups.empty()) return;
  std::vector<const unit_spec*> working;
  for (const unit_spec& unit : made.units) {
    if (unit.role() != role::cleanup) working.push_back(&unit);
  }
  accepts(*stack_.groups.key, [&] { dependency_graph(working, tree.order_edges()); });
}

OVRSEER_DECL void stack_reading::settings(stack_configuration& made, const cross_checker& checker) {
  if (stack_.reports) {
    const reports_draft& draft = *stack_.reports;
    report_folder_options& folder = *made.reports;
    if (draft.directory) folder.path = draft.directory->string();
    if (draft.max_count) folder.max_files = static_cast<std::size_t>(draft.max_count->value);
    if (draft.max_bytes) folder.max_bytes = *draft.max_bytes;
    if (draft.lines) made.supervision.report_lines = static_cast<std::size_t>(draft.lines->value);
    if (!draft.enabled.value_or(true)) made.reports.reset();
    if (draft.fields) {
      for (const auto& [name, value] : draft.fields->values)
        made.report_fields.own.emplace_back(name, value.value_or(""));
    }
    using deployment = report_fields_settings::deployment;
    made.report_fields.of_deployment = draft.deployment.value_or(true) ? deployment::named : deployment::left_out;
  }
  reporters(made);
  if (stack_.journal && stack_.journal->path) journal(made, *stack_.journal);
  sinks(made);
  flag_sources(made);
  if (stack_.metrics) metrics(made.metrics, *stack_.metrics);
  exporters(made);
  if (stack_.shutdown) made.supervision.shutdown_timeout = stack_.shutdown->timeout.value_or({});
  if (stack_.supervisor) {
    const supervisor_draft& draft = *stack_.supervisor;
    using guard = supervision_settings::guard;
    made.supervision.orphan_guard = draft.guard.value_or(true) ? guard::on : guard::off;
    if (draft.max_units) made.supervision.max_units = static_cast<std::size_t>(draft.max_units->value);
    if (draft.journal_events) made.supervision.journal_events = static_cast<std::size_t>(draft.journal_events->value);
  }
  exit_code(made, checker);
  const std::size_t most = made.supervision.max_units.value_or(1'000);
  if (made.units.size() > most) {
    diagnostic& finding = reader_.error(*stack_.processes.key, std::to_string(made.units.size()) + " processes");
    finding.expected = "at most " + std::to_string(most);
    finding.cure = "raise \"maxUnits\" in \"supervisor\"";
  }
}

OVRSEER_DECL void stack_reading::journal(stack_configuration& made, const journal_draft& draft) {
  journal_file_options& file = made.journal.emplace(draft.path->string());
  if (draft.fsync) file.sync = draft.fsync->value;
  if (draft.max_size) file.max_size = *draft.max_size;
  if (draft.max_age) file.max_age = *draft.max_age;
  constexpr byte_size least(64U << 10U);
  if (file.max_size.count() != 0 && file.max_size < least) {
    diagnostic& finding = reader_.error(*draft.max_size.node, "\"maxSize\" is " + to_text(file.max_size));
    finding.expected = "at least " + to_text(least) + ", or 0 for no limit";
  }
  constexpr std::chrono::seconds shortest(1);
  if (file.max_age != nanoseconds::zero() && file.max_age < shortest) {
    diagnostic& finding = reader_.error(*draft.max_age.node, "\"maxAge\" is " + to_text(file.max_age));
    finding.expected = "at least " + to_text(nanoseconds(shortest)) + ", or 0 for no limit";
  }
  // Each would take the other's unfinished files for leftovers.
  const auto folder = [](const std::filesystem::path& path) { return (path / "").lexically_normal(); };
  if (!made.reports || folder(made.reports->path) != folder(*draft.path)) return;
  diagnostic& finding = reader_.error(*draft.path.node, "the journal and the crash reports are in the same folder");
  finding.cure = "give each a folder of its own";
}

OVRSEER_DECL void stack_reading::reporters(stack_configuration& made) {
  if (stack_.reporters) named(*stack_.reporters, "reporters", reporter_builder(reader_), made.reporters);
}

OVRSEER_DECL void stack_reading::sinks(stack_configuration& made) {
  if (stack_.sinks) named(*stack_.sinks, "sinks", sink_builder(reader_), made.sinks);
}

OVRSEER_DECL void stack_reading::exporters(stack_configuration& made) {
  if (stack_.exporters) named(*stack_.exporters, "exporters", exporter_builder(reader_), made.exporters);
}

OVRSEER_DECL void stack_reading::flag_sources(stack_configuration& made) {
  if (!stack_.remote_flags) return;
  for (const flag_source_draft& each : stack_.remote_flags->list) {
    if (std::optional<flag_source_settings> one = flag_source_of(reader_, each))
      made.flag_sources.push_back(*std::move(one));
  }
}

OVRSEER_DECL void stack_reading::metrics(metric_settings& made, const metrics_draft& draft) {
  if (draft.listen) made.listen = draft.listen->value;
  if (draft.host) {
    host_settings& host = *made.host;
    host.interval = interval_of(reader_, draft.host->interval, host.interval);
    if (draft.host->mount_points) {
      host.mount_points.assign(draft.host->mount_points->begin(), draft.host->mount_points->end());
    }
    if (!draft.host->is_wanted) made.host.reset();
  }
  made.idle_for = draft.idle_for.value_or({});
  if (draft.max_series) made.max_series = static_cast<std::size_t>(draft.max_series->value);
  if (static_cast<bool>(draft.user) != static_cast<bool>(draft.password) || (draft.token && draft.user)) {
    reader_.error(*stack_.metrics.key, draft.token ? "both a token and a user" : "a user or a password alone")
        .expected = "\"token\", or \"user\" with \"password\", or none of them";
    return;
  }
  try {
    if (draft.token) made.credentials = http_credentials::bearer(*draft.token);
    if (draft.user) made.credentials = http_credentials::basic(*draft.user, *draft.password);
  } catch (const error& refusal) {
    reader_.error(*(draft.token ? draft.token.node : draft.user.node), refusal.context());
  }
}

OVRSEER_DECL void stack_reading::exit_code(stack_configuration& made, const cross_checker& checker) {
  if (!stack_.exit_code) return;
  made.exit_code.what = stack_.exit_code->what;
  const given<std::string>& of = stack_.exit_code->of;
  if (!of) return;
  const std::size_t slash = of->find('/');
  made.exit_code.unit =
      slash == std::string::npos ? unit_id(*of) : unit_id(of->substr(0, slash), of->substr(slash + 1));
  const named_process* process = checker.find(made.exit_code.unit);
  if (process == nullptr) {
    reader_.error(*of.node, "there is no process " + in_quotes(*of)).cure = checker.suggestion(*of, "default");
  } else if (process->role() != role::main || process->is_disabled()) {
    diagnostic& finding =
        reader_.error(*of.node, in_quotes(*of) + (process->is_disabled() ? " is disabled" : " is not a main process"));
    finding.cure = "name a main process that runs";
  }
}

OVRSEER_DECL written_settings stack_reading::written() const {
  written_settings made;
  made.stack = spelled_keys(nullptr, &document_.root, section_for<stack_draft>());
  for (const char* key : {"processes", "defaults", "groups", "env", "envFile", "version"}) made.stack.erase(key);
  if (const config_node* const groups = document_.root.find("groups")) {
    for (const config_node& each : groups->items) {
      made.stack["groups." + each.find("id")->text] = spelled(nullptr, &each, &value_traits<group_draft>::shape);
    }
  }
  const config_node* const defaults = document_.root.find("defaults");
  for (const process_draft& draft : drafts_) {
    auto& keys = made.units[unit_id(draft.name_space.value_or("default"), *draft.id)];
    keys = spelled_keys(defaults, draft.node, section_for<process_draft>());
    for (const char* key : {"id", "namespace", "disabled", "env", "envFile"}) keys.erase(key);
  }
  return made;
}

}  // namespace ovrseer::config_detail
