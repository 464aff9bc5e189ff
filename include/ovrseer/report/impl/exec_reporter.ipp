// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/report/exec_reporter.hpp>.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <string_view>

#include <ovrseer/async/first_of.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/process/process.hpp>
#include <ovrseer/process/stop.hpp>
#include <ovrseer/report/exec_reporter.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

namespace report_detail {

/// What is fit for an environment: no zero byte, and not so long that exec(2) refuses it.
inline std::string for_environment(std::string_view text) {
  std::string made = valid_utf8(text);
  std::replace(made.begin(), made.end(), '\0', ' ');
  return std::string(first_bytes(made, std::size_t{16} << 10U));
}

/// Waits for the end without taking the output, as `process::wait` does where nobody reads.
inline task<void> end_of(std::shared_ptr<child> what) {
  while (!what->status) co_await what->changed.wait();
}

/// The begin of standard error.
class first_words {
 public:
  void take(std::string_view bytes) {
    if (text_.size() < most) text_.append(bytes.substr(0, most - text_.size()));
  }
  /// The first line that is not blank, secrets masked.
  std::string line() const {
    const std::size_t begin = std::min(text_.find_first_not_of(" \t\r\n"), text_.size());
    const std::string_view rest = std::string_view(text_).substr(begin);
    return excerpt_of(rest.substr(0, rest.find('\n')));
  }

 private:
  static constexpr std::size_t most = 4096;
  std::string text_;
};

inline task<void> read_errors(process& from, first_words& into) {
  for (;;) {
    const std::string_view bytes = co_await from.read_output(output_stream::err);
    if (bytes.empty()) co_return;
    into.take(bytes);
  }
}

/// The end of the command. What is in the pipe then is read, and no more: a child of it may hold the pipe open.
inline task<exit_status> follow(process& child, first_words& said) {
  [[maybe_unused]] const auto first = co_await first_of(end_of(child.shared()), read_errors(child, said));
  const exit_status ended = co_await child.wait();
  for (int reads = 0; reads < 64 && child.shared()->pending_output(); ++reads) {
    const std::string_view bytes = co_await child.read_output(output_stream::err);
    said.take(bytes);
  }
  co_return ended;
}

}  // namespace report_detail

OVRSEER_DECL exec_reporter::exec_reporter(command what)
    : command_(std::move(what)), plan_(signal_number(SIGTERM), std::chrono::seconds(2)) {
  command_.when_handle_dies(command::fate::kill).when_supervisor_dies(command::fate::kill);
  command_.output(output_target(output_target::discarded())).error_output(output_target(output_target::piped()));
}

OVRSEER_DECL exec_reporter& exec_reporter::stop_by(stop_plan plan) {
  plan_ = std::move(plan);
  return *this;
}

OVRSEER_DECL task<void> exec_reporter::deliver(const crash_report& report) {
  using handler = ordered_json::error_handler_t;
  command what = command_;
  what.input(stdin_source(stdin_source::text{to_json(report).dump(-1, ' ', false, handler::replace) + "\n"}));
  what.env("OVRSEER_UNIT", report_detail::for_environment(to_text(report.unit)));
  what.env("OVRSEER_KIND", std::string(to_text(report.kind)));
  what.env("OVRSEER_MESSAGE", report_detail::for_environment(report.message));
  return run(std::move(what), plan_);
}

OVRSEER_DECL task<void> exec_reporter::run(command what, stop_plan plan) {
  const std::string name = what.program();
  report_detail::first_words said;
  const auto body = [&said](process& child) { return report_detail::follow(child, said); };
  const exit_status ended = co_await with_process(std::move(what), body, std::move(plan));
  if (ended.is_success()) co_return;
  constexpr int temporary_failure = 75;  // EX_TEMPFAIL of sysexits.h
  const bool may_succeed = !ended.is_exited() || ended.code() == temporary_failure;
  std::string context = name + ": " + to_text(ended);
  const std::string line = said.line();
  if (!line.empty()) context += ": " + line;
  throw error(make_error_code(may_succeed ? errc::unavailable : errc::rejected), "deliver", std::move(context));
}

}  // namespace ovrseer
