// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// An event sink on a supervisor: reads its journal from outside, which is the bounded queue.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/sink/event_sink.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

namespace sink_detail {

/// A reader of the journal as a `delivery_queue` wants one.
class event_reader {
 public:
  explicit event_reader(journal& of) : events_(of.subscribe_from(1)), boot_id_(of.boot_id()) {}

  task<std::optional<std::shared_ptr<const stored_event>>> next() {
    std::optional<std::shared_ptr<const stored_event>> read;
    while (!read) {
      std::optional<journal_entry> entry = co_await events_.next();
      if (!entry) break;
      auto* what = std::get_if<event>(&*entry);  // else a gap, which counts as missed
      if (what != nullptr) read.emplace(std::make_shared<stored_event>(stored_event{std::move(*what), boot_id_}));
    }
    co_return read;
  }
  std::uint64_t missed() const noexcept { return events_.missed(); }

 private:
  journal::reader events_;
  std::string boot_id_;
};

inline task<void> deliver_events(event_reader reader, any_event_sink sink,
                                 delivery_queue_options<stored_event> options) {
  const executor ex = co_await asio::this_coro::executor;
  delivery_queue<stored_event> queue(ex, std::move(sink), std::move(options));
  co_await queue.run(std::move(reader));
}

}  // namespace sink_detail

/// Delivers the events of `of` to `sink`, those already made included, until the supervisor has ended and the last one is
/// delivered. What falls out of the journal before the sink comes to it is lost. Failures go to the supervisor's error handler
/// unless the options name a hook. Run it beside `supervisor::run`; the supervisor must outlive it.
///
/// Cancellation: total and partial are passed to the delivery under way, terminal cuts it off; events that still wait
/// are lost.
inline task<void> attach_events(supervisor& of, any_event_sink sink,
                                delivery_queue_options<stored_event> options = delivery_queue_options<stored_event>()) {
  if (!options.on_error) {
    options.on_error = [&of](const stored_event& what, const caught& why) {
      of.report_failure({"event sink", what.entry.unit, severity::warning, why.what()});
    };
  }
  return sink_detail::deliver_events(sink_detail::event_reader(of.events()), std::move(sink), std::move(options));
}

}  // namespace ovrseer
