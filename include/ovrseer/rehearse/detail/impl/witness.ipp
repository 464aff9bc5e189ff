// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/rehearse/detail/witness.hpp>.
#pragma once

#include <ovrseer/rehearse/detail/witness.hpp>

namespace ovrseer::rehearse_detail {

OVRSEER_DECL witness::witness(const std::vector<unit_spec>& units, const std::vector<group_spec>& groups)
    : plan_(make_plan(units, groups)) {
  for (const unit_spec& spec : units) {
    observed& made = units_[spec.id()];
    made.spec = &spec;
    made.tally.id = spec.id();
    made.tally.role = spec.role();
    order_.push_back(spec.id());
  }
  for (const planned_unit& planned : plan_.units) units_.at(planned.id).stop_bound = planned.stop_bound;
}

OVRSEER_DECL void witness::look_at(const event& entry) {
  const nanoseconds now(entry.mono_ns);
  must(entry.seq == next_seq_, "there is a gap in the journal", entry);
  must(entry.cause_seq < entry.seq, "a cause comes later than its effect", entry);
  next_seq_ = entry.seq + 1;
  if (entry.type == event_type::supervisor_stopping) begin_stop(entry, now);
  if (entry.type == event_type::supervisor_stopped) end_stop(entry, now);
  const auto known = units_.find(entry.unit);
  if (known == units_.end()) return;
  observed& unit = known->second;
  if (entry.type == event_type::restarted) ++unit.tally.restarts;
  const std::optional<unit_state> to = state_of(entry.type);
  const auto* const change = std::get_if<transition_data>(&entry.data);
  if (to && change != nullptr) look_at_change(unit, *to, *change, entry, now);
}

OVRSEER_DECL void witness::note_ready(bool is_ready, nanoseconds now) {
  if (stop_began_) return;
  if (is_all_ready_) all_ready_for_ += now - ready_changed_;
  ready_changed_ = now;
  is_all_ready_ = is_ready;
  if (is_ready && !first_all_ready_) first_all_ready_ = now;
}

OVRSEER_DECL void witness::finish(std::size_t processes_left, nanoseconds now) {
  if (!stop_ended_) report("the supervisor has not come to its end", now);
  if (processes_left != 0) report(std::to_string(processes_left) + " processes are left at the end", now);
  for (const unit_id& id : order_) {
    const observed& unit = units_.at(id);
    if (!is_at_rest(unit.tally.state)) {
      report(to_text(id) + " is " + std::string(to_text(unit.tally.state)) + " at the end, and not at rest", now);
    }
    if (unit.spec->role() == role::cleanup && unit.tally.starts == 0 && !is_forced_)
      report("the cleanup unit " + to_text(id) + " did not run", now);
  }
}

OVRSEER_DECL void witness::fill(rehearsal_result& result) const {
  result.ready_after = first_all_ready_;
  result.ran = stop_began_.value_or(nanoseconds::zero());
  result.stop_took = stop_ended_ && stop_began_ ? *stop_ended_ - *stop_began_ : nanoseconds::zero();
  result.stop_bound = plan_.stop_bound;
  result.event_count = next_seq_ - 1;
  if (first_all_ready_ && result.ran > *first_all_ready_) {
    result.availability = share_of(all_ready_for_, result.ran - *first_all_ready_);
  }
  for (const unit_id& id : order_) {
    rehearsed_unit tally = units_.at(id).tally;
    const bool is_service = units_.at(id).spec->of_kind() == unit_spec::kind::service && tally.role != role::cleanup;
    const nanoseconds all = tally.uptime + tally.downtime;
    if (is_service && tally.ready_after && all > nanoseconds::zero()) tally.availability = share_of(tally.uptime, all);
    result.units.push_back(std::move(tally));
  }
  result.broken = broken_;
  for (const unit_id& id : order_) {
    for (const std::string& each : units_.at(id).problems) result.problems.push_back(each);
    for (const std::string& each : units_.at(id).remarks) result.remarks.push_back(each);
  }
}

OVRSEER_DECL void witness::must(bool holds, const std::string& what, const event& entry) {
  if (holds) return;
  report(
      (entry.unit.name.empty() ? "" : to_text(entry.unit) + ": ") + what + " (event " + std::to_string(entry.seq) + ")",
      nanoseconds(entry.mono_ns));
}

OVRSEER_DECL void witness::look_at_change(observed& unit, unit_state to, const transition_data& change,
                                          const event& entry, nanoseconds now) {
  must(change.from == unit.tally.state, "it comes from a state in which it was not", entry);
  must(!change.why.what.empty() || !change.why.rule.empty(), "it changes without a cause", entry);
  pass_time(unit, now);
  if (to == unit_state::starting) check_start(unit, entry);
  if (to == unit_state::crashed) ++unit.tally.crashes;
  if (change.status) unit.tally.last_status = change.status;
  const bool is_up = to == unit_state::ready || (to == unit_state::completed && !is_service(unit));
  if (is_up && !unit.tally.ready_after && unit.spec->role() != role::cleanup) unit.tally.ready_after = now;
  if (to == unit_state::stopping) unit.stopping_since = now;
  if (unit.tally.state == unit_state::stopping && unit.stopping_since) check_stop(unit, to, change, entry, now);
  if (to == unit_state::failed) {
    add(unit.problems, to_text(entry.unit) + " was given up at " + timeline_time(now) + ": " + change.why.what + " (" +
                           change.why.rule + ")");
  }
  if (to == unit_state::skipped && !stop_began_) {
    add(unit.problems, to_text(entry.unit) + " was skipped at " + timeline_time(now) + ": " + change.why.what);
  }
  unit.tally.state = to;
}

OVRSEER_DECL void witness::add(std::vector<std::string>& to, std::string text) {
  constexpr std::size_t most = 5;
  if (to.size() < most) to.push_back(std::move(text));
}

OVRSEER_DECL void witness::pass_time(observed& unit, nanoseconds now) {
  if (stop_began_ && now > *stop_began_) now = *stop_began_;
  const nanoseconds passed = now - std::exchange(unit.changed, std::max(now, unit.changed));
  if (!unit.tally.ready_after || passed <= nanoseconds::zero()) return;
  const unit_state was = unit.tally.state;
  if (was == unit_state::ready) {
    unit.tally.uptime += passed;
    unit.down = nanoseconds::zero();
  } else if (was != unit_state::completed) {
    unit.tally.downtime += passed;
    unit.down += passed;
    unit.tally.longest_downtime = std::max(unit.tally.longest_downtime, unit.down);
  }
}

OVRSEER_DECL void witness::check_start(observed& unit, const event& entry) {
  ++unit.tally.starts;
  must(entry.incarnation == unit.tally.starts, "it skips an incarnation", entry);
  const bool is_cleanup = unit.spec->role() == role::cleanup;
  must(!stop_began_ || is_cleanup, "it starts while everything stops", entry);
  if (is_cleanup) return;
  for (const dependency_edge& edge : edges_of(*unit.spec)) {
    if (edge.on_loss == edge_action::nothing && entry.incarnation > 1) continue;
    const observed& needed = units_.at(edge.on);
    // Lines and the answers of watches are not in the journal: those are taken for granted.
    const edge_evidence granted{true, true};
    must(judge_edge(edge, needed.spec->of_kind(), needed.tally.state, granted) == edge_status::met,
         "it starts although " + to_text(edge.on) + " is not what it waits for", entry);
  }
}

OVRSEER_DECL std::vector<dependency_edge> witness::edges_of(const unit_spec& spec) const {
  if (spec.dependencies()) return *spec.dependencies();
  std::vector<dependency_edge> edges;
  if (spec.role() != role::main) return edges;
  for (const unit_id& id : order_) {
    if (units_.at(id).spec->role() == role::dependency && !units_.at(id).spec->is_on_demand()) {
      edges.push_back({id, edge_condition::standard, dependency_edge::need::required});
    }
  }
  return edges;
}

OVRSEER_DECL void witness::check_stop(observed& unit, unit_state to, const transition_data& change, const event& entry,
                                      nanoseconds now) {
  const nanoseconds took = now - *std::exchange(unit.stopping_since, std::nullopt);
  must(took <= unit.stop_bound, "its stop took " + to_text(took) + ", more than " + to_text(unit.stop_bound), entry);
  if (to == unit_state::stopped && change.status && *change.status == exit_status::signaled(signal_number(SIGKILL))) {
    add(unit.remarks, to_text(entry.unit) + " had to be killed at " + timeline_time(now) + ", " + to_text(took) +
                          " after it was asked to end");
  }
}

OVRSEER_DECL void witness::begin_stop(const event& entry, nanoseconds now) {
  must(!stop_began_, "it stops twice", entry);
  note_ready(false, now);
  for (auto& [id, unit] : units_) pass_time(unit, now);
  stop_began_ = now;
}

OVRSEER_DECL void witness::end_stop(const event& entry, nanoseconds now) {
  stop_ended_ = now;
  const nanoseconds took = now - stop_began_.value_or(now);
  must(stop_began_.has_value(), "it has stopped without beginning to", entry);
  must(took <= plan_.stop_bound,
       "the stop took " + to_text(took) + ", more than the " + to_text(plan_.stop_bound) + " of its plan", entry);
}

}  // namespace ovrseer::rehearse_detail
