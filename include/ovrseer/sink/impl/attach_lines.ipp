// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/sink/attach_lines.hpp>.
#pragma once

#include <exception>
#include <system_error>
#include <variant>

#include <ovrseer/sink/attach_lines.hpp>

namespace ovrseer {

OVRSEER_DECL line_sink_options::line_sink_options() {
  queue.capacity = 10'000;
  queue.size_of = [](const log_record& record) { return size_in_bytes(record); };
  queue.full = when_full::drop_oldest;
}

}  // namespace ovrseer

namespace ovrseer::sink_detail {

OVRSEER_DECL void loss_teller::add(std::uint64_t count, const std::string& why) {
  if (count == 0) return;
  lost_ += count;
  why_ = why;
  if (rate_.take(clock_.now())) tell();
}

OVRSEER_DECL void loss_teller::tell() {
  if (told_ == lost_) return;
  told_ = lost_;
  of_.report_failure(
      {"log sink", {}, severity::warning, std::to_string(lost_) + " lines were lost so far; the last: " + why_});
}

OVRSEER_DECL line_attachment::line_attachment(supervisor& of, any_log_sink sink, line_sink_options options)
    : of_(of),
      redact_(std::move(options.redact)),
      losses_(of),
      queue_(of.get_executor(), std::move(sink), telling(std::move(options.queue), losses_)),
      events_(of.events().subscribe()),
      readers_(of.get_executor()) {
  find_all(options.from);
}

OVRSEER_DECL delivery_queue_options<log_record> line_attachment::telling(delivery_queue_options<log_record> options,
                                                                         loss_teller& losses) {
  if (options.on_error) return options;
  options.on_error = [&losses](const log_record&, const caught& why) { losses.add(1, why.what()); };
  return options;
}

OVRSEER_DECL task<void> line_attachment::run() {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  nursery both(ex);
  both.start(queue_.run());
  both.start(read_all());
  co_await both.join();
  losses_.tell();
  if (both.was_cancelled()) detail::throw_cancelled();
  if (both.failure()) std::rethrow_exception(both.failure());
}

OVRSEER_DECL task<void> line_attachment::read_all() {
  co_await detail::admit_all_cancellation();
  readers_.start(read_events());
  start_found();
  co_await readers_.join();
  queue_.close();
  if (readers_.was_cancelled()) detail::throw_cancelled();
  if (readers_.failure()) std::rethrow_exception(readers_.failure());
}

OVRSEER_DECL task<void> line_attachment::read_events() {
  for (;;) {
    const std::optional<journal_entry> entry = co_await events_.next();
    if (!entry) co_return;
    const auto* what = std::get_if<event>(&*entry);
    if (what == nullptr) {
      find_all(read_from::oldest);  // among what is missing there may be units
    } else if (what->type == event_type::unit_added) {
      find(what->unit, read_from::oldest);
    }
    start_found();
  }
}

OVRSEER_DECL void line_attachment::find_all(read_from where) {
  for (const unit_id& unit : of_.units()) find(unit, where);
}

OVRSEER_DECL void line_attachment::find(const unit_id& unit, read_from where) {
  line_feed* feed = nullptr;
  try {
    feed = &of_.lines(unit);
  } catch (const std::system_error&) {
    return;  // removed meanwhile
  }
  if (!followed_.insert(feed).second) return;
  found_.push_back(std::unique_ptr<source>(
      new source{unit, feed, feed->subscribe(on_overrun::drop_oldest, where), feed->matches(), {}, {}}));
  if (!redact_) return;
  for (std::optional<line_redactor>& each : found_.back()->masks)
    each.emplace(redactor_for(of_.spec(unit).what(), *redact_));
}

OVRSEER_DECL void line_attachment::start_found() {
  for (std::unique_ptr<source>& each : found_) readers_.start(read(std::move(each)));
  found_.clear();
}

OVRSEER_DECL task<void> line_attachment::read(std::unique_ptr<source> from) {
  std::uint64_t missed = 0;
  for (;;) {
    const attempted<std::optional<line>> next = co_await attempt(from->lines.next());
    if (!next && next.reason().is_cancellation()) next.reason().rethrow();
    losses_.add(from->lines.missed() - std::exchange(missed, from->lines.missed()),
                to_text(from->unit) + " wrote faster than they were read");
    if (!next || !*next) break;  // the end, also where the rest could not be read
    queue_.offer(record_of(*from, **next));
  }
  followed_.erase(from->feed);
}

OVRSEER_DECL log_record line_attachment::record_of(source& from, const line& next) {
  log_record made;
  made.boot_id = of_.events().boot_id();
  made.unit = from.unit;
  made.line = owned_line(next);
  made.line.stated = next.level();        // of the line as it was written
  if (next.source != line_source::own) {  // a remark is made without secrets
    std::optional<line_redactor>& mask = from.masks[next.source == line_source::out ? 0 : 1];
    if (mask) made.line.text = mask->redact(next.text, next.part);
  }
  add_flags(from, made);
  return made;
}

OVRSEER_DECL void line_attachment::add_flags(source& from, log_record& to) {
  for (;;) {
    if (!from.match) from.match = from.matches.try_next();
    if (!from.match || from.match->where.seq > to.line.seq) return;
    const owned_flag_match found = std::move(*from.match);
    from.match.reset();
    if (found.where.seq != to.line.seq) continue;
    matched_flag& told = to.flags.emplace_back(matched_flag{found.flag, found.count, {}});
    const flag_spec* flag = nullptr;
    try {
      flag = of_.lines(from.unit).flags().find(found.flag);
    } catch (const std::system_error&) {  // the unit was removed meanwhile
    }
    if (flag == nullptr) continue;
    const pattern_view what = flag->what();
    const auto groups = what.find(to.line.text);
    for (std::size_t group = 1; groups && group < what.capture_count(); ++group) {
      const std::optional<std::string_view> taken = groups->group(group);
      if (!taken) continue;
      const std::string_view name = what.group_name(group);
      told.captures.emplace_back(name.empty() ? std::to_string(group) : std::string(name), std::string(*taken));
    }
  }
}

OVRSEER_DECL task<void> run_kept(std::shared_ptr<line_attachment> attached) { co_await attached->run(); }

}  // namespace ovrseer::sink_detail
