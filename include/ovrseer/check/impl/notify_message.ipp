// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/notify_message.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/check/notify_message.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer::check_detail {

OVRSEER_DECL std::string notify_status(std::string_view text) {
  std::string status(first_bytes(text, longest_notify_status));
  std::ranges::replace_if(status, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return status;
}

OVRSEER_DECL bool take_assignment(notify_message& into, std::string_view name, std::string_view value) {
  const auto take_flag = [value](bool& flag) {
    flag = flag || value == "1";
    return value == "1";
  };
  const auto take_number = [value]<class Number>(std::optional<Number>& number, Number least) {
    const std::optional<Number> read = notify_number<Number>(value, least);
    if (read) number = read;
    return read.has_value();
  };
  if (name == "READY") return take_flag(into.is_ready);
  if (name == "RELOADING") return take_flag(into.is_reloading);
  if (name == "STOPPING") return take_flag(into.is_stopping);
  if (name == "BARRIER") return take_flag(into.is_barrier);
  if (name == "ERRNO") return take_number(into.error_number, 0);
  if (name == "EXIT_STATUS") return take_number(into.exit_status, 0);
  if (name == "MAINPID") return take_number(into.main_pid, std::int32_t{1});
  if (name == "STATUS") {
    into.status = notify_status(value);
    return true;
  }
  if (name == "WATCHDOG") {
    if (value == "trigger") into.alive = notify_message::watchdog::trigger;
    if (value == "1" && into.alive == notify_message::watchdog::none) into.alive = notify_message::watchdog::beat;
    return value == "1" || value == "trigger";
  }
  if (name == "EXTEND_TIMEOUT_USEC") {
    constexpr std::uint64_t year = 365ULL * 24 * 3600 * 1'000'000;
    const std::optional<std::uint64_t> asked = notify_number<std::uint64_t>(value, 0);
    if (asked) into.extend_timeout = std::chrono::microseconds(std::min(*asked, year));
    return asked.has_value();
  }
  return false;
}

}  // namespace ovrseer::check_detail

namespace ovrseer {

OVRSEER_DECL std::optional<notify_message> parse_notify(std::string_view text) {
  if (text.size() > longest_notify_message || text.find('\0') != std::string_view::npos) return std::nullopt;
  notify_message message;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty()) continue;
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string_view value = equals == line.size() ? std::string_view() : line.substr(equals + 1);
    if (!check_detail::take_assignment(message, line.substr(0, equals), value)) ++message.ignored;
  }
  return message;
}

OVRSEER_DECL void notify_state::take(const notify_message& said, time_point now) {
  if (said.is_reloading) is_reloading = true;
  if (said.is_ready) {
    is_ready = true;
    is_reloading = false;
    if (!ready_at) ready_at = now;
  }
  is_stopping = is_stopping || said.is_stopping;
  if (said.status) status = *said.status;
  if (said.error_number) error_number = said.error_number;
  if (said.exit_status) exit_status = said.exit_status;
  if (said.main_pid) main_pid = said.main_pid;
  if (said.extend_timeout) extended_until = now + *said.extend_timeout;
  if (said.alive == notify_message::watchdog::beat) {
    last_beat = now;
    ++beats;
  }
  if (said.alive == notify_message::watchdog::trigger && !triggered_at) triggered_at = now;
}

}  // namespace ovrseer
