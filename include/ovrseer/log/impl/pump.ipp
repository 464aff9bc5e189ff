// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/pump.hpp>.
#pragma once

#include <algorithm>
#include <exception>
#include <system_error>

#include <ovrseer/log/pump.hpp>

namespace ovrseer {

OVRSEER_DECL drain_rule& drain_rule::silence(std::chrono::nanoseconds duration) noexcept {
  silence_ = duration;
  return *this;
}

OVRSEER_DECL drain_rule& drain_rule::at_most(std::chrono::nanoseconds duration) noexcept {
  at_most_ = duration;
  return *this;
}

}  // namespace ovrseer

namespace ovrseer::log_detail {

OVRSEER_DECL task<void> deliver(line_feed& into, output_stream stream, std::string bytes) {
  std::string_view rest = bytes;
  try {
    for (;;) {
      rest.remove_prefix(into.write_some(stream, rest));
      if (rest.empty()) co_return;
      co_await into.room();
    }
  } catch (...) {
    // Who is cancelled waits no more, but what was read is not lost with it.
    into.write(stream, rest);
    throw;
  }
}

OVRSEER_DECL task<void> pump_one(child& from, line_feed& into, output_stream stream, pump_progress& progress) {
  try {
    co_await pump_stream(from, into, stream, progress);
  } catch (const std::system_error& failure) {
    if (!is_cancellation(failure)) into.fail(std::current_exception());
  } catch (...) {
    into.fail(std::current_exception());
  }
  progress.has_ended = true;
  into.finish(stream);
}

OVRSEER_DECL task<void> end_when_drained(child& from, std::array<pump_progress, 2>& pumps, nursery& children,
                                         drain_rule rule) {
  while (!from.status) co_await from.changed.wait();
  // More than a pipe can hold was not written by the process that has ended.
  const auto capacity = static_cast<std::uint64_t>(std::max(1 << 20, from.what.pipe_capacity()));
  for (pump_progress& pump : pumps) pump.most = pump.bytes + capacity;
  const executor ex = co_await asio::this_coro::executor;
  const steady_time ended = clock_of(ex).now();
  for (;;) {
    const std::uint64_t before = pumps[0].bytes + pumps[1].bytes;
    co_await sleep_for(rule.silence());
    const bool is_quiet = before == pumps[0].bytes + pumps[1].bytes || clock_of(ex).now() - ended >= rule.at_most();
    const auto is_done = [](const pump_progress& pump) { return pump.is_reading || pump.has_ended; };
    if (is_quiet && std::all_of(pumps.begin(), pumps.end(), is_done) && !from.pending_output()) break;
  }
  children.cancel(cancellation_type::terminal);
}

}  // namespace ovrseer::log_detail

namespace ovrseer {

OVRSEER_DECL task<void> pump_output(std::shared_ptr<child> from, line_feed& into, drain_rule rule) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  from->output_is_read = true;
  std::array<log_detail::pump_progress, 2> pumps;
  nursery children(ex);
  children.start(log_detail::pump_one(*from, into, output_stream::out, pumps[0]));
  children.start(log_detail::pump_one(*from, into, output_stream::err, pumps[1]));
  children.start(log_detail::end_when_drained(*from, pumps, children, rule));
  while ((!pumps[0].has_ended || !pumps[1].has_ended) && children.running() != 0) {
    co_await children.wait_finished(children.finished() + 1);
  }
  children.cancel(cancellation_type::terminal);
  co_await children.join();
  if (children.was_cancelled()) detail::throw_cancelled();
}

}  // namespace ovrseer
