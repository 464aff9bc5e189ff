// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reading /proc and the marks of children: text in, facts out.
#include <string>

#include <catch.hpp>

#include <ovrseer/process/guard.hpp>

namespace t_process_tree {

using namespace ovrseer;
using process_detail::is_guarded;
using process_detail::marker_names;
using process_detail::stat_fields;

TEST_CASE("the fields of a stat line begin after the name whatever that is") {
  const auto plain = stat_fields("12 (sleep) S 1 12 7 0 -1\n");
  REQUIRE(plain.size() == 6);
  CHECK(plain[0] == "S");
  CHECK(plain[3] == "7");
  const auto spiteful = stat_fields("12 (a) S 99 (b)) R 1 12 7\n");
  REQUIRE(spiteful.size() == 4);
  CHECK(spiteful[0] == "R");
  CHECK(spiteful[1] == "1");
  CHECK(stat_fields("").empty());
  CHECK(stat_fields("12 (cut").empty());
  CHECK(stat_fields("12 (cut)").empty());
}

TEST_CASE("a mark is a path and names each of its elements") {
  CHECK(marker_names("ab12.3", "ab12.3"));
  CHECK(marker_names("ab12.3/cd34.1", "ab12.3"));
  CHECK(marker_names("ab12.3/cd34.1", "cd34.1"));
  CHECK_FALSE(marker_names("ab12.3/cd34.1", "cd34.11"));
  CHECK_FALSE(marker_names("ab12.31", "ab12.3"));
  CHECK_FALSE(marker_names("ab12.3", "b12.3"));
  CHECK_FALSE(marker_names("", "ab12.3"));
}

TEST_CASE("a guard ends the children of its supervisor but not those to be kept") {
  CHECK(is_guarded("ab12.3", "ab12"));
  CHECK(is_guarded("other.1/ab12.3", "ab12"));
  CHECK(is_guarded("ab12.3/other.1", "ab12"));
  CHECK_FALSE(is_guarded("ab12.k3", "ab12"));
  CHECK_FALSE(is_guarded("ab123.3", "ab12"));
  CHECK_FALSE(is_guarded("other.3", "ab12"));
  CHECK_FALSE(is_guarded("", "ab12"));
  CHECK(is_guarded("ab12.k3/ab12.4", "ab12"));
}

TEST_CASE("we find ourselves in the table of processes") {
  const auto self = process_detail::read_process(::getpid());
  REQUIRE(self.has_value());
  CHECK(self->pid == ::getpid());
  CHECK(self->parent == ::getppid());
  CHECK(self->group == ::getpgrp());
  CHECK(self->session == ::getsid(0));
  CHECK(self->start_time > 0);
  CHECK(self->state == 'R');
  CHECK_FALSE(process_detail::read_process(0).has_value());
  const auto sample = process_detail::sample_of(::getpid());
  REQUIRE(sample.has_value());
  CHECK(sample->threads >= 1);
  CHECK(sample->resident > byte_size(1 << 20));
}

}  // namespace t_process_tree
