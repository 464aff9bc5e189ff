// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/journal_file.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>
#include <variant>

#include <ovrseer/event/journal_file.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

OVRSEER_DECL task<void> journal_file::follow(journal& events, std::uint64_t from) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  if (!worker_) worker_ = std::make_unique<on_worker<journal_writer>>(options_);
  state_ = std::make_unique<following>(clock_of(ex), events, std::max<std::uint64_t>(from, 1));
  nursery writing(ex);
  nursery timers(ex);
  writing.start(write_all(timers));
  co_await writing.join();
  timers.cancel(cancellation_type::terminal);
  co_await timers.join();
  state_.reset();
  if (writing.was_cancelled()) detail::throw_cancelled();
  if (writing.failure()) std::rethrow_exception(writing.failure());
}

OVRSEER_DECL task<void> journal_file::write_all(nursery& timers) {
  for (;;) {
    const bool is_more = co_await take_batch();
    if (!is_more) break;
    const bool is_written = co_await insist(write_job());
    if (!is_written) {
      give_up();
      co_return;
    }
    plan_sync(timers);
  }
  const bool is_durable = co_await insist(sync_job());
  if (is_durable)
    tell_working();
  else
    give_up();
}

OVRSEER_DECL task<bool> journal_file::take_batch() {
  following& state = *state_;
  std::optional<journal_entry> entry = state.reader.try_next();
  if (!entry) {
    tell_working();
    entry = co_await state.reader.next();
  }
  const std::size_t most = std::max<std::size_t>(options_.batch, 1);
  while (entry) {
    if (const auto* gap = std::get_if<journal_gap>(&*entry)) {
      state.missed += gap->count;
    } else {
      state.batch.push_back(std::get<event>(*std::move(entry)));
    }
    if (state.batch.size() == most) break;
    entry = state.reader.try_next();
  }
  tell_working();
  co_return !state.batch.empty();
}

OVRSEER_DECL journal_file::job journal_file::write_job() const {
  auto events = std::make_shared<const std::vector<event>>(std::exchange(state_->batch, {}));
  return [events = std::move(events), boot_id = state_->boot_id, from = state_->from](journal_writer& writer) {
    return writer.write(boot_id, from, *events);
  };
}

OVRSEER_DECL task<bool> journal_file::insist(job what) {
  duration delay = options_.retry_delay;
  for (;;) {
    const bool is_done = co_await try_once(what);
    if (is_done) co_return true;
    if (state_->closed_since) delay = options_.retry_delay;
    const steady_time again = now() + delay;
    delay = std::min(delay * 2, options_.longest_retry_delay);
    // In steps, so that the end of the journal is noticed; a failing disk may cost some wake-ups.
    constexpr duration step = std::chrono::milliseconds(100);
    while (now() < again) {
      if (notice_close()) break;
      if (is_hopeless()) co_return false;
      co_await sleep_for(std::min<duration>(step, again - now()));
    }
    if (is_hopeless()) co_return false;
  }
}

OVRSEER_DECL task<bool> journal_file::try_once(job what) {
  const executor ex = co_await asio::this_coro::executor;
  outcome<journal_write_result> kept;
  nursery call(ex);
  nursery watch(ex);
  call.start(keep_outcome(worker_->run(std::move(what)), kept));
  watch.start(watch_call(call));
  co_await call.join();
  watch.cancel(cancellation_type::terminal);
  co_await watch.join();
  if (is_cancelled_by_caller(call, watch)) detail::throw_cancelled();
  if (!kept.failure) co_return take(std::move(*kept.value));
  journal_write_result failed;
  failed.code = make_error_code(errc::timed_out);
  failed.message = "the disk does not answer";
  failed.counts = counts_;
  co_return take(std::move(failed));
}

OVRSEER_DECL task<void> journal_file::watch_call(nursery& call) {
  constexpr duration step = std::chrono::milliseconds(100);
  const steady_time begun = now();
  bool is_told = false;
  std::optional<steady_time> closed;
  for (;;) {
    co_await sleep_for(step);
    if (!is_told && now() - begun >= options_.slow_after) {
      is_told = true;
      fail(make_error_code(errc::timed_out), "the disk has not answered for " + to_text(options_.slow_after));
    }
    if (!state_->events.is_closed()) continue;
    if (!closed) closed = now();
    if (now() - *closed < options_.close_patience) continue;
    call.cancel(cancellation_type::terminal);
    break;
  }
}

OVRSEER_DECL bool journal_file::take(journal_write_result made) {
  counts_ = made.counts;
  if (!made.recovered.empty()) tell({notice::kind::recovered, severity::warning, std::move(made.recovered)});
  if (made.code) {
    fail(made.code, made.message);
    return false;
  }
  state_->working_since = now();
  if (failing_) {
    failing_.reset();
    state_->was_failing = true;
  }
  return true;
}

OVRSEER_DECL void journal_file::plan_sync(nursery& timers) {
  const journal_sync how = options_.sync;
  if (how.is_every_event() || how.is_left_to_system() || counts_.unsynced == 0 || state_->is_sync_due) return;
  state_->is_sync_due = true;
  timers.start(sync_later());
}

OVRSEER_DECL task<void> journal_file::sync_later() {
  co_await sleep_for(options_.sync.delay());
  state_->is_sync_due = false;
  // Where it fails there is nothing to try again: what was not made durable stays in doubt.
  const bool is_done = co_await try_once(sync_job());
  if (is_done) tell_working();
}

OVRSEER_DECL bool journal_file::notice_close() {
  if (state_->closed_since || !state_->events.is_closed()) return false;
  state_->closed_since = now();
  return true;
}

OVRSEER_DECL bool journal_file::is_hopeless() const {
  if (!state_->closed_since) return false;
  const steady_time since = std::max(*state_->closed_since, state_->working_since.value_or(*state_->closed_since));
  return now() - since >= options_.close_patience;
}

OVRSEER_DECL void journal_file::give_up() {
  const std::uint64_t end = state_->events.end_seq();
  const std::uint64_t next = std::max(counts_.last_seq + 1, state_->from);
  notice made{notice::kind::given_up, severity::error, {}};
  made.lost = end > next ? end - next : 0;
  made.message = made.lost != 0 ? std::to_string(made.lost) + " events are not on the disk"
                                : std::string("the last events may not survive a power loss");
  if (failing_) made.code = *failing_;
  tell(std::move(made));
}

OVRSEER_DECL void journal_file::fail(std::error_code code, const std::string& message) {
  if (failing_ == code) return;
  failing_ = code;
  tell({notice::kind::failing, severity::error, message, code});
}

OVRSEER_DECL void journal_file::tell_working() {
  if (failing_) return;
  const bool is_back = std::exchange(state_->was_failing, false);
  if (!is_back && state_->missed == 0) return;
  notice made{is_back ? notice::kind::working : notice::kind::fell_behind, severity::warning, {}};
  made.message = is_back ? "writing works again" : "the disk is too slow";
  made.lost = std::exchange(state_->missed, 0);
  if (made.lost != 0) made.message += "; " + std::to_string(made.lost) + " events are missing";
  tell(made);
}

OVRSEER_DECL void journal_file::tell(const notice& what) const {
  if (!hook_) return;
  try {
    hook_(what);
  } catch (...) {  // the hook is the last resort; there is nobody left to tell
  }
}

}  // namespace ovrseer
