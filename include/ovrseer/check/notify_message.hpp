// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a process says of itself by the notify protocol (sd_notify(3)): the text of one datagram as a value, and
// what all of them come to. Pure.
#pragma once

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <ovrseer/build.hpp>

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
OVRSEER_DECL std::string notify_status(std::string_view text);

/// Takes one `NAME=value`; says whether it means something.
OVRSEER_DECL bool take_assignment(notify_message& into, std::string_view name, std::string_view value);

}  // namespace check_detail

/// Reads a datagram: assignments, one a line; of two of one name the last counts. What has no meaning here, or a
/// value that is none, is counted as ignored. Nothing for what is no message at all: longer than the limit, or with
/// a zero byte in it.
OVRSEER_DECL std::optional<notify_message> parse_notify(std::string_view text);

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
  void take(const notify_message& said, time_point now);
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/notify_message.ipp>
#endif
