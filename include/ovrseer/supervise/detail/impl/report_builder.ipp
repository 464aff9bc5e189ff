// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/detail/report_builder.hpp>.
#pragma once

#include <ovrseer/supervise/detail/report_builder.hpp>

namespace ovrseer::supervise_detail {

OVRSEER_DECL std::vector<restart_record> ends_of(const unit_id& id, const journal& events) {
  std::vector<restart_record> history;
  for (const event* link = events.last_transition_of(id); link != nullptr && history.size() < longest_history;
       link = link->cause_seq < link->seq ? events.at(link->cause_seq) : nullptr) {
    if (link->unit != id) break;
    const auto* data = std::get_if<transition_data>(&link->data);
    const bool is_end =
        link->type == event_type::crashed || link->type == event_type::completed || link->type == event_type::stopped;
    if (!is_end || data == nullptr) continue;
    history.push_back(
        {link->time, link->incarnation, data->status, data->uptime.value_or(std::chrono::nanoseconds::zero())});
  }
  std::ranges::reverse(history);
  return history;
}

OVRSEER_DECL std::shared_ptr<const crash_report> build_report(const unit& of, const unit_action& why,
                                                              const event* cause, const journal& events,
                                                              std::size_t last_lines) {
  const unit_spec& spec = of.spec();
  const redactor hide = redactor_for(spec.what());
  const auto report = std::make_shared<crash_report>();
  report->time = cause != nullptr ? cause->time : wall_time{};
  report->kind = why.report;
  report->unit = of.id();
  report->role = spec.role();
  report->state = of.state();
  report->incarnation = of.machine().incarnation();
  report->event_seq = cause != nullptr ? cause->seq : 0;
  report->id = to_iso8601(report->time) + "_" + to_text(of.id()) + "_" + std::to_string(report->incarnation);
  report->message = hide.redact(why.message);
  // What was never spawned has no process; the handle is that of the incarnation before.
  if (of.current() && of.machine().failure_kind() != crash_kind::spawn_failed) report->pid = of.current().pid();
  report->status = of.machine().last_status();
  if (cause != nullptr) {
    if (const auto* data = std::get_if<transition_data>(&cause->data)) {
      report->uptime = data->uptime.value_or(std::chrono::nanoseconds::zero());
      report->retry_count = data->restarts;
    }
  }
  report->history = ends_of(of.id(), events);
  report->program = hide.redact(spec.what().program());
  report->arguments = spec.what().arguments();
  hide.redact_arguments(report->arguments);
  report->working_directory = hide.redact(spec.what().working_directory().string());
  for (const auto& [name, value] : spec.what().environment()) {
    report->environment.emplace_back(name, value ? hide.redact_environment(name, *value) : std::string("(unset)"));
  }
  const ring& log = of.feed().lines();
  const std::uint64_t end = log.end_seq();
  report->last_lines = redacted_lines(log, end - std::min<std::uint64_t>(end, last_lines), end, hide);
  for (const flag_summary& flag : of.feed().flags().summaries()) {
    if (flag.count == 0) continue;
    flag_context context{flag.name, flag.count, {}};
    const std::vector<owned_line> matches = of.feed().flags().matches(flag.name);
    if (!matches.empty()) {
      const std::vector<owned_line> near = of.feed().context_of(flag.name, matches.back().seq);
      if (!near.empty()) context.lines = redacted_lines(log, near.front().seq, near.back().seq + 1, hide);
    }
    report->flags.push_back(std::move(context));
  }
  return report;
}

}  // namespace ovrseer::supervise_detail
