// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The journal of a supervisor on disk, without the disk ever holding up the supervisor.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/event/journal_file_options.hpp>
#include <ovrseer/event/journal_writer.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// Follows a journal and writes every event of it into a folder of segments, on a thread of its own.
///
/// Each record of a segment is a line of JSON (`to_json` of an event with its boot id); several lives follow each other
/// in one folder. What cannot be written stays in the journal's memory and is tried again, later and later; what the
/// journal has dropped by then is noted in the file, as a `dropped` event in place of the missing ones. Read it with
/// `read_journal`, also while it is written.
///
/// One strand.
class journal_file {
 public:
  explicit journal_file(journal_file_options options) : options_(std::move(options)) {}
  journal_file(const journal_file&) = delete;
  journal_file& operator=(const journal_file&) = delete;

  /// Hears of every change in how writing goes. Default: nobody does.
  void on_notice(journal_notice_hook hook) { hook_ = std::move(hook); }

  /// Writes the events of `events` from number `from` on, until the journal is closed and all that it holds is durable,
  /// or a disk that fails has been tried for as long as the options say. `events` and this object must outlive it;
  /// one call at a time.
  ///
  /// Errors: none of the disk; they go to the hook.
  /// Cancellation: every type abandons it; what was handed to the thread is still written. A new call that begins with
  /// the same number or an earlier one goes on without writing an event twice.
  task<void> follow(journal& events, std::uint64_t from = 1) {
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

  /// What has been written, as far as the thread has told.
  const journal_file_counts& counts() const noexcept { return counts_; }
  bool is_failing() const noexcept { return failing_.has_value(); }
  const journal_file_options& options() const noexcept { return options_; }

 private:
  using duration = std::chrono::nanoseconds;
  using job = std::function<journal_write_result(journal_writer&)>;
  using notice = journal_file_notice;

  /// What belongs to one call of `follow`.
  struct following {
    following(clock_service& time, journal& source, std::uint64_t first)
        : clock(time), events(source), boot_id(source.boot_id()), from(first), reader(source.subscribe_from(first)) {}
    clock_service& clock;
    journal& events;
    std::string boot_id;
    std::uint64_t from;
    journal::reader reader;
    std::vector<event> batch;
    std::uint64_t missed = 0;                  // in gaps, since writing last worked
    bool was_failing = false;                  // and has not been told to work again
    bool is_sync_due = false;                  // a timer runs
    std::optional<steady_time> closed_since;   // when that was first seen
    std::optional<steady_time> working_since;  // when something last worked
  };

  task<void> write_all(nursery& timers) {
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

  /// Waits for events; false at the end. What came in a gap is noted by the writer, who sees it in the numbers.
  task<bool> take_batch() {
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

  /// Owns what it needs: the thread may still be at it when this object is gone.
  job write_job() const {
    auto events = std::make_shared<const std::vector<event>>(std::exchange(state_->batch, {}));
    return [events = std::move(events), boot_id = state_->boot_id, from = state_->from](journal_writer& writer) {
      return writer.write(boot_id, from, *events);
    };
  }

  static job sync_job() {
    return [](journal_writer& writer) { return writer.sync(); };
  }

  /// Does it until it works; false where it was given up.
  task<bool> insist(job what) {
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

  task<bool> try_once(job what) {
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
  static bool is_cancelled_by_caller(const nursery& call, const nursery& watch) {
    return call.was_cancelled() || watch.was_cancelled();
  }

  /// A call that takes long: says so once, and lets go of it some time after the journal has closed.
  task<void> watch_call(nursery& call) {
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

  bool take(journal_write_result made) {
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

  void plan_sync(nursery& timers) {
    const journal_sync how = options_.sync;
    if (how.is_every_event() || how.is_left_to_system() || counts_.unsynced == 0 || state_->is_sync_due) return;
    state_->is_sync_due = true;
    timers.start(sync_later());
  }
  task<void> sync_later() {
    co_await sleep_for(options_.sync.delay());
    state_->is_sync_due = false;
    // Where it fails there is nothing to try again: what was not made durable stays in doubt.
    const bool is_done = co_await try_once(sync_job());
    if (is_done) tell_working();
  }

  // The end of the journal, and of patience.

  /// Whether it is closed and was not the last time: then it is tried once more without delay.
  bool notice_close() {
    if (state_->closed_since || !state_->events.is_closed()) return false;
    state_->closed_since = now();
    return true;
  }
  bool is_hopeless() const {
    if (!state_->closed_since) return false;
    const steady_time since = std::max(*state_->closed_since, state_->working_since.value_or(*state_->closed_since));
    return now() - since >= options_.close_patience;
  }
  void give_up() {
    const std::uint64_t end = state_->events.end_seq();
    const std::uint64_t next = std::max(counts_.last_seq + 1, state_->from);
    notice made{notice::kind::given_up, severity::error, {}};
    made.lost = end > next ? end - next : 0;
    made.message = made.lost != 0 ? std::to_string(made.lost) + " events are not on the disk"
                                  : std::string("the last events may not survive a power loss");
    if (failing_) made.code = *failing_;
    tell(std::move(made));
  }

  // What is told.

  void fail(std::error_code code, const std::string& message) {
    if (failing_ == code) return;
    failing_ = code;
    tell({notice::kind::failing, severity::error, message, code});
  }
  void tell_working() {
    if (failing_) return;
    const bool is_back = std::exchange(state_->was_failing, false);
    if (!is_back && state_->missed == 0) return;
    notice made{is_back ? notice::kind::working : notice::kind::fell_behind, severity::warning, {}};
    made.message = is_back ? "writing works again" : "the disk is too slow";
    made.lost = std::exchange(state_->missed, 0);
    if (made.lost != 0) made.message += "; " + std::to_string(made.lost) + " events are missing";
    tell(made);
  }
  void tell(const notice& what) const {
    if (!hook_) return;
    try {
      hook_(what);
    } catch (...) {  // the hook is the last resort; there is nobody left to tell
    }
  }

  steady_time now() const { return state_->clock.now(); }

  journal_file_options options_;
  journal_notice_hook hook_;
  std::unique_ptr<on_worker<journal_writer>> worker_;
  std::unique_ptr<following> state_;
  journal_file_counts counts_;
  std::optional<std::error_code> failing_;
};

}  // namespace ovrseer
