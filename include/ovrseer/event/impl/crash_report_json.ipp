// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/crash_report_json.hpp>.
#pragma once

#include <chrono>
#include <cstdint>

#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/event/json.hpp>

namespace ovrseer::event_detail {

OVRSEER_DECL ordered_json record_to_json(const restart_record& record) {
  ordered_json json{
      {"time", to_iso8601(record.time)}, {"incarnation", record.incarnation}, {"uptime_ns", record.uptime.count()}};
  if (record.status) json["status"] = to_json(*record.status);
  return json;
}

OVRSEER_DECL restart_record record_from_json(const json_members& in) {
  restart_record record;
  record.time = in.time("time");
  record.incarnation = in.number<std::uint32_t>("incarnation");
  record.uptime = in.duration("uptime_ns");
  if (in.has("status")) record.status = exit_status_from_json(in.member("status"));
  return record;
}

OVRSEER_DECL const ordered_json& array_of(const json_members& in, std::string_view key) {
  const ordered_json& found = in.member(key);
  if (!found.is_array()) json_members::fail(key);
  return found;
}

OVRSEER_DECL std::vector<std::string> texts_of(const json_members& in, std::string_view key) {
  std::vector<std::string> texts;
  for (const ordered_json& each : array_of(in, key)) {
    if (!each.is_string()) json_members::fail(key);
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

OVRSEER_DECL std::vector<std::pair<std::string, std::string>> pairs_of(const json_members& in, std::string_view key) {
  const ordered_json& found = in.member(key);
  if (!found.is_object()) json_members::fail(key);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : found.items()) {
    if (!value.is_string()) json_members::fail(key);
    pairs.emplace_back(name, value.get<std::string>());
  }
  return pairs;
}

OVRSEER_DECL void read_lists(const json_members& in, crash_report& report) {
  for (const ordered_json& each : array_of(in, "history")) {
    report.history.push_back(record_from_json(json_members(each, "history")));
  }
  report.environment = pairs_of(in, "environment");
  if (in.has("fields")) report.fields = pairs_of(in, "fields");
  for (const ordered_json& each : array_of(in, "flags")) {
    const json_members flag(each, "flags");
    report.flags.push_back({flag.text("flag"), flag.number<std::uint64_t>("count"), texts_of(flag, "lines")});
  }
}

}  // namespace ovrseer::event_detail

namespace ovrseer {

OVRSEER_DECL ordered_json to_json(const crash_report& report) {
  ordered_json json{{"v", crash_report_format_version},    {"id", report.id},
                    {"time", to_iso8601(report.time)},     {"kind", to_text(report.kind)},
                    {"namespace", report.unit.name_space}, {"unit", report.unit.name},
                    {"role", to_text(report.role)},        {"state", to_text(report.state)},
                    {"message", report.message},           {"incarnation", report.incarnation},
                    {"event_seq", report.event_seq},       {"retry_count", report.retry_count},
                    {"uptime_ns", report.uptime.count()}};
  if (report.pid) json["pid"] = *report.pid;
  if (report.status) json["status"] = to_json(*report.status);
  json["program"] = report.program;
  json["arguments"] = report.arguments;
  json["working_directory"] = report.working_directory;
  ordered_json& environment = json["environment"] = ordered_json::object();
  for (const auto& [name, value] : report.environment) environment[name] = value;
  ordered_json& history = json["history"] = ordered_json::array();
  for (const restart_record& record : report.history) history.push_back(event_detail::record_to_json(record));
  ordered_json& flags = json["flags"] = ordered_json::array();
  for (const flag_context& flag : report.flags) flags.push_back(event_detail::flag_to_json(flag));
  json["last_lines"] = report.last_lines;
  if (report.occurrences != 1) json["occurrences"] = report.occurrences;
  if (report.fields.empty()) return json;
  ordered_json& fields = json["fields"] = ordered_json::object();
  for (const auto& [name, value] : report.fields) fields[name] = value;
  return json;
}

OVRSEER_DECL crash_report crash_report_from_json(const ordered_json& json) {
  const json_members in(json, "crash report");
  if (in.number<int>("v") != crash_report_format_version) json_members::fail("v");
  crash_report report;
  report.id = in.text("id");
  report.time = in.time("time");
  report.kind = in.word<crash_kind>("kind", static_cast<std::size_t>(crash_kind::flag_matched) + 1);
  report.unit = unit_id(in.text("namespace"), in.text("unit"));
  report.role = in.word<role>("role", static_cast<std::size_t>(role::cleanup) + 1);
  report.state = in.word<unit_state>("state", static_cast<std::size_t>(unit_state::skipped) + 1);
  report.message = in.text("message");
  report.incarnation = in.number<std::uint32_t>("incarnation");
  report.event_seq = in.number<std::uint64_t>("event_seq");
  report.retry_count = in.number<std::uint32_t>("retry_count");
  report.uptime = in.duration("uptime_ns");
  if (in.has("pid")) report.pid = in.number<std::int32_t>("pid");
  if (in.has("status")) report.status = exit_status_from_json(in.member("status"));
  report.program = in.text("program");
  report.arguments = event_detail::texts_of(in, "arguments");
  report.working_directory = in.text("working_directory");
  event_detail::read_lists(in, report);
  report.last_lines = event_detail::texts_of(in, "last_lines");
  if (in.has("occurrences")) report.occurrences = in.number<std::uint64_t>("occurrences");
  return report;
}

}  // namespace ovrseer
