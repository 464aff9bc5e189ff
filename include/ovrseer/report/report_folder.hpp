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

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/disk/write_atomic.hpp>
#include <ovrseer/report/json.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// `$TMPDIR/ovrseer/crash-reports`, or the same below `/tmp` where the variable is not set.
inline std::string default_report_folder() {
  const char* const set = std::getenv("TMPDIR");
  std::string base = set != nullptr && *set != '\0' ? set : "/tmp";
  while (base.size() > 1 && base.back() == '/') base.pop_back();
  return base + "/ovrseer/crash-reports";
}

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
inline std::string file_part(const unit_id& unit) {
  std::string part = unit.name_space == "default" ? unit.name : unit.name_space + "@" + unit.name;
  for (char& c : part) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          c == '.' || c == '-' || c == '@';
    if (!is_plain) c = '_';
  }
  constexpr std::size_t longest = 150;
  return part.substr(0, longest);
}

inline std::string file_time(wall_time time) {
  std::string text = to_iso8601(time);
  for (char& c : text) {
    if (c == ':' || c == '.') c = '-';
  }
  return text;
}

inline std::string file_name(const crash_report& report, std::uint32_t ordinal) {
  std::string name = file_time(report.time);
  if (ordinal > 1) name.append("-").append(std::to_string(ordinal));
  return name.append("_").append(file_part(report.unit)).append(file_suffix);
}

inline bool is_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00-00-00-000Z";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) return false;
  }
  return true;
}

}  // namespace report_detail

/// Takes the name of a report's file apart; nothing where it is not one, as with any path.
inline std::optional<report_file> parse_report_name(std::string_view name) {
  report_file file;
  file.name = name;
  if (!name.ends_with(report_detail::file_suffix) || name.find('/') != std::string_view::npos) return std::nullopt;
  name.remove_suffix(report_detail::file_suffix.size());
  if (!report_detail::is_time(name.substr(0, report_detail::time_length))) return std::nullopt;
  file.time = name.substr(0, report_detail::time_length);
  name.remove_prefix(report_detail::time_length);
  if (name.starts_with('-')) {
    const char* const end = name.data() + name.size();
    const auto [rest, code] = std::from_chars(name.data() + 1, end, file.ordinal);
    if (code != std::errc() || file.ordinal < 2) return std::nullopt;
    name = std::string_view(rest, static_cast<std::size_t>(end - rest));
  }
  if (!name.starts_with('_') || name.size() < 2) return std::nullopt;
  file.unit = name.substr(1);
  return file;
}

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
  std::string write(const crash_report& report) {
    if (const auto code = make_folders(*files_, options_.path, report_detail::folder_permissions)) {
      throw error(code, "make folder", options_.path);
    }
    const std::string content = to_json_text(to_json(report), 2) + "\n";
    if (options_.max_bytes.count() != 0 && content.size() > options_.max_bytes.count()) {
      throw error(errc::record_too_large, "write", to_text(byte_size(content.size())));
    }
    write_options how;
    how.permissions = report_detail::file_permissions;
    how.survives = options_.survives;
    how.files = files_;
    const std::string name = free_name(report);
    write_atomic(path_of(name), content, how);
    remove_leftovers();
    remove_oldest();
    return name;
  }

  /// All reports, oldest first; none where the folder does not exist. Throws with the step "list".
  std::vector<report_file> list() const {
    const auto names = files_->list(options_.path);
    std::vector<report_file> found;
    if (!names) {
      if (names.reason() == std::errc::no_such_file_or_directory) return found;
      throw error(names.reason(), "list", options_.path);
    }
    for (const std::string& name : *names) {
      if (auto file = parse_report_name(name)) found.push_back(std::move(*file));
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  /// The reports of one unit, oldest first.
  std::vector<report_file> by_unit(const unit_id& unit) const {
    std::vector<report_file> found = list();
    const std::string wanted = report_detail::file_part(unit);
    std::erase_if(found, [&](const report_file& file) { return file.unit != wanted; });
    return found;
  }

  /// Reads a report by its file's name.
  ///
  /// Throws `error` with the step "read report": `std::errc::invalid_argument` for what is no name of a
  /// report, the errno of the disk, `errc::corrupt` for a file that is no report.
  crash_report read(const std::string& name) const {
    const std::string step = "read report";
    const auto is_no_name = std::make_error_code(std::errc::invalid_argument);
    if (!parse_report_name(name)) throw error(is_no_name, step, name);
    const auto content = read_file(path_of(name), largest_read, files_);
    if (!content) throw error(content.reason(), step, path_of(name));
    try {
      return crash_report_from_json(ordered_json::parse(*content, nullptr, false));
    } catch (const error& failure) {
      throw error(failure.code(), step, path_of(name) + ": " + failure.context());
    }
  }

  /// The newest report, if there is any. Throws as `list` and `read`.
  std::optional<crash_report> last() const {
    const std::vector<report_file> found = list();
    if (found.empty()) return std::nullopt;
    return read(found.back().name);
  }

 private:
  static constexpr byte_size largest_read = byte_size(256U << 20U);

  std::string path_of(const std::string& name) const { return options_.path + "/" + name; }

  std::string free_name(const crash_report& report) const {
    for (std::uint32_t ordinal = 1;; ++ordinal) {
      std::string name = report_detail::file_name(report, ordinal);
      if (!files_->status(path_of(name))) return name;
    }
  }

  // What writers that were killed in the middle left; an hour is longer than any write.
  void remove_leftovers() {
    const auto names = files_->list(options_.path);
    if (!names) return;  // `remove_oldest` says so
    const auto old = std::chrono::system_clock::now() - std::chrono::hours(1);
    for (const std::string& name : *names) {
      if (!name.ends_with(".tmp") || !report_detail::is_time(name.substr(0, report_detail::time_length))) continue;
      const auto status = files_->status(path_of(name));
      if (status && status->modified < old) (void)files_->unlink(path_of(name));
    }
  }

  void remove_oldest() {
    std::vector<report_file> kept = list();
    std::vector<std::uint64_t> sizes;
    std::uint64_t bytes = 0;
    for (const report_file& file : kept) {
      const auto status = files_->status(path_of(file.name));
      sizes.push_back(status ? status->size : 0);
      bytes += sizes.back();
    }
    const auto is_beyond = [&](std::size_t removed) {
      return (options_.max_files != 0 && kept.size() - removed > options_.max_files) ||
             (options_.max_bytes.count() != 0 && bytes > options_.max_bytes.count());
    };
    for (std::size_t i = 0; i + 1 < kept.size() && is_beyond(i); ++i) {
      const auto code = files_->unlink(path_of(kept[i].name));
      if (code && code != std::errc::no_such_file_or_directory) {
        throw error(code, "remove old report", path_of(kept[i].name));
      }
      bytes -= sizes[i];
    }
  }

  report_folder_options options_;
  file_system* files_;
};

}  // namespace ovrseer
