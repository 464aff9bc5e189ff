// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports as JSON, version 1, and back: what files hold and senders build upon.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/json_members.hpp>

namespace ovrseer {

/// The version of the format that is written here, under the key `v`.
inline constexpr int crash_report_format_version = 1;

namespace event_detail {

OVRSEER_DECL ordered_json record_to_json(const restart_record& record);

OVRSEER_DECL restart_record record_from_json(const json_members& in);

OVRSEER_DECL const ordered_json& array_of(const json_members& in, std::string_view key);

OVRSEER_DECL std::vector<std::string> texts_of(const json_members& in, std::string_view key);

OVRSEER_DECL std::vector<std::pair<std::string, std::string>> pairs_of(const json_members& in, std::string_view key);

inline ordered_json flag_to_json(const flag_context& flag) {
  return {{"flag", flag.flag}, {"count", flag.count}, {"lines", flag.lines}};
}

OVRSEER_DECL void read_lists(const json_members& in, crash_report& report);

}  // namespace event_detail

/// Headline first, lists last; durations in nanoseconds. Of two environment entries of one name the last is kept.
OVRSEER_DECL ordered_json to_json(const crash_report& report);

/// Reads what `to_json` wrote; times come back in milliseconds. Keys that it does not know are ignored.
///
/// Errors: `errc::corrupt` with the key that is missing or wrong, also for another version.
OVRSEER_DECL crash_report crash_report_from_json(const ordered_json& json);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/crash_report_json.ipp>
#endif
