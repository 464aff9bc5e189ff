// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a user decides about a segment log, and what the log tells about itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/rotation.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// When appended records are made durable against a power loss. Against the death of the process alone they
/// are safe as soon as `append` returns.
class sync_policy {
 public:
  /// `append` returns when the record is on the disk. The safest and slowest: one fdatasync a record.
  static constexpr sync_policy every_append() noexcept { return sync_policy(1); }
  /// As `every_append`, once in `count` records. Zero is taken as one.
  static constexpr sync_policy every(std::size_t count) noexcept { return sync_policy(count == 0 ? 1 : count); }
  /// Only `sync()`, and the change to a new segment, reach for the disk.
  static constexpr sync_policy on_demand() noexcept { return sync_policy(0); }

  constexpr bool is_due(std::uint64_t unsynced) const noexcept { return every_ != 0 && unsynced >= every_; }

 private:
  constexpr explicit sync_policy(std::size_t every) noexcept : every_(every) {}
  std::size_t every_;
};

/// How a segment log is written and kept.
struct segment_log_options {
  segment_log_options() noexcept = default;

  /// When a new segment is begun. Looked at when a record is appended: a log without appends does not rotate.
  rotation_rule rotate{byte_size(8U << 20U), {}};
  /// Which old segments are deleted, whether read or not. Where `keep.bytes` is set, segments are at most half of it.
  retention_rule keep;
  sync_policy sync = sync_policy::on_demand();
  /// A longer record is refused; at most 1 GiB.
  byte_size largest_record{16U << 20U};
  unsigned permissions = 0640;   ///< of segment files, before the umask
  file_system* files = nullptr;  ///< null: the real ones
  wall_clock now;                ///< empty: the system's; used for `rotate.age` and the segments' headers
};

/// Where a record lies.
struct record_position {
  std::uint64_t sequence = 0;  ///< from 1 on, without holes as long as nothing was lost
  std::uint64_t segment = 0;   ///< the first sequence number of its segment
  std::uint64_t offset = 0;    ///< in the segment's file
};

/// A range of sequence numbers, both ends included.
struct sequence_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  constexpr std::uint64_t count() const noexcept { return last - first + 1; }
  friend constexpr bool operator==(const sequence_range&, const sequence_range&) = default;
};

/// A place in a file whose checksum does not hold.
struct damaged_place {
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  sequence_range records{};  ///< none when `records.first` is zero: only the header is damaged
};

/// What opening a log found.
struct log_recovery {
  std::uint64_t torn_bytes = 0;         ///< cut from the end of the last segment: a write that did not finish
  std::string torn_file;                ///< where; empty when nothing was cut
  std::uint64_t torn_offset = 0;        ///< the first byte cut
  std::vector<damaged_place> damage;    ///< in the last segment, whole records follow; older ones are not read
  std::size_t removed_temporaries = 0;  ///< leftovers of interrupted atomic writes

  bool is_clean() const noexcept { return torn_bytes == 0 && damage.empty(); }
};

/// Counters since the log was opened.
struct segment_log_stats {
  std::uint64_t appended_records = 0;
  std::uint64_t appended_bytes = 0;  ///< as they lie in the files
  std::uint64_t syncs = 0;
  std::uint64_t rotations = 0;
  std::uint64_t removed_segments = 0;
  std::uint64_t failed_appends = 0;
  std::uint64_t failed_syncs = 0;
  std::uint64_t failed_rotations = 0;  ///< the record went to the old segment instead
  std::uint64_t failed_removals = 0;   ///< the segment stays and is tried again
  std::error_code last_failure{};
};

}  // namespace ovrseer
