// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Events as JSON, version 1, and back: the one format for files, streams, buses and APIs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <ovrseer/build.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/json_members.hpp>

namespace ovrseer {

/// The version of the format that is written here, under the key `v`.
inline constexpr int event_format_version = 1;

namespace event_detail {

OVRSEER_DECL ordered_json usage_to_json(const resource_usage& used);

OVRSEER_DECL resource_usage usage_from_json(const json_members& in);

OVRSEER_DECL bool is_told(const resource_usage& used) noexcept;

}  // namespace event_detail

/// `{"how": "exited", "code": 3}`, `{"how": "signaled", "signal": "SIGSEGV", "number": 11, "core": true}` or
/// `{"how": "lost"}`, each with `usage` where the system told.
OVRSEER_DECL ordered_json to_json(const exit_status& status);

/// Reads what `to_json` wrote. Errors: `errc::corrupt` with the key.
OVRSEER_DECL exit_status exit_status_from_json(const ordered_json& json);

namespace event_detail {

inline ordered_json cause_to_json(const cause& why) {
  return {{"what", why.what}, {"rule", why.rule}, {"decision", why.decision}};
}
inline cause cause_from_json(const json_members& in) { return {in.text("what"), in.text("rule"), in.text("decision")}; }

inline void put_duration(ordered_json& json, const char* key, std::optional<std::chrono::nanoseconds> value) {
  if (value) json[key] = value->count();
}

/// What an event carries, as the object under `data`.
struct data_writer {
  ordered_json operator()(std::monostate) const { return ordered_json::object(); }
  ordered_json operator()(const transition_data& data) const;
  ordered_json operator()(const flag_data& data) const;
  ordered_json operator()(const check_data& data) const { return {{"check", data.check}, {"reason", data.reason}}; }
  ordered_json operator()(const dropped_data& data) const { return {{"dropped", data.what}, {"count", data.count}}; }
  ordered_json operator()(const supervisor_data& data) const;
};

OVRSEER_DECL transition_data transition_from_json(const json_members& in);

OVRSEER_DECL flag_data flag_from_json(const json_members& in);

OVRSEER_DECL supervisor_data supervisor_from_json(const json_members& in);

/// Each kind of data has a key that no other has, so that any type of event may carry any of them.
OVRSEER_DECL event_data data_from_json(const json_members& in);

}  // namespace event_detail

/// `{"v": 1, "seq", "boot_id", "incarnation", "time", "mono_ns", "namespace", "unit", "type", "severity",
/// "cause_seq", "data"}`; `unit` is empty for the supervisor itself, `data` holds what the event carries,
/// durations in nanoseconds.
OVRSEER_DECL ordered_json to_json(const event& entry, std::string_view boot_id);

/// An event and the life that it belongs to.
struct stored_event {
  event entry;
  std::string boot_id;
};

/// Reads what `to_json` wrote; the time comes back in milliseconds. Keys that it does not know are ignored.
///
/// Errors: `errc::corrupt` with the key that is missing or wrong, also for another version.
OVRSEER_DECL stored_event event_from_json(const ordered_json& json);

/// The same of a text, such as a line of a file. Errors: `errc::corrupt` also for what is no JSON.
OVRSEER_DECL stored_event event_from_text(std::string_view text);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/json.ipp>
#endif
