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
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/supervise/detail/edge_book.hpp>
#include <ovrseer/supervise/detail/flag_events.hpp>
#include <ovrseer/supervise/detail/outlook.hpp>
#include <ovrseer/supervise/detail/report_builder.hpp>
#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/group_tree.hpp>
#include <ovrseer/supervise/selection.hpp>
#include <ovrseer/supervise/snapshot.hpp>
#include <ovrseer/supervise/supervisor_options.hpp>
#include <ovrseer/supervise/unit.hpp>
#include <ovrseer/supervise/unit_changes.hpp>

namespace ovrseer {

/// Supervises units. Not thread-safe: everything happens on the strand of its executor; `post_stop` is
/// the exception.
///
/// Readers (the journal, the lines, the reports) may come and go at any time and never slow it down.
class supervisor final : private unit_host {
 public:
  explicit supervisor(const executor& ex, supervisor_options options = supervisor_options());
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;
  ~supervisor() = default;

  /// Adds a group, before the units and the groups that are in it; or describes the root.
  ///
  /// Errors: `errc::invalid_configuration`: a name that is none or is taken, a group around it that is not there,
  /// significance that could never count.
  void add(group_spec spec);

  /// Adds a unit; while the supervisor runs, `start` it next.
  ///
  /// Errors: `errc::invalid_configuration` for a name that is none, `errc::duplicate_unit`,
  /// `errc::limit_reached`; `errc::unknown_dependency` and `errc::dependency_cycle` here while it runs, else
  /// from `run`. Nothing is added then.
  void add(unit_spec spec);

  /// Stops a unit and forgets it.
  ///
  /// Errors: `errc::unknown_unit`; `errc::invalid_state` while others depend on it.
  /// Cancellation: every type abandons the wait; the unit stops all the same and is not forgotten.
  task<void> remove(unit_id id);

  /// Changes several units together, while the supervisor runs. Who is removed or replaced is stopped, in reverse order;
  /// then all changes are made at once; then who is new or replaced is started in order, and awaited until it is ready or
  /// rests. Who waits to be asked (on demand, or stopped by request before) goes on waiting.
  ///
  /// A unit that is described anew keeps its process: edges, rules, checks, stop plan and flags hold from now on, what is
  /// about the process itself from its next start on. Its role, kind and log limits stay; its health is watched anew, and
  /// what its edges have lost is forgotten. Of a unit whose flags alone change nothing else is touched. Either way a line is
  /// looked at by the flags before or by those after, and flags that stay the same go on counting.
  ///
  /// Errors: those of `add`, `errc::unknown_unit`, `errc::invalid_state` while the supervisor stops or does not run; where
  /// others depend on who is removed, `errc::unknown_dependency`. Nothing has been touched then.
  /// Cancellation: every type abandons the wait. Before the stops have ended nothing is changed then, and who was asked to
  /// stop stays down.
  task<void> change(unit_changes what);

  /// Starts everything in order, keeps it up, and stops it in reverse: by request, when all mains have
  /// ended, or when a dependency is given up. Cleanup units run in each case. Yields the exit code.
  ///
  /// Errors: those of the graph, before anything is started.
  /// Cancellation: total is `request_stop`; partial pushes every stop to its next step; terminal forces.
  /// It returns its exit code in each case, after everything has ended.
  task<int> run();

  /// Asks for the end of everything; `run` then returns.
  void request_stop(std::string reason);
  /// The same from any thread or signal-handling context of Asio.
  void post_stop(std::string reason) {
    asio::post(ex_, [this, reason = std::move(reason)]() mutable { request_stop(std::move(reason)); });
  }
  /// Kills everything now; cleanup units that have not begun do not run. The exit code is 130.
  void force_stop(std::string reason);

  /// Starts a unit, and waits until it is ready or has come to rest.
  ///
  /// Errors: `errc::unknown_unit`; `errc::invalid_state` while the supervisor stops or does not run.
  /// Cancellation: every type abandons the wait, not the start.
  task<unit_state> start(unit_id id) { return ask(std::move(id), unit_input::kind::start); }
  /// Stops a unit and waits until it rests. Those that depend on it go on.
  task<unit_state> stop(unit_id id) { return ask(std::move(id), unit_input::kind::stop); }
  /// Stops a unit if it runs, starts it again, and waits until it is ready or rests.
  task<unit_state> restart(unit_id id) { return ask(std::move(id), unit_input::kind::restart); }

  /// The same of several: started in order of dependency, stopped in reverse order.
  ///
  /// Errors: as of one, before anything happens. Cancellation: every type abandons the wait; what has not been asked
  /// to stop by then goes on.
  task<void> start(std::vector<unit_id> ids);
  task<void> stop(std::vector<unit_id> ids);
  task<void> restart(std::vector<unit_id> ids);
  /// The same of those that `which` means when it begins, without cleanup units. Yields who that was.
  task<std::vector<unit_id>> start(selection which);
  task<std::vector<unit_id>> stop(selection which);
  task<std::vector<unit_id>> restart(selection which);
  /// Restarts all units but the cleanup ones.
  task<void> restart_all();

  /// Who is meant now, cleanup units too, in the order in which they were added.
  std::vector<unit_id> select(const selection& which) const;

  /// Waits until everything is ready (true), or the supervisor stops (false).
  ///
  /// Cancellation: every type abandons the wait.
  task<bool> wait_ready();

  /// Whether every service is ready and every one-shot unit has completed.
  bool is_ready() const {
    return is_running_ && !is_stopping_ && std::ranges::all_of(units_, [](const auto& each) { return is_fit(*each); });
  }
  /// Those for which that does not hold.
  std::vector<unit_id> not_ready() const;
  bool is_stopping() const noexcept { return is_stopping_; }
  /// The edges that keep a unit from starting now. Errors: `errc::unknown_unit`.
  std::vector<dependency_edge> pending_edges(const unit_id& id) const;

  /// The units of a group and of the groups in it, cleanup units excepted. Errors: `errc::invalid_state` for a group
  /// that is not known.
  std::vector<unit_id> units_of(const std::string& group) const { return groups_.units_of(group); }

  journal& events() noexcept { return journal_; }
  const journal& events() const noexcept { return journal_; }
  /// The lines of a unit, of all its incarnations. Errors: `errc::unknown_unit`.
  line_feed& lines(const unit_id& id) { return get(id).feed(); }
  const unit_spec& spec(const unit_id& id) const { return get(id).spec(); }
  unit_state state(const unit_id& id) const { return get(id).state(); }
  /// What the process of a unit uses now; nothing where it has none. Errors: `errc::unknown_unit`.
  std::optional<process_sample> usage(const unit_id& id) const;
  std::vector<unit_id> units() const;

  /// Crash reports, made when something crashes, whether anybody reads them or not.
  using report_stream = broadcast<bounded_history<std::shared_ptr<const crash_report>>>;
  report_stream& reports() noexcept { return reports_; }

  /// Where failures go that nobody else can take. Default: standard error.
  template <error_handler H>
  void on_error(H handler) {
    errors_ = std::move(handler);
  }
  void report_failure(const failure_notice& notice);

  executor get_executor() const { return ex_; }

  /// One unit as it is now. Errors: `errc::unknown_unit`.
  unit_snapshot snapshot(const unit_id& id) const { return snapshot_of(get(id)); }
  supervisor_snapshot snapshot() const;

 private:
  using places = std::vector<std::unique_ptr<unit>>;

  // unit_host

  void on_transition(unit& which, unit_transition change, std::uint64_t cause_seq) override;

  void on_restarted(unit& which) override;

  void on_waiting(unit& which) override { judge(which, 0); }
  bool may_start(unit& which) override;

  void on_report(unit& which, const unit_action& what) override;

  void on_check_failed(unit& which, check_data what) override;
  void on_proven(unit& which) override { release_dependents(which, last_change_of(which)); }

  void on_failure(failure_notice notice) override { report_failure(notice); }
  void on_handled(unit&) override { changed_.notify_all(); }

  // dependencies

  /// Lets a waiting unit start, or tells it that it never will.
  void judge(unit& which, std::uint64_t cause_seq);

  edge_status judge(const unit_id& dependent, const dependency_edge& edge) const;
  /// The edges of a unit together, and what it comes from in words.
  std::pair<edge_status, std::string> judge_edges(const unit& which) const;

  void release_dependents(const unit& changed, std::uint64_t seq);
  /// Starts who was skipped, where it can have what it needs after all.
  void take_up_again(unit& skipped, const std::string& why, std::uint64_t seq);

  /// Does what the edges of `dependent` on `changed` ask for when their condition is lost or holds again.
  void turn_edges(unit& dependent, const unit& changed, std::uint64_t seq);

  static void act_on(unit& dependent, edge_action what, const std::string& detail, std::uint64_t seq);

  void act_on_flag(unit& which, const supervise_detail::flag_wish& wish);

  /// Looks for the lines that edges on the unit wait for, in what its new incarnation writes.
  void watch_for_lines(unit& which);
  task<void> watch_for_line(unit& which, unit_id dependent, pattern<> line);

  // groups

  /// Asks the groups what follows, where a unit has ended and nobody asked for it.
  void follow_groups(unit& which, unit_state to, std::uint64_t seq);

  void carry_out(unit& which, const group_verdict& verdict, std::uint64_t seq);

  void end_because_of(const unit& which, const group_verdict& verdict, std::uint64_t seq);

  /// Takes the units of the round down in reverse order and lets them up again when all are down. More may join
  /// while it runs. Who is in it does not start.
  task<void> run_round();

  bool is_down(const unit& which) const;

  // requests

  static void tell(unit& which, unit_input::kind what, std::string detail, std::uint64_t cause_seq = 0,
                   const char* rule = "request");

  task<unit_state> ask(unit_id id, unit_input::kind what);

  /// From now on the unit is in the hands of whoever asked for this.
  void take_over(const unit_id& id, unit_input::kind what);

  /// Errors: `errc::unknown_unit` where one of them is not known.
  void expect(const std::vector<unit_id>& ids) const;

  std::vector<unit_id> select_working(const selection& which) const {
    return select(which && !selection::role(role::cleanup));
  }

  task<unit_state> settle(unit_id id, unit_input::kind what);

  void refuse_unless_up(const char* operation) const;

  // changes

  /// Names, limits and what a role asks for. Changes what follows from the role.
  void check_spec(unit_spec& spec) const;
  supervise_detail::outlook look_ahead(const unit_changes& what) const;
  /// Begins to drive a unit that has been put among the others.
  void welcome(unit& which);
  /// Leaves its place among the units empty.
  void retire(std::unique_ptr<unit>& place);
  void make_changes(unit_changes& what, const std::set<unit_id>& staying_down);

  // the end

  /// Waits for a change, and takes a cancellation of `run` as the request that it is.
  task<void> wait_change();

  bool is_over();

  std::uint64_t last_change_of(const unit& which) const;

  task<void> wait_plainly();

  task<void> stop_all();

  /// Stops units as their dependents come to rest: in reverse order, as parallel as that allows. Who is removed meanwhile
  /// rests.
  task<void> stop_in_order(std::vector<unit_id> chosen, std::string reason, task<void> (supervisor::*wait)());

  bool has_active_dependents(const unit_id& id, const std::vector<unit_id>& among) const;

  task<void> run_cleanup();

  void remember_failure(const unit& which);

  int exit_code() const;

  // the rest

  static bool is_fit(const unit& which);

  unit_snapshot snapshot_of(const unit& which) const;

  std::vector<const unit_spec*> specs() const;
  dependency_graph graph_with(const unit_spec* more, const unit_spec* less) const;

  places::iterator place_of(const unit_id& id);
  unit* find(const unit_id& id) const;
  unit& get(const unit_id& id) const;

  executor ex_;
  supervisor_options options_;
  journal journal_;
  report_stream reports_;
  places units_;
  places retired_;
  std::optional<dependency_graph> graph_;
  group_tree groups_;
  supervise_detail::edge_book edges_;
  enum class rest : std::uint8_t { by_request, by_group };
  std::map<unit_id, rest> resting_;  // who stays down until somebody asks
  std::set<unit_id> round_;          // who comes down to go up again
  bool has_round_ = false;           // somebody sees to them
  std::string round_reason_;
  std::uint64_t round_seq_ = 0;
  nursery drivers_;
  nursery rounds_;
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

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/supervisor.ipp>
#endif
