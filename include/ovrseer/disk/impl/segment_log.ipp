// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/segment_log.hpp>.
#pragma once

#include <algorithm>
#include <utility>

#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/disk/write_atomic.hpp>

namespace ovrseer {

OVRSEER_DECL segment_log::segment_log(std::string folder, segment_log_options options)
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

OVRSEER_DECL record_position segment_log::append(std::string_view payload) {
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

OVRSEER_DECL void segment_log::sync() {
  if (synced_ == next_) return;
  if (const auto code = sync_current(); code) throw error(code, "sync", describe_doubt());
}

OVRSEER_DECL void segment_log::rotate() {
  if (!current_ || !holds_records()) return;
  leave_segment();
  if (const auto code = begin_segment(); code) throw error(code, "rotate", folder_.path());
  ++stats_.rotations;
  trim(0);
}

OVRSEER_DECL std::size_t segment_log::discard_before(std::uint64_t sequence) {
  std::size_t gone = 0;
  while (gone + 1 < segments_.size() && segments_[gone + 1].id.first <= sequence) ++gone;
  return remove_oldest(gone);
}

OVRSEER_DECL std::size_t segment_log::discard_older(std::chrono::system_clock::time_point moment) {
  std::size_t gone = 0;
  while (gone + 1 < segments_.size() && begun_at(segments_[gone + 1].id) <= moment) ++gone;
  return remove_oldest(gone);
}

OVRSEER_DECL std::uint64_t segment_log::resume_point(std::uint64_t next, std::uint32_t generation) const noexcept {
  std::uint64_t from = std::min(next, next_);
  for (const auto& segment : segments_) {
    if (segment.id.generation > generation) from = std::min(from, segment.id.first);
  }
  return from;
}

OVRSEER_DECL byte_size segment_log::size() const noexcept {
  std::uint64_t total = 0;
  for (const auto& segment : segments_) total += segment.bytes;
  return byte_size(total);
}

OVRSEER_DECL void segment_log::take_lock() {
  auto opened = open_file(files_, folder_.path() + "/lock", open_mode::create, options_.permissions);
  if (!opened) throw error(opened.reason(), "lock", folder_.path());
  lock_ = std::move(*opened);
  if (const auto code = files_.lock(lock_.get()); code) throw error(code, "lock", folder_.path());
}

OVRSEER_DECL void segment_log::recover() {
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

OVRSEER_DECL std::uint64_t segment_log::scan(disk_detail::segment_scanner scanner) {
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

OVRSEER_DECL void segment_log::seal(owned_file file, std::uint64_t end) {
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

OVRSEER_DECL void segment_log::prepare(std::uint64_t bytes) {
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

OVRSEER_DECL void segment_log::leave_segment() {
  if (synced_ == next_) return;
  if (const auto code = sync_current(); code) throw error(code, "rotate", describe_doubt());
}

OVRSEER_DECL std::error_code segment_log::begin_segment() {
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

OVRSEER_DECL void segment_log::undo_append(const write_progress& progress) {
  ++stats_.failed_appends;
  stats_.last_failure = progress.code;
  // Nothing was written: nothing to cut, and a disk that is broken is not asked once more.
  if (progress.written == 0) return;
  if (!files_.truncate(current_.get(), segments_.back().bytes)) return;
  segments_.back().bytes += progress.written;
  if (synced_ != next_ && sync_current()) return;  // has closed the segment and told the doubt
  current_.reset();
}

OVRSEER_DECL std::error_code segment_log::sync_current() {
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

OVRSEER_DECL void segment_log::add_doubt(std::error_code code) {
  ++stats_.failed_syncs;
  stats_.last_failure = code;
  doubtful_.push_back({synced_, next_ - 1});
}

OVRSEER_DECL void segment_log::trim(std::uint64_t more) {
  if (options_.keep.count == 0 && options_.keep.bytes.count() == 0) return;
  std::vector<std::uint64_t>& sizes = sizes_;
  sizes.clear();
  for (const auto& segment : segments_) sizes.push_back(segment.bytes);
  (void)remove_oldest(options_.keep.surplus(sizes, more));
}

OVRSEER_DECL std::size_t segment_log::remove_oldest(std::size_t count) {
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

OVRSEER_DECL void segment_log::fail_append(std::error_code code, const char* step) {
  ++stats_.failed_appends;
  throw error(code, step, folder_.path());
}

OVRSEER_DECL std::string segment_log::describe_doubt() const {
  const auto& range = doubtful_.back();
  return folder_.path() + ": records " + std::to_string(range.first) + " to " + std::to_string(range.last) +
         " may be lost";
}

}  // namespace ovrseer
