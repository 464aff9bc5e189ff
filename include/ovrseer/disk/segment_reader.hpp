// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reads the records of a segment log in order, and says where some are missing instead of passing over them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/build.hpp>
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
OVRSEER_DECL std::string to_text(const stored_gap& gap);

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
  std::optional<stored_entry> next();

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
  bool enter_first();

  bool enter_next(const disk_detail::scan_step& end);

  // False when the segment was deleted since it was listed: then list again.
  bool enter(const segment_list& segments, segment_list::const_iterator at);

  void leave_gap(sequence_range records, gap_reason reason);
  stored_entry passed(stored_gap gap);

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
OVRSEER_DECL log_verification verify_log(const std::string& folder, file_system* files = nullptr);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/impl/segment_reader.ipp>
#endif
