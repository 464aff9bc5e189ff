// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/supervisor.hpp>.
#pragma once

#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

OVRSEER_DECL supervisor::supervisor(const executor& ex, supervisor_options options)
    : ex_(ex),
      options_(std::move(options)),
      journal_(ex, options_.journal_capacity(), options_.boot_id()),
      reports_(ex, options_.max_reports()),
      drivers_(ex),
      rounds_(ex),
      changed_(ex),
      errors_(print_failure) {}

OVRSEER_DECL void supervisor::add(group_spec spec) {
  if (!spec.name().empty() && !is_valid_unit_name(spec.name())) {
    throw error(errc::invalid_configuration, "add", "\"" + spec.name() + "\" is no name of a group");
  }
  groups_.add(std::move(spec));
}

OVRSEER_DECL void supervisor::check_spec(unit_spec& spec) const {
  const unit_id& id = spec.id();
  if (!is_valid_unit_name(id.name) || !is_valid_unit_name(id.name_space)) {
    throw error(errc::invalid_configuration, "add", "\"" + to_text(id) + "\" is no name of a unit");
  }
  if (spec.role() != role::cleanup) return;
  if (!spec.group().empty()) throw error(errc::invalid_configuration, "add", to_text(id) + ": cleanup is in no group");
  spec.of_kind(unit_spec::kind::one_shot).restart(restart_rules(restart_rules::when::never));
  if (!spec.dependencies()) spec.depends_on(std::vector<dependency_edge>{});
}

OVRSEER_DECL void supervisor::add(unit_spec spec) {
  const unit_id id = spec.id();
  check_spec(spec);
  if (find(id) != nullptr) throw error(errc::duplicate_unit, "add", to_text(id));
  if (units_.size() >= options_.max_units()) {
    throw error(errc::limit_reached, "add", "at most " + std::to_string(options_.max_units()) + " units");
  }
  if (spec.role() != role::cleanup) groups_.add(spec);
  try {
    if (graph_) graph_ = graph_with(&spec, nullptr);
  } catch (...) {
    groups_.remove(id);
    throw;
  }
  units_.push_back(std::make_unique<unit>(ex_, std::move(spec), static_cast<unit_host&>(*this)));
  welcome(*units_.back());
}

OVRSEER_DECL void supervisor::welcome(unit& which) {
  std::erase_if(retired_, [](const auto& each) { return each->is_over(); });
  supervise_detail::watch_flags(
      which, journal_, [this](unit& flagged, const supervise_detail::flag_wish& wish) { act_on_flag(flagged, wish); });
  journal_.append(which.id(), 0, event_type::unit_added, severity::info);
  if (is_running_) drivers_.start(which.drive());
}

OVRSEER_DECL task<void> supervisor::remove(unit_id id) {
  get(id);
  if (graph_) {
    for (const unit_id& dependent : graph_->dependents_of(id)) {
      throw error(errc::invalid_state, "remove", to_text(dependent) + " depends on " + to_text(id));
    }
  }
  if (is_running_) co_await stop(id);
  const auto place = place_of(id);
  if (place == units_.end()) co_return;
  groups_.remove(id);
  if (graph_) graph_ = graph_with(nullptr, &(*place)->spec());
  edges_.remove(id);
  retire(*place);
  units_.erase(place);
}

OVRSEER_DECL void supervisor::retire(std::unique_ptr<unit>& place) {
  unit& which = *place;
  resting_.erase(which.id());
  round_.erase(which.id());
  which.close();
  journal_.append(which.id(), which.machine().incarnation(), event_type::unit_removed, severity::info);
  retired_.push_back(std::move(place));  // its driver may still be ending
}

OVRSEER_DECL task<void> supervisor::change(unit_changes what) {
  co_await detail::admit_all_cancellation();
  refuse_unless_up("change");
  for (unit_spec& each : what.put) check_spec(each);
  for (unit_spec& each : what.describe) {
    const unit_spec& present = get(each.id()).spec();
    each.as(present.role()).of_kind(present.of_kind());
    check_spec(each);
  }
  look_ahead(what);
  std::vector<unit_id> leaving = what.remove;
  std::set<unit_id> staying_down;
  for (const unit_spec& each : what.put) {
    const unit* const old = find(each.id());
    if (old == nullptr) continue;
    leaving.push_back(each.id());
    const auto resting = resting_.find(each.id());
    const bool was_asked = resting != resting_.end() && resting->second == rest::by_request;
    if (was_asked && old->machine().is_settled()) staying_down.insert(each.id());
  }
  for (const unit_id& id : leaving) take_over(id, unit_input::kind::stop);
  co_await stop_in_order(leaving, "the configuration changes", &supervisor::wait_plainly);
  refuse_unless_up("change");  // a stop of everything that came meanwhile wins
  std::vector<unit_id> starting;
  for (const unit_spec& each : what.put) {
    if (!each.is_on_demand() && each.role() != role::cleanup && !staying_down.contains(each.id()))
      starting.push_back(each.id());
  }
  make_changes(what, staying_down);
  for (const unit_id& id : starting) tell(get(id), unit_input::kind::start, "the configuration changes");
  for (const unit_id& id : starting) co_await settle(id, unit_input::kind::start);
}

OVRSEER_DECL supervise_detail::outlook supervisor::look_ahead(const unit_changes& what) const {
  return supervise_detail::look_ahead(specs(), groups_, what, options_.max_units());
}

OVRSEER_DECL void supervisor::make_changes(unit_changes& what, const std::set<unit_id>& staying_down) {
  supervise_detail::outlook next = look_ahead(what);  // others may have changed something meanwhile
  for (const unit_spec& each : what.flags) get(each.id()).look_for(each);
  if (what.remove.empty() && what.put.empty() && what.describe.empty()) return;
  std::vector<std::unique_ptr<unit>> made;
  for (unit_spec& each : what.put)
    made.push_back(std::make_unique<unit>(ex_, std::move(each), static_cast<unit_host&>(*this)));
  for (const unit_id& id : what.remove) {
    edges_.remove(id);
    retire(*place_of(id));
  }
  for (std::unique_ptr<unit>& each : made) {
    unit& fresh = *each;
    edges_.renew(fresh.id());
    const auto place = place_of(fresh.id());
    if (place != units_.end()) {
      retire(*place);
      *place = std::move(each);
    } else {
      units_.push_back(std::move(each));
    }
    if (staying_down.contains(fresh.id())) resting_.insert_or_assign(fresh.id(), rest::by_request);
    welcome(fresh);
  }
  std::erase(units_, nullptr);
  groups_ = std::move(next.groups);
  graph_ = std::move(next.graph);
  for (unit_spec& each : what.describe) {
    edges_.forget(each.id());
    get(each.id()).describe(std::move(each));
  }
  for (const auto& each : units_) {
    each->line_watch().cancel(cancellation_type::terminal);
    if (is_alive(each->state())) watch_for_lines(*each);
    judge(*each, 0);
    take_up_again(*each, "the configuration changes", 0);
  }
  changed_.notify_all();
}

OVRSEER_DECL task<int> supervisor::run() {
  co_await detail::admit_all_cancellation();
  graph_ = graph_with(nullptr, nullptr);
  is_running_ = true;
  const std::uint64_t started_seq = journal_.append({}, 0, event_type::supervisor_started, severity::info);
  for (const auto& each : units_) drivers_.start(each->drive());
  for (const auto& each : units_) {
    if (each->spec().role() == role::cleanup || each->spec().is_on_demand()) continue;
    tell(*each, unit_input::kind::start, "the supervisor starts", started_seq);
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!is_over()) co_await wait_change();
  co_await stop_all();
  for (const auto& each : units_) each->close();
  rounds_.cancel(cancellation_type::terminal);
  co_await rounds_.join();
  co_await drivers_.join();
  co_await asio::this_coro::throw_if_cancelled(throws);
  const int code = exit_code();
  supervisor_data data;
  data.exit_code = code;
  journal_.append({}, 0, event_type::supervisor_stopped, severity::info, stopping_seq_, std::move(data));
  is_running_ = false;
  retired_.clear();
  if (drivers_.failure()) report_failure({"run", {}, severity::critical, "a unit's driver has failed"});
  if (rounds_.failure()) report_failure({"run", {}, severity::critical, "the restart of a group has failed"});
  journal_.close();
  reports_.close();
  co_return code;
}

OVRSEER_DECL void supervisor::request_stop(std::string reason) {
  if (!stop_reason_) stop_reason_ = std::move(reason);
  changed_.notify_all();
}

OVRSEER_DECL void supervisor::force_stop(std::string reason) {
  is_forced_ = true;
  request_stop(std::move(reason));
  for (const auto& each : units_) {
    tell(*each, unit_input::kind::stop, "forced");
    each->push_stop(cancellation_type::terminal);
  }
}

OVRSEER_DECL task<void> supervisor::start(std::vector<unit_id> ids) {
  co_await detail::admit_all_cancellation();
  expect(ids);
  refuse_unless_up("start");
  for (const unit_id& id : ids) {
    take_over(id, unit_input::kind::start);
    tell(get(id), unit_input::kind::start, "requested");
  }
  for (const unit_id& id : ids) co_await settle(id, unit_input::kind::start);
}

OVRSEER_DECL task<void> supervisor::stop(std::vector<unit_id> ids) {
  co_await detail::admit_all_cancellation();
  expect(ids);
  for (const unit_id& id : ids) take_over(id, unit_input::kind::stop);
  co_await stop_in_order(std::move(ids), "requested", &supervisor::wait_plainly);
}

OVRSEER_DECL task<void> supervisor::restart(std::vector<unit_id> ids) {
  co_await detail::admit_all_cancellation();
  expect(ids);
  refuse_unless_up("restart");
  co_await stop_in_order(ids, "restart", &supervisor::wait_plainly);
  refuse_unless_up("restart");  // a stop of everything that came meanwhile wins
  expect(ids);                  // and so does a removal
  for (const unit_id& id : ids) {
    resting_.erase(id);
    tell(get(id), unit_input::kind::restart, "restart");
  }
  for (const unit_id& id : ids) co_await settle(id, unit_input::kind::restart);
}

OVRSEER_DECL task<std::vector<unit_id>> supervisor::start(selection which) {
  std::vector<unit_id> ids = select_working(which);
  co_await start(ids);
  co_return ids;
}

OVRSEER_DECL task<std::vector<unit_id>> supervisor::stop(selection which) {
  std::vector<unit_id> ids = select_working(which);
  co_await stop(ids);
  co_return ids;
}

OVRSEER_DECL task<std::vector<unit_id>> supervisor::restart(selection which) {
  std::vector<unit_id> ids = select_working(which);
  co_await restart(ids);
  co_return ids;
}

OVRSEER_DECL task<void> supervisor::restart_all() {
  std::vector<unit_id> ids = select_working(selection::all());
  std::erase_if(ids, [this](const unit_id& id) {  // who waits to be asked was not asked by this
    return spec(id).is_on_demand() && get(id).machine().is_settled();
  });
  return restart(std::move(ids));
}

OVRSEER_DECL std::vector<unit_id> supervisor::select(const selection& which) const {
  std::vector<unit_id> ids;
  for (const auto& each : units_) {
    if (which.matches(each->spec(), each->state(), groups_)) ids.push_back(each->id());
  }
  return ids;
}

OVRSEER_DECL task<bool> supervisor::wait_ready() {
  co_await detail::admit_all_cancellation();
  while (!stop_reason_ && !is_stopping_ && !is_ready()) co_await changed_.wait();
  co_return is_ready();
}

OVRSEER_DECL std::vector<unit_id> supervisor::not_ready() const {
  std::vector<unit_id> ids;
  for (const auto& each : units_) {
    if (!is_fit(*each)) ids.push_back(each->id());
  }
  return ids;
}

OVRSEER_DECL std::vector<dependency_edge> supervisor::pending_edges(const unit_id& id) const {
  get(id);
  std::vector<dependency_edge> pending;
  if (!graph_) return pending;
  for (const dependency_edge& edge : graph_->dependencies_of(id)) {
    if (judge(id, edge) != edge_status::met) pending.push_back(edge);
  }
  return pending;
}

OVRSEER_DECL std::optional<process_sample> supervisor::usage(const unit_id& id) const {
  const process& present = get(id).current();
  return present ? present.usage() : std::nullopt;
}

OVRSEER_DECL std::vector<unit_id> supervisor::units() const {
  std::vector<unit_id> ids;
  for (const auto& each : units_) ids.push_back(each->id());
  return ids;
}

OVRSEER_DECL void supervisor::report_failure(const failure_notice& notice) {
  try {
    errors_(notice);
  } catch (...) {  // the handler is the end of the line
  }
}

OVRSEER_DECL supervisor_snapshot supervisor::snapshot() const {
  supervisor_snapshot shot;
  shot.boot_id = journal_.boot_id();
  shot.time = clock_of(ex_).wall_now();
  shot.last_seq = journal_.end_seq() - 1;
  shot.is_ready = is_ready();
  shot.is_stopping = is_stopping_;
  for (const auto& each : units_) shot.units.push_back(snapshot_of(*each));
  return shot;
}

OVRSEER_DECL void supervisor::on_transition(unit& which, unit_transition change, std::uint64_t cause_seq) {
  if (cause_seq == 0) {
    const event* last = journal_.last_transition_of(which.id());
    if (last != nullptr) cause_seq = last->seq;
  }
  const unit_state to = change.to;
  if (to == unit_state::failed || to == unit_state::skipped || which.machine().is_put_down()) remember_failure(which);
  if (to == unit_state::starting) {
    edges_.forget(which.id());
    which.line_watch().cancel(cancellation_type::terminal);
  }
  const std::uint64_t seq = journal_.append(which.id(), which.machine().incarnation(), type_of(to), change.level,
                                            cause_seq, std::move(change.data));
  if (to == unit_state::running) watch_for_lines(which);
  release_dependents(which, seq);
  follow_groups(which, to, seq);
  changed_.notify_all();
}

OVRSEER_DECL void supervisor::on_restarted(unit& which) {
  const event* last = journal_.last_transition_of(which.id());
  journal_.append(which.id(), which.machine().incarnation(), event_type::restarted, severity::info,
                  last == nullptr ? 0 : last->seq);
}

OVRSEER_DECL bool supervisor::may_start(unit& which) {
  if (which.spec().role() == role::cleanup) return true;
  return !is_stopping_ && !round_.contains(which.id()) && judge_edges(which).first == edge_status::met;
}

OVRSEER_DECL void supervisor::on_report(unit& which, const unit_action& what) {
  try {
    // What was decided after the crash may be in the journal already.
    const event* crash = what.cause_seq == 0 ? journal_.last_transition_of(which.id()) : journal_.at(what.cause_seq);
    while (what.cause_seq == 0 && crash != nullptr && crash->type != event_type::crashed &&
           crash->cause_seq < crash->seq) {
      crash = journal_.at(crash->cause_seq);
    }
    reports_.push(supervise_detail::build_report(which, what, crash, journal_, options_.report_lines()));
  } catch (const std::exception& failure) {
    report_failure({"report", which.id(), severity::error, failure.what()});
  }
}

OVRSEER_DECL void supervisor::on_check_failed(unit& which, check_data what) {
  journal_.append(which.id(), which.machine().incarnation(), event_type::check_failed, severity::warning,
                  last_change_of(which), std::move(what));
}

OVRSEER_DECL void supervisor::judge(unit& which, std::uint64_t cause_seq) {
  if (which.state() != unit_state::waiting) return;
  // Cleanup always runs; what it needs may have stopped for good.
  if (which.spec().role() == role::cleanup) {
    return tell(which, unit_input::kind::dependencies_met, "nothing to wait for", cause_seq);
  }
  if (round_.contains(which.id())) return;
  const auto [status, why] = judge_edges(which);
  if (status == edge_status::impossible) tell(which, unit_input::kind::dependency_unavailable, why, cause_seq);
  if (status == edge_status::met) tell(which, unit_input::kind::dependencies_met, why, cause_seq);
}

OVRSEER_DECL edge_status supervisor::judge(const unit_id& dependent, const dependency_edge& edge) const {
  const unit& needed = get(edge.on);
  edge_evidence more;
  more.is_proven = needed.is_proven();
  more.has_line = edges_.has_line(dependent, edge.on, needed.machine().incarnation());
  return judge_edge(edge, needed.spec().of_kind(), needed.state(), more);
}

OVRSEER_DECL std::pair<edge_status, std::string> supervisor::judge_edges(const unit& which) const {
  const auto& edges = graph_->dependencies_of(which.id());
  for (const dependency_edge& edge : edges) {
    if (edge.on_loss == edge_action::nothing && which.machine().is_restarting()) continue;
    const edge_status status = judge(which.id(), edge);
    if (status == edge_status::impossible)
      return {status, to_text(edge.on) + " is " + std::string(to_text(state(edge.on)))};
    if (status == edge_status::pending) return {status, {}};
  }
  return {edge_status::met, edges.empty() ? "nothing to wait for" : "its dependencies are met"};
}

OVRSEER_DECL void supervisor::release_dependents(const unit& changed, std::uint64_t seq) {
  if (!graph_) return;
  for (const unit_id& id : graph_->dependents_of(changed.id())) {
    unit* const dependent = find(id);
    if (dependent == nullptr) continue;
    judge(*dependent, seq);
    if (is_stopping_ || stop_reason_) continue;
    turn_edges(*dependent, changed, seq);
    take_up_again(*dependent, to_text(changed.id()) + " can be had again", seq);
  }
}

OVRSEER_DECL void supervisor::take_up_again(unit& skipped, const std::string& why, std::uint64_t seq) {
  if (skipped.state() != unit_state::skipped || resting_.contains(skipped.id())) return;
  if (judge_edges(skipped).first == edge_status::met) tell(skipped, unit_input::kind::start, why, seq);
}

OVRSEER_DECL void supervisor::turn_edges(unit& dependent, const unit& changed, std::uint64_t seq) {
  for (const dependency_edge& edge : graph_->dependencies_of(dependent.id())) {
    if (edge.on != changed.id()) continue;
    using supervise_detail::edge_turn;
    const edge_turn turn = edges_.take(dependent.id(), edge.on, judge(dependent.id(), edge), dependent.state());
    const std::string what = to_text(edge.on) + " is " + std::string(to_text(changed.state()));
    if (turn == edge_turn::lost) act_on(dependent, edge.on_loss, what, seq);
    if (turn == edge_turn::returned) {
      act_on(dependent, edge.on_loss == edge_action::pause ? edge_action::start : edge.on_return, what, seq);
    }
  }
}

OVRSEER_DECL void supervisor::act_on(unit& dependent, edge_action what, const std::string& detail, std::uint64_t seq) {
  using kind = unit_input::kind;
  switch (what) {
    case edge_action::nothing:
    case edge_action::hold: break;
    case edge_action::pause: tell(dependent, kind::pause, detail, seq, "edge"); break;
    case edge_action::restart: tell(dependent, kind::restart, detail, seq, "edge"); break;
    case edge_action::stop: tell(dependent, kind::stop, detail, seq, "edge"); break;
    case edge_action::start:
      tell(dependent, dependent.state() == unit_state::paused ? kind::resume : kind::start, detail, seq, "edge");
      break;
  }
}

OVRSEER_DECL void supervisor::act_on_flag(unit& which, const supervise_detail::flag_wish& wish) {
  using action = flag_reaction::action;
  if (wish.what.what() == action::nothing) return;
  if (wish.what.what() == action::run) {
    unit* const helper = find(wish.what.unit());
    if (helper == nullptr) {
      report_failure({"flag", which.id(), severity::error,
                      wish.why + ", but there is no unit " + to_text(wish.what.unit()) + " to start"});
    } else if (!is_stopping_) {
      tell(*helper, unit_input::kind::start, to_text(which.id()) + ": " + wish.why, wish.seq, "flag");
    }
    return;
  }
  unit_input input{unit_input::kind::flagged, wish.why};
  input.cause_seq = wish.seq;
  if (wish.what.what() == action::restart) input.otherwise = health_watch::action::restart;
  if (wish.what.what() == action::stop) input.otherwise = health_watch::action::stop;
  which.tell(std::move(input));
}

OVRSEER_DECL void supervisor::watch_for_lines(unit& which) {
  if (!graph_) return;
  for (const unit_id& id : graph_->dependents_of(which.id())) {
    for (const dependency_edge& edge : graph_->dependencies_of(id)) {
      if (edge.on != which.id() || edge.condition != edge_condition::log_line || !edge.line) continue;
      which.line_watch().start(watch_for_line(which, id, *edge.line));
    }
  }
}

OVRSEER_DECL task<void> supervisor::watch_for_line(unit& which, unit_id dependent, pattern<> line) {
  const std::uint32_t incarnation = which.machine().incarnation();
  const any_check check = log_line(std::move(line));
  const check_result seen = co_await check(which.target());
  if (!seen.is_ready()) co_return;
  edges_.see_line(dependent, which.id(), incarnation);
  release_dependents(which, last_change_of(which));
}

OVRSEER_DECL void supervisor::follow_groups(unit& which, unit_state to, std::uint64_t seq) {
  if (is_stopping_ || stop_reason_ || which.spec().role() == role::cleanup || resting_.contains(which.id())) return;
  const bool is_dependency = which.spec().role() == role::dependency;
  give_up wish = which.spec().when_given_up();
  member_end how = member_end::done;
  switch (to) {
    case unit_state::backing_off: how = member_end::restarting; break;
    case unit_state::failed:
      if (which.machine().is_given_up() || is_dependency) how = member_end::given_up;
      break;
    case unit_state::skipped:
      if (is_dependency) how = member_end::given_up;
      break;
    case unit_state::completed:
      if (which.machine().decision().what == restart_decision::verdict::restart) return;
      break;
    default: return;
  }
  if (wish.what() == give_up::action::standard && is_dependency && which.spec().group().empty()) {
    give_up all(give_up::action::stop_all);
    if (wish.exit_code()) all.exit_code(*wish.exit_code());
    if (wish.run()) all.run(*wish.run());
    wish = std::move(all);
  }
  const auto is_up = [this](const unit_id& id) { return !get(id).machine().is_settled(); };
  carry_out(which, groups_.on_end(which.id(), how, wish, clock_of(ex_).now(), is_up), seq);
}

OVRSEER_DECL void supervisor::carry_out(unit& which, const group_verdict& verdict, std::uint64_t seq) {
  for (const unit_id& id : verdict.run) {
    if (unit* const helper = find(id))
      tell(*helper, unit_input::kind::start, to_text(which.id()) + " is given up", seq, "give-up");
  }
  if (verdict.ends_all) return end_because_of(which, verdict, seq);
  for (const unit_id& id : verdict.stop) {
    resting_.emplace(id, rest::by_group);
    round_.insert(id);
    if (id == which.id()) tell(which, unit_input::kind::group_gave_up, verdict.reason(), seq, "group");
  }
  const bool is_alone = verdict.restart.size() == 1 && which.state() == unit_state::backing_off;
  for (const unit_id& id : verdict.restart) {
    // Stopped with a group that is started again is not stopped for good.
    const auto found = resting_.find(id);
    if (found != resting_.end() && found->second == rest::by_group) resting_.erase(found);
    if (!is_alone) round_.insert(id);
  }
  if (round_.empty()) return;
  round_reason_ = verdict.reason();
  round_seq_ = seq;
  if (!std::exchange(has_round_, true)) rounds_.start(run_round());
}

OVRSEER_DECL void supervisor::end_because_of(const unit& which, const group_verdict& verdict, std::uint64_t seq) {
  const bool has_failed = which.state() == unit_state::failed || which.state() == unit_state::skipped;
  if (verdict.exit_code) {
    end_code_ = static_cast<supervisor_exit>(*verdict.exit_code);
  } else if (verdict.has_given_up) {
    end_code_ = which.machine().was_ever_ready() ? supervisor_exit::gave_up : supervisor_exit::start_failed;
  }
  const bool is_plain = which.spec().role() == role::dependency && has_failed && verdict.reasons.empty();
  stop_reason_ =
      is_plain ? "dependency " + to_text(which.id()) + " is " + std::string(to_text(which.state())) : verdict.reason();
  if (stop_reason_->empty()) stop_reason_ = to_text(which.id()) + " is given up";
  stop_cause_seq_ = seq;
  changed_.notify_all();
}

OVRSEER_DECL task<void> supervisor::run_round() {
  std::set<unit_id> asked;
  while (!stop_reason_ && !is_stopping_) {
    bool all_down = true;
    for (const unit_id& id : round_) {
      unit& each = get(id);
      if (is_down(each)) continue;
      all_down = false;
      const bool must_wait = graph_->any_above(
          id, [this](const unit_id& dependent) { return round_.contains(dependent) && !is_down(get(dependent)); });
      if (must_wait || !asked.insert(id).second) continue;
      tell(each, unit_input::kind::stop, round_reason_, round_seq_, "group");
    }
    if (all_down) break;
    co_await changed_.wait();
  }
  has_round_ = false;
  const std::set<unit_id> down = std::exchange(round_, {});
  if (stop_reason_ || is_stopping_) co_return;
  for (const auto& each : units_) {
    if (!down.contains(each->id()) || resting_.contains(each->id())) continue;
    if (each->machine().is_settled()) {
      tell(*each, unit_input::kind::restart, round_reason_, round_seq_, "group");
    } else {
      judge(*each, round_seq_);
    }
  }
}

OVRSEER_DECL bool supervisor::is_down(const unit& which) const {
  if (!which.is_idle()) return false;
  if (which.machine().is_settled()) return true;
  const bool is_on_its_way = which.state() == unit_state::waiting || which.state() == unit_state::backing_off;
  return is_on_its_way && !resting_.contains(which.id());
}

OVRSEER_DECL void supervisor::tell(unit& which, unit_input::kind what, std::string detail, std::uint64_t cause_seq,
                                   const char* rule) {
  unit_input input{what, std::move(detail)};
  input.cause_seq = cause_seq;
  input.rule = rule;
  which.tell(std::move(input));
}

OVRSEER_DECL task<unit_state> supervisor::ask(unit_id id, unit_input::kind what) {
  co_await detail::admit_all_cancellation();
  if (what != unit_input::kind::stop) refuse_unless_up("start");
  unit& which = get(id);
  take_over(id, what);
  tell(which, what, "requested");
  const unit_state reached = co_await settle(std::move(id), what);
  co_return reached;
}

OVRSEER_DECL void supervisor::take_over(const unit_id& id, unit_input::kind what) {
  edges_.forget(id);  // whoever was stopped by the loss of something is now in other hands
  if (what == unit_input::kind::stop) {
    resting_.insert_or_assign(id, rest::by_request);
  } else {
    resting_.erase(id);
  }
}

OVRSEER_DECL task<unit_state> supervisor::settle(unit_id id, unit_input::kind what) {
  for (;;) {
    const unit& which = get(id);
    const bool is_up = what != unit_input::kind::stop && which.state() == unit_state::ready;
    if (which.is_idle() && (which.machine().is_settled() || is_up)) co_return which.state();
    co_await changed_.wait();
  }
}

OVRSEER_DECL void supervisor::refuse_unless_up(const char* operation) const {
  if (!is_running_ || is_stopping_ || stop_reason_) {
    throw error(errc::invalid_state, operation, "the supervisor does not run or is stopping");
  }
}

OVRSEER_DECL task<void> supervisor::wait_change() {
  co_await changed_.wait_quietly();
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  const cancellation_type type = gentlest(state.cancelled());
  if (type == cancellation_type::none) co_return;
  co_await detail::admit_all_cancellation();
  if (type == cancellation_type::terminal) {
    force_stop("cancelled");
  } else if (type == cancellation_type::partial && is_stopping_) {
    for (const auto& each : units_) each->push_stop(cancellation_type::partial);
  } else {
    request_stop("cancelled");
  }
}

OVRSEER_DECL bool supervisor::is_over() {
  if (stop_reason_) return true;
  bool has_main = false;
  bool mains_ended = true;
  std::uint64_t last_end = 0;
  for (const auto& each : units_) {
    if (each->spec().role() != role::main || each->spec().is_on_demand()) continue;
    const unit_state state = each->state();
    const auto resting = resting_.find(each->id());
    const bool is_put_down = resting != resting_.end() && resting->second == rest::by_group;
    const bool has_ended = state == unit_state::completed || state == unit_state::failed ||
                           state == unit_state::skipped || is_put_down || each->machine().is_put_down();
    has_main = true;
    last_end = std::max(last_end, last_change_of(*each));
    mains_ended =
        mains_ended && each->machine().is_settled() && each->is_idle() && has_ended && !round_.contains(each->id());
  }
  if (!has_main || !mains_ended) return false;
  stop_reason_ = "all main units have ended";
  stop_cause_seq_ = last_end;
  return true;
}

OVRSEER_DECL std::uint64_t supervisor::last_change_of(const unit& which) const {
  const event* last = journal_.last_transition_of(which.id());
  return last == nullptr ? 0 : last->seq;
}

OVRSEER_DECL task<void> supervisor::wait_plainly() { co_await changed_.wait(); }

OVRSEER_DECL task<void> supervisor::stop_all() {
  is_stopping_ = true;
  supervisor_data data;
  data.why.what = *stop_reason_;
  stopping_seq_ =
      journal_.append({}, 0, event_type::supervisor_stopping, severity::info, stop_cause_seq_, std::move(data));
  std::vector<unit_id> mains;
  std::vector<unit_id> others;
  for (const auto& each : units_) {
    if (each->spec().role() == role::cleanup) continue;
    (graph_->is_above_mains(each->id()) ? mains : others).push_back(each->id());
    // What has not begun does not begin any more.
    if (!is_alive(each->state())) tell(*each, unit_input::kind::stop, *stop_reason_, stopping_seq_);
  }
  co_await stop_in_order(mains, *stop_reason_, &supervisor::wait_change);
  co_await run_cleanup();
  co_await stop_in_order(others, *stop_reason_, &supervisor::wait_change);
}

OVRSEER_DECL task<void> supervisor::stop_in_order(std::vector<unit_id> chosen, std::string reason,
                                                  task<void> (supervisor::*wait)()) {
  std::set<const unit*> asked;
  for (;;) {
    bool all_rest = true;
    std::vector<unit*> free;  // whom nobody needs any more
    for (const unit_id& id : chosen) {
      unit* const each = find(id);
      if (each == nullptr || (each->machine().is_settled() && each->is_idle())) continue;
      all_rest = false;
      if (!has_active_dependents(id, chosen)) free.push_back(each);
    }
    if (all_rest) break;
    const auto priority_of = [](const unit* each) { return each->spec().priority(); };
    const int lowest = free.empty() ? 0 : priority_of(*std::ranges::min_element(free, {}, priority_of));
    for (unit* each : free) {
      if (priority_of(each) != lowest || !asked.insert(each).second) continue;
      tell(*each, unit_input::kind::stop, reason, stopping_seq_);
    }
    co_await (this->*wait)();
  }
}

OVRSEER_DECL bool supervisor::has_active_dependents(const unit_id& id, const std::vector<unit_id>& among) const {
  return graph_->any_above(id, [&](const unit_id& above) {
    const unit* const dependent = find(above);
    return dependent != nullptr && std::ranges::count(among, above) != 0 && !dependent->machine().is_settled();
  });
}

OVRSEER_DECL task<void> supervisor::run_cleanup() {
  for (std::size_t i = 0; i < units_.size() && !is_forced_; ++i) {
    unit& each = *units_[i];
    if (each.spec().role() != role::cleanup) continue;
    tell(each, unit_input::kind::start, "the supervisor cleans up", stopping_seq_);
    while (!each.machine().is_settled() || !each.is_idle()) co_await wait_change();
  }
}

OVRSEER_DECL void supervisor::remember_failure(const unit& which) {
  if (which.spec().role() != role::main || end_code_) return;
  const std::optional<exit_status>& status = which.machine().last_status();
  const crash_kind kind = which.machine().failure_kind();
  if (kind == crash_kind::health_lost || kind == crash_kind::flag_matched || which.machine().is_put_down()) {
    end_code_ = supervisor_exit::gave_up;  // its status is of our own making
  } else if (!status || kind == crash_kind::spawn_failed || kind == crash_kind::ready_check_failed) {
    end_code_ = supervisor_exit::start_failed;
  } else {
    end_code_ = static_cast<supervisor_exit>(status->shell_code());
  }
}

OVRSEER_DECL int supervisor::exit_code() const {
  if (is_forced_) return static_cast<int>(supervisor_exit::forced);
  return static_cast<int>(end_code_.value_or(supervisor_exit::success));
}

OVRSEER_DECL bool supervisor::is_fit(const unit& which) {
  if (which.spec().role() == role::cleanup) return true;
  if (which.spec().is_on_demand() && which.machine().is_settled() && which.state() != unit_state::failed) return true;
  if (which.state() == unit_state::completed) {
    return which.spec().of_kind() == unit_spec::kind::one_shot || which.spec().role() == role::main;
  }
  return which.state() == unit_state::ready && which.spec().of_kind() == unit_spec::kind::service;
}

OVRSEER_DECL unit_snapshot supervisor::snapshot_of(const unit& which) const {
  unit_snapshot shot;
  shot.id = which.id();
  shot.role = which.spec().role();
  shot.state = which.state();
  shot.incarnation = which.machine().incarnation();
  shot.restarts = which.machine().restarts();
  shot.last_status = which.machine().last_status();
  if (is_alive(shot.state) && which.current()) {
    shot.pid = which.current().pid();
    shot.uptime = clock_of(ex_).now() - which.machine().started();
  }
  if (const event* last = journal_.last_transition_of(shot.id)) {
    if (const auto* data = std::get_if<transition_data>(&last->data)) shot.why = data->why.what;
  }
  if (graph_) {
    for (const dependency_edge& edge : graph_->dependencies_of(shot.id)) shot.depends_on.push_back(edge.on);
  }
  const log_counters counted = which.feed().counters();
  shot.lines = counted.lines;
  shot.missed_lines = counted.missed;
  shot.below_level = counted.below_level;
  return shot;
}

OVRSEER_DECL std::vector<const unit_spec*> supervisor::specs() const {
  std::vector<const unit_spec*> all;
  for (const auto& each : units_) all.push_back(&each->spec());
  return all;
}

OVRSEER_DECL dependency_graph supervisor::graph_with(const unit_spec* more, const unit_spec* less) const {
  std::vector<const unit_spec*> all = specs();
  std::erase(all, less);
  if (more != nullptr) all.push_back(more);
  return dependency_graph(all, groups_.order_edges());
}

OVRSEER_DECL supervisor::places::iterator supervisor::place_of(const unit_id& id) {
  return std::ranges::find_if(units_, [&](const auto& each) { return each && each->id() == id; });
}

OVRSEER_DECL unit* supervisor::find(const unit_id& id) const {
  const auto place = std::ranges::find_if(units_, [&](const auto& each) { return each && each->id() == id; });
  return place == units_.end() ? nullptr : place->get();
}

OVRSEER_DECL unit& supervisor::get(const unit_id& id) const {
  unit* const found = find(id);
  if (found == nullptr) throw error(errc::unknown_unit, "supervisor", to_text(id));
  return *found;
}

OVRSEER_DECL void supervisor::expect(const std::vector<unit_id>& ids) const {
  for (const unit_id& id : ids) get(id);
}

}  // namespace ovrseer
