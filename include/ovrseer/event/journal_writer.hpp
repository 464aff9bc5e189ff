// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Events into the files of a journal, in order and each once. Synchronous: it blocks for as long as the disk does;
// `journal_file` is the same for the strand of a supervisor.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/journal_file_options.hpp>
#include <ovrseer/event/journal_record.hpp>

namespace ovrseer {

/// What came of a call to a `journal_writer`.
struct journal_write_result {
  std::error_code code{};  ///< none: all is done
  std::string message;     ///< of a failure
  journal_file_counts counts;
  std::string recovered;  ///< what opening the files found, once and for people; empty where they were whole
};

/// Writes the events of one life after the other into a folder of segments. Not thread-safe.
///
/// A call that fails may be made again, with the same events or others: what is written already is passed over, what is
/// missing between two events is noted. So nothing is written twice, and no event is left out without a note.
class journal_writer {
 public:
  /// Touches no file before the first call.
  explicit journal_writer(journal_file_options options) : options_(std::move(options)) {}

  /// Writes events of the life `boot_id`, in their order. Of a life that is new here, `from` is the first number
  /// that is wanted: a later first event is noted as a gap.
  ///
  /// Throws nothing. Where it fails, the events before the failure are written.
  journal_write_result write(const std::string& boot_id, std::uint64_t from, std::span<const event> events) {
    return guarded([&] {
      if (doubt_.count == 0) begin(boot_id, from);
      open();
      note_doubt();
      begin(boot_id, from);
      for (const event& entry : events) {
        if (entry.seq < next_) continue;
        if (entry.seq > next_) note_gap({next_, entry.seq - next_}, entry);
        append(entry);
      }
      if (options_.sync.is_every_event()) sync_log();
      tend();
    });
  }

  /// Makes durable what is written. Throws nothing.
  journal_write_result sync() {
    return guarded([&] {
      open();
      note_doubt();
      sync_log();
    });
  }

  const journal_file_counts& counts() const noexcept { return counts_; }

 private:
  using wall = std::chrono::system_clock::time_point;

  template <class Work>
  journal_write_result guarded(Work work) {
    journal_write_result made;
    try {
      work();
    } catch (const error& failure) {
      made.code = failure.code();
      const bool is_taken = failure.step() == "lock" && failure.code() == std::errc::resource_unavailable_try_again;
      made.message = is_taken ? "another process writes to this journal: " + failure.context() : failure.what();
    } catch (const std::system_error& failure) {
      made.code = failure.code();
      made.message = failure.what();
    } catch (const std::exception& failure) {
      made.code = std::make_error_code(std::errc::io_error);
      made.message = failure.what();
    }
    if (made.code && !is_sync_failure_) ++counts_.failed_writes;
    is_sync_failure_ = false;
    counts_.unsynced = next_ - durable_;
    counts_.last_seq = next_ - 1;
    made.counts = counts_;
    made.recovered = std::exchange(recovered_, {});
    return made;
  }

  void begin(const std::string& boot_id, std::uint64_t from) {
    if (boot_id_ == boot_id) return;
    boot_id_ = boot_id;
    next_ = durable_ = std::max<std::uint64_t>(from, 1);
  }

  void open() {
    if (log_ && is_there()) return;
    log_.reset();  // somebody removed the folder: its lock and its numbers are gone with it
    segment_log_options how;
    how.rotate.size = options_.segment_size;
    how.keep.bytes = options_.max_size;
    how.largest_record = options_.largest_event;
    how.files = options_.files;
    how.now = options_.now;
    if (options_.max_age > std::chrono::nanoseconds::zero()) {
      // Files go as a whole: each spans a small part of the time that is kept.
      how.rotate.age = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(options_.max_age / 8),
                                std::chrono::milliseconds(1));
    }
    log_.emplace(options_.folder, how);
    doubts_ = log_->doubtful().size();  // of records that an earlier process wrote
    tended_.reset();
    describe(log_->recovered());
  }

  // Looked at now and then only: what is written to a file without a name is lost without an error.
  bool is_there() {
    constexpr std::uint64_t rarely = 256;
    if (++calls_ % rarely != 0) return true;
    const auto status = log_->files().status(log_->folder() + "/lock");
    return status || status.reason() != std::errc::no_such_file_or_directory;
  }

  void describe(const log_recovery& found) {
    if (found.torn_bytes != 0) {
      recovered_ = std::to_string(found.torn_bytes) + " bytes of an unfinished write were cut off: " + found.torn_file +
                   " at offset " + std::to_string(found.torn_offset);
    }
    for (const damaged_place& place : found.damage) {
      if (!recovered_.empty()) recovered_ += "; ";
      recovered_ += place.file + " is damaged at offset " + std::to_string(place.offset);
    }
  }

  void append(const event& entry) {
    const std::string line = to_record(entry, boot_id_);
    if (line.size() > options_.largest_event.count()) return note_gap({entry.seq, 1}, entry);
    put(line);
    next_ = entry.seq + 1;
    ++counts_.written;
    time_ = entry.time;
    mono_ns_ = entry.mono_ns;
  }

  void note_gap(journal_gap events, const event& behind) {
    put(to_record(event_detail::note_of(dropped_events, events, behind.time, behind.mono_ns), boot_id_));
    next_ = events.first_missing + events.count;
    counts_.dropped += events.count;
  }

  // A sync failed: said as soon as something can be written again.
  void note_doubt() {
    if (doubt_.count == 0) return;
    put(to_record(event_detail::note_of(doubtful_events, doubt_, time_, mono_ns_), boot_id_));
    doubt_ = {};
  }

  void put(const std::string& line) {
    const std::uint64_t rotations = log_->stats().rotations;
    try {
      log_->append(line);
    } catch (...) {
      track_doubt();
      throw;
    }
    if (log_->stats().rotations != rotations) durable_ = next_;  // the file before was synced when it was left
  }

  void sync_log() {
    try {
      log_->sync();
    } catch (...) {
      is_sync_failure_ = true;
      track_doubt();
      throw;
    }
    if (durable_ != next_) ++counts_.syncs;
    durable_ = next_;
  }

  // The log never tells twice that a sync failed, and no later one makes it good.
  void track_doubt() {
    if (log_->doubtful().size() == doubts_) return;
    doubts_ = log_->doubtful().size();
    ++counts_.failed_syncs;
    const std::uint64_t events = next_ - durable_;
    if (doubt_.count == 0) doubt_.first_missing = durable_;
    doubt_.count = next_ - doubt_.first_missing;
    counts_.doubtful += events;
    durable_ = next_;
  }

  void tend() {
    if (options_.max_age <= std::chrono::nanoseconds::zero()) return;
    const wall now = options_.now ? options_.now() : std::chrono::system_clock::now();
    const auto age = std::chrono::duration_cast<wall::duration>(options_.max_age);
    if (tended_ && now >= *tended_ && now - *tended_ < age / 16) return;
    tended_ = now;
    (void)log_->discard_older(now - age);
  }

  journal_file_options options_;
  std::optional<segment_log> log_;
  std::string boot_id_;
  std::uint64_t next_ = 1;     // the number that is written next
  std::uint64_t durable_ = 1;  // all before it are durable, or in doubt
  journal_gap doubt_;          // not noted yet
  std::size_t doubts_ = 0;     // that the log had told when it was last asked
  std::uint64_t calls_ = 0;
  wall_time time_{};  // of the newest event that is written
  std::int64_t mono_ns_ = 0;
  std::optional<wall> tended_;
  std::string recovered_;
  bool is_sync_failure_ = false;
  journal_file_counts counts_;
};

}  // namespace ovrseer
