// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Events into the files of a journal, in order and each once. Synchronous: it blocks for as long as the disk does;
// `journal_file` is the same for the strand of a supervisor.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/event/journal_file_options.hpp>

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
  journal_write_result write(const std::string& boot_id, std::uint64_t from, std::span<const event> events);

  /// Makes durable what is written. Throws nothing.
  journal_write_result sync();

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

  void begin(const std::string& boot_id, std::uint64_t from);

  void open();

  // Looked at now and then only: what is written to a file without a name is lost without an error.
  bool is_there();

  void describe(const log_recovery& found);

  void append(const event& entry);

  void note_gap(journal_gap events, const event& behind);

  // A sync failed: said as soon as something can be written again.
  void note_doubt();

  void put(const std::string& line);

  void sync_log();

  // The log never tells twice that a sync failed, and no later one makes it good.
  void track_doubt();

  void tend();

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

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/journal_writer.ipp>
#endif
