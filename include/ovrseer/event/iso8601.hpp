// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Moments as text, the way that all our formats write them.
#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/async/clock.hpp>

namespace ovrseer {

/// A wall time as "2024-01-31T09:30:00.250Z": UTC, milliseconds, rounded down.
inline std::string to_iso8601(wall_time time) {
  using namespace std::chrono;
  const auto whole = floor<milliseconds>(time);
  const auto day = floor<days>(whole);
  const year_month_day date(day);
  const hh_mm_ss clock(whole - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

/// Reads what `to_iso8601` writes; nothing for anything else, and for what `wall_time` cannot hold (with nanoseconds that
/// is before 1678 and after 2261).
inline std::optional<wall_time> from_iso8601(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t first, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(first, count)) value = value * 10 + (c - '0');
    return value;
  };
  const year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                            day(static_cast<unsigned>(number(8, 2)))};
  if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return std::nullopt;
  const sys_time<milliseconds> moment = sys_days(date) + hours(number(11, 2)) + minutes(number(14, 2)) +
                                        seconds(number(17, 2)) + milliseconds(number(20, 3));
  if (moment < ceil<milliseconds>(wall_time::min()) || moment > floor<milliseconds>(wall_time::max())) {
    return std::nullopt;
  }
  return wall_time(duration_cast<wall_time::duration>(moment.time_since_epoch()));
}

}  // namespace ovrseer
