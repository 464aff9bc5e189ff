// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/log_line.hpp>.
#pragma once

#include <optional>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/first_of.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

OVRSEER_DECL log_line_check& log_line_check::limit(std::chrono::nanoseconds duration) {
  limit_ = duration;
  return *this;
}

OVRSEER_DECL log_line_check& log_line_check::pass_if_not_found(std::chrono::nanoseconds limit_of_waiting) {
  passes_if_not_found_ = true;
  return limit(limit_of_waiting);
}

OVRSEER_DECL task<check_result> log_line_check::run(log_line_check self, check_target target) {
  const executor ex = co_await asio::this_coro::executor;
  const steady_time began = clock_of(ex).now();
  check_result answer;
  answer.attempts = 1;
  answer.outcome = check_result::verdict::not_ready;
  answer.reason = "the output is not read";
  if (target.lines == nullptr) co_return answer;
  const bool keeps_all = target.lines->minimum_level() == level::unknown;
  task<sighting> looking = keeps_all ? look(*target.lines, self.what_, target.first_seq)
                                     : look_at_all(*target.lines, self.what_, target.first_seq);
  if (self.limit_ != std::chrono::nanoseconds::zero()) {
    looking = with_deadline(std::move(looking), self.limit_, std::chrono::nanoseconds::zero());
  }
  const attempted<sighting> seen = co_await attempt(std::move(looking));
  answer.took = clock_of(ex).now() - began;
  if (!seen && seen.reason().code() != errc::timed_out) seen.reason().rethrow();
  const bool is_ready = seen ? *seen == sighting::found : self.passes_if_not_found_;
  if (is_ready) {
    answer.outcome = check_result::verdict::ready;
    answer.reason.clear();
  } else if (seen) {
    answer.reason = "the output ended before a line that matches /" + std::string(self.what_.text()) + "/";
  } else {
    answer.outcome = check_result::verdict::timed_out;
    answer.reason = "no line that matches /" + std::string(self.what_.text()) + "/ within " + to_text(self.limit_);
  }
  co_return answer;
}

OVRSEER_DECL task<log_line_check::sighting> log_line_check::look_at_all(line_feed& lines, pattern<> what,
                                                                        std::uint64_t first_seq) {
  const executor ex = co_await asio::this_coro::executor;
  notifier told(ex);
  bool is_found = false;
  const auto sees = lines.see_below([&](const line& each) {
    if (is_found || !what.matches(each.text)) return;
    is_found = true;
    told.notify_all();
  });
  task<sighting> among_kept = look(lines, what, first_seq);
  task<void> among_others = until_found(told, is_found);
  const auto first = co_await first_of(std::move(among_kept), std::move(among_others));
  if (is_found || first.index() != 0) co_return sighting::found;
  co_return std::get<0>(first);
}

OVRSEER_DECL task<void> log_line_check::until_found(notifier& told, const bool& is_found) {
  while (!is_found) co_await told.wait();
}

OVRSEER_DECL task<log_line_check::sighting> log_line_check::look(line_feed& lines, pattern<> what,
                                                                 std::uint64_t first_seq) {
  line_stream stream = lines.subscribe(on_overrun::wait, read_from::oldest);
  for (;;) {
    const std::optional<line> next = co_await stream.next();
    if (!next) co_return sighting::ended;
    // What an earlier incarnation wrote says nothing of this one, nor does a remark of the supervisor.
    if (next->seq < first_seq || next->source == line_source::own) continue;
    if (what.matches(next->text)) co_return sighting::found;
  }
}

}  // namespace ovrseer
