// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reads the records of a segment log in order, and says where some are missing instead of passing over them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/disk/detail/segment_folder.hpp>
#include <ovrseer/disk/detail/segment_scanner.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/disk/segment_log_options.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

/// A record as a reader sees it. The payload lives until the reader's next call.
struct stored_record {
  std::uint64_t sequence = 0;
  std::string_view payload;
};

/// Why records are missing.
enum class gap_reason {
  missing,  ///< no file has them: their segment was deleted, or a power loss took them before they were synced
  corrupt,  ///< their checksum does not hold
  rewound,  ///< they were seen once, then lost, and their numbers are given again: what follows begins at `first`
};

/// Records that a reader should have got and cannot.
struct stored_gap {
  sequence_range records{};
  gap_reason reason = gap_reason::missing;
  std::string file;          ///< of the damage; empty when no file is concerned
  std::uint64_t offset = 0;  ///< of the damage in the file

  /// `errc::corrupt` for damage, otherwise none.
  std::error_code code() const noexcept {
    return reason == gap_reason::corrupt ? make_error_code(errc::corrupt) : std::error_code();
  }
};

using stored_entry = std::variant<stored_record, stored_gap>;

/// "records 3 to 5 are corrupt: FILE at offset 120", for people.
inline std::string to_text(const stored_gap& gap) {
  std::string text = "records " + std::to_string(gap.records.first) + " to " + std::to_string(gap.records.last);
  switch (gap.reason) {
    case gap_reason::missing: text += " are missing"; break;
    case gap_reason::corrupt: text += " are corrupt"; break;
    case gap_reason::rewound: text += " were lost and their numbers given again"; break;
  }
  if (!gap.file.empty()) text.append(": ").append(gap.file).append(" at offset ").append(std::to_string(gap.offset));
  return text;
}

/// What follows the last whole record: a write under way, or one that never finished.
struct unfinished_tail {
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// Reads a log's folder from a sequence number on, beside the writer or without one; takes no lock.
///
/// Damage: a record that does not hold is passed over alone when whole ones follow it in its segment, else the
/// rest of its segment is; both come as one gap with file and offset. At the end of the last segment what is
/// not whole is taken for a write under way: there `next()` gives nothing, and may give more later.
class segment_reader {
 public:
  /// Reads from `from` on; zero: from the oldest record that is kept. `files` null means the real ones.
  /// Touches no file before the first `next()`.
  explicit segment_reader(std::string folder, std::uint64_t from = 0, file_system* files = nullptr)
      : files_(&files_or_real(files)), folder_(*files_, std::move(folder)), position_(from) {}

  /// The next record or gap; nothing at the present end. Throws `error` at step "list", "open" or "read".
  std::optional<stored_entry> next() {
    while (true) {
      if (!scanner_ && !enter_first()) return std::nullopt;
      if (gap_) return std::exchange(gap_, std::nullopt);
      auto step = scanner_.next();
      // What lies beyond the successor's first number is not of the log: a tail that could not be cut off.
      if (step.first >= limit_) step = {disk_detail::scan_kind::end, limit_, limit_, step.offset, 0, {}};
      switch (step.kind) {
        case disk_detail::scan_kind::record:
          if (step.first < position_) continue;  // on the way to where reading begins
          position_ = step.first + 1;
          return stored_record{step.first, step.payload};
        case disk_detail::scan_kind::damage:
          if (step.last < position_) continue;
          return passed({{std::max(step.first, position_), std::min(step.last, limit_ - 1)},
                         gap_reason::corrupt,
                         scanner_.path(),
                         step.offset});
        case disk_detail::scan_kind::end:
          if (!enter_next(step)) return std::nullopt;
      }
    }
  }

  /// The sequence number of the record that comes next; zero while that is not known.
  std::uint64_t position() const noexcept { return position_; }
  /// The generation of the segment that is read; zero before the first.
  std::uint32_t generation() const noexcept { return current_.generation; }
  /// What lay behind the last whole record when `next()` came to the present end; nothing where it ended cleanly.
  const std::optional<unfinished_tail>& unfinished() const noexcept { return unfinished_; }

 private:
  using segment_list = std::vector<disk_detail::segment_file>;
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  // The segment that has `position_`: the last one that begins at or before it.
  bool enter_first() {
    const auto segments = folder_.list();
    if (segments.empty()) return false;
    auto at = std::upper_bound(segments.begin(), segments.end(), position_,
                               [](std::uint64_t wanted, const auto& segment) { return wanted < segment.id.first; });
    if (at != segments.begin()) --at;
    if (!enter(segments, at)) return enter_first();
    if (position_ == 0) position_ = at->id.first;
    if (position_ < at->id.first) leave_gap({position_, at->id.first - 1}, gap_reason::missing);
    return true;
  }

  bool enter_next(const disk_detail::scan_step& end) {
    const auto segments = folder_.list();
    const auto at = std::upper_bound(segments.begin(), segments.end(), current_,
                                     [](const auto& id, const auto& segment) { return id < segment.id; });
    unfinished_.reset();
    if (at == segments.end()) {
      if (end.bytes != 0) unfinished_ = unfinished_tail{scanner_.path(), end.offset, end.bytes};
      return false;
    }
    // Only now is it sure that this segment grows no more; records that came meanwhile are read first.
    if (!std::exchange(is_left_, true)) return true;
    const std::string path = scanner_.path();
    const std::uint64_t begin = at->id.first;
    const std::uint64_t seen_until = std::min(scanner_.expected(), limit_);
    if (!enter(segments, at)) return true;
    if (position_ < begin) {
      const bool is_damage = end.bytes != 0;
      leave_gap({position_, begin - 1}, is_damage ? gap_reason::corrupt : gap_reason::missing);
      if (is_damage) gap_->file = path, gap_->offset = end.offset;
    } else if (begin < seen_until) {
      leave_gap({begin, position_ - 1}, gap_reason::rewound);
      position_ = begin;
    }
    return true;
  }

  // False when the segment was deleted since it was listed: then list again.
  bool enter(const segment_list& segments, segment_list::const_iterator at) {
    const disk_detail::segment_id id = at->id;
    auto opened = open_file(*files_, folder_.path_of(id), open_mode::read);
    if (!opened && opened.reason() == std::errc::no_such_file_or_directory) return false;
    if (!opened) throw error(opened.reason(), "open", folder_.path_of(id));
    scanner_ = disk_detail::segment_scanner(*files_, std::move(*opened), folder_.path_of(id), id.first);
    current_ = id;
    is_left_ = false;
    limit_ = at + 1 == segments.end() ? no_limit : (at + 1)->id.first;
    return true;
  }

  void leave_gap(sequence_range records, gap_reason reason) {
    gap_ = stored_gap{records, reason, {}, 0};
    position_ = records.last + 1;
  }
  stored_entry passed(stored_gap gap) {
    position_ = gap.records.last + 1;
    return gap;
  }

  file_system* files_;
  disk_detail::segment_folder folder_;
  std::uint64_t position_;
  disk_detail::segment_id current_{};
  disk_detail::segment_scanner scanner_;
  bool is_left_ = false;
  std::uint64_t limit_ = no_limit;  // where the next segment begins, if there is one
  std::optional<stored_gap> gap_;
  std::optional<unfinished_tail> unfinished_;
};

/// What reading a whole log found.
struct log_verification {
  std::uint64_t records = 0;
  std::uint64_t lost = 0;  ///< records within gaps
  std::vector<stored_gap> gaps{};
};

/// Reads every record of a log and lists what does not hold. Throws as `segment_reader::next`.
inline log_verification verify_log(const std::string& folder, file_system* files = nullptr) {
  log_verification found;
  segment_reader reader(folder, 0, files);
  while (const auto entry = reader.next()) {
    if (const auto* gap = std::get_if<stored_gap>(&*entry)) {
      found.lost += gap->records.count();
      found.gaps.push_back(*gap);
    } else {
      ++found.records;
    }
  }
  return found;
}

}  // namespace ovrseer
