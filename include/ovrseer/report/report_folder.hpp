// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A folder of crash reports, one JSON file each, that never grows beyond its bounds. Synchronous: it blocks
// for as long as the disk does; `file_reporter` is the same for the strand of a supervisor.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/disk/write_atomic.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// `$TMPDIR/ovrseer/crash-reports`, or the same below `/tmp` where the variable is not set.
OVRSEER_DECL std::string default_report_folder();

/// How a `report_folder` keeps its files.
struct report_folder_options {
  report_folder_options() = default;
  explicit report_folder_options(std::string folder) : path(std::move(folder)) {}

  std::string path = default_report_folder();   ///< made with its parents, for the user alone (0700)
  std::size_t max_files = 100;                  ///< the oldest go first; 0: no bound
  byte_size max_bytes = byte_size(64U << 20U);  ///< of all reports together; 0: no bound
  durability survives = durability::power_loss;
  file_system* files = nullptr;  ///< null: the real ones
};

/// The name of a report's file, taken apart: `{time}[-{ordinal}]_{unit}.json`, the time with `-` for `:` and `.`.
struct report_file {
  std::string name;           ///< without the folder
  std::string time;           ///< "2024-01-31T09-30-00-250Z"
  std::uint32_t ordinal = 1;  ///< tells reports of one time and unit apart
  std::string unit;           ///< "api", or "space@api" outside of the default namespace

  friend bool operator<(const report_file& a, const report_file& b) {
    return std::tie(a.time, a.ordinal, a.unit) < std::tie(b.time, b.ordinal, b.unit);
  }
};

namespace report_detail {

inline constexpr std::string_view file_suffix = ".json";
inline constexpr std::size_t time_length = 24;
inline constexpr unsigned folder_permissions = 0700;
inline constexpr unsigned file_permissions = 0600;

/// The unit as a part of a file name: nothing that a path would take for more than a name.
OVRSEER_DECL std::string file_part(const unit_id& unit);

OVRSEER_DECL std::string file_time(wall_time time);

OVRSEER_DECL std::string file_name(const crash_report& report, std::uint32_t ordinal);

OVRSEER_DECL bool is_time(std::string_view text);

}  // namespace report_detail

/// Takes the name of a report's file apart; nothing where it is not one, as with any path.
OVRSEER_DECL std::optional<report_file> parse_report_name(std::string_view name);

/// Writes, finds and removes the reports of one folder. Holds no state but its options: what is there is
/// what the folder says, also to another process. Files that are no reports are left alone.
class report_folder {
 public:
  explicit report_folder(report_folder_options options = {})
      : options_(std::move(options)), files_(&files_or_real(options_.files)) {}

  const report_folder_options& options() const noexcept { return options_; }

  /// Writes a report, complete or not at all, then removes the oldest beyond the bounds; yields its file's name.
  ///
  /// Throws `error` with the step: "make folder", "create", "write", "fsync", "rename" (no report was written);
  /// "fsync folder" and "remove old report" (it was); `errc::record_too_large` where it alone would pass
  /// `max_bytes`.
  std::string write(const crash_report& report);

  /// All reports, oldest first; none where the folder does not exist. Throws with the step "list".
  std::vector<report_file> list() const;

  /// The reports of one unit, oldest first.
  std::vector<report_file> by_unit(const unit_id& unit) const;

  /// Reads a report by its file's name.
  ///
  /// Throws `error` with the step "read report": `std::errc::invalid_argument` for what is no name of a
  /// report, the errno of the disk, `errc::corrupt` for a file that is no report.
  crash_report read(const std::string& name) const;

  /// The newest report, if there is any. Throws as `list` and `read`.
  std::optional<crash_report> last() const;

 private:
  static constexpr byte_size largest_read = byte_size(256U << 20U);

  std::string path_of(const std::string& name) const { return options_.path + "/" + name; }

  std::string free_name(const crash_report& report) const;

  // What writers that were killed in the middle left; an hour is longer than any write.
  void remove_leftovers();

  void remove_oldest();

  report_folder_options options_;
  file_system* files_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/report/impl/report_folder.ipp>
#endif
