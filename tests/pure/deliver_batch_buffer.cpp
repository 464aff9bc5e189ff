// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Items on their way into batches: what goes together, when, and what goes overboard.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/deliver/batch_buffer.hpp>

namespace t_deliver_batch_buffer {

struct parcel {
  int number = 0;
  std::size_t weight = 0;
};

std::size_t size_in_bytes(const parcel& one) { return one.weight; }

using namespace ovrseer;
using namespace std::chrono_literals;
using numbers = std::vector<int>;

constexpr steady_time begin(100s);

numbers of(const std::vector<parcel>& parcels) {
  numbers found;
  for (const parcel& each : parcels) found.push_back(each.number);
  return found;
}

batch_limits small() {
  batch_limits limits;
  limits.items = 3;
  limits.bytes = byte_size(100);
  limits.age = 5s;
  limits.held_items = 6;
  limits.held_bytes = byte_size(1000);
  return limits;
}

TEST_CASE("a batch is due by number or by bytes or by age") {
  batch_buffer<parcel> buffer(small());
  CHECK_FALSE(buffer.ripe_at());
  buffer.add({1, 10}, begin);
  buffer.add({2, 10}, begin + 2s);
  CHECK(buffer.ripe_at() == begin + 5s);
  CHECK_FALSE(buffer.is_full());
  SECTION("by number") { buffer.add({3, 10}, begin + 3s); }
  SECTION("by bytes") { buffer.add({3, 80}, begin + 3s); }
  CHECK(buffer.is_full());
  CHECK(buffer.ripe_at() == begin);
  CHECK(of(buffer.take()) == numbers{1, 2, 3});
  CHECK(buffer.empty());
  CHECK(buffer.bytes() == byte_size(0));
}

TEST_CASE("a batch has no more bytes than it may and an item that is larger goes alone") {
  batch_buffer<parcel> buffer(small());
  for (const parcel& each : {parcel{1, 60}, parcel{2, 60}, parcel{3, 500}, parcel{4, 1}}) buffer.add(each, begin);
  CHECK(of(buffer.take()) == numbers{1});
  CHECK(of(buffer.take()) == numbers{2});
  CHECK(of(buffer.take()) == numbers{3});
  CHECK(of(buffer.take()) == numbers{4});
  CHECK(of(buffer.take()).empty());
}

TEST_CASE("beyond the bounds the oldest goes first also when a batch comes back") {
  batch_buffer<parcel> buffer(small());
  for (int i = 1; i != 7; ++i) CHECK(buffer.add({i, 1}, begin).empty());
  CHECK(of(buffer.add({7, 1}, begin)) == numbers{1});
  std::vector<parcel> under_way = buffer.take();
  CHECK(of(under_way) == numbers{2, 3, 4});
  for (int i = 8; i != 11; ++i) CHECK(buffer.add({i, 1}, begin).empty());
  CHECK(of(buffer.put_back(std::move(under_way), begin)) == numbers{2, 3, 4});
  CHECK(of(buffer.add({11, 999}, begin)) == numbers{5, 6, 7, 8, 9});
  CHECK(buffer.bytes() == byte_size(1000));
  CHECK(of(buffer.add({12, 1001}, begin)) == numbers{10, 11, 12});
  CHECK(buffer.empty());
}

TEST_CASE("what came back is first and is due at once") {
  batch_buffer<parcel> buffer(small());
  for (int i = 1; i != 4; ++i) buffer.add({i, 1}, begin);
  std::vector<parcel> under_way = buffer.take();
  CHECK_FALSE(buffer.oldest());
  buffer.add({4, 1}, begin + 1s);
  CHECK(buffer.oldest() == begin + 1s);
  under_way.erase(under_way.begin() + 1);
  CHECK(buffer.put_back(std::move(under_way), begin).empty());
  REQUIRE(buffer.ripe_at());
  CHECK(*buffer.ripe_at() < begin);
  CHECK(buffer.oldest() == begin);
  CHECK(of(buffer.take()) == numbers{1, 3, 4});
}

TEST_CASE("batches shrink by half and grow again slowly up to their limit") {
  batch_limits limits;
  limits.items = 100;
  batch_buffer<parcel> buffer(limits);
  buffer.shrink(100);
  CHECK(buffer.most() == 50);
  buffer.shrink(1);
  CHECK(buffer.most() == 1);
  int steps = 0;
  for (; buffer.most() != 100; ++steps) buffer.grow();
  CHECK(steps > 10);
  CHECK(steps < 40);
  buffer.grow();
  CHECK(buffer.most() == 100);
}

TEST_CASE("whatever comes in goes out once and in order or is handed back") {
  std::mt19937 random(11);
  batch_limits limits = small();
  batch_buffer<parcel> buffer(limits);
  numbers out;
  numbers dropped;
  const auto drop = [&](const std::vector<parcel>& some) {
    for (const parcel& each : some) dropped.push_back(each.number);
  };
  for (int i = 0; i != 5000; ++i) {
    drop(buffer.add({i, random() % 150}, begin));
    if (random() % 3 != 0) continue;
    std::vector<parcel> batch = buffer.take();
    if (random() % 2 == 0) {
      drop(buffer.put_back(std::move(batch), begin));
    } else {
      for (const parcel& each : batch) out.push_back(each.number);
    }
  }
  while (!buffer.empty()) {
    for (const parcel& each : buffer.take()) out.push_back(each.number);
  }
  CHECK(std::is_sorted(out.begin(), out.end()));
  CHECK(std::is_sorted(dropped.begin(), dropped.end()));
  numbers all = out;
  all.insert(all.end(), dropped.begin(), dropped.end());
  std::sort(all.begin(), all.end());
  REQUIRE(all.size() == 5000);
  for (int i = 0; i != 5000; ++i) CHECK(all[static_cast<std::size_t>(i)] == i);
  CHECK(buffer.bytes() == byte_size(0));
}

}  // namespace t_deliver_batch_buffer
