// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When several answers come to one verdict, and which reasons it has.
#include <ovrseer/check/combine.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

namespace t_check_ballot {

using namespace ovrseer;
using check_detail::ballot;
using verdict = check_result::verdict;

struct named {
  std::string name;
  task<check_result> operator()(check_target) const;
  std::string describe() const { return name; }
};
task<check_result> named::operator()(check_target) const { co_return check_result{}; }

const std::vector<any_check> three{named{"a"}, named{"b"}, named{"c"}};

check_result said(verdict outcome) { return {outcome, outcome == verdict::ready ? "" : "no", {}, 2}; }

TEST_CASE("all must be ready and the first no decides") {
  ballot votes(quorum::all, 3);
  CHECK_FALSE(votes.is_decided());
  votes.cast(0, said(verdict::ready));
  votes.cast(2, said(verdict::ready));
  CHECK_FALSE(votes.is_decided());
  ballot refused = votes;
  votes.cast(1, said(verdict::ready));
  REQUIRE(votes.is_decided());
  CHECK(votes.verdict(three).is_ready());
  CHECK(votes.verdict(three).reason.empty());
  CHECK(votes.verdict(three).attempts == 6);
  refused.cast(1, said(verdict::not_ready));
  REQUIRE(refused.is_decided());
  CHECK(refused.verdict(three).outcome == verdict::not_ready);
  CHECK(refused.verdict(three).reason == "b: no");
}

TEST_CASE("any may be ready and the first yes decides") {
  ballot votes(quorum::any, 3);
  votes.cast(1, said(verdict::not_ready));
  votes.cast(0, said(verdict::timed_out));
  CHECK_FALSE(votes.is_decided());
  ballot refused = votes;
  votes.cast(2, said(verdict::ready));
  REQUIRE(votes.is_decided());
  CHECK(votes.verdict(three).is_ready());
  CHECK(votes.verdict(three).reason.empty());
  refused.cast(2, said(verdict::timed_out));
  REQUIRE(refused.is_decided());
  CHECK(refused.verdict(three).outcome == verdict::not_ready);
  CHECK(refused.verdict(three).reason == "a: no; b: no; c: no");
}

TEST_CASE("when all who said no were late the verdict is late") {
  ballot votes(quorum::any, 2);
  votes.cast(0, said(verdict::timed_out));
  votes.cast(1, said(verdict::timed_out));
  CHECK(votes.verdict(three).outcome == verdict::timed_out);
  ballot first(quorum::all, 2);
  first.cast(0, said(verdict::timed_out));
  CHECK(first.is_decided());
  CHECK(first.verdict(three).outcome == verdict::timed_out);
}

TEST_CASE("nobody asked is ready for all and not for any") {
  CHECK(ballot(quorum::all, 0).is_decided());
  CHECK(ballot(quorum::all, 0).verdict({}).is_ready());
  CHECK(ballot(quorum::any, 0).is_decided());
  CHECK_FALSE(ballot(quorum::any, 0).verdict({}).is_ready());
}

}  // namespace t_check_ballot
