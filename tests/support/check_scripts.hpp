// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A check that answers by script, and a way to ask any check in virtual time.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/check/check.hpp>

namespace ovrseer::test {

/// Copies share the script. After its end the last entry answers again.
class scripted_check {
 public:
  explicit scripted_check(std::string name) : state_(std::make_shared<state>()) { state_->name = std::move(name); }

  scripted_check& then_yes(std::chrono::nanoseconds after) { return then({after, {}, nullptr}); }
  scripted_check& then_no(std::chrono::nanoseconds after, std::string why) {
    return then({after, {check_result::verdict::not_ready, std::move(why), {}, 1}, nullptr});
  }
  scripted_check& then_never() { return then_yes(std::chrono::hours(1000)); }
  scripted_check& then_throw(std::exception_ptr what) { return then({{}, {}, std::move(what)}); }

  task<check_result> operator()(check_target) const { return play(state_); }
  std::string describe() const { return state_->name; }
  std::chrono::nanoseconds bound() const { return state_->bound; }
  scripted_check& bound(std::chrono::nanoseconds value) {
    state_->bound = value;
    return *this;
  }

  /// When it was asked, since the beginning of virtual time.
  const std::vector<std::chrono::nanoseconds>& begins() const { return state_->begins; }
  std::size_t abandoned() const { return state_->abandoned; }

 private:
  struct entry {
    std::chrono::nanoseconds after{};
    check_result answer;
    std::exception_ptr thrown;
  };
  struct state {
    std::string name;
    std::deque<entry> script;
    std::vector<std::chrono::nanoseconds> begins;
    std::chrono::nanoseconds bound{};
    std::size_t abandoned = 0;
  };
  struct watch {
    explicit watch(state& of) : its(of) { ++its.abandoned; }
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() {
      if (has_answered) --its.abandoned;
    }
    state& its;
    bool has_answered = false;
  };

  scripted_check& then(entry next) {
    state_->script.push_back(std::move(next));
    return *this;
  }
  static task<check_result> play(std::shared_ptr<state> shared) {
    watch until_answered(*shared);
    const steady_time began = co_await now();
    shared->begins.push_back(began.time_since_epoch());
    entry next;
    if (!shared->script.empty()) next = shared->script.front();
    if (shared->script.size() > 1) shared->script.pop_front();
    if (next.after > std::chrono::nanoseconds::zero()) co_await sleep_for(next.after);
    until_answered.has_answered = true;
    if (next.thrown) std::rethrow_exception(next.thrown);
    co_return next.answer;
  }

  std::shared_ptr<state> state_;
};

/// What came of asking: an answer, or the code of what was thrown.
struct asked {
  std::optional<check_result> answer;
  std::error_code code;
  std::chrono::nanoseconds took{};
};

/// Asks `check` in virtual time until it has answered; cancels it at `cancel_at` where that is positive.
inline asked ask(any_check check, std::chrono::nanoseconds cancel_at = {},
                 asio::cancellation_type type = asio::cancellation_type::terminal) {
  asio::io_context context;
  virtual_clock clock(context);
  asio::cancellation_signal stop;
  asked made;
  bool is_done = false;
  auto ended = [&](const std::exception_ptr& failure, check_result answer) {
    is_done = true;
    made.took = clock.now().time_since_epoch();
    if (!failure) {
      made.answer = std::move(answer);
      return;
    }
    try {
      std::rethrow_exception(failure);
    } catch (const std::system_error& known) {
      made.code = known.code();
    }
  };
  asio::co_spawn(context, check(check_target{}), asio::bind_cancellation_slot(stop.slot(), ended));
  if (cancel_at > std::chrono::nanoseconds::zero()) {
    clock.run_until(steady_time(cancel_at));
    stop.emit(type);
  }
  clock.run();
  if (!is_done) throw std::runtime_error("the check hangs");
  return made;
}

}  // namespace ovrseer::test
