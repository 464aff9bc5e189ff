// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Batches on their way: by number and age, through failures whole and in part, and to the end.
#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>

#include "run.hpp"

namespace t_deliver_batched {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using numbers = std::vector<int>;
using strings = std::vector<std::string>;

// Takes so long for each batch, and fails by a list.
struct receiver {
  std::deque<std::function<std::exception_ptr(const numbers&)>> script;
  std::vector<numbers> tried;
  std::vector<steady_time> times;
  numbers taken;
  std::chrono::nanoseconds takes{};
  int under_way = 0;
  int most_under_way = 0;

  task<void> deliver(const numbers& batch) {
    const executor ex = co_await asio::this_coro::executor;
    tried.push_back(batch);
    times.push_back(clock_of(ex).now());
    most_under_way = std::max(most_under_way, ++under_way);
    std::exception_ptr failure;
    try {
      if (takes != 0ns) co_await sleep_for(takes);
    } catch (...) {
      failure = std::current_exception();
    }
    --under_way;
    if (failure) std::rethrow_exception(failure);
    if (!script.empty()) {
      failure = script.front()(batch);
      script.pop_front();
    }
    if (failure) std::rethrow_exception(failure);
    taken.insert(taken.end(), batch.begin(), batch.end());
  }

  receiver& then(errc code, std::optional<std::chrono::nanoseconds> after = std::nullopt) {
    script.push_back([=](const numbers&) {
      return std::make_exception_ptr(retry_later(make_error_code(code), "deliver", "test", after));
    });
    return *this;
  }
  receiver& then_ok() {
    script.push_back([](const numbers&) { return std::exception_ptr(); });
    return *this;
  }
  receiver& then_in_part(std::vector<std::size_t> again, std::vector<item_refusal> refused) {
    script.push_back([=, this](const numbers& batch) {
      const auto is_among = [](const auto& all, std::size_t i) { return std::ranges::find(all, i) != all.end(); };
      for (std::size_t i = 0; i != batch.size(); ++i) {
        const bool is_refused = std::ranges::any_of(refused, [i](const item_refusal& one) { return one.index == i; });
        if (!is_among(again, i) && !is_refused) taken.push_back(batch[i]);
      }
      return std::make_exception_ptr(batch_failed(errc::throttled, "test", again, refused));
    });
    return *this;
  }
};

struct place {
  explicit place(std::size_t items = 3) {
    options.limits.items = items;
    options.limits.age = 10s;
    options.retries.random([] { return 0.0; });
    options.on_lost = [this](int item, const caught& why) {
      lost.push_back(item);
      reasons.push_back(why.what());
    };
    options.on_failure = [this](const caught& why) { failures.push_back(why.code()); };
  }

  batched<borrowed<receiver>, int>& policy() {
    if (!made) made.emplace(borrowed<receiver>(to), options);
    return *made;
  }
  void deliver(int from, int to_) {
    for (int i = from; i <= to_; ++i) run(context, time, policy().deliver(i));
  }
  // As whoever runs a policy does: flushes at its times until `end`.
  void flush_until(std::chrono::nanoseconds end) {
    for (;;) {
      const std::optional<steady_time> due = policy().due();
      if (!due || *due > steady_time(end)) break;
      if (*due > time.now()) time.run_for(*due - time.now());
      started<void> flushing(context, policy().flush(*due));
      time.run();
    }
    time.run_for(steady_time(end) - time.now());
  }

  asio::io_context context;
  virtual_clock time{context};
  receiver to;
  batch_options<int> options;
  std::optional<batched<borrowed<receiver>, int>> made;
  numbers lost;
  strings reasons;
  std::vector<std::error_code> failures;
};

TEST_CASE("the item that fills a batch delivers it and the rest goes when it is old enough") {
  place p;
  p.deliver(1, 2);
  CHECK(p.to.tried.empty());
  REQUIRE(p.policy().due());
  CHECK(*p.policy().due() == steady_time(10s));
  p.deliver(3, 4);
  CHECK(p.to.tried == std::vector<numbers>{{1, 2, 3}});
  run(p.context, p.time, p.policy().flush(steady_time(9s)));
  CHECK(p.to.tried.size() == 1);
  p.flush_until(10s);
  CHECK(p.to.taken == numbers{1, 2, 3, 4});
  CHECK_FALSE(p.policy().due());
  CHECK(p.policy().counts().delivered == 4);
  CHECK(p.policy().counts().batches == 2);
}

TEST_CASE("a batch that fails is held and comes again in order after a pause that grows") {
  place p;
  p.to.then(errc::unavailable).then(errc::unavailable).then(errc::throttled, 40s);
  p.deliver(1, 5);
  CHECK(p.to.tried.size() == 1);
  CHECK(p.policy().waiting() == 5);
  CHECK(p.policy().due() == steady_time(1s));
  CHECK_THROWS_AS(run(p.context, p.time, p.policy().flush(steady_time(1s))), retry_later);
  CHECK(p.policy().due() == steady_time(3s));
  CHECK(status_of(p.policy()).since == steady_time(0s));
  p.flush_until(100s);
  CHECK_FALSE(status_of(p.policy()).since);
  CHECK(p.to.taken == numbers{1, 2, 3, 4, 5});
  REQUIRE(p.to.times.size() >= 4);
  CHECK(p.to.times[2] == steady_time(3s));
  CHECK(p.to.times[3] == steady_time(43s));
  CHECK(p.failures.size() == 3);
  CHECK(p.lost.empty());
  CHECK(p.policy().counts().failed == 3);
}

TEST_CASE("of a batch that fails in part some come again and some are lost and told") {
  place p(4);
  p.to.then_in_part({1, 3}, {{2, "no such field"}});
  p.deliver(1, 5);
  CHECK(p.to.taken == numbers{1});
  CHECK(p.lost == numbers{3});
  REQUIRE(p.reasons.size() == 1);
  CHECK_THAT(p.reasons[0], catchx::ContainsSubstring("no such field"));
  p.flush_until(60s);
  CHECK(p.to.taken == numbers{1, 2, 4, 5});
  CHECK(p.policy().counts().refused == 1);
  CHECK(p.policy().counts().delivered == 4);
}

TEST_CASE("what is refused is lost at once and holds nothing up") {
  place p(2);
  p.to.then(errc::rejected);
  p.deliver(1, 4);
  CHECK(p.lost == numbers{1, 2});
  CHECK(p.to.taken == numbers{3, 4});
  CHECK_FALSE(p.policy().due());
}

TEST_CASE("a batch that is too large is divided until it passes") {
  place p(8);
  const auto refuse = [&](const numbers& batch) {
    if (batch.size() <= 2) return std::exception_ptr();
    return std::make_exception_ptr(error(errc::message_too_large, "deliver"));
  };
  for (int i = 0; i != 20; ++i) p.to.script.emplace_back(refuse);
  p.deliver(1, 8);
  CHECK(p.policy().due() <= p.time.now());
  p.flush_until(10s);
  CHECK(p.to.taken == numbers{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(p.time.now() == steady_time(10s));
  CHECK(p.lost.empty());
}

TEST_CASE("an item that is too large alone is lost") {
  place p(1);
  p.to.then(errc::message_too_large);
  p.deliver(1, 2);
  CHECK(p.lost == numbers{1});
  CHECK(p.to.taken == numbers{2});
}

TEST_CASE("beyond the bounds the oldest are dropped and counted") {
  place p(2);
  p.options.limits.held_items = 4;
  for (int i = 0; i != 3; ++i) p.to.then(errc::unavailable);
  p.deliver(1, 10);
  CHECK(p.lost == numbers{1, 2, 3, 4, 5, 6});
  CHECK_THAT(p.reasons.at(0), catchx::ContainsSubstring("limit"));
  CHECK(p.policy().counts().dropped == 6);
  p.flush_until(5min);
  CHECK(p.to.taken == numbers{7, 8, 9, 10});
}

TEST_CASE("retries that give up lose the batch and go on with the next") {
  place p(2);
  p.options.retries.attempts(2);
  p.to.then(errc::unavailable).then(errc::unavailable);
  p.deliver(1, 3);
  p.flush_until(1s);
  CHECK(p.lost == numbers{1, 2});
  p.flush_until(60s);
  CHECK(p.to.taken == numbers{3});
}

TEST_CASE("the last flush waits for the pauses and delivers everything") {
  place p;
  p.to.then(errc::unavailable).then(errc::unavailable);
  p.deliver(1, 7);
  run(p.context, p.time, p.policy().flush(steady_time::max()));
  CHECK(p.to.taken == numbers{1, 2, 3, 4, 5, 6, 7});
  CHECK(p.time.now() == steady_time(3s));
  CHECK_FALSE(p.policy().due());
}

TEST_CASE("calls while a batch is under way are held and order stays") {
  place p(2);
  p.to.takes = 1s;
  const numbers items{1, 2, 3, 4, 5, 6, 7};
  std::deque<started<void>> calls;
  for (const int& item : items) calls.emplace_back(p.context, p.policy().deliver(item));
  calls.emplace_back(p.context, p.policy().flush(steady_time::max()));
  p.time.run();
  for (const auto& each : calls) CHECK(each.is_done());
  CHECK(p.to.taken == items);
  CHECK(p.to.most_under_way == 1);
  CHECK(p.to.tried.size() == 4);
}

TEST_CASE("a call that is cancelled leaves its items held") {
  place p(2);
  p.to.takes = 1min;
  p.deliver(1, 1);
  const int last = 2;
  started<void> filling(p.context, p.policy().deliver(last));
  settle(p.context);
  REQUIRE(p.to.under_way == 1);
  filling.cancel(cancellation_type::terminal);
  settle(p.context);
  CHECK(filling.is_done());
  CHECK(p.to.under_way == 0);
  CHECK(p.policy().waiting() == 2);
  p.to.takes = 0s;
  started<void> flushing(p.context, p.policy().flush(steady_time::max()));
  settle(p.context);  // it waits for the pause
  flushing.cancel(cancellation_type::terminal);
  settle(p.context);
  CHECK(flushing.was_aborted());
  CHECK(p.policy().waiting() == 2);
  run(p.context, p.time, p.policy().flush(steady_time::max()));
  CHECK(p.to.taken == numbers{1, 2});
}

TEST_CASE("hooks that throw change nothing") {
  place p(1);
  p.options.on_lost = [](int, const caught&) { throw std::runtime_error("hook"); };
  p.options.on_failure = [](const caught&) { throw std::runtime_error("hook"); };
  p.to.then(errc::rejected);
  p.deliver(1, 2);
  CHECK(p.to.taken == numbers{2});
}

TEST_CASE("a queue in front flushes batches in time and at its end") {
  place p(3);
  p.to.then(errc::unavailable);
  const executor ex = p.context.get_executor();
  delivery_queue<int> queue(ex, batched<borrowed<receiver>, int>(borrowed<receiver>(p.to), p.options));
  started<void> running(p.context, queue.run());
  for (int i = 1; i != 5; ++i) CHECK(queue.offer(i));
  p.time.run_for(30s);
  CHECK(p.to.taken == numbers{1, 2, 3, 4});
  queue.offer(5);
  queue.close();
  p.time.run();
  CHECK(running.is_done());
  CHECK(p.to.taken == numbers{1, 2, 3, 4, 5});
  CHECK(queue.counts().delivered == 5);
}

}  // namespace t_deliver_batched
