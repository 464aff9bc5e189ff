// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/remote_flags.hpp>.
#pragma once

#include <algorithm>
#include <exception>
#include <optional>
#include <variant>

#include <ovrseer/async/alarm.hpp>
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/config/remote_flags.hpp>
#include <ovrseer/deliver/deliver_within.hpp>

namespace ovrseer::config_detail {

/// ", 2 added (a, b)"; nothing where there are none.
inline std::string counted(const std::vector<std::string>& names, std::string_view what) {
  if (names.empty()) return {};
  std::string text = ", " + std::to_string(names.size()) + " " + std::string(what);
  for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? " (" : ", ") + names[i];
  return text + ")";
}

/// The first process that a flag starts and that is not there.
inline std::optional<unit_id> missing_helper(const std::vector<shared_flag>& flags, const std::vector<unit_id>& units) {
  for (const shared_flag& flag : flags) {
    for (const flag_reaction* reaction : {&flag.on_match, &flag.on_target}) {
      const bool is_run = reaction->what() == flag_reaction::action::run;
      if (is_run && std::ranges::find(units, reaction->unit()) == units.end()) return reaction->unit();
    }
  }
  return std::nullopt;
}

/// Whose turn it is to change units, until it goes out of scope.
class turn_holder {
 public:
  turn_holder(bool& is_taken, notifier& changed) : is_taken_(is_taken), changed_(changed) { is_taken_ = true; }
  turn_holder(const turn_holder&) = delete;
  turn_holder& operator=(const turn_holder&) = delete;
  ~turn_holder() {
    is_taken_ = false;
    changed_.notify_all();
  }

 private:
  bool& is_taken_;
  notifier& changed_;
};

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL std::string to_text(const remote_flag_news& news) {
  const std::string begin = "flags from " + news.source;
  switch (news.what) {
    case poll_news::swapped: {
      const std::string all = config_detail::counted(news.flags.added, "added") +
                              config_detail::counted(news.flags.removed, "removed") +
                              config_detail::counted(news.flags.changed, "changed");
      return begin + ": " + (all.empty() ? "the same as before" : all.substr(2));
    }
    case poll_news::refused: return begin + " are refused, those before go on: " + news.why;
    case poll_news::unreachable: return begin + " cannot be had, those before go on: " + news.why;
    case poll_news::reachable: return begin + " can be had again";
    case poll_news::none: break;
  }
  return begin + ": unchanged";
}

OVRSEER_DECL void remote_flags::add(any_document_source from, remote_flag_options how) {
  sources_.emplace_back(std::move(from), std::move(how), target_.get_executor());
  overlay_ = flag_overlay(sources_.size());
}

OVRSEER_DECL task<void> remote_flags::run() {
  co_await detail::admit_all_cancellation();
  co_await wait_for_begin();
  nursery followers(target_.get_executor());
  for (std::size_t i = 0; i < sources_.size(); ++i) followers.start(follow(i));
  co_await followers.join();
  if (followers.failure()) std::rethrow_exception(followers.failure());
}

OVRSEER_DECL task<void> remote_flags::wait_for_begin() {
  journal::reader told = target_.events().subscribe_from(1);
  for (;;) {
    const std::optional<journal_entry> entry = co_await told.next();
    if (!entry) co_return;
    const event* const what = std::get_if<event>(&*entry);
    if (what == nullptr || what->type == event_type::supervisor_started) co_return;
  }
}

OVRSEER_DECL task<void> remote_flags::follow(std::size_t number) {
  followed& source = sources_[number];
  for (;;) {
    const std::uint64_t asked = source.asked;
    remote_flag_news news;
    news.source = source.from.describe();
    std::optional<fetched_document> answer;
    const auto ask = [&source, &answer]() -> task<void> { answer = co_await source.from.fetch(source.versions.tag()); };
    const delivery_end ended = co_await end_within(ask, delivery_limits(source.how.timeout));
    if (ended.was_cancelled) detail::throw_cancelled();
    if (ended.is_delivered()) {
      const auto make = [this, &source](const std::string& text) { return read(source, text); };
      news.what = source.versions.take(std::move(answer), make);
    } else {
      news.what = source.versions.fail(ended.failure->what(), retry_later::asked_by(ended.failure->exception()));
    }
    news.why = source.versions.last_failure();
    if (news.what == poll_news::swapped) co_await swap(number, news);
    tell(news);
    co_await rest(source, asked, source.versions.next_delay(os_of(target_.get_executor()).random()));
  }
}

OVRSEER_DECL task<void> remote_flags::swap(std::size_t number, remote_flag_news& news) {
  const std::vector<shared_flag>& flags = *sources_[number].versions.good();
  co_await take_turn();
  const config_detail::turn_holder held(is_taken_, turn_);
  news.flags = difference(overlay_.layer(number), flags);
  if (news.flags.is_empty()) news.what = poll_news::none;
  flag_overlay next = overlay_;
  next.set(number, flags);
  unit_changes wanted;
  for (const unit_id& id : target_.units()) next.renew(target_.spec(id), wanted);
  if (!wanted.flags.empty()) {
    const attempted<void> done = co_await attempt(target_.change(std::move(wanted)));
    if (!done) {
      if (done.reason().is_cancellation()) done.reason().rethrow();
      // With the supervisor its flags end, which is nothing to complain of.
      news.what = target_.is_stopping() ? poll_news::none : poll_news::refused;
      news.why = done.reason().what();
      co_return;
    }
  }
  overlay_ = std::move(next);
}

OVRSEER_DECL task<void> remote_flags::change(unit_changes what) {
  co_await detail::admit_all_cancellation();
  co_await take_turn();
  const config_detail::turn_holder held(is_taken_, turn_);
  flag_overlay next = overlay_;
  next.lay_over(what);
  co_await target_.change(std::move(what));
  overlay_ = std::move(next);
}

OVRSEER_DECL void remote_flags::ask_again() {
  for (followed& each : sources_) {
    ++each.asked;
    each.versions.forget();
    each.wake.notify_all();
  }
}

OVRSEER_DECL std::vector<remote_flag_status> remote_flags::status() const {
  std::vector<remote_flag_status> all;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const followed& each = sources_[i];
    all.push_back(
        {each.from.describe(), overlay_.layer(i).size(), each.versions.counts(), each.versions.last_failure()});
  }
  return all;
}

OVRSEER_DECL result<std::vector<shared_flag>, std::string> remote_flags::read(const followed& source,
                                                                              const std::string& text) const {
  const flag_document_rules& rules = source.how.rules;
  const auto document = source.how.reader(source_text(source.from.describe(), text), rules.limits);
  if (!document) return failure(to_text(document.reason()));
  auto flags = read_flags(*document, rules);
  if (!flags) return failure(to_text(flags.reason()));
  if (const auto missing = config_detail::missing_helper(*flags, target_.units()))
    return failure("there is no process " + to_text(*missing) + " to start");
  return *std::move(flags);
}

OVRSEER_DECL task<void> remote_flags::rest(followed& source, std::uint64_t asked, std::chrono::nanoseconds delay) {
  const executor ex = source.wake.get_executor();
  const clock_service& clock = clock_of(ex);
  const steady_time due = clock.after(delay);
  const alarm wake(ex, due, source.wake);
  while (source.asked == asked && clock.now() < due) co_await source.wake.wait();
}

OVRSEER_DECL task<void> remote_flags::take_turn() {
  while (is_taken_) co_await turn_.wait();
}

OVRSEER_DECL void remote_flags::tell(const remote_flag_news& news) {
  if (news.what == poll_news::none) return;
  if (tell_) {
    tell_(news);
  } else if (news.what == poll_news::refused || news.what == poll_news::unreachable) {
    target_.report_failure({"remote flags", {}, severity::warning, to_text(news)});
  }
}

}  // namespace ovrseer
