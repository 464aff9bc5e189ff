// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When a file is full or due, and which old ones go.
#include <ovrseer/disk/rotation.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "catch.hpp"

namespace t_disk_rotation {

using namespace ovrseer;
using namespace std::chrono_literals;
using time_point = std::chrono::system_clock::time_point;

TEST_CASE("a file is full when what comes would pass its limit") {
  const rotation_rule rule(byte_size(100), {});
  CHECK(!rule.is_full(0, 50));
  CHECK(!rule.is_full(50, 50));
  CHECK(rule.is_full(51, 50));
  CHECK(rule.is_full(100, 1));
  CHECK(rule.is_full(200, 1));
  CHECK(rule.is_full(1, std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("an empty file is never full so that what is too long has a file of its own") {
  CHECK(!rotation_rule(byte_size(100), {}).is_full(0, 1000));
}

TEST_CASE("a limit of zero is none") {
  CHECK(!rotation_rule().is_full(std::numeric_limits<std::uint64_t>::max(), 1));
  CHECK(!rotation_rule().is_due(time_point{}, time_point{} + 100000h));
}

TEST_CASE("a file is due at its age and not when the clock went back") {
  const rotation_rule rule({}, 1h);
  const time_point begun = time_point{} + 1000h;
  CHECK(!rule.is_due(begun, begun));
  CHECK(!rule.is_due(begun, begun + 1h - 1ms));
  CHECK(rule.is_due(begun, begun + 1h));
  CHECK(!rule.is_due(begun, begun - 5h));
}

TEST_CASE("the oldest files go until count and bytes hold and the last one stays") {
  const std::vector<std::uint64_t> sizes{10, 20, 30, 40};
  retention_rule rule;
  CHECK(rule.surplus(sizes, 1000) == 0);
  rule.count = 3;
  CHECK(rule.surplus(sizes, 0) == 1);
  rule.count = 1;
  CHECK(rule.surplus(sizes, 0) == 3);
  rule.count = 0;
  rule.bytes = byte_size(90);
  CHECK(rule.surplus(sizes, 0) == 1);
  CHECK(rule.surplus(sizes, 1) == 2);
  CHECK(rule.surplus(sizes, 21) == 3);
  CHECK(rule.surplus(sizes, 1000) == 3);
  rule.count = 2;
  CHECK(rule.surplus(sizes, 0) == 2);
  CHECK(rule.surplus({}, 5) == 0);
}

}  // namespace t_disk_rotation
