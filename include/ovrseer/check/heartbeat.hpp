// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a process still gives signs of life: one that hangs holds its port and its socket, but no longer speaks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/log/ring.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

namespace check_detail {

/// When each of some sources was last heard of. Counts from the first time that it is asked about one.
class heartbeat_memory {
 public:
  /// Signs of life among the lines that a feed does not keep, for the time that this lives.
  struct below_level {
    std::optional<steady_time> last;
    std::shared_ptr<const line_feed::line_hook> hook;
  };
  struct record {
    steady_time started{};        // tells the incarnations of one source apart
    steady_time last{};           // the last sign of life
    steady_time asked{};          // the last time that somebody asked
    std::uint64_t next_line = 0;  // lines below are known
    bool has_beaten = false;      // there was a sign at all
    std::shared_ptr<below_level> below = nullptr;
  };

  /// The record of a source; a new one where the process is another than before.
  record& of(const void* source, steady_time started, std::uint64_t next_line, steady_time now);

 private:
  // One check may serve all units of a supervisor, which come and go.
  static constexpr std::size_t most_records = 1000;

  void forget_oldest();

  std::map<const void*, record> records_;
};

/// Has signs of life among the lines that are not kept noted, where there may be any.
OVRSEER_DECL std::shared_ptr<heartbeat_memory::below_level> watch_below(line_feed& lines, pattern<> sign);

/// Looks for signs of life in the lines that have come since the last time.
OVRSEER_DECL void look_for_beat(heartbeat_memory::record& known, const ring& lines, const pattern<>& sign,
                                steady_time now, wall_time wall_now);

}  // namespace check_detail

/// Fails when a process has given no sign of life for longer than a limit: a WATCHDOG=1 by its notify channel, or a
/// line with a match. WATCHDOG=trigger fails it at once.
///
/// A health check, asked at intervals: it answers at once, from what has come so far. The limit counts from the
/// first time that it is asked about a process, so that a slow start is no silence. Copies share what they know.
class heartbeat_check {
 public:
  explicit heartbeat_check(std::chrono::nanoseconds limit) : limit_(limit) {}
  heartbeat_check(pattern<> sign, std::chrono::nanoseconds limit) : limit_(limit), sign_(std::move(sign)) {}

  /// Cancellation: it does not wait, so there is nothing to cancel.
  task<check_result> operator()(check_target target) const { return run(*this, target); }

  /// "WATCHDOG=1 every 30s", "log line /alive/ every 30s".
  std::string describe() const { return sign_text() + " every " + to_text(limit_); }
  /// The least there is: zero would mean "without bound".
  std::chrono::nanoseconds bound() const { return std::chrono::nanoseconds(1); }
  void tell_needs(check_needs& into) const { into.beats.push_back({sign_, limit_}); }

 private:
  static task<check_result> run(heartbeat_check self, check_target target);

  std::string what_is_wrong(const check_target& target, steady_time now, wall_time wall_now) const;

  std::string judge(const check_detail::heartbeat_memory::record& known, steady_time now) const;

  std::string sign_text() const { return sign_ ? "log line /" + std::string(sign_->text()) + "/" : "WATCHDOG=1"; }

  std::chrono::nanoseconds limit_;
  std::optional<pattern<>> sign_;
  std::shared_ptr<check_detail::heartbeat_memory> memory_ = std::make_shared<check_detail::heartbeat_memory>();
};

/// Fails when no WATCHDOG=1 came for longer than `limit`; zero means never, but for WATCHDOG=trigger. Give the
/// notify channel the same limit, so that the process knows it.
inline heartbeat_check heartbeat(std::chrono::nanoseconds limit) { return heartbeat_check(limit); }
/// Fails when no line with a match came for longer than `limit`; zero means never.
inline heartbeat_check heartbeat(pattern<> sign, std::chrono::nanoseconds limit) {
  return heartbeat_check(std::move(sign), limit);
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/heartbeat.ipp>
#endif
