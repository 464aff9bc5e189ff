// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/cross_checks.hpp>.
#pragma once

#include <algorithm>
#include <utility>

#include <ovrseer/config/detail/cross_checks.hpp>
#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/suggestion.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL cross_checker::cross_checker(config_reader& reader, std::vector<named_process>& processes)
    : reader_(reader), all_(processes) {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const auto [first, is_new] = by_id_.try_emplace(all_[i].id, i);
    if (is_new) continue;
    diagnostic& finding =
        reader_.error(*all_[i].draft->id.node, "two processes with the id " + in_quotes(to_text(all_[i].id)));
    finding.also = reader_.note(*all_[first->second].draft->id.node, "the first is here");
    finding.cure = "choose another id, or another namespace";
  }
}

OVRSEER_DECL void cross_checker::run(const config_node& processes) {
  for (named_process& each : all_) {
    cleanup_keys(each);
    resolve(each);
    const std::string& name_space = each.id.name_space;
    if (each.draft->when_given_up) helper(each.draft->when_given_up->run, name_space);
    for (const flag_draft& flag : each.draft->flags ? *each.draft->flags : std::vector<flag_draft>()) {
      if (flag.on_match) helper(flag.on_match->run, name_space);
      if (flag.on_target) helper(flag.on_target->run, name_space);
    }
  }
  for (const named_process& each : all_) conditions(each);
  circles();
  log_files();
  inherited_input();
  const bool has_main = std::ranges::any_of(
      all_, [](const named_process& each) { return each.is_working() && each.role() == role::main; });
  if (!has_main) no_main(processes);
}

OVRSEER_DECL const named_process* cross_checker::find(const unit_id& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &all_[found->second];
}

OVRSEER_DECL void cross_checker::helper(const given<std::string>& run, const std::string& name_space) const {
  if (!run || find(resolved_id(*run, name_space)) != nullptr) return;
  reader_.error(*run.node, "there is no process " + in_quotes(*run)).cure = suggestion(*run, name_space);
}

OVRSEER_DECL std::string cross_checker::suggestion(std::string_view written, const std::string& name_space) const {
  if (reader_.out().is_full()) return {};
  std::vector<std::string> names;
  for (const named_process& each : all_) {
    names.push_back(each.id.name_space == name_space ? each.id.name : each.id.name_space + "/" + each.id.name);
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view near = closest_word(written, views);
  return near.empty() ? "" : "did you mean " + in_quotes(near) + "?";
}

OVRSEER_DECL void cross_checker::no_main(const config_node& processes) {
  diagnostic& finding = reader_.error(processes, all_.empty() ? "there is no process" : "there is no main process");
  finding.expected = "at least one of type main";
  const bool has_disabled = std::ranges::any_of(
      all_, [](const named_process& each) { return each.is_disabled() && each.role() == role::main; });
  finding.cure = has_disabled ? "every main process is disabled" : "a process without a type is a main one";
  if (all_.empty()) finding.cure.clear();
}

OVRSEER_DECL void cross_checker::cleanup_keys(const named_process& process) {
  const process_draft& draft = *process.draft;
  const auto warn = [&](const config_node* key, std::string_view why) {
    if (!draft.has_own(key)) return;
    diagnostic& finding = reader_.warning(*key, in_quotes(key->text) + " has no effect");
    finding.found += why;
  };
  if (process.role() != role::cleanup) {
    return warn(draft.time_limit.key, " on a process that is not for cleanup");
  }
  for (const config_node* key :
       {draft.restart.key, draft.ready_checks.key, draft.watchdog.key, draft.one_shot.key, draft.depends_on.key}) {
    warn(key, " on a cleanup process: it runs once, in the order of the file");
  }
}

OVRSEER_DECL void cross_checker::resolve(named_process& process) {
  const process_draft& draft = *process.draft;
  if (!draft.depends_on || process.role() == role::cleanup) return;
  process.edges.emplace();
  std::map<unit_id, const config_node*> seen;
  for (const dependency_draft& each : draft.depends_on->list) {
    if (!each.id) {
      if (each.id.node == nullptr) reader_.error(*draft.depends_on.node, "a dependency has no \"id\"");
      continue;
    }
    const unit_id on = resolved_id(*each.id, process.id.name_space);
    const config_node& node = *each.id.node;
    const auto [first, is_new] = seen.try_emplace(on, &node);
    if (!is_new) {
      reader_.error(node, in_quotes(*each.id) + " is named twice").also = reader_.note(*first->second, "first here");
      continue;
    }
    if (accepts(process, each, on, node)) {
      dependency_edge edge{on};
      if (each.condition) edge.condition = static_cast<edge_condition>(static_cast<int>(*each.condition) + 1);
      if (each.on_loss) edge.on_loss = static_cast<edge_action>(*each.on_loss);
      if (each.on_return) edge.on_return = action_of(*each.on_return);
      if (each.line) line_of(edge, each);
      if (!each.required.value_or(true)) edge.strength = dependency_edge::need::wanted;
      process.edges->push_back(std::move(edge));
      process.edge_drafts.push_back(&each);
    }
  }
}

OVRSEER_DECL edge_action cross_checker::action_of(return_word word) {
  switch (word) {
    case return_word::restart: return edge_action::restart;
    case return_word::start: return edge_action::start;
    case return_word::nothing: break;
  }
  return edge_action::nothing;
}

OVRSEER_DECL void cross_checker::line_of(dependency_edge& edge, const dependency_draft& each) {
  if (each.condition && *each.condition != condition_word::log_line) {
    reader_.error(*each.line.key, "\"logPattern\" beside another condition").cure = "remove one of the two";
  }
  edge.condition = edge_condition::log_line;
  edge.line = each.line->value;
}

OVRSEER_DECL bool cross_checker::accepts(const named_process& process, const dependency_draft& each, const unit_id& on,
                                         const config_node& node) {
  const std::string name = in_quotes(*each.id);
  const named_process* target = find(on);
  if (on == process.id) {
    reader_.error(node, name + " depends on itself").cure = "remove it";
    return false;
  }
  if (target == nullptr) {
    diagnostic& finding = reader_.error(node, "there is no process " + name);
    finding.cure = suggestion(*each.id, process.id.name_space);
    return false;
  }
  if (target->role() == role::cleanup) {
    diagnostic& finding = reader_.error(node, name + " is a cleanup process, and nothing can wait for it");
    finding.also = reader_.note(*target->draft->id.node, "it is defined here");
    finding.cure = "it runs when everything stops; make it a dependency that is oneShot to have it run before";
    return false;
  }
  if (!target->is_disabled()) return true;
  if (each.required.value_or(true) && !process.is_disabled()) {
    diagnostic& finding = reader_.error(node, name + " is disabled");
    finding.also = reader_.note(*target->draft->disabled.node, "it is disabled here");
    finding.cure = "enable it, or say that it is not needed: { id: " + *each.id + ", required: false }";
  }
  return false;
}

OVRSEER_DECL void cross_checker::conditions(const named_process& process) {
  for (std::size_t i = 0; i < process.edge_drafts.size(); ++i) {
    const dependency_edge& edge = (*process.edges)[i];
    const dependency_draft& each = *process.edge_drafts[i];
    const process_draft& target = *find(edge.on)->draft;
    if (each.condition && *each.condition == condition_word::log_line && !each.line) {
      reader_.error(*each.condition.node, "\"logLine\" without a \"logPattern\"").cure =
          "add the line to wait for: " + reader_.written("logPattern", "...");
    }
    if (!each.condition) continue;
    const bool is_one_shot = target.one_shot.value_or(false);
    const bool wants_end =
        edge.condition == edge_condition::completed || edge.condition == edge_condition::completed_successfully;
    const restart_draft restart = target.restart.value_or({});
    const bool restarts_always =
        restart.type && *restart.type != restart_rules::when::never && *restart.type != restart_rules::when::on_failure;
    if (wants_end && restarts_always) {
      diagnostic& finding = reader_.warning(*each.condition.node,
                                            in_quotes(*each.id) + " never completes: it is restarted after every end");
      finding.also = reader_.note(*restart.type.node, "its restart policy");
      finding.cure = "give it on-failure or no, or wait for ready";
    }
    if (edge.condition == edge_condition::ready && is_one_shot) {
      diagnostic& finding = reader_.warning(
          *each.condition.node, in_quotes(*each.id) + " is oneShot and may end before it is seen to be ready");
      finding.cure = "wait for completedSuccessfully";
    }
  }
}

OVRSEER_DECL void cross_checker::log_files() {
  std::map<std::string, const config_node*> writers;
  for (const named_process& each : all_) {
    const process_draft& draft = *each.draft;
    if (!draft.log || !draft.log->file || !draft.log->file->path || each.is_disabled()) continue;
    const given<std::filesystem::path>& path = draft.log->file->path;
    const auto [first, is_new] = writers.try_emplace(path->string(), path.node);
    if (is_new) continue;
    if (first->second == path.node) {
      reader_.error(*path.node, "several processes would write to this log file").cure =
          "give each process a log file of its own";
      return;
    }
    diagnostic& finding = reader_.error(*path.node, "another process writes to this log file");
    finding.also = reader_.note(*first->second, "the first is here");
  }
}

OVRSEER_DECL void cross_checker::inherited_input() {
  const named_process* first = nullptr;
  for (const named_process& each : all_) {
    const process_draft& draft = *each.draft;
    const bool has_terminal = draft.terminal && draft.terminal->is_wanted;
    const bool inherits = draft.input && draft.input->what == input_draft::word::inherit;
    if (!inherits || has_terminal || each.is_disabled()) continue;
    if (first == nullptr) {
      first = &each;
      continue;
    }
    diagnostic& finding =
        reader_.error(*draft.input.node, in_quotes(to_text(each.id)) + " and " + in_quotes(to_text(first->id)) +
                                             " would both read the standard input of the supervisor");
    const config_node& other = *first->draft->input.node;
    if (&other != draft.input.node) finding.also = reader_.note(other, in_quotes(to_text(first->id)) + " has it here");
    finding.cure = "leave it to one of them: the others may read a file, a text or null";
    return;
  }
}

OVRSEER_DECL void cross_checker::circles() {
  const std::size_t hub = all_.size();
  std::vector<std::vector<std::size_t>> next(hub + 1);
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const named_process& each = all_[i];
    if (!each.is_working()) continue;
    if (each.edges) {
      for (const dependency_edge& edge : *each.edges) next[i].push_back(by_id_.at(edge.on));
    } else if (each.role() == role::main) {
      next[i].push_back(hub);
    }
    if (each.role() == role::dependency) next[hub].push_back(i);
  }
  // Depth first without recursion: `at[n]` is the next edge of the n-th node of the path.
  enum class mark : unsigned char { fresh, open, done };
  std::vector<mark> marks(hub + 1, mark::fresh);
  for (std::size_t start = 0; start < hub; ++start) {
    if (marks[start] != mark::fresh) continue;
    std::vector<std::size_t> path{start};
    std::vector<std::size_t> at{0};
    marks[start] = mark::open;
    while (!path.empty()) {
      const std::size_t node = path.back();
      if (at.back() == next[node].size()) {
        marks[node] = mark::done;
        path.pop_back();
        at.pop_back();
        continue;
      }
      const std::size_t target = next[node][at.back()++];
      if (marks[target] == mark::open) {
        report_circle({std::ranges::find(path, target), path.end()}, hub);
      } else if (marks[target] == mark::fresh) {
        marks[target] = mark::open;
        path.push_back(target);
        at.push_back(0);
      }
    }
  }
}

OVRSEER_DECL void cross_checker::report_circle(std::vector<std::size_t> circle, std::size_t hub) {
  // Told from the process that the file has first, and without the hub, which nobody wrote.
  const auto at_hub = std::ranges::find(circle, hub);
  const std::size_t implicit =
      at_hub == circle.end()
          ? hub
          : circle[(static_cast<std::size_t>(at_hub - circle.begin()) + circle.size() - 1) % circle.size()];
  if (at_hub != circle.end()) circle.erase(at_hub);
  std::ranges::rotate(circle, std::ranges::min_element(circle));
  std::string text;
  for (const std::size_t each : circle) text += to_text(all_[each].id) + " -> ";
  const named_process& first = all_[circle.front()];
  const config_node* place = first.draft->id.node;
  for (std::size_t i = 0; i < first.edge_drafts.size(); ++i) {
    if ((*first.edges)[i].on == all_[circle[1 % circle.size()]].id) place = first.edge_drafts[i]->id.node;
  }
  diagnostic& finding = reader_.error(*place, "processes wait for each other: " + text + to_text(first.id));
  finding.cure = "remove one of these dependencies";
  if (implicit == hub) return;
  finding.cure = to_text(all_[implicit].id) + " waits for every dependency, since it has no \"dependsOn\": give it one";
}

}  // namespace ovrseer::config_detail
