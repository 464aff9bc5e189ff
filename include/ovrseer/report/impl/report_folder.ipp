// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/report/report_folder.hpp>.
#pragma once

#include <ovrseer/report/report_folder.hpp>

namespace ovrseer {

OVRSEER_DECL std::string default_report_folder() {
  const char* const set = std::getenv("TMPDIR");
  std::string base = set != nullptr && *set != '\0' ? set : "/tmp";
  while (base.size() > 1 && base.back() == '/') base.pop_back();
  return base + "/ovrseer/crash-reports";
}

}  // namespace ovrseer

namespace ovrseer::report_detail {

OVRSEER_DECL std::string file_part(const unit_id& unit) {
  std::string part = unit.name_space == "default" ? unit.name : unit.name_space + "@" + unit.name;
  for (char& c : part) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          c == '.' || c == '-' || c == '@';
    if (!is_plain) c = '_';
  }
  constexpr std::size_t longest = 150;
  return part.substr(0, longest);
}

OVRSEER_DECL std::string file_time(wall_time time) {
  std::string text = to_iso8601(time);
  for (char& c : text) {
    if (c == ':' || c == '.') c = '-';
  }
  return text;
}

OVRSEER_DECL std::string file_name(const crash_report& report, std::uint32_t ordinal) {
  std::string name = file_time(report.time);
  if (ordinal > 1) name.append("-").append(std::to_string(ordinal));
  return name.append("_").append(file_part(report.unit)).append(file_suffix);
}

OVRSEER_DECL bool is_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00-00-00-000Z";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) return false;
  }
  return true;
}

}  // namespace ovrseer::report_detail

namespace ovrseer {

OVRSEER_DECL std::optional<report_file> parse_report_name(std::string_view name) {
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

OVRSEER_DECL std::string report_folder::write(const crash_report& report) {
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

OVRSEER_DECL std::vector<report_file> report_folder::list() const {
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

OVRSEER_DECL std::vector<report_file> report_folder::by_unit(const unit_id& unit) const {
  std::vector<report_file> found = list();
  const std::string wanted = report_detail::file_part(unit);
  std::erase_if(found, [&](const report_file& file) { return file.unit != wanted; });
  return found;
}

OVRSEER_DECL crash_report report_folder::read(const std::string& name) const {
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

OVRSEER_DECL std::optional<crash_report> report_folder::last() const {
  const std::vector<report_file> found = list();
  if (found.empty()) return std::nullopt;
  return read(found.back().name);
}

OVRSEER_DECL std::string report_folder::free_name(const crash_report& report) const {
  for (std::uint32_t ordinal = 1;; ++ordinal) {
    std::string name = report_detail::file_name(report, ordinal);
    if (!files_->status(path_of(name))) return name;
  }
}

OVRSEER_DECL void report_folder::remove_leftovers() {
  const auto names = files_->list(options_.path);
  if (!names) return;  // `remove_oldest` says so
  const auto old = std::chrono::system_clock::now() - std::chrono::hours(1);
  for (const std::string& name : *names) {
    if (!name.ends_with(".tmp") || !report_detail::is_time(name.substr(0, report_detail::time_length))) continue;
    const auto status = files_->status(path_of(name));
    if (status && status->modified < old) (void)files_->unlink(path_of(name));
  }
}

OVRSEER_DECL void report_folder::remove_oldest() {
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

}  // namespace ovrseer
