// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one way to search: the table where there is one, the machine for spans and in the compiler.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>

#include <ovrseer/pattern/detail/dfa.hpp>
#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>

namespace ovrseer::pattern_detail {

/// Where a pattern keeps its table: built once, when enough text has been searched to pay for it.
/// Any number of threads may search at the same time. Trivially destructible, so that a pattern which the
/// compiler read can be used until the very end of the program; an owner that goes earlier calls `drop`.
class table_slot {
 public:
  constexpr table_slot() noexcept = default;
  table_slot(const table_slot&) = delete;
  table_slot& operator=(const table_slot&) = delete;

  /// Frees the table; nobody searches any more.
  void drop() noexcept { delete built_.exchange(nullptr, std::memory_order_acq_rel); }

  /// The table, or null: not yet worth it, or it would be too large.
  const dfa* table_for(const program& compiled, std::size_t text_size) const {
    const holder* built = built_.load(std::memory_order_acquire);
    if (built == nullptr) {
      const std::size_t worth = text_size + call_worth;
      if (searched_.fetch_add(worth, std::memory_order_relaxed) + worth < worth_building) return nullptr;
      built = build(compiled);
    }
    return built->table.get();
  }

  /// The table at once, for who knows that much text will come.
  const dfa* table_now(const program& compiled) const {
    const holder* built = built_.load(std::memory_order_acquire);
    return (built != nullptr ? built : build(compiled))->table.get();
  }

 private:
  struct holder {
    std::unique_ptr<const dfa> table;
  };
  static constexpr std::size_t worth_building = 4096;  // in bytes of text
  static constexpr std::size_t call_worth = 64;

  const holder* build(const program& compiled) const {
    auto made = std::make_unique<holder>(holder{dfa::build(compiled)});
    const holder* other = nullptr;
    if (!built_.compare_exchange_strong(other, made.get(), std::memory_order_acq_rel)) return other;
    return made.release();
  }

  mutable std::atomic<const holder*> built_{nullptr};
  mutable std::atomic<std::size_t> searched_{0};
};

/// Whether a match begins at `from` or later.
constexpr bool has_match(const program& compiled, const table_slot* tables, std::string_view text, std::size_t from) {
  if (from > text.size()) return false;
  if (!std::is_constant_evaluated() && tables != nullptr) {
    if (const dfa* table = tables->table_for(compiled, text.size() - from)) return table->matches(text, from);
  }
  return machine<>(compiled, text, 0).run(from);
}

/// Finds the leftmost match from `from` on and notes its slots; `slots` is at least two long.
constexpr bool find_match(const program& compiled, const table_slot* tables, std::string_view text, std::size_t from,
                          std::size_t* slots, std::size_t slot_count) {
  if (from > text.size()) return false;
  if (!std::is_constant_evaluated() && tables != nullptr) {
    const dfa* table = tables->table_for(compiled, text.size() - from);
    if (table != nullptr && !table->matches(text, from)) return false;
  }
  machine<> search(compiled, text, slot_count);
  if (!search.run(from)) return false;
  for (std::size_t i = 0; i != slot_count; ++i) slots[i] = search.slots()[i];
  return true;
}

}  // namespace ovrseer::pattern_detail
