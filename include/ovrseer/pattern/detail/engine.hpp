// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one way to search: a table where there is one, a plan for spans, and the machine for the rest and in the compiler.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/table.hpp>

namespace ovrseer::pattern_detail {

/// Something that is made of a program once enough text has been searched to pay for it. Any number of threads may ask at
/// the same time. Trivially destructible, so that a pattern which the compiler read can be used until the very end of the
/// program; an owner that goes earlier calls `drop`.
template <class Made>
class lazy_slot {
 public:
  constexpr lazy_slot() noexcept = default;
  lazy_slot(const lazy_slot&) = delete;
  lazy_slot& operator=(const lazy_slot&) = delete;

  /// Frees what was made; nobody searches any more.
  void drop() noexcept { delete made_.exchange(nullptr, std::memory_order_acq_rel); }

  /// What was made, or null when it is not yet worth it.
  const Made* when_worth_it(const program& of, std::size_t text_size) const {
    const Made* const made = made_.load(std::memory_order_acquire);
    if (made != nullptr) return made;
    const std::size_t worth = text_size + call_worth;
    if (searched_.fetch_add(worth, std::memory_order_relaxed) + worth < worth_making) return nullptr;
    return &make(of);
  }
  /// The same at once, for who knows that much text will come.
  const Made& now(const program& of) const {
    const Made* const made = made_.load(std::memory_order_acquire);
    return made != nullptr ? *made : make(of);
  }

 private:
  static constexpr std::size_t worth_making = 4096;  // in bytes of text
  static constexpr std::size_t call_worth = 64;

  const Made& make(const program& of) const {
    auto made = std::make_unique<const Made>(of);
    const Made* other = nullptr;
    if (!made_.compare_exchange_strong(other, made.get(), std::memory_order_acq_rel)) return *other;
    return *made.release();
  }

  mutable std::atomic<const Made*> made_{nullptr};
  mutable std::atomic<std::size_t> searched_{0};
};

/// Finds the leftmost match from `from` on, with what the program alone says.
constexpr bool find_by_machine(const program& of, std::string_view text, std::size_t from, found_places into) {
  machine<> search(of, text, into.count);
  if (!search.run(from)) return false;
  for (std::size_t i = 0; i != into.count; ++i) into.slots[i] = search.slots()[i];
  return true;
}

class made_table;
class span_plan;

/// What a pattern has beside its program, to search quickly.
class search_slots {
 public:
  constexpr search_slots() noexcept = default;
  /// With the table that the compiler made.
  constexpr explicit search_slots(const whole_view* fixed) noexcept : fixed_(fixed) {}

  /// Frees what was made; nobody searches any more.
  void drop() noexcept;
  /// The whole table, made now if there is none; null when it would be too large.
  const whole_view* table(const program& of) const;
  /// From now on spans are found by plan, as if much text had been searched.
  void make_plan(const program& of) const;

  /// Whether a match begins at `from` or later.
  bool has_match(const program& of, std::string_view text, std::size_t from) const;
  /// Finds the leftmost match from `from` on.
  bool find(const program& of, std::string_view text, std::size_t from, found_places into) const;
  /// The same where a match is likely: the text is not looked through before.
  bool find_likely(const program& of, std::string_view text, std::size_t from, found_places into) const;

  /// What is longer is looked through for a match before the place of the match is asked for.
  static constexpr std::size_t short_text = 512;

 private:
  const whole_view* fixed_ = nullptr;
  lazy_slot<made_table> table_;
  lazy_slot<span_plan> plan_;
};

constexpr bool has_match(const program& of, const search_slots& slots, std::string_view text, std::size_t from) {
  if (from > text.size()) return false;
  if (!std::is_constant_evaluated()) return slots.has_match(of, text, from);
  return machine<>(of, text, 0).run(from);
}

}  // namespace ovrseer::pattern_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/detail/impl/engine.ipp>
#endif
