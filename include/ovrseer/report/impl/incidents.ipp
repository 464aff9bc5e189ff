// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/report/incidents.hpp>.
#pragma once

#include <memory>
#include <utility>
#include <variant>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/report/incidents.hpp>

namespace ovrseer {

namespace report_detail {

/// What an event says of its unit; a stop that was asked for says nothing.
constexpr std::optional<unit_standing::health> health_by(event_type type) noexcept {
  switch (type) {
    case event_type::ready:
    case event_type::completed: return unit_standing::health::well;
    case event_type::starting:
    case event_type::unhealthy:
    case event_type::crashed:
    case event_type::backing_off:
    case event_type::failed: return unit_standing::health::unwell;
    default: return std::nullopt;
  }
}

}  // namespace report_detail

OVRSEER_DECL void incidents::note_change() {
  ++changes_;
  changed_.notify_all();
}

OVRSEER_DECL task<void> incidents::wait_for_news(std::uint64_t after) {
  while (changes_ == after) co_await changed_.wait();
}

OVRSEER_DECL task<void> incidents::read_reports(supervisor::report_stream::reader reader) {
  for (;;) {
    const std::optional<std::shared_ptr<const crash_report>> report = co_await reader.next();
    if (!report) co_return;
    book_.note(**report);
    note_change();
  }
}

OVRSEER_DECL task<void> incidents::read_standings(journal::reader reader) {
  const executor ex = co_await asio::this_coro::executor;
  const clock_service& clock = clock_of(ex);
  for (;;) {
    const std::optional<journal_entry> entry = co_await reader.next();
    if (!entry) co_return;
    const auto* what = std::get_if<event>(&*entry);  // else a gap: the next event of a unit says how it stands
    const auto health = what == nullptr ? std::nullopt : report_detail::health_by(what->type);
    if (!health) continue;
    book_.note(unit_standing(what->unit, what->seq, what->time, *health), clock.now());
    note_change();
  }
}

OVRSEER_DECL task<void> incidents::read_all(supervisor& of) {
  co_await detail::admit_all_cancellation();
  nursery readers(changed_.get_executor());
  readers.start(read_reports(of.reports().subscribe_from(1, on_overrun::drop_oldest)));
  readers.start(read_standings(of.events().subscribe_from(1)));
  co_await readers.join();
  is_ended_ = true;
  note_change();
}

OVRSEER_DECL task<void> incidents::tell(supervisor& of, unit_id unit, steady_time until) {
  co_await detail::admit_all_cancellation();
  const clock_service& clock = clock_of(changed_.get_executor());
  for (;;) {
    const std::optional<incident_update> update = book_.next(unit, until);
    if (!update) co_return;
    if (!since_) since_ = clock.now();
    const delivery_end ended = co_await deliver_within(receiver_, *update, options_.limits);
    if (ended.is_delivered()) {
      since_.reset();
      ++delivered_;
      book_.told(*update, clock.now());
      continue;
    }
    ++failed_;
    const caught& why = *ended.failure;
    if (why.code() == condition::fatal) {  // what is refused for good is not worth another word
      since_.reset();
      book_.told(*update, clock.now());
    } else {
      book_.failed(*update, clock.now());
    }
    try {
      if (options_.on_error) {
        options_.on_error(*update, why);
      } else {
        of.report_failure({"incident", unit, severity::error, why.what()});
      }
    } catch (...) {  // the hook is the last resort; there is nobody left to tell
    }
    if (ended.was_cancelled) detail::throw_cancelled();
    if (why.code() != condition::fatal) co_return;
  }
}

OVRSEER_DECL task<void> incidents::tell_all(supervisor& of) {
  co_await detail::admit_all_cancellation();
  const clock_service& clock = clock_of(changed_.get_executor());
  for (;;) {
    const std::uint64_t before = changes_;
    const bool is_last = is_ended_;
    const steady_time until = is_last ? steady_time::max() : clock.now();
    for (const unit_id& unit : book_.due_by(until)) {
      auto one = tell(of, unit, until);
      co_await std::move(one);
    }
    if (is_last) co_return;
    const std::optional<steady_time> due = book_.due();
    if (!due) {
      co_await wait_for_news(before);
      continue;
    }
    const steady_time now = clock.now();  // what is due at once is due before any time
    const auto left = *due > now ? *due - now : std::chrono::nanoseconds::zero();
    try {
      co_await with_deadline(wait_for_news(before), left);
    } catch (const error& failure) {
      if (failure.code() != errc::timed_out) throw;
    }
  }
}

OVRSEER_DECL task<void> incidents::run(supervisor& of) {
  co_await detail::admit_all_cancellation();
  nursery both(changed_.get_executor());
  both.start(read_all(of));
  both.start(tell_all(of));
  co_await both.join();
  if (both.was_cancelled()) detail::throw_cancelled();
}

OVRSEER_DECL void incidents::add_to(delivery_status& into) const {
  into.folded += book_.folded();
  into.waiting += book_.waiting();
  into.add_since(since_);
  add_status(receiver_, into);
  if (into.ends == delivery_status::counted::by_policy) return;
  into.delivered += delivered_;
  into.failed += failed_;
}

}  // namespace ovrseer
