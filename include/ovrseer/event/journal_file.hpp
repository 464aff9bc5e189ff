// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The journal of a supervisor on disk, without the disk ever holding up the supervisor.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/event/journal_file_options.hpp>
#include <ovrseer/event/journal_writer.hpp>

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
  task<void> follow(journal& events, std::uint64_t from = 1);

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

  task<void> write_all(nursery& timers);

  /// Waits for events; false at the end. What came in a gap is noted by the writer, who sees it in the numbers.
  task<bool> take_batch();

  /// Owns what it needs: the thread may still be at it when this object is gone.
  job write_job() const;

  static job sync_job() {
    return [](journal_writer& writer) { return writer.sync(); };
  }

  /// Does it until it works; false where it was given up.
  task<bool> insist(job what);

  task<bool> try_once(job what);
  static bool is_cancelled_by_caller(const nursery& call, const nursery& watch) {
    return call.was_cancelled() || watch.was_cancelled();
  }

  /// A call that takes long: says so once, and lets go of it some time after the journal has closed.
  task<void> watch_call(nursery& call);

  bool take(journal_write_result made);

  void plan_sync(nursery& timers);
  task<void> sync_later();

  // The end of the journal, and of patience.

  /// Whether it is closed and was not the last time: then it is tried once more without delay.
  bool notice_close();
  bool is_hopeless() const;
  void give_up();

  // What is told.

  void fail(std::error_code code, const std::string& message);
  void tell_working();
  void tell(const notice& what) const;

  steady_time now() const { return state_->clock.now(); }

  journal_file_options options_;
  journal_notice_hook hook_;
  std::unique_ptr<on_worker<journal_writer>> worker_;
  std::unique_ptr<following> state_;
  journal_file_counts counts_;
  std::optional<std::error_code> failing_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/journal_file.ipp>
#endif
