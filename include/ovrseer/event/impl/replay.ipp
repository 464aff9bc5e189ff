// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/replay.hpp>.
#pragma once

#include <variant>

#include <ovrseer/event/replay.hpp>

namespace ovrseer {

OVRSEER_DECL const replayed_unit* replayed_stack::find(const unit_id& id) const {
  const auto found = units.find(id);
  return found == units.end() ? nullptr : &found->second;
}

OVRSEER_DECL void journal_replay::apply(const event& entry) {
  if (entry.seq <= stack_.last_seq) return;
  if (entry.seq > stack_.last_seq + 1) skip(entry.seq - 1);
  stack_.last_seq = entry.seq;
  stack_.time = entry.time;
  stack_.mono_ns = entry.mono_ns;
  if (const std::optional<unit_state> to = state_of(entry.type)) return change(entry, *to);
  switch (entry.type) {
    case event_type::unit_added: add(entry); break;
    case event_type::unit_removed: stack_.units.erase(entry.unit); break;
    case event_type::restarted: ++unit_of(entry).restarts; break;
    case event_type::supervisor_started: enter(supervisor_phase::running); break;
    case event_type::supervisor_stopping:
    case event_type::supervisor_stopped: stop(entry); break;
    default: break;
  }
}

OVRSEER_DECL void journal_replay::skip(std::uint64_t last) {
  if (last <= stack_.last_seq) return;
  const bool is_beginning = stack_.last_seq == 0;
  stack_.missing += last - stack_.last_seq;
  stack_.last_seq = last;
  if (is_beginning) stack_.phase = supervisor_phase::unknown;
  stack_.is_phase_outdated = true;
  for (auto& [id, unit] : stack_.units) {
    unit.is_outdated = true;
    unit.is_whole = false;
  }
}

OVRSEER_DECL void journal_replay::change(const event& entry, unit_state to) {
  replayed_unit& unit = unit_of(entry);
  static const transition_data nothing;
  const auto* const told = std::get_if<transition_data>(&entry.data);
  const transition_data& data = told == nullptr ? nothing : *told;
  if (unit.is_outdated) forget(unit, entry.incarnation);
  note_end(unit.last_status, to, data);
  if (to == unit_state::running) {
    unit.pid = data.pid;
    unit.spawned_ns = entry.mono_ns;
  } else if (!is_alive(to)) {
    unit.pid.reset();
  }
  unit.state = to;
  unit.incarnation = entry.incarnation;
  unit.why = data.why;
  unit.is_outdated = false;
  stamp(unit, entry);
}

OVRSEER_DECL void journal_replay::forget(replayed_unit& unit, std::uint32_t incarnation) {
  unit.last_status.reset();
  if (unit.incarnation == incarnation) return;
  unit.pid.reset();
  unit.spawned_ns = 0;
}

OVRSEER_DECL void journal_replay::note_end(std::optional<exit_status>& last, unit_state to,
                                           const transition_data& data) {
  switch (to) {
    case unit_state::running:
    case unit_state::failed: last = data.status; break;
    case unit_state::completed:
    case unit_state::crashed:
      last = data.status;
      // An end that nobody saw is not written; and where nothing was spawned, nothing has ended.
      if (!last && data.from != unit_state::starting) last = exit_status::lost();
      break;
    case unit_state::stopped:
      if (data.status) last = data.status;
      break;
    default: break;
  }
}

OVRSEER_DECL void journal_replay::add(const event& entry) {
  replayed_unit unit;
  unit.id = entry.unit;
  stamp(unit, entry);
  stack_.units.insert_or_assign(entry.unit, std::move(unit));
}

OVRSEER_DECL replayed_unit& journal_replay::unit_of(const event& entry) {
  const auto [place, is_new] = stack_.units.try_emplace(entry.unit);
  replayed_unit& unit = place->second;
  if (is_new) {
    unit.id = entry.unit;
    unit.incarnation = entry.incarnation;
    unit.is_outdated = true;
    unit.is_whole = false;
    stamp(unit, entry);
  }
  return unit;
}

OVRSEER_DECL void journal_replay::stamp(replayed_unit& unit, const event& entry) {
  unit.since = entry.time;
  unit.since_ns = entry.mono_ns;
  unit.since_seq = entry.seq;
}

OVRSEER_DECL void journal_replay::enter(supervisor_phase phase) {
  stack_.phase = phase;
  stack_.is_phase_outdated = false;
}

OVRSEER_DECL void journal_replay::stop(const event& entry) {
  const bool is_over = entry.type == event_type::supervisor_stopped;
  enter(is_over ? supervisor_phase::stopped : supervisor_phase::stopping);
  const auto* const data = std::get_if<supervisor_data>(&entry.data);
  if (data == nullptr) return;
  if (!is_over) stack_.why = data->why;
  stack_.exit_code = data->exit_code;
}

OVRSEER_DECL replay_until replay_until::seq(std::uint64_t last) noexcept {
  replay_until made;
  made.last_ = last;
  return made;
}

OVRSEER_DECL replay_until replay_until::time(wall_time moment) noexcept {
  replay_until made;
  made.moment_ = moment;
  return made;
}

}  // namespace ovrseer
