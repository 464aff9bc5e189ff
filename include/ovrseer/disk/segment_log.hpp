// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one way in which ovrseer keeps records on disk: journal, outbox and whatever must survive a crash.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/disk/detail/segment.hpp>
#include <ovrseer/disk/detail/segment_folder.hpp>
#include <ovrseer/disk/detail/segment_scanner.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/disk/segment_log_options.hpp>
#include <ovrseer/disk/write_atomic.hpp>
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
  explicit segment_log(std::string folder, segment_log_options options = {})
      : files_(files_or_real(options.files)), options_(std::move(options)), folder_(files_, std::move(folder)) {
    if (options_.keep.bytes.count() != 0) {
      const byte_size half(std::max<std::uint64_t>(1, options_.keep.bytes.count() / 2));
      auto& size = options_.rotate.size;
      size = size.count() == 0 ? half : std::min(size, half);
    }
    options_.largest_record = std::min(options_.largest_record, byte_size(disk_detail::largest_payload));
    if (const auto code = make_folders(files_, folder_.path(), 0750); code) {
      throw error(code, "make folder", folder_.path());
    }
    take_lock();
    recover();
    trim(0);
  }
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
  record_position append(std::string_view payload) {
    if (payload.size() > options_.largest_record.count()) {
      throw error(errc::record_too_large, "append", folder_.path());
    }
    prepare(disk_detail::record_prefix + payload.size());
    encoded_.clear();
    disk_detail::encode_record(encoded_, next_, payload);
    const std::uint64_t offset = segments_.back().bytes;
    if (const auto progress = write_all_at(files_, current_.get(), encoded_, offset); progress.code) {
      undo_append(progress);
      throw error(progress.code, "append", path_of_last());
    }
    const record_position position{next_, segments_.back().id.first, offset};
    ++next_;
    segments_.back().bytes += encoded_.size();
    ++stats_.appended_records;
    stats_.appended_bytes += encoded_.size();
    if (encoded_.capacity() > keep_capacity) std::string().swap(encoded_);
    if (options_.sync.is_due(next_ - synced_)) sync();
    return position;
  }
  record_position append(std::span<const std::byte> payload) {
    return append(std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size()));
  }

  /// Makes every record appended so far durable, or throws `error` at step "sync" and lists them in `doubtful()`.
  /// Nothing to do is no call to the system.
  void sync() {
    if (synced_ == next_) return;
    if (const auto code = sync_current(); code) throw error(code, "sync", describe_doubt());
  }

  /// Begins a new segment now, if the present one has records. Throws as `append`, at step "rotate".
  void rotate() {
    if (!current_ || !holds_records()) return;
    leave_segment();
    if (const auto code = begin_segment(); code) throw error(code, "rotate", folder_.path());
    ++stats_.rotations;
    trim(0);
  }

  /// Deletes the segments whose records all come before `sequence`; the one in use stays. Gives how many went.
  std::size_t discard_before(std::uint64_t sequence) {
    std::size_t gone = 0;
    while (gone + 1 < segments_.size() && segments_[gone + 1].id.first <= sequence) ++gone;
    return remove_oldest(gone);
  }

  /// Deletes the segments whose records were all appended before `moment`: those whose successor had been begun by
  /// then. Gives how many went.
  ///
  /// Reads a header a call and one more for each segment that goes; throws `error` at step "open" or "read".
  std::size_t discard_older(std::chrono::system_clock::time_point moment) {
    std::size_t gone = 0;
    while (gone + 1 < segments_.size() && begun_at(segments_[gone + 1].id) <= moment) ++gone;
    return remove_oldest(gone);
  }

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
  std::uint64_t resume_point(std::uint64_t next, std::uint32_t generation) const noexcept {
    std::uint64_t from = std::min(next, next_);
    for (const auto& segment : segments_) {
      if (segment.id.generation > generation) from = std::min(from, segment.id.first);
    }
    return from;
  }
  const log_recovery& recovered() const noexcept { return recovered_; }
  const segment_log_stats& stats() const noexcept { return stats_; }
  std::size_t segment_count() const noexcept { return segments_.size(); }
  /// The size of all segments.
  byte_size size() const noexcept {
    std::uint64_t total = 0;
    for (const auto& segment : segments_) total += segment.bytes;
    return byte_size(total);
  }
  const std::string& folder() const noexcept { return folder_.path(); }
  file_system& files() const noexcept { return files_; }

 private:
  static constexpr std::size_t keep_capacity = 256U << 10U;

  void take_lock() {
    auto opened = open_file(files_, folder_.path() + "/lock", open_mode::create, options_.permissions);
    if (!opened) throw error(opened.reason(), "lock", folder_.path());
    lock_ = std::move(*opened);
    if (const auto code = files_.lock(lock_.get()); code) throw error(code, "lock", folder_.path());
  }

  void recover() {
    recovered_.removed_temporaries = remove_temporaries(folder_.path(), &files_);
    segments_ = folder_.list();
    if (segments_.empty()) return;
    auto& last = segments_.back();
    for (const auto& segment : segments_) generation_ = std::max(generation_, segment.id.generation);
    next_ = last.id.first;
    auto opened = folder_.open(last.id, open_mode::read_write);
    auto reading = folder_.open(last.id, open_mode::read);
    const auto header = folder_.read_header(reading.get(), last.id);
    begun_ = header.created;
    std::uint64_t end = std::min<std::uint64_t>(last.bytes, disk_detail::header_size);
    if (last.bytes >= disk_detail::header_size) {
      if (!header.is_whole) recovered_.damage.push_back({folder_.path_of(last.id), 0, end, {}});
      end = scan(disk_detail::segment_scanner(files_, std::move(reading), folder_.path_of(last.id), last.id.first));
    }
    // Who wrote them may have been killed before they were synced. Older segments were synced when they were left.
    synced_ = last.id.first;
    const std::uint64_t torn = last.bytes < disk_detail::header_size ? last.bytes : last.bytes - end;
    if (torn == 0 && header.is_whole) {
      current_ = std::move(opened);
      return;
    }
    recovered_.torn_bytes = torn;
    if (torn != 0) recovered_.torn_file = folder_.path_of(last.id);
    recovered_.torn_offset = last.bytes - torn;
    seal(std::move(opened), last.bytes - torn);
  }

  // Moves `next_` behind the last whole record and gives where that ends.
  std::uint64_t scan(disk_detail::segment_scanner scanner) {
    while (true) {
      const auto step = scanner.next();
      if (step.kind == disk_detail::scan_kind::end) break;
      if (step.kind == disk_detail::scan_kind::damage) {
        recovered_.damage.push_back({scanner.path(), step.offset, step.bytes, {step.first, step.last}});
      }
    }
    next_ = scanner.expected();
    return scanner.offset();
  }

  // Numbers after the cut may have been seen by a reader and will be given again: a new generation tells it so.
  // The new segment comes first, the cut after: a crash in between, or a full disk, loses nothing.
  void seal(owned_file file, std::uint64_t end) {
    const std::size_t old = segments_.size() - 1;
    if (synced_ != next_) {
      if (const auto code = files_.sync_data(file.get()); code) add_doubt(code);
      synced_ = next_;
    }
    ++generation_;
    if (begin_segment()) return;
    if (segments_[old].bytes == end || files_.truncate(file.get(), end)) return;
    segments_[old].bytes = end;
  }

  // After this there is an open segment that takes `bytes` more, or it throws.
  void prepare(std::uint64_t bytes) {
    trim(bytes);
    if (!current_) {
      if (const auto code = begin_segment(); code) fail_append(code, "append");
      trim(bytes);
      return;
    }
    const bool is_full = options_.rotate.is_full(records_size(), bytes);
    const bool is_due = options_.rotate.age.count() > 0 && holds_records() && options_.rotate.is_due(begun_, now());
    if (!is_full && !is_due) return;
    leave_segment();
    if (begin_segment()) {
      // The old segment still takes records: better one that is too long than a record that is lost.
      ++stats_.failed_rotations;
      return;
    }
    ++stats_.rotations;
    trim(bytes);
  }

  // What is left behind is durable or known to be doubtful.
  void leave_segment() {
    if (synced_ == next_) return;
    if (const auto code = sync_current(); code) throw error(code, "rotate", describe_doubt());
  }

  std::error_code begin_segment() {
    constexpr int attempts = 8;  // a name is taken when the segment before ended without a record
    std::error_code code;
    for (int i = 0; i < attempts; ++i) {
      disk_detail::segment_header header{{next_, generation_}, now()};
      auto created = folder_.create(header, options_.permissions);
      if (created) {
        current_ = std::move(*created);
        begun_ = header.created;
        segments_.push_back({header.id, disk_detail::header_size});
        return {};
      }
      code = created.reason();
      if (code != std::errc::file_exists) break;
      ++generation_;
    }
    stats_.last_failure = code;
    return code;
  }

  void undo_append(const write_progress& progress) {
    ++stats_.failed_appends;
    stats_.last_failure = progress.code;
    // Nothing was written: nothing to cut, and a disk that is broken is not asked once more.
    if (progress.written == 0) return;
    if (!files_.truncate(current_.get(), segments_.back().bytes)) return;
    segments_.back().bytes += progress.written;
    if (synced_ != next_ && sync_current()) return;  // has closed the segment and told the doubt
    current_.reset();
  }

  std::error_code sync_current() {
    ++stats_.syncs;
    const std::error_code code = current_ ? files_.sync_data(current_.get()) : std::error_code();
    if (!code) {
      synced_ = next_;
      return code;
    }
    add_doubt(code);
    synced_ = next_;
    current_.reset();
    // At once, so that the numbers are taken on disk too; if it fails, the next append tries again.
    (void)begin_segment();
    return code;
  }

  void add_doubt(std::error_code code) {
    ++stats_.failed_syncs;
    stats_.last_failure = code;
    doubtful_.push_back({synced_, next_ - 1});
  }

  void trim(std::uint64_t more) {
    if (options_.keep.count == 0 && options_.keep.bytes.count() == 0) return;
    std::vector<std::uint64_t>& sizes = sizes_;
    sizes.clear();
    for (const auto& segment : segments_) sizes.push_back(segment.bytes);
    (void)remove_oldest(options_.keep.surplus(sizes, more));
  }

  std::size_t remove_oldest(std::size_t count) {
    std::size_t gone = 0;
    for (; gone < count; ++gone) {
      const auto code = files_.unlink(folder_.path_of(segments_[gone].id));
      if (!code || code == std::errc::no_such_file_or_directory) continue;
      ++stats_.failed_removals;
      stats_.last_failure = code;
      break;
    }
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(gone));
    stats_.removed_segments += gone;
    return gone;
  }

  [[noreturn]] void fail_append(std::error_code code, const char* step) {
    ++stats_.failed_appends;
    throw error(code, step, folder_.path());
  }

  std::chrono::system_clock::time_point begun_at(disk_detail::segment_id id) const {
    return folder_.read_header(folder_.open(id, open_mode::read).get(), id).created;
  }

  bool holds_records() const noexcept { return records_size() != 0; }
  std::uint64_t records_size() const noexcept { return segments_.back().bytes - disk_detail::header_size; }
  std::string path_of_last() const { return folder_.path_of(segments_.back().id); }
  std::string describe_doubt() const {
    const auto& range = doubtful_.back();
    return folder_.path() + ": records " + std::to_string(range.first) + " to " + std::to_string(range.last) +
           " may be lost";
  }
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
