// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Policies around policies: retry, breaker, rate, and what is told once; alone, and around each other.
#include <catch.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/deduplicated.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/deliver/rate_limited.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <report_samples.hpp>

namespace t_deliver_policies {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;

// Fails by a list, then delivers; keeps what it was given and when.
struct scripted {
  struct state {
    std::deque<std::exception_ptr> failures;
    std::vector<crash_report> tried;
    std::vector<std::string> delivered;
    std::vector<steady_time> times;
  };
  explicit scripted(state& shared) : shared_(&shared) {}
  task<void> deliver(const crash_report& report) {
    const executor ex = co_await asio::this_coro::executor;
    shared_->tried.push_back(report);
    shared_->times.push_back(clock_of(ex).now());
    if (!shared_->failures.empty()) {
      const std::exception_ptr failure = shared_->failures.front();
      shared_->failures.pop_front();
      if (failure) std::rethrow_exception(failure);
    }
    shared_->delivered.push_back(report.message);
  }

 private:
  state* shared_;
};

std::exception_ptr failing(errc code, std::optional<std::chrono::nanoseconds> after = std::nullopt) {
  return std::make_exception_ptr(retry_later(make_error_code(code), "deliver", "test", after));
}

struct bench {
  asio::io_context context;
  virtual_clock time{context};
  scripted::state receiver;

  template <class D>
  std::error_code deliver(D& policy, const crash_report& report) {
    std::error_code code;
    bool is_done = false;
    asio::co_spawn(context, policy.deliver(report), [&](std::exception_ptr failure) {
      if (failure) code = caught(failure).code();
      is_done = true;
    });
    time.run();
    CHECK(is_done);
    return code;
  }
  template <class D>
  void flush(D& policy, steady_time until) {
    asio::co_spawn(context, flush_of(policy, until), [](std::exception_ptr failure) { CHECK_FALSE(failure); });
    time.run();
  }
  steady_time now() { return clock_of(context.get_executor()).now(); }
};

crash_report crash_of(const std::string& unit, const std::string& message, crash_kind kind = crash_kind::crash) {
  crash_report made;
  made.unit = unit;
  made.message = message;
  made.kind = kind;
  return made;
}

TEST_CASE("a bucket never lets more through than its rate in any stretch of time") {
  token_bucket bucket(rate_limit(10, 1s, 3));
  std::vector<std::chrono::nanoseconds> taken;
  std::mt19937 random(7);
  auto now = 0ns;
  for (int i = 0; i != 5000; ++i) {
    now += std::chrono::nanoseconds(random() % 60'000'000);
    if (bucket.take(steady_time(now))) taken.push_back(now);
  }
  CHECK(taken.size() > 1000);
  for (std::size_t i = 0; i != taken.size(); ++i) {
    for (std::size_t k = i; k < std::min(i + 40, taken.size()); ++k) {
      const double length = std::chrono::duration<double>(taken[k] - taken[i]).count();
      if (static_cast<double>(k - i + 1) > 3 + 10 * length + 1e-6) FAIL("too many from " << i << " to " << k);
    }
  }
}

TEST_CASE("a bucket gives its burst at once and then one at a time") {
  token_bucket bucket(rate_limit(1, 10s, 2));
  const steady_time begin(100s);
  CHECK(bucket.take(begin));
  CHECK(bucket.take(begin));
  CHECK_FALSE(bucket.take(begin));
  CHECK_FALSE(bucket.is_full(begin));
  CHECK_FALSE(bucket.take(begin + 9s));
  CHECK(bucket.ready_at() > begin + 9s);
  CHECK(bucket.take(begin + 11s));
  CHECK_FALSE(bucket.take(begin + 11s));
  CHECK(bucket.is_full(begin + 60s));
}

TEST_CASE("a breaker opens on failures and asks once after its rest") {
  breaker_options options;
  options.rest = 10s;
  options.longest = 30s;
  circuit_breaker breaker(options);
  using result = circuit_breaker::result;
  steady_time now(1000s);
  for (int i = 0; i != 4; ++i) breaker.note(result::failure, now);
  CHECK(breaker.may_try(now));
  breaker.note(result::neither, now);
  CHECK(breaker.state() == breaker_state::closed);
  breaker.note(result::failure, now);
  CHECK(breaker.state() == breaker_state::open);
  CHECK_FALSE(breaker.may_try(now + 9s));
  for (const auto rest : {10s, 20s, 30s, 30s}) {
    INFO(to_text(rest));
    CHECK_FALSE(breaker.may_try(now + rest - 1ns));
    now += rest;
    CHECK(breaker.may_try(now));
    CHECK(breaker.state() == breaker_state::half_open);
    CHECK_FALSE(breaker.may_try(now));  // one probe
    breaker.note(result::failure, now);
    CHECK(breaker.state() == breaker_state::open);
  }
  now += 30s;
  CHECK(breaker.may_try(now));
  breaker.note(result::neither, now);  // the probe said nothing: another
  CHECK(breaker.may_try(now));
  breaker.note(result::success, now);
  CHECK(breaker.state() == breaker_state::closed);
  CHECK(breaker.openings() == 5);
  for (int i = 0; i != 5; ++i) breaker.note(result::failure, now);
  CHECK_FALSE(breaker.may_try(now + 9s));
  CHECK(breaker.may_try(now + 10s));  // the rest is short again
}

TEST_CASE("a breaker looks at its window alone") {
  breaker_options options;
  options.window = 4;
  options.least = 4;
  circuit_breaker breaker(options);
  using result = circuit_breaker::result;
  for (int i = 0; i != 10; ++i) breaker.note(result::success, steady_time(1s));
  breaker.note(result::failure, steady_time(1s));
  CHECK(breaker.state() == breaker_state::closed);
  breaker.note(result::failure, steady_time(1s));
  CHECK(breaker.state() == breaker_state::open);
}

TEST_CASE("what may succeed later is tried again and the last failure comes out") {
  bench on;
  retried policy(scripted(on.receiver), delivery_retries().random([] { return 0.0; }));
  SECTION("until it succeeds, as late as the receiver asks") {
    on.receiver.failures = {failing(errc::unavailable), failing(errc::throttled, 40s)};
    CHECK_FALSE(on.deliver(policy, crash_of("api", "one")));
    REQUIRE(on.receiver.times.size() == 3);
    CHECK(on.receiver.times[1] - on.receiver.times[0] == 1s);
    CHECK(on.receiver.times[2] - on.receiver.times[1] == 40s);
  }
  SECTION("but not what is final") {
    on.receiver.failures = {failing(errc::rejected)};
    CHECK(on.deliver(policy, crash_of("api", "one")) == errc::rejected);
    CHECK(on.receiver.tried.size() == 1);
  }
  SECTION("and not for ever") {
    for (int i = 0; i != 9; ++i) on.receiver.failures.push_back(failing(errc::unavailable));
    CHECK(on.deliver(policy, crash_of("api", "one")) == errc::unavailable);
    CHECK(on.receiver.tried.size() == 5);
  }
}

TEST_CASE("a receiver that fails is left alone for a while") {
  bench on;
  breaker_options options;
  options.least = 2;
  circuit_broken policy(scripted(on.receiver), options);
  const crash_report report = crash_of("api", "one");
  on.receiver.failures = {failing(errc::rejected), failing(errc::rejected), failing(errc::rejected),
                          failing(errc::unavailable), failing(errc::not_permitted)};
  for (int i = 0; i != 3; ++i) CHECK(on.deliver(policy, report) == errc::rejected);  // the item's fault
  CHECK(on.deliver(policy, report) == errc::unavailable);
  CHECK(on.deliver(policy, report) == errc::not_permitted);
  CHECK(on.deliver(policy, report) == errc::circuit_open);
  CHECK(on.receiver.tried.size() == 5);
  on.time.run_for(30s);
  CHECK_FALSE(on.deliver(policy, report));
  CHECK(policy.breaker().state() == breaker_state::closed);
}

TEST_CASE("what comes too fast is told together as soon as the rate allows it") {
  bench on;
  rate_limited_options options;
  options.each = rate_limit(1, 1min, 2);
  options.all = rate_limit(1, 10s, 3);
  rate_limited policy(scripted(on.receiver), options);
  for (int i = 0; i != 4; ++i) CHECK_FALSE(on.deliver(policy, crash_of("api", "down " + std::to_string(i))));
  CHECK_FALSE(on.deliver(policy, crash_of("db", "gone", crash_kind::retries_exhausted)));
  CHECK_FALSE(on.deliver(policy, crash_of("db", "gone", crash_kind::retries_exhausted)));
  CHECK(on.receiver.delivered == std::vector<std::string>{"down 0", "down 1", "gone"});
  CHECK(policy.folded() == 3);
  REQUIRE(policy.due());
  CHECK(*policy.due() > on.now());
  on.flush(policy, on.now());
  CHECK(on.receiver.delivered.size() == 3);
  on.time.run_for(11s);
  on.flush(policy, on.now());
  REQUIRE(on.receiver.delivered.size() == 4);
  CHECK(on.receiver.delivered.back() == "3 reports of 2 faults came too fast; the worst: gone");
  CHECK(on.receiver.tried.back().occurrences == 3);
  CHECK(on.receiver.tried.back().last_lines ==
        std::vector<std::string>{"1x db: retries_exhausted: gone", "2x api: crash: down 2"});
  CHECK_FALSE(policy.due());
}

TEST_CASE("a digest that fails is not lost") {
  bench on;
  rate_limited_options options;
  options.each = rate_limit(1, 1min, 1);
  rate_limited policy(scripted(on.receiver), options);
  CHECK_FALSE(on.deliver(policy, crash_of("api", "down 1")));
  CHECK_FALSE(on.deliver(policy, crash_of("api", "down 2")));
  on.receiver.failures = {failing(errc::unavailable)};
  asio::co_spawn(on.context, policy.flush(steady_time::max()), [](std::exception_ptr failure) { CHECK(failure); });
  on.time.run();
  REQUIRE(policy.due());
  on.flush(policy, steady_time::max());
  CHECK(on.receiver.delivered == std::vector<std::string>{"down 1", "down 2"});
}

TEST_CASE("the same fault is told once and then how often it was seen") {
  bench on;
  deduplicated policy(scripted(on.receiver), deduplicated_options(10min));
  for (int i = 0; i != 14; ++i)
    CHECK_FALSE(on.deliver(policy, crash_of("api", "exit after " + std::to_string(i) + " s")));
  CHECK_FALSE(on.deliver(policy, crash_of("db", "exit after 1 s")));
  CHECK(on.receiver.delivered == std::vector<std::string>{"exit after 0 s", "exit after 1 s"});
  CHECK(policy.suppressed() == 13);
  REQUIRE(policy.due());
  CHECK(*policy.due() == on.now() + 10min);
  on.time.run_for(10min);
  on.flush(policy, on.now());
  CHECK(on.receiver.delivered.back() == "exit after 13 s (seen 13 times)");
  CHECK_FALSE(policy.due());
  on.time.run_for(10min);
  CHECK_FALSE(on.deliver(policy, crash_of("api", "exit after 99 s")));
  CHECK(on.receiver.delivered.back() == "exit after 99 s");
}

TEST_CASE("what was not delivered is not known") {
  bench on;
  deduplicated policy{scripted(on.receiver)};
  on.receiver.failures = {failing(errc::unavailable)};
  CHECK(on.deliver(policy, crash_of("api", "down")) == errc::unavailable);
  CHECK_FALSE(on.deliver(policy, crash_of("api", "down")));
  CHECK(on.receiver.delivered.size() == 1);
}

TEST_CASE("no count is lost where more faults come than are known at once") {
  bench on;
  deduplicated_options options;
  options.capacity = 2;
  deduplicated policy(scripted(on.receiver), options);
  for (const char* unit : {"a", "a", "b", "c", "b", "c", "c"}) CHECK_FALSE(on.deliver(policy, crash_of(unit, unit)));
  on.flush(policy, steady_time::max());
  std::uint64_t told = 0;
  for (const crash_report& each : on.receiver.tried) told += each.occurrences;
  CHECK(told == 7);
}

TEST_CASE("numbers do not make another fault") {
  CHECK(without_numbers("port 8080 refused") == without_numbers("port 9 refused"));
  CHECK(without_numbers("at 0x7ffe01 in f") == without_numbers("at 0xdead00 in f"));
  CHECK(without_numbers("id 5f2e8a1b") == without_numbers("id 0011aabb"));
  CHECK(without_numbers("worker-12 of 3") == "worker-# of #");
  CHECK(without_numbers("added facade") == "added facade");
  CHECK(without_numbers("sha256 v2") == "sha# v#");
  CHECK(without_numbers("").empty());
}

TEST_CASE("policies work around each other and the queue tells what they hold back") {
  bench on;
  rate_limited_options rate;
  rate.each = rate_limit(1, 1min, 1);
  any_crash_reporter policy = deduplicated(rate_limited(
      circuit_broken(retried(scripted(on.receiver), delivery_retries().random([] { return 0.0; }))), rate));
  delivery_queue<crash_report> queue(on.context.get_executor(), std::move(policy));
  std::exception_ptr ended = std::make_exception_ptr(0);
  asio::co_spawn(on.context, queue.run(), [&](std::exception_ptr failure) { ended = failure; });
  on.receiver.failures = {failing(errc::throttled, 3s)};
  for (const char* message : {"down", "down", "slow", "late"}) queue.offer(crash_of("api", message));
  on.time.run_for(2s);
  CHECK(on.receiver.tried.size() == 1);
  on.time.run_for(1h);
  CHECK(on.receiver.delivered ==
        std::vector<std::string>{"down", "2 reports of 2 faults came too fast; the worst: slow", "down"});
  queue.offer(crash_of("api", "slow"));
  queue.offer(crash_of("api", "slow"));
  queue.close();
  on.time.run();
  CHECK_FALSE(ended);
  CHECK(on.receiver.delivered.size() == 5);
  CHECK(queue.counts().failed == 0);
}

}  // namespace t_deliver_policies
