// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events as sinks get them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <ovrseer/event/record_json.hpp>

namespace ovrseer_test {

/// Line `seq` of a unit, one millisecond after the line before it.
inline ovrseer::log_record record_of(std::string text, std::uint64_t seq = 1, ovrseer::unit_id unit = "api") {
  ovrseer::log_record made;
  made.boot_id = "boot";
  made.unit = std::move(unit);
  made.line.text = std::move(text);
  made.line.seq = seq;
  made.line.time = ovrseer::wall_time(std::chrono::milliseconds(1'700'000'000'000 + static_cast<std::int64_t>(seq)));
  return made;
}

inline ovrseer::stored_event event_of(ovrseer::event_type type, std::uint64_t seq = 1, ovrseer::unit_id unit = "api") {
  ovrseer::stored_event made;
  made.boot_id = "boot";
  made.entry.seq = seq;
  made.entry.type = type;
  made.entry.unit = std::move(unit);
  made.entry.time = ovrseer::wall_time(std::chrono::milliseconds(1'700'000'000'000 + static_cast<std::int64_t>(seq)));
  return made;
}

}  // namespace ovrseer_test
