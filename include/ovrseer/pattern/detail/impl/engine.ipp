// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/detail/engine.hpp>.
#pragma once

#include <atomic>
#include <memory>

#include <ovrseer/pattern/detail/automaton.hpp>
#include <ovrseer/pattern/detail/engine.hpp>
#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/span_plan.hpp>
#include <ovrseer/pattern/detail/span_search.hpp>

namespace ovrseer::pattern_detail {

/// A table of one program: whole, or, where that would be too large, growing, for one thread at a time.
class made_table {
 public:
  explicit made_table(const program& of) : whole_(make_whole_table(joint_program(of.text, of.flags))) {
    if (whole_ == nullptr) growing_.store(new automaton(joint_program(of.text, of.flags)), std::memory_order_relaxed);
  }
  made_table(const made_table&) = delete;
  made_table& operator=(const made_table&) = delete;
  ~made_table() { delete growing_.load(std::memory_order_acquire); }

  /// Null when it would be too large.
  const whole_view* whole() const noexcept { return whole_ != nullptr ? &whole_->view : nullptr; }

  bool has_match(const program& of, std::string_view text, std::size_t from) const {
    if (whole_ != nullptr) return whole_->view.matches(text, from);
    const auto give_back = [this](automaton* taken) { growing_.store(taken, std::memory_order_release); };
    const std::unique_ptr<automaton, decltype(give_back)> mine(growing_.exchange(nullptr, std::memory_order_acquire),
                                                               give_back);
    return mine != nullptr ? mine->matches(text, from) : machine<>(of, text, 0).run(from);
  }

 private:
  std::unique_ptr<const whole_table> whole_;
  mutable std::atomic<automaton*> growing_{nullptr};  // null while a thread has it
};

OVRSEER_DECL void search_slots::drop() noexcept {
  table_.drop();
  plan_.drop();
}

OVRSEER_DECL const whole_view* search_slots::table(const program& of) const {
  return fixed_ != nullptr ? fixed_ : table_.now(of).whole();
}

OVRSEER_DECL void search_slots::make_plan(const program& of) const { plan_.now(of); }

OVRSEER_DECL bool search_slots::has_match(const program& of, std::string_view text, std::size_t from) const {
  if (fixed_ != nullptr) return fixed_->matches(text, from);
  const made_table* const table = table_.when_worth_it(of, text.size() - from);
  return table != nullptr ? table->has_match(of, text, from) : machine<>(of, text, 0).run(from);
}

OVRSEER_DECL bool search_slots::find(const program& of, std::string_view text, std::size_t from,
                                     found_places into) const {
  if (from > text.size()) return false;
  if (text.size() - from > short_text && !has_match(of, text, from)) return false;
  return find_likely(of, text, from, into);
}

OVRSEER_DECL bool search_slots::find_likely(const program& of, std::string_view text, std::size_t from,
                                            found_places into) const {
  const span_plan* const plan = plan_.when_worth_it(of, text.size() - from);
  if (plan != nullptr && plan->is_usable()) {
    const auto known = span_search(*plan, text, into.slots, into.count).run(from);
    if (known != span_search::outcome::too_long) return known == span_search::outcome::found;
  }
  return find_by_machine(of, text, from, into);
}

}  // namespace ovrseer::pattern_detail
