// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every operation of async/ cancelled at every suspension point with every type; see support/cancel.hpp.
#include <optional>
#include <variant>
#include <vector>

#include <cancel.hpp>

#include <ovrseer/async/alarm.hpp>
#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/async/first_of.hpp>
#include <ovrseer/async/mailbox.hpp>
#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/async/scope.hpp>
#include <ovrseer/async/signals.hpp>
#include <ovrseer/async/when_all.hpp>
#include <ovrseer/async/with_deadline.hpp>

namespace t_cancellation {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::all_abort;
using test::cancel_everywhere;
using test::promise;
using test::stage;
using test::time_kind;

// Admits no cancellation by itself: that is up to the operation that it is handed to.
task<void> pause(stage& at, std::chrono::nanoseconds delay) {
  const stage::frame here(at);
  notifier woken(at.ex());
  const ovrseer::alarm wake(at.ex(), clock_of(at.ex()).now() + delay, woken);
  co_await woken.wait();
}
task<int> answer(stage& at, std::chrono::nanoseconds delay) {
  co_await pause(at, delay);
  co_return 7;
}

task<void> sleep(stage&) { co_await sleep_for(1s); }
TEST_CASE("sleep_for") { cancel_everywhere({"sleep_for", sleep}); }

task<void> sleep_no_time(stage&) { co_await sleep_for(0s); }
TEST_CASE("sleep_for of zero") { cancel_everywhere({"sleep_for of zero", sleep_no_time}); }

// The same entry lies in the box afterwards unless somebody has got it.
task<void> pop(stage& at) {
  auto& box = at.keep<mailbox<int>>(at.ex());
  at.later(1s, [&box] { box.try_push(7); });
  const std::optional<int> got = co_await box.pop();
  if (got != 7) throw std::runtime_error("not what was pushed");
}
TEST_CASE("mailbox pop") { cancel_everywhere({"mailbox::pop", pop}); }

task<void> push(stage& at) {
  auto& box = at.keep<mailbox<int>>(at.ex(), std::size_t{1});
  box.try_push(1);
  at.later(1s, [&box] { box.try_pop(); });
  co_await box.push(2);
  if (box.size() != 1) throw std::runtime_error("not pushed");
}
TEST_CASE("mailbox push") { cancel_everywhere({"mailbox::push", push}); }

using numbers = broadcast<bounded_history<int>>;

task<void> next(stage& at) {
  auto& casts = at.keep<numbers>(at.ex(), std::size_t{4});
  auto& reader = at.keep<numbers::reader>(casts.subscribe(on_overrun::wait));
  at.later(1s, [&casts] { casts.push(7); });
  const std::optional<int> got = co_await reader.next();
  if (got != 7) throw std::runtime_error("not what was pushed");
}
TEST_CASE("broadcast next") { cancel_everywhere({"broadcast::reader::next", next}); }

task<void> room(stage& at) {
  auto& casts = at.keep<numbers>(at.ex(), std::size_t{1});
  auto& reader = at.keep<numbers::reader>(casts.subscribe(on_overrun::wait));
  casts.push(7);
  at.later(1s, [&reader] { reader.try_next(); });
  co_await casts.room();
}
TEST_CASE("broadcast room") { cancel_everywhere({"broadcast::room", room}); }

task<void> retry_thrice(stage& at) {
  const auto fail_twice = [&at](std::uint32_t number) -> task<int> {
    const int value = co_await answer(at, 1s);
    if (number < 3) throw error(errc::not_ready, "check");
    co_return value;
  };
  const int got = co_await retry(backoff::constant(1s), fail_twice);
  if (got != 7) throw std::runtime_error("not the answer");
}
TEST_CASE("retry") { cancel_everywhere({"retry", retry_thrice}); }

task<void> deadline_kept(stage& at) { co_await with_deadline(answer(at, 1s), 2s); }
TEST_CASE("with_deadline kept") { cancel_everywhere({"with_deadline, kept", deadline_kept}); }

task<void> deadline_missed(stage& at) {
  const attempted<int> late = co_await attempt(with_deadline(answer(at, 2s), 1s));
  const bool is_as_told = !late && (late.reason().is_cancellation() || late.reason().code() == errc::timed_out);
  if (!is_as_told) throw std::runtime_error("not too late");
}
TEST_CASE("with_deadline missed") { cancel_everywhere({"with_deadline, missed", deadline_missed}); }

task<void> race(stage& at) {
  const std::variant<int, std::monostate, int> won = co_await first_of(answer(at, 2s), pause(at, 1s), answer(at, 3s));
  if (won.index() != 1) throw std::runtime_error("not the first");
}
TEST_CASE("first_of") { cancel_everywhere({"first_of", race}); }

task<void> all(stage& at) { co_await when_all(answer(at, 2s), pause(at, 1s), answer(at, 3s)); }
TEST_CASE("when_all") { cancel_everywhere({"when_all", all}); }

task<void> all_listed(stage& at) {
  std::vector<task<void>> operations;
  for (int i = 1; i <= 3; ++i) operations.push_back(pause(at, std::chrono::seconds(i)));
  co_await when_all(std::move(operations));
}
TEST_CASE("when_all of a list") { cancel_everywhere({"when_all of a list", all_listed}); }

task<void> scoped(stage& at) {
  const auto body = [&at](scope& children) -> task<void> {
    const stage::frame here(at);
    children.start(pause(at, 3s));
    co_await sleep_for(1s);
    children.start(pause(at, 1s));
  };
  co_await with_scope(body);
}
TEST_CASE("with_scope") { cancel_everywhere({"with_scope", scoped}); }

task<void> tried(stage&) {
  const attempted<void> outcome = co_await attempt(sleep_for(1s));
  if (!outcome && !outcome.reason().is_cancellation()) throw std::runtime_error("not the answer");
}
TEST_CASE("attempt") { cancel_everywhere({"attempt", tried}); }

task<void> kept_apart(stage& at) { co_await apart(answer(at, 1s)); }
TEST_CASE("apart") { cancel_everywhere({"apart", kept_apart}); }

task<void> everything(stage& at) {
  const auto one_attempt = [&at] { return with_deadline(first_of(answer(at, 1s), pause(at, 2s)), 5s); };
  co_await when_all(retry(backoff::constant(1s), one_attempt), pause(at, 500ms));
}
TEST_CASE("operations in operations") { cancel_everywhere({"when_all of retry of with_deadline", everything}); }

task<void> work(stage& at) {
  auto& worker = at.keep<on_worker<int>>(6);
  const auto add = [](int& value) { return ++value; };
  const int got = co_await worker.run(add);
  if (got != 7) throw std::runtime_error("not the sum");
}
TEST_CASE("on_worker run") { cancel_everywhere({"on_worker::run", work, all_abort, time_kind::real}); }

task<void> hear_signal(stage& at) {
  auto& signals = at.keep<program_signals>(at.ex());
  ::raise(SIGHUP);
  co_await signals.next();
}
TEST_CASE("program_signals next") {
  cancel_everywhere({"program_signals::next", hear_signal, all_abort, time_kind::real});
}

}  // namespace t_cancellation
