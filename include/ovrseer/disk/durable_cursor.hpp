// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How far somebody has read a log, kept on disk, so that a restart goes on where the last run stopped.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <ovrseer/disk/crc32c.hpp>
#include <ovrseer/disk/detail/segment.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/disk/segment_reader.hpp>
#include <ovrseer/disk/write_atomic.hpp>
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

inline std::string encode_cursor(cursor_place place) {
  std::string bytes(cursor_magic);
  bytes.resize(cursor_size);
  put_little<8>(bytes.data() + 8, place.next);
  put_little<4>(bytes.data() + 16, place.generation);
  put_little<4>(bytes.data() + 20, crc32c(std::string_view(bytes).substr(0, 20)));
  return bytes;
}

inline std::optional<cursor_place> decode_cursor(std::string_view bytes) {
  if (bytes.size() != cursor_size || !bytes.starts_with(cursor_magic)) return std::nullopt;
  if (get_little<4>(bytes.data() + 20) != crc32c(bytes.substr(0, 20))) return std::nullopt;
  const std::uint64_t next = get_little<8>(bytes.data() + 8);
  if (next == 0 || next > largest_sequence) return std::nullopt;
  return cursor_place{next, static_cast<std::uint32_t>(get_little<4>(bytes.data() + 16))};
}

}  // namespace disk_detail

/// A named reader of a log whose place survives a restart: at-least-once delivery for what it reads.
///
/// Lives in the same process as the log, which must outlive it. Its file is `<log folder>/<name>.cursor`. What
/// was read and not committed comes again after a restart. Records that are gone come as gaps, see `segment_reader`.
class durable_cursor {
 public:
  /// Opens or begins the cursor `name` (a file name's characters; no '/'). Throws `error` at step "read" when its file
  /// is there and cannot be read, and as `segment_reader::next` while it looks for its place.
  durable_cursor(segment_log& log, std::string_view name, cursor_start start = cursor_start::oldest)
      : log_(&log), path_(log.folder() + '/' + std::string(name) + ".cursor"), reader_(log.folder(), 0, &log.files()) {
    find_place(start);
    seek(committed_);
  }

  /// The next record or gap; nothing when all is read. A payload lives until the next call.
  std::optional<stored_entry> next() {
    if (rewound_) return std::exchange(rewound_, std::nullopt);
    if (position_ >= log_->next_sequence()) return std::nullopt;
    auto entry = reader_.next();
    if (entry) advance(*entry);
    return entry;
  }

  /// Makes the place durable: all that `next()` has given is done. Nothing new is no call to the system.
  void commit() { commit(position_ - 1); }

  /// As `commit()`, for all up to and including `sequence`; what lies before the committed place, or has not been
  /// read, is taken as the nearest that may be.
  ///
  /// Syncs the log first, so that the place is never ahead of what a power loss leaves. Throws as `segment_log::sync`
  /// and `write_atomic`; the place on disk is then the old one, or at step "fsync folder" one of the two.
  void commit(std::uint64_t sequence) {
    const std::uint64_t next = std::clamp(sequence + 1, committed_, std::max(committed_, position_));
    if (next == committed_ && is_stored_) return;
    if (log_->synced_until() < next) log_->sync();
    write_options options;
    options.permissions = 0640;
    options.files = &log_->files();
    write_atomic(path_, disk_detail::encode_cursor({next, log_->generation()}), options);
    committed_ = next;
    is_stored_ = true;
  }

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
  void find_place(cursor_start start) {
    const auto content = read_file(path_, byte_size(disk_detail::cursor_size), &log_->files());
    committed_ = start == cursor_start::oldest ? log_->first_sequence() : log_->next_sequence();
    if (!content && content.reason() == std::errc::no_such_file_or_directory) return;
    if (!content && content.reason() != std::errc::file_too_large) throw error(content.reason(), "read", path_);
    const auto place = content ? disk_detail::decode_cursor(*content) : std::nullopt;
    if (!place) {
      origin_ = cursor_origin::damaged;
      committed_ = log_->first_sequence();
      return;
    }
    is_stored_ = true;
    committed_ = log_->resume_point(place->next, place->generation);
    origin_ = committed_ == place->next ? cursor_origin::resumed : cursor_origin::rewound;
    if (origin_ == cursor_origin::resumed) return;
    is_stored_ = false;
    rewound_ = stored_gap{{committed_, place->next - 1}, gap_reason::rewound, {}, 0};
  }

  void seek(std::uint64_t to) {
    position_ = to;
    reader_ = segment_reader(log_->folder(), to, &log_->files());
  }

  void advance(const stored_entry& entry) {
    if (const auto* record = std::get_if<stored_record>(&entry)) {
      position_ = record->sequence + 1;
    } else {
      position_ = reader_.position();
    }
  }

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
