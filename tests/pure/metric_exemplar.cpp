// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which exemplars a scraper takes: the length in characters, and the names of the labels.
#include <string>

#include <catch.hpp>
#include <ovrseer/metric/exemplar.hpp>

namespace t_metric_exemplar {

using namespace ovrseer;

TEST_CASE("the labels of an exemplar have 128 characters together and not one more") {
  CHECK(is_showable(exemplar()));
  CHECK(is_showable(exemplar("trace_id", std::string(120, 'x'))));
  CHECK_FALSE(is_showable(exemplar("trace_id", std::string(121, 'x'))));
  CHECK(is_showable(exemplar("a", std::string(63, 'x')).label("b", std::string(63, 'x'))));
  CHECK_FALSE(is_showable(exemplar("a", std::string(63, 'x')).label("b", std::string(64, 'x'))));
}

TEST_CASE("characters are counted and not bytes and a byte that is none counts as one") {
  std::string wide;
  for (int i = 0; i < 120; ++i) wide += "\xE2\x82\xAC";
  CHECK(is_showable(exemplar("trace_id", wide)));
  CHECK_FALSE(is_showable(exemplar("trace_id", wide + "x")));
  CHECK(is_showable(exemplar("trace_id", std::string(120, '\xFF'))));
  CHECK_FALSE(is_showable(exemplar("trace_id", std::string(121, '\xFF'))));
}

TEST_CASE("a label of an exemplar has a name of its own that is valid") {
  CHECK_FALSE(is_showable(exemplar("trace-id", "x")));
  CHECK_FALSE(is_showable(exemplar("", "x")));
  CHECK_FALSE(is_showable(exemplar("__reserved", "x")));
  CHECK_FALSE(is_showable(exemplar("a", "x").label("a", "y")));
  CHECK(is_showable(exemplar("a", "").label("b", "")));
}

}  // namespace t_metric_exemplar
