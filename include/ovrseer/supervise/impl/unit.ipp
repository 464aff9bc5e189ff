// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/unit.hpp>.
#pragma once

#include <ovrseer/supervise/unit.hpp>

namespace ovrseer {

OVRSEER_DECL unit::unit(const executor& ex, unit_spec what, unit_host& host)
    : spec_(std::move(what)),
      host_(host),
      machine_(spec_),
      feed_(std::make_shared<line_feed>(ex, spec_.log())),
      inbox_(ex),
      proven_(spec_.watches().size()),
      activity_(ex),
      health_(ex),
      line_watch_(ex),
      ending_(ex),
      reading_(ex),
      watching_(ex) {
  for (const flag_spec& flag : spec_.flags()) feed_->flags().add(flag);
  if (spec_.log_file()) feed_->write_to(*spec_.log_file());
  if (spec_.watchdog()) notify_.emplace(ex, *spec_.watchdog());
}

OVRSEER_DECL void unit::push_stop(cancellation_type type) {
  if (type == cancellation_type::terminal) is_forced_ = true;
  ending_.cancel(type);
}

OVRSEER_DECL void unit::look_for(const unit_spec& what) {
  flag_table& flags = feed_->flags();
  for (const flag_spec& old : spec_.flags()) {
    if (std::ranges::find(what.flags(), old.name(), &flag_spec::name) == what.flags().end()) flags.remove(old.name());
  }
  for (const flag_spec& each : what.flags()) {  // the counts of those that stay go on
    if (std::ranges::find(spec_.flags(), each) == spec_.flags().end()) flags.add(each);
  }
  spec_.flags_of(what);
}

OVRSEER_DECL void unit::describe(unit_spec what) {
  const bool was_proven = is_proven();
  look_for(what);
  spec_ = std::move(what);
  end_watch();
  proven_.assign(spec_.watches().size(), was_proven);
  if (state() == unit_state::ready || state() == unit_state::unhealthy) begin_watch();
  if (state() == unit_state::unhealthy) tell({input_kind::health_returned, "it is watched anew"});
}

OVRSEER_DECL task<void> unit::drive() {
  for (;;) {
    const attempted<std::optional<unit_input>> input = co_await attempt(inbox_.pop());
    if (!input || !*input) break;
    const bool has_lapsed = (*input)->what == input_kind::dependencies_met && !host_.may_start(*this);
    try {
      if (!has_lapsed) take(**input);
    } catch (const std::exception& failure) {
      host_.on_failure({"drive", id(), severity::critical, failure.what()});
    }
    host_.on_handled(*this);
  }
  co_await detail::admit_all_cancellation();
  co_await end_all();
  is_over_ = true;
  host_.on_handled(*this);
}

OVRSEER_DECL void unit::take(const unit_input& input) {
  unit_step step = machine_.on(input, now(), os_of(get_executor()).random());
  std::uint64_t cause_seq = input.cause_seq;
  for (unit_transition& change : step.transitions)
    host_.on_transition(*this, std::move(change), std::exchange(cause_seq, 0));
  if (step.restarted) host_.on_restarted(*this);
  for (const unit_action& action : step.actions) perform(action);
  if (input.what == input_kind::health_proven) host_.on_proven(*this);
}

OVRSEER_DECL void unit::perform(const unit_action& action) {
  switch (action.what) {
    case unit_action::kind::watch_dependencies: host_.on_waiting(*this); break;
    case unit_action::kind::spawn: spawn_now(); break;
    case unit_action::kind::begin_check: activity_.start(check()); break;
    case unit_action::kind::begin_stop: ending_.start(end_process()); break;
    case unit_action::kind::sweep: ending_.start(sweep()); break;
    case unit_action::kind::begin_delay: activity_.start(delay(action.delay)); break;
    case unit_action::kind::end_check:
    case unit_action::kind::end_delay: activity_.cancel(cancellation_type::terminal); break;
    case unit_action::kind::report: host_.on_report(*this, action); break;
    case unit_action::kind::pause: send(SIGSTOP); break;
    case unit_action::kind::resume: send(SIGCONT); break;
    case unit_action::kind::begin_watch: begin_watch(); break;
    case unit_action::kind::end_watch: end_watch(); break;
  }
}

OVRSEER_DECL void unit::send(int signal) {
  const std::error_code failure = process_.shared()->signal(signal_number(signal), stop_scope::group);
  if (failure) fail("signal", std::string(to_text(signal_number(signal))) + ": " + failure.message());
}

OVRSEER_DECL void unit::end_watch() {
  ++watch_round_;
  health_.cancel(cancellation_type::terminal);
}

OVRSEER_DECL void unit::begin_watch() {
  verdicts_.clear();
  for (const health_watch& each : spec_.watches()) verdicts_.emplace_back(each);
  for (std::size_t i = 0; i != verdicts_.size(); ++i) health_.start(watch_health(i));
}

OVRSEER_DECL task<void> unit::watch_health(std::size_t index) {
  const health_watch how = spec_.watches()[index];
  const std::uint64_t round = watch_round_;
  steady_time due = now() + how.initial_delay();
  for (;;) {
    co_await sleep_until(due);
    const check_result answer = co_await ask_once(how.check(), target(), how.attempt_limit());
    if (round != watch_round_) co_return;
    const bool was_proven = is_proven();
    if (answer.is_ready()) proven_[index] = true;
    if (!was_proven && is_proven()) tell({input_kind::health_proven, "healthy"});
    hear(index, answer);
    due = std::max(due + verdicts_[index].interval(), now());
  }
}

OVRSEER_DECL void unit::hear(std::size_t index, const check_result& answer) {
  const health_watch& how = spec_.watches()[index];
  const std::string what = how.check().describe();
  const health_state::change change = verdicts_[index].take(answer);
  if (!answer.is_ready()) host_.on_check_failed(*this, {what, answer.reason});
  if (change == health_state::change::lost) {
    unit_input lost{input_kind::health_lost, "unhealthy: " + verdicts_[index].reason()};
    lost.otherwise = how.otherwise();
    tell(std::move(lost));
  } else if (change == health_state::change::returned &&
             std::ranges::all_of(verdicts_, [](const health_state& each) { return each.is_healthy(); })) {
    tell({input_kind::health_returned, what});
  }
}

OVRSEER_DECL void unit::spawn_now() {
  try {
    command what = spec_.what();
    if (notify_) notify_->prepare(what);
    process_ = process(os_of(get_executor()).spawn(get_executor(), what));
  } catch (const std::exception& failure) {
    return tell({input_kind::spawn_failed, std::string("could not be started: ") + failure.what()});
  }
  process_.shared()->attachment = feed_;
  first_line_ = feed_->lines().end_seq();
  proven_.assign(spec_.watches().size(), false);
  // Before what it has written already is read: a flag on its first line finds it alive.
  tell({input_kind::spawned, "spawned", {}, process_.pid()});
  reading_.start(pump_output(process_.shared(), *feed_));
  if (notify_) reading_.start(notify_->listen(process_.shared()));
  watching_.start(watch_exit());
  if (spec_.role() == role::cleanup) activity_.start(limit_time());
}

OVRSEER_DECL task<void> unit::watch_exit() {
  const std::shared_ptr<child> watched = process_.shared();
  const exit_status status = co_await process_.wait();
  co_await reading_.join_within(std::chrono::seconds(2), std::chrono::nanoseconds::zero());
  // A stop tells of the end itself, and the next incarnation must not be taken for this one.
  if (process_.shared() == watched) tell({input_kind::exited, to_text(status), status});
}

OVRSEER_DECL task<void> unit::check() {
  const attempted<check_result> answer = co_await attempt(spec_.ready_when()(target()));
  if (answer && answer->is_ready()) {
    tell({input_kind::check_passed, spec_.ready_when().describe()});
  } else if (answer) {
    tell({input_kind::check_failed, "not ready: " + answer->reason});
  } else if (!answer.reason().is_cancellation()) {
    tell({input_kind::check_failed, "the ready check failed: " + answer.reason().what()});
  }
}

OVRSEER_DECL task<void> unit::limit_time() {
  co_await sleep_for(spec_.time_limit());
  tell({input_kind::time_limit_passed, "not finished within " + to_text(spec_.time_limit())});
}

OVRSEER_DECL task<void> unit::delay(std::chrono::nanoseconds duration) {
  co_await sleep_for(duration);
  tell({input_kind::delay_passed, ""});
}

OVRSEER_DECL task<void> unit::end_process() {
  // A cleanup unit that is stopped has had its time.
  const stop_plan plan = is_forced_ || spec_.role() == role::cleanup ? stop_plan::kill() : spec_.stop_by();
  const attempted<stop_report> outcome = co_await attempt(ovrseer::stop(process_, plan));
  unit_input done{input_kind::stop_done, "stopped"};
  if (outcome) {
    note(*outcome);
    done.status = outcome->status;
    done.took = outcome->took;
    done.detail = outcome->status ? to_text(*outcome->status) : "it survives its stop plan";
    for (const survivor& late : outcome->held_up) {  // of the process itself, its status tells
      if (late.pid != process_.pid())
        done.detail += ", held up by " + late.name + " (" + std::to_string(late.pid) + ")";
    }
  } else {
    done.detail = outcome.reason().what();
    fail("stop", done.detail);
  }
  co_await reading_.join_within(std::chrono::seconds(1), std::chrono::nanoseconds::zero());
  tell(std::move(done));
}

OVRSEER_DECL task<void> unit::sweep() {
  activity_.cancel(cancellation_type::terminal);
  stop_plan plan = stop_plan::empty();
  if (!is_forced_) plan.then(stop_step(signal_number(SIGTERM), std::chrono::seconds(2), stop_scope::tree));
  plan.then_kill();
  for (const pattern<>& each : spec_.stop_by().leave()) plan.leave(each);
  const attempted<stop_report> outcome = co_await attempt(ovrseer::stop(process_, plan));
  if (outcome)
    note(*outcome);
  else
    fail("sweep", outcome.reason().what());
  tell({input_kind::swept, ""});
}

OVRSEER_DECL void unit::note(const stop_report& report) {
  for (const std::string& problem : report.problems) fail("stop", problem);
  for (const survivor& left : report.survivors) {
    fail("stop", "process " + std::to_string(left.pid) + " (" + left.name + ") survives");
  }
}

OVRSEER_DECL task<void> unit::end_all() {
  activity_.cancel(cancellation_type::terminal);
  health_.cancel(cancellation_type::terminal);
  line_watch_.cancel(cancellation_type::terminal);
  ending_.cancel(cancellation_type::terminal);
  co_await activity_.join();
  co_await health_.join();
  co_await line_watch_.join();
  co_await ending_.join();
  if (process_ && !process_.status()) {
    const attempted<stop_report> outcome = co_await attempt(ovrseer::stop(process_, stop_plan::kill()));
    if (outcome) note(*outcome);
  }
  reading_.cancel(cancellation_type::terminal);
  watching_.cancel(cancellation_type::terminal);
  co_await reading_.join();
  co_await watching_.join();
  feed_->close();
  if (process_) process_.shared()->attachment.reset();
}

}  // namespace ovrseer
