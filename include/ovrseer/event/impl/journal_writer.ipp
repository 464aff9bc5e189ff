// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/journal_writer.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/event/journal_record.hpp>
#include <ovrseer/event/journal_writer.hpp>

namespace ovrseer {

OVRSEER_DECL journal_write_result journal_writer::write(const std::string& boot_id, std::uint64_t from,
                                                        std::span<const event> events) {
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

OVRSEER_DECL journal_write_result journal_writer::sync() {
  return guarded([&] {
    open();
    note_doubt();
    sync_log();
  });
}

OVRSEER_DECL void journal_writer::begin(const std::string& boot_id, std::uint64_t from) {
  if (boot_id_ == boot_id) return;
  boot_id_ = boot_id;
  next_ = durable_ = std::max<std::uint64_t>(from, 1);
}

OVRSEER_DECL void journal_writer::open() {
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

OVRSEER_DECL bool journal_writer::is_there() {
  constexpr std::uint64_t rarely = 256;
  if (++calls_ % rarely != 0) return true;
  const auto status = log_->files().status(log_->folder() + "/lock");
  return status || status.reason() != std::errc::no_such_file_or_directory;
}

OVRSEER_DECL void journal_writer::describe(const log_recovery& found) {
  if (found.torn_bytes != 0) {
    recovered_ = std::to_string(found.torn_bytes) + " bytes of an unfinished write were cut off: " + found.torn_file +
                 " at offset " + std::to_string(found.torn_offset);
  }
  for (const damaged_place& place : found.damage) {
    if (!recovered_.empty()) recovered_ += "; ";
    recovered_ += place.file + " is damaged at offset " + std::to_string(place.offset);
  }
}

OVRSEER_DECL void journal_writer::append(const event& entry) {
  const std::string line = to_record(entry, boot_id_);
  if (line.size() > options_.largest_event.count()) return note_gap({entry.seq, 1}, entry);
  put(line);
  next_ = entry.seq + 1;
  ++counts_.written;
  time_ = entry.time;
  mono_ns_ = entry.mono_ns;
}

OVRSEER_DECL void journal_writer::note_gap(journal_gap events, const event& behind) {
  put(to_record(event_detail::note_of(dropped_events, events, behind.time, behind.mono_ns), boot_id_));
  next_ = events.first_missing + events.count;
  counts_.dropped += events.count;
}

OVRSEER_DECL void journal_writer::note_doubt() {
  if (doubt_.count == 0) return;
  put(to_record(event_detail::note_of(doubtful_events, doubt_, time_, mono_ns_), boot_id_));
  doubt_ = {};
}

OVRSEER_DECL void journal_writer::put(const std::string& line) {
  const std::uint64_t rotations = log_->stats().rotations;
  try {
    log_->append(line);
  } catch (...) {
    track_doubt();
    throw;
  }
  if (log_->stats().rotations != rotations) durable_ = next_;  // the file before was synced when it was left
}

OVRSEER_DECL void journal_writer::sync_log() {
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

OVRSEER_DECL void journal_writer::track_doubt() {
  if (log_->doubtful().size() == doubts_) return;
  doubts_ = log_->doubtful().size();
  ++counts_.failed_syncs;
  const std::uint64_t events = next_ - durable_;
  if (doubt_.count == 0) doubt_.first_missing = durable_;
  doubt_.count = next_ - doubt_.first_missing;
  counts_.doubtful += events;
  durable_ = next_;
}

OVRSEER_DECL void journal_writer::tend() {
  if (options_.max_age <= std::chrono::nanoseconds::zero()) return;
  const wall now = options_.now ? options_.now() : std::chrono::system_clock::now();
  const auto age = std::chrono::duration_cast<wall::duration>(options_.max_age);
  if (tended_ && now >= *tended_ && now - *tended_ < age / 16) return;
  tended_ = now;
  (void)log_->discard_older(now - age);
}

}  // namespace ovrseer
