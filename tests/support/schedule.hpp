// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One random schedule of the simulated world: a random stack, whose processes do what they like, and people who
// interfere at random times; watched against what must always hold. All of it follows from the seed.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/within.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/event/replay.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/plan.hpp>
#include <ovrseer/supervise/supervisor.hpp>
#include <ovrseer/supervise/why.hpp>

namespace ovrseer::test {

/// An invariant that does not hold: what, and the seed that shows it.
struct broken_invariant : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How often a unit went from one state to another, over all schedules.
using transition_counts = std::map<std::pair<unit_state, unit_state>, std::uint64_t>;

class schedule {
 public:
  explicit schedule(std::uint64_t seed)
      : world_(seed), stack_(world_.get_executor(), supervisor_options().boot_id("schedule")) {
    stack_.on_error([](const failure_notice&) {});  // survivors and failed stops are part of the game
    furnish();
    interfere();
  }

  /// Runs it to its end; throws `broken_invariant`.
  void run() {
    std::optional<int> code;
    asio::co_spawn(world_.context(), stack_.run(), [&](const std::exception_ptr& failure, int value) {
      if (failure) std::rethrow_exception(failure);
      code = value;
    });
    while (!code) {
      must(world_.step(), "wedged: nothing will ever happen again");
      must(world_.elapsed() < std::chrono::hours(2), "wedged: it still runs after two hours");
      watch();
    }
    for (int i = 0; i < 10'000 && world_.step(); ++i) watch();
    check_end(*code);
  }

  /// The whole journal, a line an event.
  std::string journal_text() const {
    std::string all;
    for (std::uint64_t seq = events_so_far().begin_seq(); seq != events_so_far().end_seq(); ++seq) {
      all += to_json(*events_so_far().at(seq), events_so_far().boot_id()).dump() + "\n";
    }
    return all;
  }
  const transition_counts& transitions() const noexcept { return transitions_; }
  std::uint64_t events() const { return events_so_far().end_seq() - 1; }

 private:
  using duration = std::chrono::nanoseconds;

  void must(bool holds, const std::string& what) const {
    if (!holds) throw broken_invariant("seed " + std::to_string(world_.seed()) + ": " + what + "\n" + story());
  }
  /// The journal for people: what a failure shows.
  std::string story() const {
    std::string all;
    for (std::uint64_t seq = events_so_far().begin_seq(); seq != events_so_far().end_seq(); ++seq) {
      const event& entry = *events_so_far().at(seq);
      const cause* const why = cause_of(entry);
      all += std::to_string(seq) + " +" + to_text(duration(entry.mono_ns)) + " " + entry.unit.name + " " +
             std::string(to_text(entry.type)) + " because of " + std::to_string(entry.cause_seq);
      if (why != nullptr) all += ": " + why->what + "; " + why->rule + "; " + why->decision;
      all += "\n";
    }
    return all;
  }
  const ovrseer::journal& events_so_far() const { return stack_.events(); }

  // ---- chance

  int number(int from, int to) { return std::uniform_int_distribution<int>(from, to)(world_.random()); }
  bool chance(int percent) { return number(1, 100) <= percent; }
  duration up_to(duration most) {
    return duration(std::uniform_int_distribution<std::int64_t>(0, most.count())(world_.random()));
  }

  // ---- the stack

  process_script random_script() {
    using namespace std::chrono_literals;
    process_script made;
    if (chance(4)) return made.cannot_start(std::make_error_code(std::errc::no_such_file_or_directory));
    made.wait(up_to(3s));
    if (chance(15)) {
      process_script helper;
      if (chance(50)) helper.on(SIGTERM, signal_reaction::ignored());
      if (chance(50)) helper.wait(up_to(30s)).exit(0);
      made.fork(helper, chance(50) ? command::group::session : command::group::inherited);
    }
    if (chance(90)) made.say("ready");
    made.wait(up_to(20s));
    if (chance(35))
      made.exit(number(0, 2));
    else if (chance(10))
      made.die(chance(50) ? SIGSEGV : SIGKILL);
    if (chance(50))
      made.on(SIGTERM, signal_reaction::exits(number(0, 1), up_to(4s)));
    else if (chance(30))
      made.on(SIGTERM, signal_reaction::ignored());
    return made;
  }

  restart_rules random_rules() {
    using namespace std::chrono_literals;
    using enum restart_rules::when;
    constexpr std::array all{never, always, on_failure, unless_stopped};
    restart_rules made(all[static_cast<std::size_t>(number(0, 3))]);
    made.max_retries(static_cast<std::uint32_t>(number(1, 3)));
    made.delays(chance(50) ? backoff::constant(up_to(2s)) : backoff::exponential(100ms, 5s).jitter(0.3));
    made.stable_after(up_to(10s));
    if (chance(20)) made.permanent_codes({2});
    if (chance(15)) made.breaker(up_to(10s) + 1s, 30s);
    if (chance(15)) made.max_restarts(static_cast<std::uint32_t>(number(1, 5)));
    if (chance(30)) made.intensity(static_cast<std::uint32_t>(number(1, 4)), up_to(60s) + 1s);
    return made;
  }

  /// Up to two groups, the second perhaps in the first. One that starts in order has no other in it: the order of
  /// declaration would contradict what its units say themselves.
  void found_groups() {
    using namespace std::chrono_literals;
    const int count = chance(50) ? number(1, 2) : 0;
    for (int i = 0; i < count; ++i) {
      group_spec made("g" + std::to_string(i));
      const bool is_nested = i == 1 && chance(60) && groups_.front().start_order() == group_spec::order::dependencies;
      if (is_nested) made.within("g0");
      const int how = number(0, 2);
      if (how == 1) made.by(strategy::one_for_all());
      if (how == 2) made.by(strategy::rest_for_one());
      if (i == 0 && count == 2) made.start_order(group_spec::order::dependencies);
      if (chance(60)) made.intensity(static_cast<std::uint32_t>(number(1, 3)), up_to(40s));
      if (chance(30))
        made.auto_shutdown(chance(50) ? group_spec::shutdown::any_significant : group_spec::shutdown::all_significant);
      if (chance(30)) made.stay_down();
      groups_.push_back(made);
      stack_.add(made);
    }
  }

  void join_group(unit_spec& made) {
    if (groups_.empty() || chance(40)) return;
    const group_spec& group = groups_[static_cast<std::size_t>(number(0, static_cast<int>(groups_.size()) - 1))];
    made.within(group.name());
    using enum restart_rules::when;
    const restart_rules::when restart = made.restart().restart();
    const bool may_count = restart == never || restart == on_failure;
    if (group.auto_shutdown() != group_spec::shutdown::never && may_count && chance(50)) made.significant();
  }

  /// A health check that says what it likes.
  struct moody {
    schedule* whose;
    int percent;
    task<check_result> operator()(check_target) const {
      check_result made;
      if (!whose->chance(percent)) {
        made.outcome = check_result::verdict::not_ready;
        made.reason = "in no mood";
      }
      co_return made;
    }
  };

  void furnish() {
    using namespace std::chrono_literals;
    found_groups();
    const bool is_ordered = std::ranges::any_of(
        groups_, [](const group_spec& each) { return each.start_order() == group_spec::order::declared; });
    const int count = number(1, 5);
    for (int i = 0; i < count; ++i) {
      const std::string name = "u" + std::to_string(i);
      world_.os().program(name, [this](const command&, std::uint32_t) { return random_script(); });
      unit_spec made(name, command(name));
      const bool is_main = i + 1 == count || chance(50);
      made.as(is_main ? role::main : role::dependency);
      if (chance(25)) made.of_kind(unit_spec::kind::one_shot);
      if (chance(60)) made.ready_when(within(log_line(*pattern<>::compile("ready")), up_to(6s) + 1ms));
      made.restart(random_rules());
      made.stop_by(stop_plan(signal_number(SIGTERM), up_to(5s)));
      join_group(made);
      if (is_ordered || chance(50)) made.depends_on(random_edges(is_main));
      if (chance(30)) {
        made.watch(health_watch(moody{this, number(0, 100)})
                       .interval(up_to(5s) + 10ms)
                       .failures(static_cast<std::uint32_t>(number(1, 3)))
                       .otherwise(static_cast<health_watch::action>(number(0, 2))));
      }
      if (chance(20)) made.priority(number(-1, 1));
      if (chance(5)) made.on_demand();
      if (chance(10)) made.when_given_up(give_up(static_cast<give_up::action>(number(0, 4))));
      specs_.push_back(made);
    }
    for (int i = number(0, 2); i > 0; --i) {
      const std::string name = "clean" + std::to_string(i);
      world_.os().program(name, [this](const command&, std::uint32_t) { return random_script(); });
      unit_spec made(name, command(name));
      made.as(role::cleanup).time_limit(up_to(5s) + 1ms);
      specs_.push_back(made);
    }
    for (const unit_spec& spec : specs_) {
      stack_.add(spec);
      states_[spec.id()] = unit_state::created;
    }
  }

  // To units that are there already; a dependency must not need a main, which may wait for all dependencies.
  std::vector<dependency_edge> random_edges(bool is_main) {
    std::vector<dependency_edge> edges;
    constexpr std::array conditions{edge_condition::standard,
                                    edge_condition::started,
                                    edge_condition::ready,
                                    edge_condition::completed,
                                    edge_condition::completed_successfully,
                                    edge_condition::healthy};
    constexpr std::array returns{edge_action::nothing, edge_action::restart, edge_action::start};
    for (const unit_spec& on : specs_) {
      if (!chance(40) || (!is_main && on.role() == role::main)) continue;
      dependency_edge edge{on.id(), conditions[static_cast<std::size_t>(number(0, 5))],
                           dependency_edge::need::required};
      if (chance(20)) edge.strength = dependency_edge::need::wanted;
      if (chance(40)) edge.on_loss = static_cast<edge_action>(number(0, 4));
      if (chance(40)) edge.on_return = returns[static_cast<std::size_t>(number(0, 2))];
      edges.push_back(std::move(edge));
    }
    return edges;
  }

  // ---- people

  void interfere() {
    using namespace std::chrono_literals;
    for (int i = number(0, 6); i > 0; --i) {
      const unit_id target = specs_[static_cast<std::size_t>(number(0, static_cast<int>(specs_.size()) - 1))].id();
      const int what = number(0, 6);
      world_.at(up_to(40s), [this, target, what] { act(target, what); });
    }
    world_.at(60s + up_to(30s), [this] { stack_.request_stop("the schedule is over"); });
    if (chance(10)) world_.at(60s + up_to(40s), [this] { force(); });
    if (chance(10)) world_.at(up_to(30s), [this] { stack_.request_stop("early"); });
  }

  void force() {
    is_forced_ = true;
    stack_.force_stop("the schedule is forced");
  }

  void act(const unit_id& target, int what) {
    switch (what) {
      case 0: return ask(stack_.start(target));
      case 1: return ask(stack_.stop(target));
      case 2: return ask(stack_.restart(target));
      case 3: return ask_all(stack_.restart_all());
      case 4: return strike(target, SIGKILL);
      case 5: return strike(target, SIGSTOP);
      default: return strike(target, SIGTERM);
    }
  }
  // A request that comes at the wrong time is refused, and that is fine.
  void ask(task<unit_state> operation) {
    asio::co_spawn(world_.context(), std::move(operation), [](const std::exception_ptr&, unit_state) {});
  }
  void ask_all(task<void> operation) {
    asio::co_spawn(world_.context(), std::move(operation), [](const std::exception_ptr&) {});
  }
  void strike(const unit_id& target, int signal) {
    for (const auto& each : world_.os().children()) {
      if (each->what.program() == target.name) each->signal(signal_number(signal), stop_scope::leader);
    }
  }

  // ---- what must hold at every moment

  void watch() {
    std::set<unit_id> changed;
    for (; seen_ != events_so_far().end_seq(); ++seen_) {
      look_at(*events_so_far().at(seen_));
      replay_.apply(*events_so_far().at(seen_));
      changed.insert(events_so_far().at(seen_)->unit);
    }
    if (changed.empty()) return;
    std::map<std::string, int> alive;
    for (const auto& each : world_.os().children()) {
      if (!each->status) must(++alive[each->what.program()] == 1, "two incarnations of " + each->what.program());
    }
    for (const unit_id& id : changed) {
      if (id.name.empty()) continue;  // the supervisor itself
      const unit_state state = states_.at(id);
      must(stack_.state(id) == state, to_text(id) + ": the journal tells another state");
      const replayed_unit* const rebuilt = replay_.state().find(id);
      must(rebuilt != nullptr, to_text(id) + ": the journal does not know it");
      const unit_snapshot live = stack_.snapshot(id);
      must(rebuilt->state == state && rebuilt->incarnation == live.incarnation && rebuilt->restarts == live.restarts,
           to_text(id) + ": what is rebuilt from the journal is another");
    }
  }

  void look_at(const event& entry) {
    must(entry.seq == seen_, "a gap in the journal");
    must(entry.cause_seq < entry.seq, "a cause that comes later");
    if (entry.type == event_type::supervisor_stopping) stop_began_ = entry.mono_ns;
    if (entry.type == event_type::supervisor_stopped) stop_ended_ = entry.mono_ns;
    const std::optional<unit_state> to = state_of(entry.type);
    if (!to) return;
    const auto& data = std::get<transition_data>(entry.data);
    unit_state& state = states_.at(entry.unit);
    must(data.from == state, to_text(entry.unit) + " comes from a state that it was not in");
    must(data.from != *to, to_text(entry.unit) + " goes where it is");
    must(!data.why.what.empty() || !data.why.rule.empty(), to_text(entry.unit) + " changes without a cause");
    if (*to == unit_state::starting) check_start(entry);
    if (*to == unit_state::crashed) ++crashes_;
    ++transitions_[{state, *to}];
    state = *to;
  }

  // The chain of causes leads from the present state back to a request or to the beginning, through states that
  // follow one another; and whoever is not ready can say why.
  void check_why(const unit_id& id, unit_state state) const {
    const explanation told = why(stack_, id);
    must(told.is_complete, to_text(id) + ": the chain of causes has no beginning");
    if (told.links.empty()) return must(state == unit_state::created, to_text(id) + ": a state without a cause");
    must(state_of(told.links.front().type) == state, to_text(id) + ": the chain of causes ends in another state");
    std::optional<unit_state> from;
    for (const event& link : told.links) {
      if (link.unit != id) break;
      const auto* change = std::get_if<transition_data>(&link.data);
      if (change == nullptr) continue;
      must(!from || *from == state_of(link.type), to_text(id) + ": a link is missing in the chain of causes");
      from = change->from;
    }
    const std::optional<obstacle> missing = why_not_ready(stack_, id);
    const bool is_unready = std::ranges::count(stack_.not_ready(), id) != 0;
    must(missing.has_value() == is_unready, to_text(id) + ": why it is not ready");
    must(!missing || !missing->reason.empty(), to_text(id) + ": not ready for no reason");
  }

  void check_start(const event& entry) {
    must(entry.incarnation == ++incarnations_[entry.unit], to_text(entry.unit) + " skips an incarnation");
    const unit_spec& spec = *std::ranges::find(specs_, entry.unit, &unit_spec::id);
    must(stop_began_ < 0 || spec.role() == role::cleanup, to_text(entry.unit) + " starts while everything stops");
    if (spec.role() == role::cleanup || !spec.dependencies()) return;
    for (const dependency_edge& edge : *spec.dependencies()) {
      const unit_spec& needed = *std::ranges::find(specs_, edge.on, &unit_spec::id);
      if (edge.on_loss == edge_action::nothing && entry.incarnation > 1) continue;
      must(judge_edge(edge, needed.of_kind(), states_.at(edge.on)) == edge_status::met,
           to_text(entry.unit) + " starts before " + to_text(edge.on));
    }
  }

  // ---- and at the end

  void check_end(int code) {
    must(code >= 0 && code <= 255, "exit code " + std::to_string(code));
    for (const auto& [id, state] : states_) must(is_at_rest(state), to_text(id) + " does not rest");
    for (const auto& each : world_.os().children())
      must(each->members().empty(), each->what.program() + " still lives");
    for (const unit_spec& spec : specs_) {
      if (spec.role() == role::cleanup && !is_forced_)
        must(incarnations_[spec.id()] >= 1, to_text(spec.id()) + " did not run");
    }
    must(stack_.reports().store().end_seq() - first_report_ == crashes_, "a crash without a report");
    must(stop_began_ >= 0 && stop_ended_ >= stop_began_, "the end is not told");
    must(duration(stop_ended_ - stop_began_) <= make_plan(specs_, groups_).stop_bound,
         "the stop took longer than its bound");
  }

  simulated_world world_;
  supervisor stack_;
  std::vector<unit_spec> specs_;
  std::vector<group_spec> groups_;
  std::map<unit_id, unit_state> states_;
  std::map<unit_id, std::uint32_t> incarnations_;
  transition_counts transitions_;
  journal_replay replay_;
  std::uint64_t seen_ = 1;
  std::uint64_t crashes_ = 0;
  std::uint64_t first_report_ = stack_.reports().store().end_seq();
  std::int64_t stop_began_ = -1;
  std::int64_t stop_ended_ = -1;
  bool is_forced_ = false;
};

}  // namespace ovrseer::test
