// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/record_json.hpp>.
#pragma once

#include <string_view>
#include <variant>

#include <ovrseer/event/record_json.hpp>
#include <ovrseer/log/encode.hpp>

namespace ovrseer {

namespace event_detail {

inline void append_member(std::string& out, std::string_view key, std::string_view text) {
  out.push_back('"');
  (void)log_detail::append_escaped(out, key);
  out.append("\":\"");
  (void)log_detail::append_escaped(out, text);
  out.push_back('"');
}

inline void append_origin(std::string& out, const log_record& record) {
  append_member(out, "boot_id", record.boot_id);
  out.push_back(',');
  append_member(out, "namespace", record.unit.name_space);
  out.push_back(',');
  append_member(out, "unit", record.unit.name);
}

inline void append_match(std::string& out, const log_record& record, const matched_flag& match) {
  out.append("{\"v\":1,\"type\":\"flag_matched\",");
  append_origin(out, record);
  out.append(",\"time\":\"");
  append_utc(out, record.line.time);
  out.append("\",\"line_seq\":").append(std::to_string(record.line.seq)).append(",");
  append_member(out, "flag", match.flag);
  out.append(",\"count\":").append(std::to_string(match.count)).append(",\"captures\":{");
  std::string_view comma;
  for (const auto& [name, taken] : match.captures) {
    out.append(comma);
    append_member(out, name, taken);
    comma = ",";
  }
  out.append("}}");
}

}  // namespace event_detail

OVRSEER_DECL void append_json(std::string& out, const log_record& record, char between) {
  out.append("{\"type\":\"line\",");
  event_detail::append_origin(out, record);
  const std::size_t brace = out.size();
  append_json(out, record.line.view());
  out[brace] = ',';  // one object in place of two
  for (const matched_flag& each : record.flags) {
    out.push_back(between);
    event_detail::append_match(out, record, each);
  }
}

OVRSEER_DECL void append_json(std::string& out, const stored_event& what, char) {
  out.append(to_json_text(to_json(what.entry, what.boot_id)));
}

OVRSEER_DECL std::string id_of(const stored_event& what) { return what.boot_id + "/" + std::to_string(what.entry.seq); }

OVRSEER_DECL std::size_t size_in_bytes(const stored_event& what) noexcept {
  std::size_t bytes = sizeof(stored_event);
  if (const cause* why = cause_of(what.entry)) bytes += why->what.size() + why->rule.size() + why->decision.size();
  if (const auto* found = std::get_if<flag_data>(&what.entry.data)) bytes += found->flag.size() + found->line.size();
  return bytes;
}

}  // namespace ovrseer
