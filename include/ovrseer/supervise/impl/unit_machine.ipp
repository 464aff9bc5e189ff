// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/unit_machine.hpp>.
#pragma once

#include <exception>
#include <utility>

#include <ovrseer/supervise/unit_machine.hpp>

namespace ovrseer {

OVRSEER_DECL unit_step unit_machine::on(const unit_input& input, steady_time now, double random) {
  unit_step step;
  switch (input.what) {
    case unit_input::kind::start: on_start(step, input); break;
    case unit_input::kind::stop: on_stop(step, input); break;
    case unit_input::kind::restart: on_restart(step, input); break;
    case unit_input::kind::dependencies_met:
      if (state_ == unit_state::waiting) begin_incarnation(step, input);
      break;
    case unit_input::kind::dependency_unavailable:
      if (state_ == unit_state::waiting) {
        failure_ = input.detail;
        change(step, unit_state::skipped, {input.detail, "a required dependency", "it is not started"},
               severity::error);
      }
      break;
    case unit_input::kind::spawned: on_spawned(step, input, now); break;
    case unit_input::kind::spawn_failed: on_spawn_failed(step, input, now, random); break;
    case unit_input::kind::check_passed: on_check_passed(step, input, now); break;
    case unit_input::kind::check_failed:
    case unit_input::kind::time_limit_passed: on_unfit(step, input); break;
    case unit_input::kind::exited: on_exited(step, input, now, random); break;
    case unit_input::kind::swept: on_swept(step); break;
    case unit_input::kind::stop_done: on_stop_done(step, input, now, random); break;
    case unit_input::kind::delay_passed:
      if (state_ == unit_state::backing_off) {
        is_restart_ = true;
        wait_for_dependencies(step, {"the delay has passed", "backoff", "start again"});
      }
      break;
    case unit_input::kind::group_gave_up: on_group_gave_up(step, input); break;
    case unit_input::kind::pause: on_pause(step, input); break;
    case unit_input::kind::resume: on_resume(step, input, now); break;
    case unit_input::kind::health_lost: on_health_lost(step, input, now); break;
    case unit_input::kind::flagged: on_flagged(step, input); break;
    case unit_input::kind::health_returned: on_health_returned(step, input, now); break;
    case unit_input::kind::health_proven:
      if (state_ == unit_state::ready && !ready_since_) ready_since_ = now;
      break;
  }
  return step;
}

OVRSEER_DECL transition_data& unit_machine::change(unit_step& step, unit_state to, cause why, severity level) {
  transition_data data;
  data.from = state_;
  data.why = std::move(why);
  data.restarts = history_.in_row();
  state_ = to;
  if (is_at_rest(to)) is_restart_ = false;  // what was on its way is not any more
  step.transitions.push_back({to, std::move(data), level});
  return step.transitions.back().data;
}

OVRSEER_DECL void unit_machine::wait_for_dependencies(unit_step& step, cause why) {
  failure_.clear();
  was_restart_wanted_ = false;
  was_put_down_ = false;
  change(step, unit_state::waiting, std::move(why));
  step.actions.push_back({action::watch_dependencies});
}

OVRSEER_DECL void unit_machine::begin_incarnation(unit_step& step, const unit_input& input) {
  ++incarnation_;
  step.restarted = std::exchange(is_restart_, false);
  if (step.restarted) ++restarts_;
  change(step, unit_state::starting, {input.detail, "dependencies", "spawn"});
  step.actions.push_back({action::spawn});
}

OVRSEER_DECL void unit_machine::on_start(unit_step& step, const unit_input& input) {
  // Of what was asked for while nothing could be done about it, the last counts.
  const bool is_coming_back = after_ == next::decide && decision_.what == restart_decision::verdict::restart;
  if (state_ == unit_state::stopping || (is_sweeping_ && !is_coming_back)) {
    after_ = next::run;
  } else if (state_ == unit_state::starting) {
    stop_wanted_.reset();
  } else if (is_settled()) {
    history_.reset();
    wait_for_dependencies(step, {input.detail, input.rule, "start"});
  }
}

OVRSEER_DECL void unit_machine::on_stop(unit_step& step, const unit_input& input) {
  const cause why{input.detail, input.rule, "stop"};
  switch (state_) {
    case unit_state::waiting: change(step, unit_state::stopped, why); break;
    case unit_state::starting: stop_wanted_ = why; break;  // nothing to stop before it is known to run
    case unit_state::backing_off:
      step.actions.push_back({action::end_delay});
      change(step, unit_state::stopped, why);
      break;
    case unit_state::running:
    case unit_state::ready:
    case unit_state::unhealthy:
    case unit_state::paused: begin_stop(step, why, next::rest); break;
    case unit_state::stopping:
    case unit_state::crashed:
    case unit_state::completed: after_ = next::rest; break;
    default: break;
  }
}

OVRSEER_DECL void unit_machine::on_restart(unit_step& step, const unit_input& input) {
  const cause why{input.detail, input.rule, "restart"};
  if (state_ == unit_state::stopping || is_sweeping_) {
    after_ = next::run;
  } else if (is_alive(state_)) {
    begin_stop(step, why, next::run);
  } else if (state_ == unit_state::backing_off) {
    step.actions.push_back({action::end_delay});
    is_restart_ = true;
    history_.reset();
    wait_for_dependencies(step, why);
  } else {
    if (is_settled()) is_restart_ = incarnation_ != 0;
    on_start(step, input);
  }
}

OVRSEER_DECL void unit_machine::begin_stop(unit_step& step, cause why, next after) {
  end_questions(step);
  // Who is paused does not hear what is asked of him.
  if (state_ == unit_state::paused) step.actions.push_back({action::resume});
  after_ = after;
  change(step, unit_state::stopping, std::move(why));
  step.actions.push_back({action::begin_stop});
}

OVRSEER_DECL void unit_machine::end_questions(unit_step& step) {
  if (state_ == unit_state::running) step.actions.push_back({action::end_check});
  if (is_watched()) step.actions.push_back({action::end_watch});
}

OVRSEER_DECL void unit_machine::on_group_gave_up(unit_step& step, const unit_input& input) {
  if (state_ != unit_state::backing_off) return on_stop(step, input);
  step.actions.push_back({action::end_delay});
  was_restart_wanted_ = true;
  change(step, unit_state::failed, {input.detail, input.rule, "given up"}, severity::error).status = last_status_;
}

OVRSEER_DECL void unit_machine::on_pause(unit_step& step, const unit_input& input) {
  const bool is_busy = state_ == unit_state::running || state_ == unit_state::ready || state_ == unit_state::unhealthy;
  if (!is_busy || spec_->role() == role::cleanup) return;
  end_questions(step);
  was_running_ = state_ == unit_state::running;
  change(step, unit_state::paused, {input.detail, input.rule, "pause"});
  step.actions.push_back({action::pause});
}

OVRSEER_DECL void unit_machine::on_resume(unit_step& step, const unit_input& input, steady_time now) {
  if (state_ != unit_state::paused) return;
  step.actions.push_back({action::resume});
  cause why{input.detail, input.rule, "go on"};
  if (!was_running_) {
    become_ready(step, std::move(why), now);
    step.transitions.back().data.took.reset();  // it has been ready before
    return;
  }
  change(step, unit_state::running, std::move(why));
  if (spec_->ready_when()) step.actions.push_back({action::begin_check});
}

OVRSEER_DECL void unit_machine::on_health_lost(unit_step& step, const unit_input& input, steady_time now) {
  if (state_ != unit_state::ready && state_ != unit_state::unhealthy) return;
  if (state_ == unit_state::ready) {
    if (ready_since_ && now - *ready_since_ >= spec_->restart().stable_after()) history_.reset();
    ready_since_.reset();
    change(step, unit_state::unhealthy, {input.detail, "health check", ""}, severity::warning);
  }
  if (input.otherwise == health_watch::action::nothing) return;
  put_down(step, input, "health check", crash_kind::health_lost);
}

OVRSEER_DECL void unit_machine::on_flagged(unit_step& step, const unit_input& input) {
  if (!is_alive(state_) || state_ == unit_state::stopping) return;
  if (input.otherwise != health_watch::action::nothing) return put_down(step, input, "flag", crash_kind::flag_matched);
  step.actions.push_back({action::report,
                          {},
                          crash_kind::flag_matched,
                          to_text(spec_->id()) + " goes on; " + input.detail,
                          input.cause_seq});
}

OVRSEER_DECL void unit_machine::put_down(unit_step& step, const unit_input& input, const char* rule, crash_kind kind) {
  const bool is_restart = input.otherwise == health_watch::action::restart;
  if (is_restart) {
    unfit_ = input.detail;
    failure_kind_ = kind;
  }
  was_put_down_ = !is_restart;
  begin_stop(step, {input.detail, rule, std::string(to_text(input.otherwise))}, is_restart ? next::decide : next::rest);
  step.transitions.back().level = severity::warning;
}

OVRSEER_DECL void unit_machine::on_health_returned(unit_step& step, const unit_input& input, steady_time now) {
  if (state_ != unit_state::unhealthy) return;
  ready_since_ = now;
  change(step, unit_state::ready, {input.detail, "health check", "ready"});
}

OVRSEER_DECL void unit_machine::on_spawned(unit_step& step, const unit_input& input, steady_time now) {
  if (state_ != unit_state::starting) return;
  started_ = now;
  ready_since_.reset();
  last_status_.reset();
  change(step, unit_state::running, {"spawned", "", ""}).pid = input.pid;
  if (stop_wanted_) {
    begin_stop(step, *std::exchange(stop_wanted_, std::nullopt), next::rest);
  } else if (spec_->ready_when()) {
    step.actions.push_back({action::begin_check});
  } else if (spec_->of_kind() == unit_spec::kind::service) {
    become_ready(step, {"spawned", "no ready check", "ready"}, now);
  }
}

OVRSEER_DECL void unit_machine::on_spawn_failed(unit_step& step, const unit_input& input, steady_time now,
                                                double random) {
  if (state_ != unit_state::starting) return;
  started_ = now;
  ready_since_.reset();
  last_status_.reset();
  failure_kind_ = crash_kind::spawn_failed;
  crash(step, input.detail, exit_status::lost(), now, random);
  if (std::exchange(stop_wanted_, std::nullopt)) after_ = next::rest;
  on_swept(step);  // nothing was spawned, nothing is left
}

OVRSEER_DECL void unit_machine::become_ready(unit_step& step, cause why, steady_time now) {
  // What has watches is not stable for as long as nobody knows whether it is any good.
  if (spec_->watches().empty()) ready_since_ = now;
  was_ever_ready_ = true;
  change(step, unit_state::ready, std::move(why)).took = now - started_;
  if (is_watched()) step.actions.push_back({action::begin_watch});
}

OVRSEER_DECL void unit_machine::on_unfit(unit_step& step, const unit_input& input) {
  if (state_ != unit_state::running && state_ != unit_state::ready && state_ != unit_state::unhealthy) return;
  unfit_ = input.detail;
  failure_kind_ = input.what == unit_input::kind::check_failed ? crash_kind::ready_check_failed : crash_kind::crash;
  const char* rule = input.what == unit_input::kind::check_failed ? "ready check" : "time limit";
  begin_stop(step, {input.detail, rule, "stop"}, next::decide);
  step.transitions.back().level = severity::warning;
}

OVRSEER_DECL void unit_machine::on_exited(unit_step& step, const unit_input& input, steady_time now, double random) {
  last_status_ = input.status;
  if (state_ == unit_state::stopping) return;  // stop_done comes when the whole tree has ended
  if (!is_alive(state_)) return;
  end_questions(step);
  failure_kind_ = crash_kind::crash;
  const std::string what = to_text(*input.status) + " after " + to_text(now - started_);
  if (spec_->restart().is_success(*input.status)) {
    decide(what, *input.status, now, random);
    after_ = next::decide;
    transition_data& data = change(step, unit_state::completed, cause_of(what));
    data.status = input.status;
    data.uptime = now - started_;
  } else {
    crash(step, what, *input.status, now, random);
  }
  is_sweeping_ = true;
  step.actions.push_back({action::sweep});
}

OVRSEER_DECL void unit_machine::crash(unit_step& step, const std::string& what, const exit_status& status,
                                      steady_time now, double random) {
  decide(what, status, now, random);
  after_ = next::decide;
  const bool is_last = decision_.what != restart_decision::verdict::restart;
  transition_data& data = change(step, unit_state::crashed, cause_of(what), severity::error);
  if (status.how() != exit_status::kind::lost) data.status = status;
  data.uptime = now - started_;
  crash_kind kind = failure_kind_;
  using verdict = restart_decision::verdict;
  if (decision_.what == verdict::retries_exhausted || decision_.what == verdict::too_intense ||
      decision_.what == verdict::life_over) {
    kind = crash_kind::retries_exhausted;
  }
  if (is_last && spec_->role() == role::dependency) kind = crash_kind::dependency_failed;
  if (spec_->role() == role::cleanup) kind = crash_kind::cleanup_failed;
  failure_ = what;
  step.actions.push_back({action::report, {}, kind, to_text(spec_->id()) + " " + what + "; " + data.why.decision});
}

OVRSEER_DECL void unit_machine::decide(const std::string& what, const exit_status& status, steady_time now,
                                       double random) {
  const auto ready_for = ready_since_ ? now - *ready_since_ : std::chrono::nanoseconds::zero();
  restart_question question;
  question.restarts = history_.total();
  decision_ = history_.decide(spec_->restart(), status, ready_for, now, random);
  if (!spec_->decide_by()) return;
  question.status = status;
  question.what = what;
  question.uptime = now - started_;
  question.ready_for = ready_for;
  question.in_row = history_.in_row();
  question.now = now;
  question.random = random;
  question.standard = decision_;
  try {
    decision_ = history_.replace(spec_->restart(), decision_, spec_->decide_by()(question), now);
  } catch (const std::exception& failure) {
    decision_.reason = std::string("the restart policy failed: ") + failure.what();
  } catch (...) {
    decision_.reason = "the restart policy failed";
  }
}

OVRSEER_DECL cause unit_machine::cause_of(const std::string& what) const {
  const restart_rules& rules = spec_->restart();
  std::string policy = "restartPolicy " + std::string(to_text(rules.restart()));
  if (!decision_.reason.empty()) policy += " (" + decision_.reason + ")";
  switch (decision_.what) {
    case restart_decision::verdict::restart: {
      if (decision_.is_trial) return {what, policy + ", breaker", "open; a trial in " + to_text(decision_.delay)};
      std::string which = "restart " + std::to_string(decision_.number);
      if (decision_.number <= rules.max_retries()) which += " of " + std::to_string(rules.max_retries());
      return {what, policy, which + " in " + to_text(decision_.delay)};
    }
    case restart_decision::verdict::not_wanted: return {what, policy, "no restart"};
    case restart_decision::verdict::permanent: return {what, policy + ", permanentCodes", "given up"};
    case restart_decision::verdict::retries_exhausted:
      return {what, policy + ", maxRetries " + std::to_string(rules.max_retries()), "given up"};
    case restart_decision::verdict::life_over:
      return {what, policy + ", maxRestarts " + std::to_string(rules.max_restarts()), "given up"};
    case restart_decision::verdict::too_intense:
      return {what, "intensity " + std::to_string(rules.intensity()) + " in " + to_text(rules.period()), "given up"};
  }
  return {};
}

OVRSEER_DECL void unit_machine::on_swept(unit_step& step) {
  if (state_ != unit_state::crashed && state_ != unit_state::completed) return;
  is_sweeping_ = false;
  const next after = std::exchange(after_, next::rest);
  if (after == next::run) {
    is_restart_ = true;
    history_.reset();
    wait_for_dependencies(step, {"a restart was asked for", "request", "start again"});
  } else if (after == next::rest) {
    if (state_ == unit_state::crashed) change(step, unit_state::stopped, {"a stop was asked for", "request", "stop"});
  } else if (decision_.what == restart_decision::verdict::restart) {
    transition_data& data = change(step, unit_state::backing_off, {"", "backoff", "start again"});
    data.delay = decision_.delay;
    step.actions.push_back({action::begin_delay, decision_.delay});
  } else if (state_ == unit_state::crashed) {
    was_restart_wanted_ = decision_.what != restart_decision::verdict::not_wanted;
    cause why = cause_of(failure_);
    transition_data& data = change(step, unit_state::failed, std::move(why), severity::error);
    data.status = last_status_;
  }
}

OVRSEER_DECL void unit_machine::on_stop_done(unit_step& step, const unit_input& input, steady_time now, double random) {
  if (state_ != unit_state::stopping) return;
  last_status_ = input.status;
  if (!input.status) {
    failure_ = input.detail;
    change(step, unit_state::failed, {input.detail, "stop plan", "given up"}, severity::critical);
    return;
  }
  const std::string unfit = std::exchange(unfit_, {});
  const next after = std::exchange(after_, next::rest);
  if (after == next::decide) {
    // However politely it ended, it was of no use: for the rules that is a failure.
    crash(step, unfit, exit_status::lost(), now, random);
    step.transitions.back().data.status = input.status;
    on_swept(step);
    return;
  }
  transition_data& data = change(step, unit_state::stopped, {input.detail, "stop plan", ""});
  data.status = input.status;
  data.uptime = now - started_;
  data.took = input.took;
  if (after == next::run) {
    is_restart_ = true;
    history_.reset();
    wait_for_dependencies(step, {"a restart was asked for", "request", "start again"});
  }
}

}  // namespace ovrseer
