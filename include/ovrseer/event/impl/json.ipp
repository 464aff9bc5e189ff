// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/json.hpp>.
#pragma once

#include <cstdint>

#include <ovrseer/event/json.hpp>

namespace ovrseer::event_detail {

OVRSEER_DECL ordered_json usage_to_json(const resource_usage& used) {
  return {{"user_us", used.user_time.count()},
          {"system_us", used.system_time.count()},
          {"max_resident_bytes", used.max_resident.count()},
          {"minor_faults", used.minor_faults},
          {"major_faults", used.major_faults},
          {"voluntary_switches", used.voluntary_switches},
          {"involuntary_switches", used.involuntary_switches}};
}

OVRSEER_DECL resource_usage usage_from_json(const json_members& in) {
  resource_usage used;
  used.user_time = std::chrono::microseconds(in.number<std::int64_t>("user_us"));
  used.system_time = std::chrono::microseconds(in.number<std::int64_t>("system_us"));
  used.max_resident = byte_size(in.number<std::uint64_t>("max_resident_bytes"));
  used.minor_faults = in.number<std::uint64_t>("minor_faults");
  used.major_faults = in.number<std::uint64_t>("major_faults");
  used.voluntary_switches = in.number<std::uint64_t>("voluntary_switches");
  used.involuntary_switches = in.number<std::uint64_t>("involuntary_switches");
  return used;
}

OVRSEER_DECL bool is_told(const resource_usage& used) noexcept {
  return used.user_time.count() != 0 || used.system_time.count() != 0 || used.max_resident.count() != 0 ||
         used.minor_faults != 0 || used.major_faults != 0 || used.voluntary_switches != 0 ||
         used.involuntary_switches != 0;
}

}  // namespace ovrseer::event_detail

namespace ovrseer {

OVRSEER_DECL ordered_json to_json(const exit_status& status) {
  ordered_json json;
  switch (status.how()) {
    case exit_status::kind::exited: json = {{"how", "exited"}, {"code", status.code()}}; break;
    case exit_status::kind::signaled:
      json = {{"how", "signaled"},
              {"signal", to_text(status.signal())},
              {"number", status.signal().value()},
              {"core", status.has_core()}};
      if (status.was_out_of_memory()) json["out_of_memory"] = true;
      break;
    case exit_status::kind::lost: json["how"] = "lost"; break;
  }
  if (event_detail::is_told(status.usage())) json["usage"] = event_detail::usage_to_json(status.usage());
  return json;
}

OVRSEER_DECL exit_status exit_status_from_json(const ordered_json& json) {
  const json_members in(json, "status");
  const std::string& how = in.text("how");
  exit_status status = exit_status::lost();
  if (how == "exited") {
    status = exit_status::exited(in.number<int>("code"));
  } else if (how == "signaled") {
    const auto core = in.flag("core") ? exit_status::core::dumped : exit_status::core::none;
    status = exit_status::signaled(signal_number(in.number<int>("number")), core);
    if (in.has("out_of_memory") && in.flag("out_of_memory")) status = exit_status::out_of_memory();
  } else if (how != "lost") {
    json_members::fail("how");
  }
  if (in.has("usage")) status.usage(event_detail::usage_from_json(in.object("usage")));
  return status;
}

}  // namespace ovrseer

namespace ovrseer::event_detail {

OVRSEER_DECL ordered_json data_writer::operator()(const transition_data& data) const {
  ordered_json json{{"from", to_text(data.from)}, {"cause", cause_to_json(data.why)}};
  if (data.pid) json["pid"] = *data.pid;
  if (data.status) json["status"] = to_json(*data.status);
  put_duration(json, "uptime_ns", data.uptime);
  put_duration(json, "delay_ns", data.delay);
  put_duration(json, "took_ns", data.took);
  json["restarts"] = data.restarts;
  return json;
}

OVRSEER_DECL ordered_json data_writer::operator()(const flag_data& data) const {
  ordered_json json{{"flag", data.flag}, {"count", data.count}};
  if (data.target) json["target"] = *data.target;
  json["line"] = data.line;
  return json;
}

OVRSEER_DECL ordered_json data_writer::operator()(const supervisor_data& data) const {
  ordered_json json{{"cause", cause_to_json(data.why)}};
  if (data.exit_code) json["exit_code"] = *data.exit_code;
  return json;
}

OVRSEER_DECL transition_data transition_from_json(const json_members& in) {
  transition_data data;
  data.from = in.word<unit_state>("from", static_cast<std::size_t>(unit_state::skipped) + 1);
  data.why = cause_from_json(in.object("cause"));
  if (in.has("pid")) data.pid = in.number<std::int32_t>("pid");
  if (in.has("status")) data.status = exit_status_from_json(in.member("status"));
  data.uptime = in.optional_duration("uptime_ns");
  data.delay = in.optional_duration("delay_ns");
  data.took = in.optional_duration("took_ns");
  data.restarts = in.number<std::uint32_t>("restarts");
  return data;
}

OVRSEER_DECL flag_data flag_from_json(const json_members& in) {
  flag_data data{in.text("flag"), in.number<std::uint64_t>("count"), std::nullopt, in.text("line")};
  if (in.has("target")) data.target = in.number<std::uint64_t>("target");
  return data;
}

OVRSEER_DECL supervisor_data supervisor_from_json(const json_members& in) {
  supervisor_data data{cause_from_json(in.object("cause")), std::nullopt};
  if (in.has("exit_code")) data.exit_code = in.number<int>("exit_code");
  return data;
}

OVRSEER_DECL event_data data_from_json(const json_members& in) {
  if (in.has("from")) return transition_from_json(in);
  if (in.has("flag")) return flag_from_json(in);
  if (in.has("check")) return check_data{in.text("check"), in.text("reason")};
  if (in.has("dropped")) return dropped_data{in.text("dropped"), in.number<std::uint64_t>("count")};
  if (in.has("cause")) return supervisor_from_json(in);
  return std::monostate();
}

}  // namespace ovrseer::event_detail

namespace ovrseer {

OVRSEER_DECL ordered_json to_json(const event& entry, std::string_view boot_id) {
  return {{"v", event_format_version},
          {"seq", entry.seq},
          {"boot_id", boot_id},
          {"incarnation", entry.incarnation},
          {"time", to_iso8601(entry.time)},
          {"mono_ns", entry.mono_ns},
          {"namespace", entry.unit.name_space},
          {"unit", entry.unit.name},
          {"type", to_text(entry.type)},
          {"severity", to_text(entry.severity)},
          {"cause_seq", entry.cause_seq},
          {"data", std::visit(event_detail::data_writer(), entry.data)}};
}

OVRSEER_DECL stored_event event_from_json(const ordered_json& json) {
  const json_members in(json, "event");
  if (in.number<int>("v") != event_format_version) json_members::fail("v");
  stored_event stored;
  stored.boot_id = in.text("boot_id");
  event& entry = stored.entry;
  entry.seq = in.number<std::uint64_t>("seq");
  entry.incarnation = in.number<std::uint32_t>("incarnation");
  entry.time = in.time("time");
  entry.mono_ns = in.number<std::int64_t>("mono_ns");
  entry.unit = unit_id(in.text("namespace"), in.text("unit"));
  entry.type = in.word<event_type>("type", event_detail::type_names.size());
  entry.severity = in.word<severity>("severity", event_detail::severity_names.size());
  entry.cause_seq = in.number<std::uint64_t>("cause_seq");
  entry.data = event_detail::data_from_json(in.object("data"));
  return stored;
}

OVRSEER_DECL stored_event event_from_text(std::string_view text) {
  const ordered_json json = ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) json_members::fail("JSON");
  return event_from_json(json);
}

}  // namespace ovrseer
