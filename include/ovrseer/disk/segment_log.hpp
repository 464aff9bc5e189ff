// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one way in which ovrseer keeps records on disk: journal, outbox and whatever must survive a crash.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/detail/segment.hpp>
#include <ovrseer/disk/detail/segment_folder.hpp>
#include <ovrseer/disk/detail/segment_scanner.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/segment_log_options.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

/// An append-only log of records in a folder of segment files, for one writer.
///
/// On disk: `<first sequence>.<generation>.seg` files; each a header of 32 bytes, then records of length (u32),
/// crc32c (u32) and payload, all little-endian. The checksum covers sequence number, length and payload.
///
/// What opening does: takes the folder's lock (file `lock`; a second writer gets `resource_unavailable_try_again`
/// at step "lock"), makes the folder if absent, reads the last segment, and cuts what follows its last whole
/// record: a write that did not finish. `recovered()` tells how many bytes. A record that does not hold but
/// is followed by whole ones is damage: it is reported, stays, and readers see a gap. Older segments are not
/// read at opening; a reader that comes to damage there gets a gap too.
///
/// What a failure leaves behind:
/// - a write that fails (no space, I/O error): the record is not in the log, its bytes are cut off again or, where
///   that fails too, left behind in a segment that is not written any more. The next append works if the disk does.
/// - a sync that fails: the kernel may have dropped the data and will say so only once. All records since the last
///   good sync are listed in `doubtful()` for good; they are in the file for now, and their numbers are never
///   given again. The segment is closed, the next record goes to a new one. No later sync turns doubt into success.
///
/// Not thread-safe. Calls block for as long as the disk does.
class segment_log {
 public:
  /// Opens or creates the log. Throws `error` with the errno of the step: "make folder", "lock", "list", "open",
  /// "read".
  /// A full disk does not prevent opening: what must be written is tried again at the first append.
  explicit segment_log(std::string folder, segment_log_options options = {});
  segment_log(const segment_log&) = delete;
  segment_log& operator=(const segment_log&) = delete;
  ~segment_log() = default;

  /// Appends one record and gives it the next sequence number.
  ///
  /// Cost: one write; with `sync_policy::every_append` one fdatasync more. Throws `error`:
  /// - `errc::record_too_large`, or the errno (or `errc::short_write`) at step "append": the record is not in the log;
  ///   what the condition `retryable` covers may work later;
  /// - at step "rotate": a sync failed while the segment was left; the record is not in the log, see `doubtful()`;
  /// - at step "sync": the record is in the log but, as others before it, may not survive a power loss. Its number is
  ///   used (`next_sequence()` has moved): appending it again makes a second one.
  record_position append(std::string_view payload);
  record_position append(std::span<const std::byte> payload) {
    return append(std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size()));
  }

  /// Makes every record appended so far durable, or throws `error` at step "sync" and lists them in `doubtful()`.
  /// Nothing to do is no call to the system.
  void sync();

  /// Begins a new segment now, if the present one has records. Throws as `append`, at step "rotate".
  void rotate();

  /// Deletes the segments whose records all come before `sequence`; the one in use stays. Gives how many went.
  std::size_t discard_before(std::uint64_t sequence);

  /// Deletes the segments whose records were all appended before `moment`: those whose successor had been begun by
  /// then. Gives how many went.
  ///
  /// Reads a header a call and one more for each segment that goes; throws `error` at step "open" or "read".
  std::size_t discard_older(std::chrono::system_clock::time_point moment);

  /// The number that the next record gets.
  std::uint64_t next_sequence() const noexcept { return next_; }
  /// The oldest number that is still kept; `next_sequence()` when there is none.
  std::uint64_t first_sequence() const noexcept { return segments_.empty() ? next_ : segments_.front().id.first; }
  /// All before it are durable or listed in `doubtful()`.
  std::uint64_t synced_until() const noexcept { return synced_; }
  /// The records whose sync failed since the log was opened, oldest first.
  const std::vector<sequence_range>& doubtful() const noexcept { return doubtful_; }
  /// The generation of the segment that the next record goes to; see `durable_cursor`.
  std::uint32_t generation() const noexcept { return generation_; }
  /// Where a reader goes on that stopped before `next` while the log was at `generation`: there, or earlier when the
  /// log has since lost records before `next` and given their numbers again.
  std::uint64_t resume_point(std::uint64_t next, std::uint32_t generation) const noexcept;
  const log_recovery& recovered() const noexcept { return recovered_; }
  const segment_log_stats& stats() const noexcept { return stats_; }
  std::size_t segment_count() const noexcept { return segments_.size(); }
  /// The size of all segments.
  byte_size size() const noexcept;
  const std::string& folder() const noexcept { return folder_.path(); }
  file_system& files() const noexcept { return files_; }

 private:
  static constexpr std::size_t keep_capacity = 256U << 10U;

  void take_lock();

  void recover();

  // Moves `next_` behind the last whole record and gives where that ends.
  std::uint64_t scan(disk_detail::segment_scanner scanner);

  // Numbers after the cut may have been seen by a reader and will be given again: a new generation tells it so.
  // The new segment comes first, the cut after: a crash in between, or a full disk, loses nothing.
  void seal(owned_file file, std::uint64_t end);

  // After this there is an open segment that takes `bytes` more, or it throws.
  void prepare(std::uint64_t bytes);

  // What is left behind is durable or known to be doubtful.
  void leave_segment();

  std::error_code begin_segment();

  void undo_append(const write_progress& progress);

  std::error_code sync_current();

  void add_doubt(std::error_code code);

  void trim(std::uint64_t more);

  std::size_t remove_oldest(std::size_t count);

  [[noreturn]] void fail_append(std::error_code code, const char* step);

  std::chrono::system_clock::time_point begun_at(disk_detail::segment_id id) const {
    return folder_.read_header(folder_.open(id, open_mode::read).get(), id).created;
  }

  bool holds_records() const noexcept { return records_size() != 0; }
  std::uint64_t records_size() const noexcept { return segments_.back().bytes - disk_detail::header_size; }
  std::string path_of_last() const { return folder_.path_of(segments_.back().id); }
  std::string describe_doubt() const;
  std::chrono::system_clock::time_point now() const {
    return options_.now ? options_.now() : std::chrono::system_clock::now();
  }

  file_system& files_;
  segment_log_options options_;
  disk_detail::segment_folder folder_;
  owned_file lock_;
  std::vector<disk_detail::segment_file> segments_;  // oldest first; the last is `current_` when that is open
  owned_file current_;
  std::chrono::system_clock::time_point begun_{};
  std::uint64_t next_ = 1;
  std::uint64_t synced_ = 1;
  std::uint32_t generation_ = 1;
  std::vector<sequence_range> doubtful_;
  log_recovery recovered_;
  segment_log_stats stats_;
  std::string encoded_;
  std::vector<std::uint64_t> sizes_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/impl/segment_log.ipp>
#endif
