// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The concepts of async/: an archetype of each, models, and types that lack one thing.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/async/first_of.hpp>
#include <ovrseer/async/mailbox.hpp>
#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/async/scope.hpp>
#include <ovrseer/async/when_all.hpp>
#include <ovrseer/async/with_deadline.hpp>

namespace t_concepts_async {

using namespace ovrseer;

// sequence_store

struct store_archetype {
  struct value_type {};
  std::uint64_t begin_seq() const;
  std::uint64_t end_seq() const;
  value_type read(std::uint64_t) const;
};
struct store_without_value_type {
  std::uint64_t begin_seq() const;
  std::uint64_t end_seq() const;
  int read(std::uint64_t) const;
};
struct store_with_int_numbers {
  using value_type = int;
  int begin_seq() const;
  int end_seq() const;
  int read(int) const;
};
struct store_read_by_change {
  using value_type = int;
  std::uint64_t begin_seq() const;
  std::uint64_t end_seq() const;
  int read(std::uint64_t);
};

static_assert(sequence_store<store_archetype>);
static_assert(sequence_store<bounded_history<int>>);
static_assert(sequence_store<bounded_history<std::string>>);
static_assert(!sequence_store<store_without_value_type>);
static_assert(!sequence_store<store_with_int_numbers>);
static_assert(!sequence_store<store_read_by_change>);
static_assert(!sequence_store<std::vector<int>>);
static_assert(!sequence_store<int>);

// retry_policy

struct policy_archetype {
  std::optional<std::chrono::nanoseconds> next_delay(const failed_attempt&, std::chrono::nanoseconds);
};
struct policy_of_plain_durations {
  std::chrono::nanoseconds next_delay(const failed_attempt&, std::chrono::nanoseconds);
};
struct policy_of_milliseconds {
  std::optional<std::chrono::milliseconds> next_delay(const failed_attempt&, std::chrono::nanoseconds);
};
struct policy_that_ignores_time {
  std::optional<std::chrono::nanoseconds> next_delay(const failed_attempt&);
};
struct policy_misspelt {
  std::optional<std::chrono::nanoseconds> nextdelay(const failed_attempt&, std::chrono::nanoseconds);
};

static_assert(retry_policy<policy_archetype>);
static_assert(retry_policy<retry_limits>);
static_assert(!retry_policy<backoff>);  // has an overload of its own
static_assert(!retry_policy<policy_of_plain_durations>);
static_assert(!retry_policy<policy_of_milliseconds>);
static_assert(!retry_policy<policy_that_ignores_time>);
static_assert(!retry_policy<policy_misspelt>);
static_assert(!retry_policy<int>);

// What operations yield.

static_assert(std::is_same_v<decltype(with_deadline(std::declval<task<int>>(), {})), task<int>>);
static_assert(std::is_same_v<decltype(with_deadline(std::declval<task<void>>(), {})), task<void>>);
static_assert(std::is_same_v<decltype(first_of(std::declval<task<int>>(), std::declval<task<void>>())),
                             task<std::variant<int, std::monostate>>>);
static_assert(std::is_same_v<decltype(when_all(std::declval<task<int>>(), std::declval<task<void>>())),
                             task<std::tuple<int, std::monostate>>>);
static_assert(std::is_same_v<decltype(when_all(std::declval<std::vector<task<void>>>())), task<void>>);
static_assert(std::is_same_v<decltype(attempt(std::declval<task<void>>())), task<attempted<void>>>);
static_assert(std::is_same_v<attempted<void>, result<std::monostate, caught>>);
static_assert(std::is_same_v<decltype(std::declval<mailbox<int>&>().pop()), task<std::optional<int>>>);

using make_int = task<int> (*)();
using make_numbered = task<void> (*)(std::uint32_t);
static_assert(std::is_same_v<decltype(retry(std::declval<retry_limits>(), make_int())), task<int>>);
static_assert(std::is_same_v<decltype(retry(std::declval<backoff>(), make_numbered())), task<void>>);

// Who may be copied, and who may move.

static_assert(!std::is_copy_constructible_v<nursery> && !std::is_move_constructible_v<nursery>);
static_assert(!std::is_constructible_v<scope, executor>);
static_assert(!std::is_copy_constructible_v<scope> && !std::is_move_constructible_v<scope>);
static_assert(!std::is_copy_constructible_v<broadcast<bounded_history<int>>>);
static_assert(!std::is_copy_constructible_v<broadcast<bounded_history<int>>::reader>);
static_assert(std::is_nothrow_move_constructible_v<broadcast<bounded_history<int>>::reader>);
static_assert(std::is_nothrow_move_assignable_v<broadcast<bounded_history<int>>::reader>);
static_assert(!std::is_copy_constructible_v<on_worker<int>> && !std::is_move_constructible_v<on_worker<int>>);

}  // namespace t_concepts_async
