// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a process says of itself by the notify protocol (sd_notify(3)): the text of one datagram as a value, and
// what all of them come to. Pure.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace ovrseer {

/// One datagram of the protocol.
struct notify_message {
  enum class watchdog : std::uint8_t {
    none,
    beat,     ///< WATCHDOG=1: it is alive
    trigger,  ///< WATCHDOG=trigger: it wants to be taken for one that is not
  };

  bool is_ready = false;                                    ///< READY=1: started, or reloaded
  bool is_reloading = false;                                ///< RELOADING=1
  bool is_stopping = false;                                 ///< STOPPING=1
  bool is_barrier = false;                                  ///< BARRIER=1
  watchdog alive = watchdog::none;                          ///< WATCHDOG=
  std::optional<std::string> status;                        ///< STATUS=, cut at 1 KiB, without control characters
  std::optional<int> error_number;                          ///< ERRNO=
  std::optional<int> exit_status;                           ///< EXIT_STATUS=
  std::optional<std::int32_t> main_pid;                     ///< MAINPID=
  std::optional<std::chrono::microseconds> extend_timeout;  ///< EXTEND_TIMEOUT_USEC=, a year at most
  std::uint32_t ignored = 0;  ///< assignments that have no meaning here, FDSTORE=1 for one
};

/// The longest datagram that is taken, and the longest status that is kept.
inline constexpr std::size_t longest_notify_message = 4096;
inline constexpr std::size_t longest_notify_status = 1024;

namespace check_detail {

template <std::integral Number>
std::optional<Number> notify_number(std::string_view text, Number least) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < least) return std::nullopt;
  return value;
}

/// One line for people: what moves the cursor of a terminal becomes a blank.
inline std::string notify_status(std::string_view text) {
  std::size_t size = std::min(text.size(), longest_notify_status);
  // Not in the middle of a character of UTF-8.
  while (size < text.size() && size != 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  std::string status(text.substr(0, size));
  std::ranges::replace_if(status, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return status;
}

/// Takes one `NAME=value`; says whether it means something.
inline bool take_assignment(notify_message& into, std::string_view name, std::string_view value) {
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

}  // namespace check_detail

/// Reads a datagram: assignments, one a line; of two of one name the last counts. What has no meaning here, or a
/// value that is none, is counted as ignored. Nothing for what is no message at all: longer than the limit, or with
/// a zero byte in it.
inline std::optional<notify_message> parse_notify(std::string_view text) {
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

/// What one incarnation has said of itself so far.
struct notify_state {
  using time_point = std::chrono::steady_clock::time_point;

  bool is_ready = false;      ///< READY=1 has come; stays
  bool is_reloading = false;  ///< from RELOADING=1 to the next READY=1
  bool is_stopping = false;   ///< STOPPING=1 has come; stays
  std::string status;
  std::optional<int> error_number;
  std::optional<int> exit_status;
  std::optional<std::int32_t> main_pid;      ///< another process of its tree that it calls its main one
  std::optional<time_point> ready_at;        ///< of the first READY=1
  std::optional<time_point> last_beat;       ///< of the last WATCHDOG=1
  std::optional<time_point> triggered_at;    ///< of the first WATCHDOG=trigger
  std::optional<time_point> extended_until;  ///< of the last EXTEND_TIMEOUT_USEC
  std::uint64_t beats = 0;

  /// Takes in what was said at `now`.
  void take(const notify_message& said, time_point now) {
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
};

}  // namespace ovrseer
