// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a process still gives signs of life: one that hangs holds its port and its socket, but no longer speaks.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/process.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

namespace check_detail {

/// When each of some sources was last heard of. Counts from the first time that it is asked about one.
class heartbeat_memory {
 public:
  struct record {
    steady_time started{};        // tells the incarnations of one source apart
    steady_time last{};           // the last sign of life
    steady_time asked{};          // the last time that somebody asked
    std::uint64_t next_line = 0;  // lines below are known
    bool has_beaten = false;      // there was a sign at all
  };

  /// The record of a source; a new one where the process is another than before.
  record& of(const void* source, steady_time started, std::uint64_t next_line, steady_time now) {
    const auto found = records_.find(source);
    if (found != records_.end() && found->second.started == started) return found->second;
    if (found == records_.end() && records_.size() == most_records) forget_oldest();
    record& fresh = records_[source];
    fresh = record{started, now, now, next_line, false};
    return fresh;
  }

 private:
  // One check may serve all units of a supervisor, which come and go.
  static constexpr std::size_t most_records = 1000;

  void forget_oldest() {
    const auto by_time = [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; };
    records_.erase(std::min_element(records_.begin(), records_.end(), by_time));
  }

  std::map<const void*, record> records_;
};

/// Looks for signs of life in the lines that have come since the last time.
inline void look_for_beat(heartbeat_memory::record& known, const ring& lines, const pattern<>& sign, steady_time now,
                          wall_time wall_now) {
  // A line has calendar time alone, which may be set meanwhile; but it was written after we last asked.
  const auto moment_of = [&](wall_time written) {
    const std::chrono::nanoseconds age = wall_now - written;
    return now - std::clamp<std::chrono::nanoseconds>(age, std::chrono::nanoseconds::zero(), now - known.asked);
  };
  const std::uint64_t begin = std::clamp(known.next_line, lines.begin_seq(), lines.end_seq());
  std::optional<steady_time> seen;
  for (std::uint64_t seq = lines.end_seq(); seq != begin && !seen; --seq) {
    const line each = lines.read(seq - 1);
    if (each.source != line_source::own && sign.matches(each.text)) seen = moment_of(each.time);
  }
  // Where lines have left the ring unseen, one of them may have been the sign: the doubt is on the process's side.
  if (!seen && begin > known.next_line) seen = begin == lines.end_seq() ? now : moment_of(lines.read(begin).time);
  if (seen) {
    known.last = std::max(known.last, *seen);
    known.has_beaten = true;
  }
  known.next_line = lines.end_seq();
  known.asked = now;
}

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

 private:
  static task<check_result> run(heartbeat_check self, check_target target) {
    const executor ex = co_await asio::this_coro::executor;
    check_result answer;
    answer.attempts = 1;
    answer.reason = self.what_is_wrong(target, clock_of(ex).now(), clock_of(ex).wall_now());
    if (!answer.reason.empty()) answer.outcome = check_result::verdict::not_ready;
    co_return answer;
  }

  std::string what_is_wrong(const check_target& target, steady_time now, wall_time wall_now) const {
    const steady_time started = target.child != nullptr && *target.child ? target.child->started() : steady_time();
    if (sign_) {
      if (target.lines == nullptr) return "the output is not read";
      const ring& lines = target.lines->lines();
      auto& known = memory_->of(target.lines, started, lines.end_seq(), now);
      check_detail::look_for_beat(known, lines, *sign_, now, wall_now);
      return judge(known, now);
    }
    if (target.notify == nullptr) return "it was given no notify socket";
    const notify_state& said = target.notify->state();
    auto& known = memory_->of(target.notify, started, 0, now);
    known.asked = now;
    if (said.triggered_at) return "it sent WATCHDOG=trigger " + to_text(now - *said.triggered_at) + " ago";
    if (said.last_beat) {
      known.last = std::max(known.last, *said.last_beat);
      known.has_beaten = true;
    }
    return judge(known, now);
  }

  std::string judge(const check_detail::heartbeat_memory::record& known, steady_time now) const {
    if (limit_ == std::chrono::nanoseconds::zero() || now - known.last <= limit_) return "";
    const std::string silence = "no " + sign_text() + " for " + to_text(now - known.last);
    return known.has_beaten ? silence : silence + ", and none before";
  }

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
