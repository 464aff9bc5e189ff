// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/journal.hpp>.
#pragma once

#include <algorithm>
#include <random>

#include <ovrseer/event/journal.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer::event_detail {

/// What systems, checks and plugins say may quote a path, an address or an argument.
inline void hide_secrets(event_data& data) {
  static const redactor hide;
  if (auto* const change = std::get_if<transition_data>(&data)) hide.redact_in_place(change->why.what);
  if (auto* const own = std::get_if<supervisor_data>(&data)) hide.redact_in_place(own->why.what);
  if (auto* const check = std::get_if<check_data>(&data)) {
    hide.redact_in_place(check->check);
    hide.redact_in_place(check->reason);
  }
}

}  // namespace ovrseer::event_detail

namespace ovrseer {

OVRSEER_DECL std::string make_boot_id() {
  std::random_device random;
  std::uniform_int_distribution<unsigned> digit(0, 15);
  std::string text = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  for (char& c : text) {
    if (c != 'x' && c != 'y') continue;
    const unsigned value = digit(random);
    c = "0123456789abcdef"[c == 'x' ? value : (value & 3U) | 8U];
  }
  return text;
}

OVRSEER_DECL std::uint64_t journal::append(unit_id unit, std::uint32_t incarnation, event_type type, severity level,
                                           std::uint64_t cause_seq, event_data data) {
  if (events_.is_closed()) throw error(errc::closed, "append", "journal");
  event entry;
  entry.seq = end_seq();
  entry.time = clock_.wall_now();
  entry.mono_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.now() - begin_).count();
  entry.unit = std::move(unit);
  entry.incarnation = incarnation;
  entry.type = type;
  entry.severity = level;
  entry.cause_seq = cause_seq;
  event_detail::hide_secrets(data);
  entry.data = std::move(data);
  forget_oldest();
  latest& last = last_[entry.unit];
  last.any = entry.seq;
  if (state_of(type)) last.transition = entry.seq;
  events_.push(std::move(entry));
  return end_seq() - 1;
}

OVRSEER_DECL task<std::optional<journal_entry>> journal::reader::next() {
  if (auto entry = try_next()) co_return entry;
  std::optional<event> arrived = co_await events_.next();
  co_return admit(std::move(arrived));
}

OVRSEER_DECL std::optional<journal_entry> journal::reader::try_next() {
  if (held_) return admit(std::exchange(held_, std::nullopt));
  return admit(events_.try_next());
}

OVRSEER_DECL std::optional<journal_entry> journal::reader::admit(std::optional<event> next) {
  if (!next) return std::nullopt;
  if (next->seq > expected_) {
    const journal_gap gap{expected_, next->seq - expected_};
    missed_ += gap.count;
    expected_ = next->seq;
    held_ = std::move(next);
    return gap;
  }
  ++expected_;
  return journal_entry(std::move(*next));
}

OVRSEER_DECL journal::reader journal::subscribe_from(std::uint64_t seq, on_overrun policy) {
  const std::uint64_t from = std::clamp<std::uint64_t>(seq, 1, end_seq());
  return reader(events_.subscribe_from(std::max(from, begin_seq()), policy), from);
}

OVRSEER_DECL const event* journal::last_of(const unit_id& unit) const {
  const auto found = last_.find(unit);
  return found == last_.end() ? nullptr : at(found->second.any);
}

OVRSEER_DECL const event* journal::last_transition_of(const unit_id& unit) const {
  const auto found = last_.find(unit);
  return found == last_.end() ? nullptr : at(found->second.transition);
}

OVRSEER_DECL std::vector<event> journal::chain(std::uint64_t seq) const {
  std::vector<event> links;
  for (const event* link = at(seq); link != nullptr; link = at(link->cause_seq)) {
    links.push_back(*link);
    if (link->cause_seq >= link->seq) break;  // a cause lies before its effect
  }
  return links;
}

OVRSEER_DECL void journal::forget_oldest() {
  if (!events_.store().is_full()) return;
  const event& oldest = events_.store().read(begin_seq());
  const auto found = last_.find(oldest.unit);
  if (found != last_.end() && found->second.any == oldest.seq) last_.erase(found);
}

}  // namespace ovrseer
