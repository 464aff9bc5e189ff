// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How far somebody has read a log, kept on disk, so that a restart goes on where the last run stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/disk/segment_reader.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

/// Where a new cursor begins.
enum class cursor_start { oldest, newest };

/// How a cursor found its place when it was opened.
enum class cursor_origin {
  fresh,    ///< there was none of this name
  resumed,  ///< it goes on where it was committed
  rewound,  ///< the log has lost records that it had passed: it begins again at the first of them
  damaged,  ///< its file does not hold: it begins at the oldest record
};

namespace disk_detail {

// The cursor's file: magic (8), next sequence number (8), generation (4), crc32c of these (4).
inline constexpr std::string_view cursor_magic = "ovrcur1\n";
inline constexpr std::size_t cursor_size = 24;

struct cursor_place {
  std::uint64_t next = 0;
  std::uint32_t generation = 0;
};

OVRSEER_DECL std::string encode_cursor(cursor_place place);

OVRSEER_DECL std::optional<cursor_place> decode_cursor(std::string_view bytes);

}  // namespace disk_detail

/// A named reader of a log whose place survives a restart: at-least-once delivery for what it reads.
///
/// Lives in the same process as the log, which must outlive it. Its file is `<log folder>/<name>.cursor`. What
/// was read and not committed comes again after a restart. Records that are gone come as gaps, see `segment_reader`.
class durable_cursor {
 public:
  /// Opens or begins the cursor `name` (a file name's characters; no '/'). Throws `error` at step "read" when its file
  /// is there and cannot be read, and as `segment_reader::next` while it looks for its place.
  durable_cursor(segment_log& log, std::string_view name, cursor_start start = cursor_start::oldest);

  /// The next record or gap; nothing when all is read. A payload lives until the next call.
  std::optional<stored_entry> next();

  /// Makes the place durable: all that `next()` has given is done. Nothing new is no call to the system.
  void commit() { commit(position_ - 1); }

  /// As `commit()`, for all up to and including `sequence`; what lies before the committed place, or has not been
  /// read, is taken as the nearest that may be.
  ///
  /// Syncs the log first, so that the place is never ahead of what a power loss leaves. Throws as `segment_log::sync`
  /// and `write_atomic`; the place on disk is then the old one, or at step "fsync folder" one of the two.
  void commit(std::uint64_t sequence);

  /// Goes back to the committed place: what was read since comes again.
  void rewind() { seek(committed_); }

  /// The number of the record that `next()` gives, unless a gap comes before it.
  std::uint64_t position() const noexcept { return position_; }
  /// The number of the first record that is not committed; all before it may be discarded.
  std::uint64_t committed() const noexcept { return committed_; }
  /// How many numbers are left to read, those within gaps included.
  std::uint64_t pending() const noexcept {
    return log_->next_sequence() > position_ ? log_->next_sequence() - position_ : 0;
  }
  cursor_origin origin() const noexcept { return origin_; }

 private:
  void find_place(cursor_start start);

  void seek(std::uint64_t to);

  void advance(const stored_entry& entry);

  segment_log* log_;
  std::string path_;
  segment_reader reader_;
  std::uint64_t position_ = 1;
  std::uint64_t committed_ = 1;
  bool is_stored_ = false;
  cursor_origin origin_ = cursor_origin::fresh;
  std::optional<stored_gap> rewound_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/impl/durable_cursor.ipp>
#endif
