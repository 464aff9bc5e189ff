// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/exec.hpp>.
#pragma once

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/first_of.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/check/detail/until_ended.hpp>
#include <ovrseer/check/exec.hpp>
#include <ovrseer/process/redactor_for.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer::check_detail {

OVRSEER_DECL void last_line::take(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n') {
      if (current_.size() < most) current_ += c;
      continue;
    }
    end_line();
  }
}

OVRSEER_DECL std::string last_line::text() {
  end_line();
  return last_;
}

OVRSEER_DECL void last_line::end_line() {
  const std::size_t begin = current_.find_first_not_of(" \t\r");
  if (begin != std::string::npos) last_ = current_.substr(begin, current_.find_last_not_of(" \t\r") - begin + 1);
  current_.clear();
}

}  // namespace ovrseer::check_detail

namespace ovrseer {

OVRSEER_DECL exec_check::exec_check(command what) : command_(std::move(what)) {
  command_.when_handle_dies(command::fate::kill).when_supervisor_dies(command::fate::kill);
  if (command_.output().is_piped() && command_.error_output().is_piped()) {
    command_.error_output(output_target(output_target::merged()));
  }
}

OVRSEER_DECL exec_check& exec_check::limit(std::chrono::nanoseconds duration) {
  limit_ = duration;
  return *this;
}

OVRSEER_DECL task<check_result> exec_check::run(command what, std::chrono::nanoseconds limit, check_target target) {
  if (target.child != nullptr && *target.child) what.env("OVRSEER_PID", std::to_string(target.child->pid()));
  const redactor hide = redactor_for(what);
  check_result answer;
  answer.attempts = 1;
  answer.outcome = check_result::verdict::not_ready;
  attempted<process> started = co_await attempt(spawn(std::move(what)));
  if (!started) {
    if (started.reason().is_cancellation()) started.reason().rethrow();
    answer.reason = started.reason().what();
    co_return answer;
  }
  check_detail::last_line said;
  task<exit_status> ending = follow(*started, said);
  if (limit != std::chrono::nanoseconds::zero()) {
    ending = with_deadline(std::move(ending), limit, std::chrono::nanoseconds::zero());
  }
  const attempted<exit_status> ended = co_await attempt(std::move(ending));
  if (ended && ended->is_success()) co_return check_result{check_result::verdict::ready, "", {}, 1};
  if (!ended && ended.reason().code() != errc::timed_out) ended.reason().rethrow();
  if (!ended) answer.outcome = check_result::verdict::timed_out;
  answer.reason = ended ? to_text(*ended) : "not finished within " + to_text(limit);
  const std::string line = said.text();
  if (!line.empty()) answer.reason += ": " + hide.redact(line);
  co_return answer;
}

OVRSEER_DECL task<exit_status> exec_check::follow(process& child, check_detail::last_line& said) {
  const output_stream stream = child.is_piped(output_stream::out) ? output_stream::out : output_stream::err;
  [[maybe_unused]] const auto first =
      co_await first_of(check_detail::until_ended(child.shared()), read(child, stream, said));
  const exit_status ended = co_await child.wait();
  for (int reads = 0; reads < 64 && child.is_piped(stream) && child.shared()->pending_output(); ++reads) {
    const std::string_view bytes = co_await child.read_output(stream);
    said.take(bytes);
  }
  co_return ended;
}

OVRSEER_DECL task<void> exec_check::read(process& child, output_stream stream, check_detail::last_line& said) {
  for (;;) {
    const std::string_view bytes = co_await child.read_output(stream);
    if (bytes.empty()) co_return;
    said.take(bytes);
  }
}

}  // namespace ovrseer
