// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/heartbeat.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/check/heartbeat.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/process/process.hpp>

namespace ovrseer::check_detail {

OVRSEER_DECL heartbeat_memory::record& heartbeat_memory::of(const void* source, steady_time started,
                                                            std::uint64_t next_line, steady_time now) {
  const auto found = records_.find(source);
  if (found != records_.end() && found->second.started == started) return found->second;
  if (found == records_.end() && records_.size() == most_records) forget_oldest();
  record& fresh = records_[source];
  fresh = record{started, now, now, next_line, false};
  return fresh;
}

OVRSEER_DECL void heartbeat_memory::forget_oldest() {
  const auto by_time = [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; };
  records_.erase(std::min_element(records_.begin(), records_.end(), by_time));
}

OVRSEER_DECL std::shared_ptr<heartbeat_memory::below_level> watch_below(line_feed& lines, pattern<> sign) {
  auto made = std::make_shared<heartbeat_memory::below_level>();
  clock_service& clock = clock_of(lines.get_executor());
  made->hook = lines.see_below([into = made.get(), &clock, what = std::move(sign)](const line& each) {
    if (what.matches(each.text)) into->last = clock.now();
  });
  return made;
}

OVRSEER_DECL void look_for_beat(heartbeat_memory::record& known, const ring& lines, const pattern<>& sign,
                                steady_time now, wall_time wall_now) {
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
  const std::optional<steady_time> below = known.below ? known.below->last : std::nullopt;
  for (const std::optional<steady_time>& each : {seen, below}) {
    if (!each) continue;
    known.last = std::max(known.last, *each);
    known.has_beaten = true;
  }
  known.next_line = lines.end_seq();
  known.asked = now;
}

}  // namespace ovrseer::check_detail

namespace ovrseer {

OVRSEER_DECL task<check_result> heartbeat_check::run(heartbeat_check self, check_target target) {
  const executor ex = co_await asio::this_coro::executor;
  check_result answer;
  answer.attempts = 1;
  answer.reason = self.what_is_wrong(target, clock_of(ex).now(), clock_of(ex).wall_now());
  if (!answer.reason.empty()) answer.outcome = check_result::verdict::not_ready;
  co_return answer;
}

OVRSEER_DECL std::string heartbeat_check::what_is_wrong(const check_target& target, steady_time now,
                                                        wall_time wall_now) const {
  const steady_time started = target.child != nullptr && *target.child ? target.child->started() : steady_time();
  if (sign_) {
    if (target.lines == nullptr) return "the output is not read";
    const ring& lines = target.lines->lines();
    auto& known = memory_->of(target.lines, started, lines.end_seq(), now);
    if (!known.below) known.below = check_detail::watch_below(*target.lines, *sign_);
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

OVRSEER_DECL std::string heartbeat_check::judge(const check_detail::heartbeat_memory::record& known,
                                                steady_time now) const {
  if (limit_ == std::chrono::nanoseconds::zero() || now - known.last <= limit_) return "";
  const std::string silence = "no " + sign_text() + " for " + to_text(now - known.last);
  return known.has_beaten ? silence : silence + ", and none before";
}

}  // namespace ovrseer
