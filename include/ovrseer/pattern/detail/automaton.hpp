// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The quick answer to "which of these match": a table with one load for each unit of text. Its states are made
// when a text first leads to them, or all at once where there are few; a table made at once is never changed again.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

/// A state: where the machine could be at a place of the text, what of the text before the place matters, and which
/// patterns have matched on the way here.
struct automaton_state {
  std::uint32_t context = 0;
  std::vector<std::uint32_t> places;
  std::vector<std::uint32_t> matched;
  friend auto operator<=>(const automaton_state&, const automaton_state&) = default;
};

/// From one state to the next: the subset construction, one step at a time.
class automaton_stepper {
 public:
  // What matters of the text before a place, as bits; also the index of the state to begin in.
  static constexpr std::uint32_t at_begin = 1;
  static constexpr std::uint32_t after_line = 2;
  static constexpr std::uint32_t after_word = 4;
  static constexpr std::uint32_t contexts = 8;

  explicit automaton_stepper(joint_program code) : code_(std::move(code)), units_(code_), seen_(code_.code.size(), 0U) {
    const auto uses = [&](assertion place) { return (code_.assertions & static_cast<std::uint32_t>(place)) != 0; };
    for (const joint_program::start& one : code_.starts) {
      if (one.is_anchored) relevant_ |= at_begin;
      can_always_start_ = can_always_start_ || !one.is_anchored;
    }
    if (uses(assertion::text_begin)) relevant_ |= at_begin;
    if (uses(assertion::line_begin)) relevant_ |= after_line;
    if (uses(assertion::word_boundary) || uses(assertion::no_word_boundary)) relevant_ |= after_word;
  }

  const unit_partition& units() const noexcept { return units_; }
  std::uint32_t relevant() const noexcept { return relevant_; }
  /// Whether the state is left by no unit of text.
  bool is_final(const automaton_state& state) const noexcept {
    return state.places.empty() && (!can_always_start_ || state.matched.size() == code_.starts.size());
  }
  /// The work done so far.
  std::size_t steps() const noexcept { return steps_; }

  automaton_state start(std::uint32_t context) {
    begin_set();
    start_all(context);
    return finish(context);
  }
  /// Behind a unit of the class `column`; the last column is the end of the text.
  automaton_state after(const automaton_state& from, std::size_t column) {
    const bool is_end = column == units_.size();
    const unit_value next = is_end ? 0 : units_.example(column);
    const std::uint32_t holds = holds_between(from.context, is_end, next);
    begin_set();
    for (const std::uint32_t place : from.places) follow(place, holds);
    const std::vector<std::uint32_t> ready = std::move(places_);
    std::vector<std::uint32_t> matched = std::move(matched_);
    begin_set();
    matched_ = std::move(matched);
    if (is_end) return finish(0);
    for (const std::uint32_t place : ready) {
      const instruction& it = code_.code[place];
      if (code_.takes(it, next)) follow(it.next);
    }
    const std::uint32_t context = context_after(next);
    start_all(context);
    return finish(context);
  }

 private:
  void start_all(std::uint32_t context) {
    for (const joint_program::start& one : code_.starts) {
      if (!one.is_anchored || (context & at_begin) != 0) follow(one.at);
    }
  }

  void begin_set() {
    places_.clear();
    matched_.clear();
    if (++stamp_ == 0) {
      std::fill(seen_.begin(), seen_.end(), 0U);
      stamp_ = 1;
    }
  }

  automaton_state finish(std::uint32_t context) {
    std::sort(places_.begin(), places_.end());
    std::sort(matched_.begin(), matched_.end());
    matched_.erase(std::unique(matched_.begin(), matched_.end()), matched_.end());
    // Behind a match of all there is nothing to learn; and where nothing is under way and nothing can begin any more,
    // what was before does not matter.
    const bool is_settled = matched_.size() == code_.starts.size();
    if (is_settled) places_.clear();
    if (is_settled || (places_.empty() && !can_always_start_)) context = 0;
    return {context, places_, matched_};
  }

  // Adds all places reached from `from` without a unit and without asking for an assertion, except those in `holds`.
  void follow(std::uint32_t from, std::uint32_t holds = 0) {
    work_.push_back(from);
    while (!work_.empty()) {
      const std::uint32_t at = work_.back();
      work_.pop_back();
      if (seen_[at] == stamp_) continue;
      seen_[at] = stamp_;
      ++steps_;
      const instruction& it = code_.code[at];
      switch (it.op) {
        case opcode::split:
          work_.push_back(it.value);
          work_.push_back(it.next);
          break;
        case opcode::save:
        case opcode::reset:
        case opcode::loop_begin:
        case opcode::loop_end: work_.push_back(it.next); break;
        case opcode::match: matched_.push_back(it.value); break;
        case opcode::place:
          if ((it.value & holds) != 0) {
            work_.push_back(it.next);
          } else {
            places_.push_back(at);
          }
          break;
        default: places_.push_back(at); break;
      }
    }
  }

  std::uint32_t context_after(unit_value value) const noexcept {
    std::uint32_t context = 0;
    if (is_line_terminator(value)) context |= after_line;
    if (is_word_unit(value)) context |= after_word;
    return context & relevant_;
  }

  static std::uint32_t holds_between(std::uint32_t context, bool is_end, unit_value next) noexcept {
    const auto bit = [](assertion place) { return static_cast<std::uint32_t>(place); };
    const bool is_boundary = ((context & after_word) != 0) != (!is_end && is_word_unit(next));
    std::uint32_t holds = bit(is_boundary ? assertion::word_boundary : assertion::no_word_boundary);
    if ((context & at_begin) != 0) holds |= bit(assertion::text_begin);
    if ((context & (after_line | at_begin)) != 0) holds |= bit(assertion::line_begin);
    if (is_end) holds |= bit(assertion::text_end);
    if (is_end || is_line_terminator(next)) holds |= bit(assertion::line_end);
    return holds;
  }

  joint_program code_;
  unit_partition units_;
  std::uint32_t relevant_ = 0;
  bool can_always_start_ = false;
  std::vector<std::uint32_t> seen_;
  std::uint32_t stamp_ = 0;
  std::size_t steps_ = 0;
  std::vector<std::uint32_t> work_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint32_t> matched_;
};

/// The table. Made whole by `build`, or growing with the texts that it sees; searching one that was made whole is
/// const and may be done by any number of threads.
class automaton {
 public:
  /// Grows as it is used, and begins anew when it has grown too large: any program, in bounded memory.
  explicit automaton(joint_program code)
      : stepper_(std::make_unique<automaton_stepper>(std::move(code))), units_(stepper_->units()) {
    stride_ = static_cast<std::uint32_t>(units_.size() + 1);
    for (unsigned byte = 0; byte != 0x80; ++byte) ascii_[byte] = static_cast<std::uint16_t>(units_.of_ascii(byte));
    relevant_ = stepper_->relevant();
    begin_anew();
  }

  /// The whole table; null when it would pass the limits.
  static std::unique_ptr<const automaton> build(joint_program code) {
    auto made = std::make_unique<automaton>(std::move(code));
    if (!made->grow_whole()) return nullptr;
    return made;
  }

  struct outcome {
    bool is_match = false;
    std::size_t at = 0;  // where it was known
  };

  /// Whether a match of any pattern begins at `from` or later. Gives up, with no match, at the first place behind
  /// `past` where nothing is under way: a search from there on misses nothing that this one has begun.
  outcome search(std::string_view text, std::size_t from, std::size_t past) const {
    return run(*this, text, from, past);
  }
  outcome search(std::string_view text, std::size_t from, std::size_t past) { return run(*this, text, from, past); }

  static constexpr std::size_t max_cells = 1U << 18U;  // of a table that grows: a mebibyte
  std::size_t cells() const noexcept { return table_.size(); }

  bool matches(std::string_view text, std::size_t from) const { return search(text, from, text.size()).is_match; }

  /// Calls `on_match(i)`, once or more often, for each pattern that matches in `text`.
  template <class OnMatch>
  void visit(std::string_view text, OnMatch on_match) {
    std::uint32_t state = starts_[context_at(text, 0)];
    const auto tell = [&] {
      if ((state & accepts) == 0) return;
      state &= ~accepts;
      for (const std::uint32_t one : states_[state / stride_ - 1]->first.matched) on_match(one);
    };
    tell();
    for (std::size_t at = 0; at != text.size();) {
      const step next = column_at(text, at);
      const std::uint32_t known = table_[state + next.column];
      state = known != unknown ? known : grow(state, next.column);
      at += next.size;
      tell();
      if (state == dead_) return;
    }
    const std::uint32_t end = stride_ - 1;
    state = table_[state + end] != unknown ? table_[state + end] : grow(state, end);
    tell();
  }

 private:
  // A cell is the offset of the row of the next state; rows begin at `stride_`.
  static constexpr std::uint32_t unknown = 0;
  static constexpr std::uint32_t accepts = std::uint32_t{1} << 31U;

  static constexpr std::size_t max_states = 400;     // of a table that is made whole
  static constexpr std::size_t max_steps = 400'000;  // a few milliseconds

  struct step {
    std::uint32_t column;
    std::size_t size;
  };
  step column_at(std::string_view text, std::size_t at) const noexcept {
    const unsigned byte = byte_at(text, at);
    if (byte < 0x80) return {ascii_[byte], 1};
    const unit next = decode_multibyte(text, at);
    return {units_.of_other(next.value), next.size};
  }

  template <class Self>
  static outcome run(Self& self, std::string_view text, std::size_t from, std::size_t past) {
    std::uint32_t state = self.starts_[self.context_at(text, from)];
    std::size_t at = from;
    while (true) {
      // Neither idle nor a match: the way of most steps.
      if (state - self.first_busy_ >= accepts - self.first_busy_) {
        if ((state & accepts) != 0) return {true, at};
        if (state == self.dead_) return {false, text.size()};
        if (at > past) return {false, at};
      }
      const bool is_end = at == text.size();
      const step next = is_end ? step{self.stride_ - 1, 0} : self.column_at(text, at);
      std::uint32_t known = self.table_[state + next.column];
      if constexpr (!std::is_const_v<Self>) {
        if (known == unknown) known = self.grow(state, next.column);
      }
      state = known;
      if (is_end) return {(state & accepts) != 0, at};
      at += next.size;
    }
  }

  std::uint32_t context_at(std::string_view text, std::size_t at) const noexcept {
    if (relevant_ == 0) return 0;
    const std::uint32_t holds = assertions_at(text, at, {});
    std::uint32_t context = 0;
    if (at == 0) context |= automaton_stepper::at_begin;
    if ((holds & static_cast<std::uint32_t>(assertion::line_begin)) != 0) context |= automaton_stepper::after_line;
    if ((holds & static_cast<std::uint32_t>(assertion::word_boundary)) != 0) context |= automaton_stepper::after_word;
    return context & relevant_;
  }

  // --- growing

  void begin_anew() {
    numbers_.clear();
    states_.clear();
    table_.assign(stride_, unknown);
    dead_ = unknown;
    for (std::uint32_t context = 0; context != starts_.size(); ++context) {
      if ((context & ~relevant_) != 0) continue;
      starts_[context] = offset_of(stepper_->start(context));
    }
    first_busy_ = static_cast<std::uint32_t>(table_.size());
  }

  // The row of the state, made if there is none yet, with the mark of a match.
  std::uint32_t offset_of(automaton_state state) {
    const auto known = numbers_.try_emplace(std::move(state), states_.size());
    const automaton_state& is = known.first->first;
    auto offset = static_cast<std::uint32_t>((known.first->second + 1) * stride_);
    if (known.second) {
      states_.push_back(known.first);
      table_.resize(table_.size() + stride_, unknown);
      if (is.matched.empty() && stepper_->is_final(is)) dead_ = offset;
    }
    if (!is.matched.empty()) offset |= accepts;
    return offset;
  }

  std::uint32_t grow(std::uint32_t from, std::uint32_t column) {
    automaton_state next = stepper_->after(states_[from / stride_ - 1]->first, column);
    if (table_.size() < max_cells) {
      const std::uint32_t offset = offset_of(std::move(next));
      table_[from + column] = offset;
      return offset;
    }
    begin_anew();
    return offset_of(std::move(next));
  }

  bool grow_whole() {
    for (std::size_t i = 0; i != states_.size(); ++i) {
      if (states_.size() > max_states || stepper_->steps() > max_steps) return false;
      if (stepper_->is_final(states_[i]->first)) continue;
      const auto row = static_cast<std::uint32_t>((i + 1) * stride_);
      for (std::uint32_t column = 0; column != stride_; ++column) grow(row, column);
    }
    stepper_.reset();
    numbers_.clear();
    states_.clear();
    return true;
  }

  using numbering = std::map<automaton_state, std::size_t>;

  std::unique_ptr<automaton_stepper> stepper_;  // null once the table is whole
  unit_partition units_;
  std::uint32_t stride_ = 0;
  std::uint32_t relevant_ = 0;
  std::uint32_t dead_ = unknown;
  std::uint32_t first_busy_ = 0;
  std::array<std::uint16_t, 0x80> ascii_{};
  std::array<std::uint32_t, automaton_stepper::contexts> starts_{};
  std::vector<std::uint32_t> table_;
  numbering numbers_;
  std::vector<numbering::const_iterator> states_;
};

}  // namespace ovrseer::pattern_detail
