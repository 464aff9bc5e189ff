// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the end of a batch means for its items.
#include <chrono>
#include <exception>
#include <stdexcept>
#include <vector>

#include <catch.hpp>

#include <ovrseer/deliver/batch_failed.hpp>

namespace t_deliver_batch_failed {

using namespace ovrseer;
using namespace std::chrono_literals;
using places = std::vector<std::size_t>;
using next = batch_verdict::next;

template <class E>
batch_verdict after(const E& failure, std::size_t size = 3) {
  return judge_batch(std::make_exception_ptr(failure), size);
}
batch_verdict after(errc code, std::size_t size = 3) { return after(error(code, "deliver"), size); }

TEST_CASE("a batch without a failure leaves nothing to do") {
  const batch_verdict verdict = judge_batch(nullptr, 3);
  CHECK(verdict.again.empty());
  CHECK(verdict.lost.empty());
  CHECK(verdict.when == next::at_once);
}

TEST_CASE("a failure of the receiver leaves the batch to be tried later") {
  for (const errc code : {errc::unavailable, errc::throttled, errc::not_permitted, errc::timed_out, errc::circuit_open,
                          errc::malformed_message, errc::connection_closed, errc::cancelled}) {
    INFO(make_error_code(code).message());
    const batch_verdict verdict = after(code);
    CHECK(verdict.again == places{0, 1, 2});
    CHECK(verdict.lost.empty());
    CHECK(verdict.when == next::later);
  }
  CHECK(after(std::runtime_error("anything")).again.size() == 3);
  CHECK(judge_batch(std::make_exception_ptr(7), 1).when == next::later);
}

TEST_CASE("a batch that is refused is lost and one that is too large is divided") {
  const batch_verdict refused = after(errc::rejected, 2);
  CHECK(refused.again.empty());
  REQUIRE(refused.lost.size() == 2);
  CHECK(refused.lost[1].index == 1);
  CHECK(refused.when == next::at_once);
  const batch_verdict large = after(errc::message_too_large, 2);
  CHECK(large.again == places{0, 1});
  CHECK(large.when == next::smaller);
  const batch_verdict alone = after(errc::message_too_large, 1);
  CHECK(alone.again.empty());
  CHECK(alone.lost.size() == 1);
}

TEST_CASE("a batch that fails in part says it of each item") {
  const batch_failed in_part(errc::throttled, "test", {0, 2, 9}, {{1, "bad"}, {8, "none"}}, 7s);
  CHECK(in_part.code() == errc::throttled);
  CHECK(retry_later::asked_by(std::make_exception_ptr(in_part)) == 7s);
  const batch_verdict verdict = after(in_part);
  CHECK(verdict.again == places{0, 2});
  CHECK(verdict.lost == std::vector<item_refusal>{{1, "bad"}});
  CHECK(verdict.when == next::later);
  const batch_failed only_refused(errc::throttled, "test", {}, {{1, "bad"}});
  CHECK(only_refused.code() == errc::rejected);
  CHECK(after(only_refused).when == next::at_once);
}

}  // namespace t_deliver_batch_failed
