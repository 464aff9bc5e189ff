// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Units that depend on each other, started in order, kept alive, and stopped in reverse.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/supervise/detail/flag_events.hpp>
#include <ovrseer/supervise/detail/report_builder.hpp>
#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/snapshot.hpp>
#include <ovrseer/supervise/supervisor_options.hpp>
#include <ovrseer/supervise/unit.hpp>

namespace ovrseer {

/// Supervises units. Not thread-safe: everything happens on the strand of its executor; `post_stop` is
/// the exception.
///
/// Readers (the journal, the lines, the reports) may come and go at any time and never slow it down.
class supervisor : private unit_host {
 public:
  explicit supervisor(const executor& ex, supervisor_options options = supervisor_options())
      : ex_(ex),
        options_(std::move(options)),
        journal_(ex, options_.journal_capacity(), options_.boot_id()),
        reports_(ex, options_.max_reports()),
        drivers_(ex),
        changed_(ex),
        errors_(print_failure) {}
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;
  ~supervisor() = default;

  /// Adds a unit; while the supervisor runs, `start` it next.
  ///
  /// Errors: `errc::invalid_configuration` for a name that is none, `errc::duplicate_unit`,
  /// `errc::limit_reached`; `errc::unknown_dependency` and `errc::dependency_cycle` here while it runs, else
  /// from `run`. Nothing is added then.
  void add(unit_spec spec) {
    const unit_id id = spec.id();
    if (!is_valid_unit_name(id.name) || !is_valid_unit_name(id.name_space)) {
      throw error(errc::invalid_configuration, "add", "\"" + to_text(id) + "\" is no name of a unit");
    }
    if (find(id) != nullptr) throw error(errc::duplicate_unit, "add", to_text(id));
    if (units_.size() >= options_.max_units()) {
      throw error(errc::limit_reached, "add", "at most " + std::to_string(options_.max_units()) + " units");
    }
    if (spec.role() == role::cleanup) {
      spec.of_kind(unit_spec::kind::one_shot).restart(restart_rules(restart_rules::when::never));
      if (!spec.dependencies()) spec.depends_on(std::vector<dependency_edge>{});
    }
    if (graph_) graph_ = graph_with(&spec, nullptr);
    std::erase_if(retired_, [](const auto& each) { return each->is_over(); });
    units_.push_back(std::make_unique<unit>(ex_, std::move(spec), static_cast<unit_host&>(*this)));
    supervise_detail::watch_flags(*units_.back(), journal_);
    journal_.append(id, 0, event_type::unit_added, severity::info);
    if (is_running_) drivers_.start(units_.back()->drive());
  }

  /// Stops a unit and forgets it.
  ///
  /// Errors: `errc::unknown_unit`; `errc::invalid_state` while others depend on it.
  /// Cancellation: every type abandons the wait; the unit stops all the same and is not forgotten.
  task<void> remove(unit_id id) {
    get(id);
    if (graph_) {
      for (const unit_id& dependent : graph_->dependents_of(id)) {
        throw error(errc::invalid_state, "remove", to_text(dependent) + " depends on " + to_text(id));
      }
    }
    if (is_running_) co_await stop(id);
    unit* const which = find(id);
    if (which == nullptr) co_return;
    if (graph_) graph_ = graph_with(nullptr, which);
    which->close();
    journal_.append(id, which->machine().incarnation(), event_type::unit_removed, severity::info);
    const auto place = std::ranges::find(units_, which, [](const auto& owned) { return owned.get(); });
    retired_.push_back(std::move(*place));  // its driver may still be ending
    units_.erase(place);
  }

  /// Starts everything in order, keeps it up, and stops it in reverse: by request, when all mains have
  /// ended, or when a dependency is given up. Cleanup units run in each case. Yields the exit code.
  ///
  /// Errors: those of the graph, before anything is started.
  /// Cancellation: total is `request_stop`; partial pushes every stop to its next step; terminal forces.
  /// It returns its exit code in each case, after everything has ended.
  task<int> run() {
    co_await detail::admit_all_cancellation();
    graph_ = graph_with(nullptr, nullptr);
    is_running_ = true;
    const std::uint64_t started_seq = journal_.append({}, 0, event_type::supervisor_started, severity::info);
    for (const auto& each : units_) drivers_.start(each->drive());
    for (const auto& each : units_) {
      if (each->spec().role() == role::cleanup) continue;
      tell(*each, unit_input::kind::start, "the supervisor starts", started_seq);
    }
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!is_over()) co_await wait_change();
    co_await stop_all();
    for (const auto& each : units_) each->close();
    co_await drivers_.join();
    co_await asio::this_coro::throw_if_cancelled(throws);
    const int code = exit_code();
    supervisor_data data;
    data.exit_code = code;
    journal_.append({}, 0, event_type::supervisor_stopped, severity::info, stopping_seq_, std::move(data));
    is_running_ = false;
    retired_.clear();
    if (drivers_.failure()) report_failure({"run", {}, severity::critical, "a unit's driver has failed"});
    journal_.close();
    reports_.close();
    co_return code;
  }

  /// Asks for the end of everything; `run` then returns.
  void request_stop(std::string reason) {
    if (!stop_reason_) stop_reason_ = std::move(reason);
    changed_.notify_all();
  }
  /// The same from any thread or signal-handling context of Asio.
  void post_stop(std::string reason) {
    asio::post(ex_, [this, reason = std::move(reason)]() mutable { request_stop(std::move(reason)); });
  }
  /// Kills everything now; cleanup units that have not begun do not run. The exit code is 130.
  void force_stop(std::string reason) {
    is_forced_ = true;
    request_stop(std::move(reason));
    for (const auto& each : units_) {
      tell(*each, unit_input::kind::stop, "forced");
      each->push_stop(cancellation_type::terminal);
    }
  }

  /// Starts a unit, and waits until it is ready or has come to rest.
  ///
  /// Errors: `errc::unknown_unit`; `errc::invalid_state` while the supervisor stops or does not run.
  /// Cancellation: every type abandons the wait, not the start.
  task<unit_state> start(unit_id id) { return ask(std::move(id), unit_input::kind::start); }
  /// Stops a unit and waits until it rests. Those that depend on it go on.
  task<unit_state> stop(unit_id id) { return ask(std::move(id), unit_input::kind::stop); }
  /// Stops a unit if it runs, starts it again, and waits until it is ready or rests.
  task<unit_state> restart(unit_id id) { return ask(std::move(id), unit_input::kind::restart); }

  /// Restarts several: stopped in reverse order of dependency, started in order.
  ///
  /// Errors and cancellation: as `restart` of one.
  task<void> restart(std::vector<unit_id> ids) {
    std::vector<unit*> chosen;
    for (const unit_id& id : ids) chosen.push_back(&get(id));
    refuse_unless_up("restart");
    co_await stop_in_order(chosen, "restart", &supervisor::wait_plainly);
    refuse_unless_up("restart");  // a stop of everything that came meanwhile wins
    for (unit* each : chosen) tell(*each, unit_input::kind::restart, "restart");
    for (const unit_id& id : ids) co_await settle(id, unit_input::kind::restart);
  }
  /// Restarts all units but the cleanup ones.
  task<void> restart_all() {
    std::vector<unit_id> ids;
    for (const auto& each : units_) {
      if (each->spec().role() != role::cleanup) ids.push_back(each->id());
    }
    return restart(std::move(ids));
  }

  /// Waits until everything is ready (true), or the supervisor stops (false).
  ///
  /// Cancellation: every type abandons the wait.
  task<bool> wait_ready() {
    while (!stop_reason_ && !is_stopping_ && !is_ready()) co_await changed_.wait();
    co_return is_ready();
  }

  /// Whether every service is ready and every one-shot unit has completed.
  bool is_ready() const {
    return is_running_ && !is_stopping_ && std::ranges::all_of(units_, [](const auto& each) { return is_fit(*each); });
  }
  /// Those for which that does not hold.
  std::vector<unit_id> not_ready() const {
    std::vector<unit_id> ids;
    for (const auto& each : units_) {
      if (!is_fit(*each)) ids.push_back(each->id());
    }
    return ids;
  }
  bool is_stopping() const noexcept { return is_stopping_; }
  /// The edges that keep a unit from starting now. Errors: `errc::unknown_unit`.
  std::vector<dependency_edge> pending_edges(const unit_id& id) const {
    get(id);
    std::vector<dependency_edge> pending;
    if (!graph_) return pending;
    for (const dependency_edge& edge : graph_->dependencies_of(id)) {
      if (judge(edge) != edge_status::met) pending.push_back(edge);
    }
    return pending;
  }

  journal& events() noexcept { return journal_; }
  const journal& events() const noexcept { return journal_; }
  /// The lines of a unit, of all its incarnations. Errors: `errc::unknown_unit`.
  line_feed& lines(const unit_id& id) { return get(id).feed(); }
  const unit_spec& spec(const unit_id& id) const { return get(id).spec(); }
  unit_state state(const unit_id& id) const { return get(id).state(); }
  std::vector<unit_id> units() const {
    std::vector<unit_id> ids;
    for (const auto& each : units_) ids.push_back(each->id());
    return ids;
  }

  /// Crash reports, made when something crashes, whether anybody reads them or not.
  using report_stream = broadcast<bounded_history<std::shared_ptr<const crash_report>>>;
  report_stream& reports() noexcept { return reports_; }

  /// Where failures go that nobody else can take. Default: standard error.
  template <error_handler H>
  void on_error(H handler) {
    errors_ = std::move(handler);
  }
  void report_failure(const failure_notice& notice) {
    try {
      errors_(notice);
    } catch (...) {  // the handler is the end of the line
    }
  }

  executor get_executor() const { return ex_; }

  supervisor_snapshot snapshot() const {
    supervisor_snapshot shot;
    shot.boot_id = journal_.boot_id();
    shot.time = clock_of(ex_).wall_now();
    shot.last_seq = journal_.end_seq() - 1;
    shot.is_ready = is_ready();
    shot.is_stopping = is_stopping_;
    for (const auto& each : units_) shot.units.push_back(snapshot_of(*each));
    return shot;
  }

 private:
  // unit_host

  void on_transition(unit& which, unit_transition change, std::uint64_t cause_seq) override {
    if (cause_seq == 0) {
      const event* last = journal_.last_transition_of(which.id());
      if (last != nullptr) cause_seq = last->seq;
    }
    const unit_state to = change.to;
    if (to == unit_state::failed || to == unit_state::skipped) remember_failure(which);
    const std::uint64_t seq = journal_.append(which.id(), which.machine().incarnation(), type_of(to), change.level,
                                              cause_seq, std::move(change.data));
    release_dependents(which, seq);
    changed_.notify_all();
  }

  void on_restarted(unit& which) override {
    const event* last = journal_.last_transition_of(which.id());
    journal_.append(which.id(), which.machine().incarnation(), event_type::restarted, severity::info,
                    last == nullptr ? 0 : last->seq);
  }

  void on_waiting(unit& which) override { judge(which, 0); }
  bool may_start(unit& which) override {
    if (which.spec().role() == role::cleanup) return true;
    return !is_stopping_ && judge_edges(which).first == edge_status::met;
  }

  void on_report(unit& which, const unit_action& what) override {
    try {
      // What was decided after the crash may be in the journal already.
      const event* crash = journal_.last_transition_of(which.id());
      while (crash != nullptr && crash->type != event_type::crashed && crash->cause_seq < crash->seq) {
        crash = journal_.at(crash->cause_seq);
      }
      reports_.push(supervise_detail::build_report(which, what, crash, journal_, options_.report_lines()));
    } catch (const std::exception& failure) {
      report_failure({"report", which.id(), severity::error, failure.what()});
    }
  }

  void on_failure(failure_notice notice) override { report_failure(notice); }
  void on_handled(unit&) override { changed_.notify_all(); }

  // dependencies

  /// Lets a waiting unit start, or tells it that it never will.
  void judge(unit& which, std::uint64_t cause_seq) {
    if (which.state() != unit_state::waiting) return;
    // Cleanup always runs; what it needs may have stopped for good.
    if (which.spec().role() == role::cleanup) {
      return tell(which, unit_input::kind::dependencies_met, "nothing to wait for", cause_seq);
    }
    const auto [status, why] = judge_edges(which);
    if (status == edge_status::impossible) tell(which, unit_input::kind::dependency_unavailable, why, cause_seq);
    if (status == edge_status::met) tell(which, unit_input::kind::dependencies_met, why, cause_seq);
  }

  edge_status judge(const dependency_edge& edge) const {
    const unit& needed = get(edge.on);
    return judge_edge(edge, needed.spec().of_kind(), needed.state());
  }
  /// The edges of a unit together, and what it comes from in words.
  std::pair<edge_status, std::string> judge_edges(const unit& which) const {
    const auto& edges = graph_->dependencies_of(which.id());
    for (const dependency_edge& edge : edges) {
      const edge_status status = judge(edge);
      if (status == edge_status::impossible)
        return {status, to_text(edge.on) + " is " + std::string(to_text(state(edge.on)))};
      if (status == edge_status::pending) return {status, {}};
    }
    return {edge_status::met, edges.empty() ? "nothing to wait for" : "its dependencies are met"};
  }

  void release_dependents(const unit& changed, std::uint64_t seq) {
    if (!graph_) return;
    for (const unit_id& id : graph_->dependents_of(changed.id())) {
      unit* const dependent = find(id);
      if (dependent == nullptr) continue;
      judge(*dependent, seq);
      if (dependent->state() != unit_state::skipped || is_stopping_ || stop_reason_) continue;
      // What it could not have came back after all.
      if (judge_edges(*dependent).first == edge_status::met) {
        tell(*dependent, unit_input::kind::start, to_text(changed.id()) + " can be had again", seq);
      }
    }
  }

  // requests

  static void tell(unit& which, unit_input::kind what, std::string detail, std::uint64_t cause_seq = 0) {
    unit_input input{what, std::move(detail)};
    input.cause_seq = cause_seq;
    which.tell(std::move(input));
  }

  task<unit_state> ask(unit_id id, unit_input::kind what) {
    if (what != unit_input::kind::stop) refuse_unless_up("start");
    tell(get(id), what, "requested");
    const unit_state reached = co_await settle(std::move(id), what);
    co_return reached;
  }

  task<unit_state> settle(unit_id id, unit_input::kind what) {
    for (;;) {
      const unit& which = get(id);
      const bool is_up = what != unit_input::kind::stop && which.state() == unit_state::ready;
      if (which.is_idle() && (which.machine().is_settled() || is_up)) co_return which.state();
      co_await changed_.wait();
    }
  }

  void refuse_unless_up(const char* operation) const {
    if (!is_running_ || is_stopping_ || stop_reason_) {
      throw error(errc::invalid_state, operation, "the supervisor does not run or is stopping");
    }
  }

  // the end

  /// Waits for a change, and takes a cancellation of `run` as the request that it is.
  task<void> wait_change() {
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

  bool is_over() {
    if (stop_reason_) return true;
    bool has_main = false;
    bool mains_ended = true;
    std::uint64_t last_end = 0;
    for (const auto& each : units_) {
      const unit_state state = each->state();
      const bool is_lost = state == unit_state::failed || state == unit_state::skipped;
      if (each->spec().role() == role::dependency && is_lost && each->machine().is_settled()) {
        end_code_ = each->machine().was_ever_ready() ? supervisor_exit::gave_up : supervisor_exit::start_failed;
        stop_reason_ = "dependency " + to_text(each->id()) + " is " + std::string(to_text(state));
        stop_cause_seq_ = last_change_of(*each);
        return true;
      }
      if (each->spec().role() != role::main) continue;
      has_main = true;
      last_end = std::max(last_end, last_change_of(*each));
      mains_ended =
          mains_ended && each->machine().is_settled() && each->is_idle() && (state == unit_state::completed || is_lost);
    }
    if (!has_main || !mains_ended) return false;
    stop_reason_ = "all main units have ended";
    stop_cause_seq_ = last_end;
    return true;
  }

  std::uint64_t last_change_of(const unit& which) const {
    const event* last = journal_.last_transition_of(which.id());
    return last == nullptr ? 0 : last->seq;
  }

  task<void> wait_plainly() { co_await changed_.wait(); }

  task<void> stop_all() {
    is_stopping_ = true;
    supervisor_data data;
    data.why.what = *stop_reason_;
    stopping_seq_ =
        journal_.append({}, 0, event_type::supervisor_stopping, severity::info, stop_cause_seq_, std::move(data));
    std::vector<unit*> mains;
    std::vector<unit*> others;
    for (const auto& each : units_) {
      if (each->spec().role() == role::cleanup) continue;
      (graph_->is_above_mains(each->id()) ? mains : others).push_back(each.get());
      // What has not begun does not begin any more.
      if (!is_alive(each->state())) tell(*each, unit_input::kind::stop, *stop_reason_, stopping_seq_);
    }
    co_await stop_in_order(mains, *stop_reason_, &supervisor::wait_change);
    co_await run_cleanup();
    co_await stop_in_order(others, *stop_reason_, &supervisor::wait_change);
  }

  /// Stops units as their dependents come to rest: in reverse order, as parallel as that allows.
  task<void> stop_in_order(std::vector<unit*> chosen, std::string reason, task<void> (supervisor::*wait)()) {
    std::vector<unit*> asked;
    for (;;) {
      bool all_rest = true;
      for (unit* each : chosen) {
        if (each->machine().is_settled() && each->is_idle()) continue;
        all_rest = false;
        if (std::ranges::count(asked, each) != 0 || has_active_dependents(*each, chosen)) continue;
        asked.push_back(each);
        tell(*each, unit_input::kind::stop, reason, stopping_seq_);
      }
      if (all_rest) break;
      co_await (this->*wait)();
    }
  }

  bool has_active_dependents(const unit& which, const std::vector<unit*>& among) {
    return std::ranges::any_of(graph_->dependents_of(which.id()), [&](const unit_id& id) {
      unit* const dependent = find(id);
      return dependent != nullptr && std::ranges::count(among, dependent) != 0 && !dependent->machine().is_settled();
    });
  }

  task<void> run_cleanup() {
    for (std::size_t i = 0; i < units_.size() && !is_forced_; ++i) {
      unit& each = *units_[i];
      if (each.spec().role() != role::cleanup) continue;
      tell(each, unit_input::kind::start, "the supervisor cleans up", stopping_seq_);
      while (!each.machine().is_settled() || !each.is_idle()) co_await wait_change();
    }
  }

  void remember_failure(const unit& which) {
    if (which.spec().role() != role::main || end_code_) return;
    const std::optional<exit_status>& status = which.machine().last_status();
    const crash_kind kind = which.machine().failure_kind();
    if (!status || kind == crash_kind::spawn_failed || kind == crash_kind::ready_check_failed) {
      end_code_ = supervisor_exit::start_failed;
    } else {
      end_code_ = static_cast<supervisor_exit>(status->shell_code());
    }
  }

  int exit_code() const {
    if (is_forced_) return static_cast<int>(supervisor_exit::forced);
    return static_cast<int>(end_code_.value_or(supervisor_exit::success));
  }

  // the rest

  static bool is_fit(const unit& which) {
    if (which.spec().role() == role::cleanup) return true;
    if (which.state() == unit_state::completed) {
      return which.spec().of_kind() == unit_spec::kind::one_shot || which.spec().role() == role::main;
    }
    return which.state() == unit_state::ready && which.spec().of_kind() == unit_spec::kind::service;
  }

  unit_snapshot snapshot_of(const unit& which) const {
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
    shot.lines = which.feed().counters().lines;
    shot.missed_lines = which.feed().counters().missed;
    return shot;
  }

  dependency_graph graph_with(const unit_spec* more, const unit* less) const {
    std::vector<const unit_spec*> specs;
    for (const auto& each : units_) {
      if (each.get() != less) specs.push_back(&each->spec());
    }
    if (more != nullptr) specs.push_back(more);
    return dependency_graph(specs);
  }

  unit* find(const unit_id& id) const {
    const auto place = std::ranges::find_if(units_, [&](const auto& each) { return each->id() == id; });
    return place == units_.end() ? nullptr : place->get();
  }
  unit& get(const unit_id& id) const {
    unit* const found = find(id);
    if (found == nullptr) throw error(errc::unknown_unit, "supervisor", to_text(id));
    return *found;
  }

  executor ex_;
  supervisor_options options_;
  journal journal_;
  report_stream reports_;
  std::vector<std::unique_ptr<unit>> units_;
  std::vector<std::unique_ptr<unit>> retired_;
  std::optional<dependency_graph> graph_;
  nursery drivers_;
  notifier changed_;
  std::function<void(const failure_notice&)> errors_;
  std::optional<std::string> stop_reason_;
  std::optional<supervisor_exit> end_code_;
  std::uint64_t stop_cause_seq_ = 0;
  std::uint64_t stopping_seq_ = 0;
  bool is_running_ = false;
  bool is_stopping_ = false;
  bool is_forced_ = false;
};

}  // namespace ovrseer
