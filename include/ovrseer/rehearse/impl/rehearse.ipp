// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/rehearse/rehearse.hpp>.
#pragma once

#include <ovrseer/rehearse/rehearse.hpp>

namespace ovrseer::rehearse_detail {

OVRSEER_DECL rehearsal::rehearsal(const stack_configuration& stack, const rehearsal_options& options)
    : stack_(stack),
      options_(options),
      world_(options.seed, options.epoch),
      company_(world_, options),
      units_(enlisted()),
      target_(world_.get_executor(), options_of(stack, options)),
      witness_(units_, stack.groups),
      timeline_([this](timeline_entry entry) { keep(std::move(entry)); }, options.unfolded) {
  for (const group_spec& group : stack.groups) target_.add(group);
  for (const unit_spec& unit : units_) target_.add(unit);
  for (const rehearsal_fault& fault : options.faults) company_.suffer(fault);
  target_.on_error([this](const failure_notice& notice) { note_failure(notice); });
}

OVRSEER_DECL rehearsal_result rehearsal::run() {
  if (options_.prepare) options_.prepare(target_, world_);
  is_over_ = false;
  asio::co_spawn(world_.context(), target_.run(), [this](std::exception_ptr failure, int code) {
    is_over_ = true;
    failure_ = std::move(failure);
    if (!failure_) code_ = code;
  });
  world_.at(options_.duration, [this] { end_it(); });
  try {
    play();
  } catch (...) {  // of a callback
    abandon(onlookers::spared);
    throw;
  }
  if (!is_over_) abandon(onlookers::told);
  if (failure_) std::rethrow_exception(failure_);
  // What only has to be taken from the table; time does not go on.
  world_.context().restart();
  world_.context().poll();
  watch();
  return verdict();
}

OVRSEER_DECL supervisor_options rehearsal::options_of(const stack_configuration& stack,
                                                      const rehearsal_options& options) {
  supervisor_options made;
  made.boot_id("rehearsal-" + std::to_string(options.seed)).max_reports(1).report_lines(0);
  if (stack.supervision.max_units) made.max_units(*stack.supervision.max_units);
  return made;
}

OVRSEER_DECL std::vector<unit_spec> rehearsal::enlisted() {
  std::vector<unit_spec> made;
  for (const unit_spec& unit : stack_.units) {
    const auto told = options_.behaviors.find(unit.id());
    const auto said = stack_.simulated.find(unit.id());
    const process_behavior* how = nullptr;
    if (said != stack_.simulated.end()) how = &said->second;
    if (told != options_.behaviors.end()) how = &told->second;
    made.push_back(company_.enlist(unit, how));
  }
  return made;
}

OVRSEER_DECL void rehearsal::play() {
  std::uint64_t at_once = 0;
  nanoseconds then = world_.elapsed();
  while (!is_over_) {
    if (!world_.step()) return witness_.report("nothing will ever happen again", world_.elapsed());
    watch();
    if (world_.elapsed() != then) {
      then = world_.elapsed();
      at_once = 0;
      if (is_late()) return witness_.report("the stop does not come to its end", then);
    } else if (++at_once == most_at_once()) {
      notices_.push_back("time stands still at " + timeline_time(then) +
                         ": units end and start again without a pause; give their restarts a delay");
      return;
    }
  }
}

OVRSEER_DECL void rehearsal::abandon(onlookers whom) {
  witness_.forgive_cleanup();
  target_.force_stop("the rehearsal is abandoned");
  was_abandoned_ = true;
  for (std::uint64_t i = 0; i != 100 * most_at_once() && !is_over_ && world_.step(); ++i) {
    if (whom == onlookers::told) watch();
  }
}

OVRSEER_DECL void rehearsal::end_it() {
  if (target_.is_stopping()) return;
  was_ended_ = true;
  was_ready_at_end_ = target_.is_ready();
  for (const obstacle& each : why_not_ready(target_)) unready_.push_back(to_text(each));
  target_.request_stop("the rehearsal is over");
}

OVRSEER_DECL void rehearsal::watch() {
  const journal& events = target_.events();
  if (seen_ == events.end_seq()) return;
  for (; seen_ != events.end_seq(); ++seen_) {
    const event* const entry = events.at(seen_);
    if (entry == nullptr) {
      witness_.report("more events at one moment than the journal keeps", world_.elapsed());
      seen_ = events.begin_seq();
      continue;
    }
    take(*entry);
  }
  const bool is_ready = target_.is_ready();
  witness_.note_ready(is_ready, world_.elapsed());
  if (is_ready && !std::exchange(was_told_ready_, true)) {
    timeline_.remark(world_.elapsed(), timeline_entry::tone::good, "all ready");
  }
}

OVRSEER_DECL void rehearsal::take(const event& entry) {
  witness_.look_at(entry);
  timeline_.take(entry);
  if (entry.type == event_type::running) {
    witness_.count_processes(entry.unit, company_.living(entry.unit), nanoseconds(entry.mono_ns));
  }
  if (entry.type == event_type::supervisor_stopping) begin_stop(entry);
  if (options_.history == rehearsal_options::events::kept) result_.events.push_back(entry);
  if (options_.on_event) options_.on_event(entry);
}

OVRSEER_DECL void rehearsal::begin_stop(const event& entry) {
  stop_began_ = nanoseconds(entry.mono_ns);
  if (const cause* why = cause_of(entry)) stop_reason_ = why->what;
  const nanoseconds limit = stack_.supervision.shutdown_timeout;
  if (limit <= nanoseconds::zero()) return;
  world_.at(*stop_began_ + limit, [this, limit] {
    if (is_over_) return;
    witness_.forgive_cleanup();
    notices_.push_back("the stop took longer than the shutdown timeout, " + to_text(limit) + ", and was forced");
    target_.force_stop("the shutdown takes longer than " + to_text(limit));
  });
}

OVRSEER_DECL void rehearsal::note_failure(const failure_notice& notice) {
  if (notices_.size() == most_notices) return;
  const std::string whose = notice.unit.name.empty() ? "" : to_text(notice.unit) + ": ";
  notices_.push_back(whose + notice.operation + ": " + notice.message);
}

OVRSEER_DECL void rehearsal::keep(timeline_entry entry) {
  if (options_.on_entry) options_.on_entry(entry);
  if (result_.timeline.size() < options_.max_timeline)
    result_.timeline.push_back(std::move(entry));
  else
    ++result_.dropped_entries;
}

OVRSEER_DECL rehearsal_result rehearsal::verdict() {
  std::size_t left = 0;
  for (const auto& each : world_.os().children()) left += each->members().size();
  witness_.finish(left, world_.elapsed());
  rehearsal_result made = std::move(result_);
  made.seed = options_.seed;
  made.boot_id = target_.events().boot_id();
  made.exit_code = code_.value_or(-1);
  witness_.fill(made);
  for (rehearsed_unit& unit : made.units) unit.state = target_.state(unit.id);
  if (!was_ended_ && !was_abandoned_) {
    const std::string told = "it ended by itself at " + timeline_time(made.ran) + ": " + stop_reason_ + ", exit code " +
                             std::to_string(made.exit_code);
    (made.exit_code == 0 ? made.remarks : made.problems).push_back(told);
  } else if (was_ended_ && !made.ready_after) {
    std::string told = "it never was all ready; at the end:";
    for (const std::string& each : unready_) told += "\n" + each;
    made.problems.insert(made.problems.begin(), std::move(told));
  } else if (was_ended_ && !was_ready_at_end_) {
    std::string told = "not all was ready when it was stopped:";
    for (const std::string& each : unready_) told += "\n" + each;
    made.remarks.push_back(std::move(told));
  }
  for (const rehearsed_unit& each : made.units) {
    if (!options_.least_availability || !each.availability || *each.availability >= *options_.least_availability)
      continue;
    made.problems.push_back(to_text(each.id) + " was available for " + availability_text(each.availability) +
                            " of the time, less than " + availability_text(options_.least_availability));
  }
  for (std::string& each : notices_) made.problems.push_back(std::move(each));
  for (const unit_spec& unit : units_) {
    for (const std::string& each : company_.obstacles(unit.id()))
      made.remarks.push_back(to_text(unit.id()) + ": " + each);
  }
  return made;
}

}  // namespace ovrseer::rehearse_detail

namespace ovrseer {

OVRSEER_DECL rehearsal_result rehearse(const stack_configuration& stack, const rehearsal_options& options) {
  const std::unique_ptr<rehearse_detail::rehearsal, rehearse_detail::careful_end> running(
      new rehearse_detail::rehearsal(stack, options));
  return running->run();
}

}  // namespace ovrseer
