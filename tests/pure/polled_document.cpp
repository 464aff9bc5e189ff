// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What follows of the answers of a source: one case a transition, without a source and without a clock.
#include <catch.hpp>

#include <chrono>
#include <optional>
#include <string>

#include <ovrseer/config/polled_document.hpp>

namespace t_polled_document {

using namespace ovrseer;
using namespace std::chrono_literals;

struct poll {
  polled_document<int> it{poll_schedule(1min)};
  int reads = 0;

  // A number is a good document.
  poll_news take(std::optional<fetched_document> answer) {
    return it.take(std::move(answer), [this](const std::string& text) -> result<int, std::string> {
      ++reads;
      try {
        return std::stoi(text);
      } catch (const std::exception&) {
        return failure("no number: " + text);
      }
    });
  }
  poll_news take(const std::string& text, const std::string& tag = {}) { return take(fetched_document(text, tag)); }
};

TEST_CASE("the first good version holds and its tag is asked with") {
  poll p;
  CHECK(p.it.tag().empty());
  CHECK_FALSE(p.it.good());
  CHECK(p.take("1", "a") == poll_news::swapped);
  CHECK(p.it.good() == 1);
  CHECK(p.it.tag() == "a");
  CHECK(p.it.next_delay(0.5) == 1min);
  CHECK(p.it.counts() == poll_counts{1, 0, 0, 0});
}

TEST_CASE("what has not changed is not read again") {
  poll p;
  p.take("1", "a");
  CHECK(p.take(std::nullopt) == poll_news::none);
  CHECK(p.take("1", "b") == poll_news::none);  // the same text under another tag
  CHECK(p.it.tag() == "b");
  CHECK(p.take("1") == poll_news::none);
  CHECK(p.it.tag().empty());
  CHECK(p.reads == 1);
  CHECK(p.it.counts() == poll_counts{1, 3, 0, 0});
}

TEST_CASE("a wrong version is refused once and the last good one goes on") {
  poll p;
  p.take("1", "a");
  CHECK(p.take("x", "b") == poll_news::refused);
  CHECK(p.it.good() == 1);
  CHECK(p.it.tag() == "b");
  CHECK(p.it.last_failure() == "no number: x");
  CHECK(p.take(std::nullopt) == poll_news::none);
  CHECK(p.take("x", "b") == poll_news::none);
  CHECK(p.it.last_failure() == "no number: x");
  CHECK(p.it.next_delay(0) == 1min);
  CHECK(p.take("y", "c") == poll_news::refused);
  CHECK(p.take("1", "a") == poll_news::swapped);  // back to what was there
  CHECK(p.it.last_failure().empty());
  CHECK(p.it.counts() == poll_counts{2, 2, 2, 0});
}

TEST_CASE("nothing holds before the first good version") {
  poll p;
  CHECK(p.take("x") == poll_news::refused);
  CHECK(p.it.fail("gone") == poll_news::unreachable);
  CHECK_FALSE(p.it.good());
}

TEST_CASE("failures are told once for each reason and so is their end") {
  poll p;
  p.take("1", "a");
  CHECK(p.it.fail("refused") == poll_news::unreachable);
  CHECK(p.it.fail("refused") == poll_news::none);
  CHECK(p.it.fail("reset") == poll_news::unreachable);
  CHECK(p.it.last_failure() == "reset");
  CHECK(p.it.good() == 1);
  CHECK(p.it.tag() == "a");
  CHECK(p.take(std::nullopt) == poll_news::reachable);
  CHECK(p.it.last_failure().empty());
  CHECK(p.take(std::nullopt) == poll_news::none);
  CHECK(p.it.counts() == poll_counts{1, 2, 0, 3});
}

TEST_CASE("after failures what was refused before is still refused") {
  poll p;
  p.take("1", "a");
  p.take("x", "b");
  p.it.fail("reset");
  CHECK(p.take(std::nullopt) == poll_news::reachable);
  CHECK(p.it.last_failure() == "no number: x");
}

TEST_CASE("a failure is followed by sooner questions that come ever later up to the interval") {
  poll p;
  for (const auto delay : {5s, 10s, 20s, 40s, 60s, 60s}) {
    p.it.fail("reset");
    CHECK(p.it.next_delay(0) == delay);
  }
  p.take("1");
  CHECK(p.it.next_delay(0) == 1min);
  p.it.fail("reset");
  CHECK(p.it.next_delay(0) == 5s);
  CHECK(p.it.next_delay(0.999) < 5s);
  CHECK(p.it.next_delay(0.999) > 3s);
}

TEST_CASE("an interval that is shorter than the first retry is kept") {
  polled_document<int> it(poll_schedule(1s));
  it.fail("reset");
  CHECK(it.next_delay(0) == 1s);
}

TEST_CASE("who asks to be left alone is for an hour at most") {
  poll p;
  p.it.fail("busy", 10min);
  CHECK(p.it.next_delay(0) == 10min);
  p.it.fail("busy", 1s);
  CHECK(p.it.next_delay(0) == 10s);
  p.it.fail("busy", 24h);
  CHECK(p.it.next_delay(0) == 1h);
  p.it.fail("busy");
  CHECK(p.it.next_delay(0) == 40s);
}

TEST_CASE("what is forgotten is read again and what holds goes on") {
  poll p;
  p.take("1", "a");
  p.it.forget();
  CHECK(p.it.tag().empty());
  CHECK(p.it.good() == 1);
  CHECK(p.take(std::nullopt) == poll_news::none);
  CHECK(p.take("1", "a") == poll_news::swapped);
  CHECK(p.reads == 2);
}

}  // namespace t_polled_document
