// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From one state of a table to the next: the subset construction, one step at a time, in the compiler or while the program
// runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/table.hpp>
#include <ovrseer/pattern/detail/unit.hpp>
#include <ovrseer/pattern/detail/unit_columns.hpp>

namespace ovrseer::pattern_detail {

/// From one state to the next. A state is a bit for each instruction that a match may be at, of those that take a unit, wait
/// for an assertion, or end a pattern; and a word with what matters of the text before.
class state_stepper {
  // Stands before its uses: the compiler evaluates them. Calls `use` for each instruction that takes a unit, the last first.
  template <class Use>
  constexpr void for_takers(Use use) const {
    for (std::size_t at = code_.code.size(); at-- > 0;) {
      const std::uint64_t bit = std::uint64_t{1} << (at & 63U);
      if ((kept_[at / 64] & ~waiting_[at / 64] & ~matches_[at / 64] & bit) != 0) use(static_cast<std::uint32_t>(at));
    }
  }

 public:
  constexpr explicit state_stepper(joint_program code)
      : code_(std::move(code)),
        columns_(code_),
        columns_size_(columns_.size()),
        places_((code_.code.size() + 63) / 64),
        bits_((columns_.size() + 6) * places_ + 1 + code_.code.size() * (places_ + 1), 0),
        numbers_(code_.code.size() + columns_.size(), 0),
        instructions_(code_.code.data()),
        takers_(bits_.data()),
        waiting_(takers_ + columns_.size() * places_),
        matches_(waiting_ + places_),
        kept_(matches_ + places_),
        seen_(kept_ + places_),
        ready_(seen_ + places_),
        always_(ready_ + places_),
        behind_(always_ + places_ + 1),
        noted_(numbers_.data()),
        member_list_(noted_ + columns_.size()) {
    sort_instructions();
    const auto uses = [&](assertion place) { return (code_.assertions & static_cast<std::uint32_t>(place)) != 0; };
    for (const joint_program::start& one : code_.starts) {
      if (one.is_anchored) relevant_ |= at_begin;
    }
    if (uses(assertion::text_begin)) relevant_ |= at_begin;
    if (uses(assertion::line_begin)) relevant_ |= after_line;
    if (uses(assertion::word_boundary) || uses(assertion::no_word_boundary)) relevant_ |= after_word;
    start(0, always_);
  }

  constexpr const unit_columns& columns() const noexcept { return columns_; }
  constexpr std::uint32_t relevant() const noexcept { return relevant_; }
  /// Of a state.
  constexpr std::size_t words() const noexcept { return places_ + 1; }
  constexpr std::size_t instructions() const noexcept { return code_.code.size(); }
  /// The work done so far.
  constexpr std::size_t steps() const noexcept { return steps_; }

  /// From now on a state leaves out the places that others stand for: wherever a match could be found from there, it is also
  /// found, no later, from another place that the state has. So a run of x{16} is as far as its first, and many programs come
  /// to few states. False, with nothing changed, where that would be too much work. Only classes stand for others: what has
  /// many states has them for its classes.
  constexpr bool find_dominated(std::size_t max_pairs) {
    std::size_t takers = 0;
    std::size_t classes = 0;
    for_takers([&](std::uint32_t place) {
      ++takers;
      classes += instructions_[place].op == opcode::unit_set ? 1 : 0;
    });
    if (code_.starts.size() != 1 || takers * classes > max_pairs) return false;
    dominators_ = growable<std::uint64_t>(code_.code.size() * places_, 0);
    for_takers([&](std::uint32_t place) {
      for_takers([&](std::uint32_t other) {
        if (instructions_[other].op == opcode::unit_set && other != place && takes_all_of(other, place))
          mark(dominators_.data() + place * places_, other);
      });
    });
    // What is not so is left out until the rest is true of itself.
    for (bool is_settled = false; !is_settled;) {
      is_settled = true;
      for_takers([&](std::uint32_t place) {
        for (std::size_t i = 0; i != places_; ++i) {
          for (std::uint64_t rest = dominators_[place * places_ + i]; rest != 0; rest &= rest - 1) {
            ++steps_;
            if (covers(places_behind(bit_at(i, rest)), places_behind(place))) continue;
            dominators_[place * places_ + i] &= ~(rest & (~rest + 1));
            is_settled = false;
          }
        }
      });
    }
    start(0, always_);
    return true;
  }

  constexpr bool has_match(const std::uint64_t* state) const noexcept { return meets(state, matches_); }
  /// Whether the state is left by no unit of text.
  constexpr bool is_final(const std::uint64_t* state) const noexcept {
    if ((*state & ~*matches_) != 0) return false;
    for (std::size_t i = 1; i < places_; ++i) {
      if ((state[i] & ~matches_[i]) != 0) return false;
    }
    return true;
  }
  /// Calls `use(pattern)` for each pattern that has matched on the way into the state.
  template <class Use>
  constexpr void for_matched(const std::uint64_t* state, Use use) const {
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = state[i] & matches_[i]; rest != 0; rest &= rest - 1)
        use(instructions_[bit_at(i, rest)].value);
    }
  }

  constexpr void start(std::uint32_t context, std::uint64_t* to) {
    clear_seen();
    for (const joint_program::start& one : code_.starts) {
      if (!one.is_anchored || (context & at_begin) != 0) follow(one.at, 0);
    }
    for (std::size_t i = 0; i != places_; ++i) to[i] = seen_[i] & kept_[i];
    finish(context, to);
  }

  /// The context behind a unit of a column.
  constexpr std::uint32_t context_after(std::size_t column) const noexcept {
    const unit_value value = columns_.example(column);
    std::uint32_t context = 0;
    if (is_line_terminator(value)) context |= after_line;
    if (is_word_unit(value)) context |= after_word;
    return context & relevant_;
  }

  enum class beside : std::uint8_t { idle, nothing };

  /// Puts into `busy` the columns on which the state goes on otherwise than one in which nothing is under way; beside nothing,
  /// all on which it goes on. False when it may on any.
  constexpr bool find_busy(const std::uint64_t* from, beside other, growable<std::uint32_t>& busy) {
    busy.clear();
    ++stamp_;
    if (meets(from, waiting_)) return false;
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = from[i] & ~(other == beside::idle ? always_[i] : 0) & ~matches_[i]; rest != 0;
           rest &= rest - 1) {
        const std::uint32_t* column =
            member_begin_ + member_list_[i * 64 + static_cast<unsigned>(__builtin_ctzll(rest))];
        for (; *column != none; ++column) {
          if (noted_[*column] == stamp_) continue;
          noted_[*column] = stamp_;
          busy.push_back(*column);
        }
      }
    }
    return true;
  }

  /// Behind a unit of `column`; the last column is the end of the text.
  constexpr void after(const std::uint64_t* from, std::size_t column, std::uint64_t* to) {
    const bool is_end = column == columns_size_;
    steps_ += 8 + 4 * places_;
    if (places_ == 1 && !is_end && (*from & *waiting_) == 0) {  // the way of nearly all: without a loop for one word
      std::uint64_t made = *always_;
      for (std::uint64_t rest = *from & takers_[column]; rest != 0; rest &= rest - 1) {
        const std::uint64_t* const known = behind_ + 2 * static_cast<std::size_t>(__builtin_ctzll(rest));
        made |= known[0] != 0 ? known[1] : *places_behind(bit_at(0, rest));
      }
      *to = made;
      return finish(relevant_ == 0 ? 0 : context_after(column), to);
    }
    const std::uint64_t* ready = from;
    for (std::size_t i = 0; i != places_; ++i) to[i] = 0;
    if (meets(from, waiting_)) {
      // What was waiting for an assertion goes on, or is gone.
      clear_seen();
      const std::uint32_t holds =
          holds_between(static_cast<std::uint32_t>(from[places_]), is_end, is_end ? 0 : columns_.example(column));
      for (std::size_t i = 0; i != places_; ++i) {
        for (std::uint64_t rest = from[i] & waiting_[i]; rest != 0; rest &= rest - 1) follow(bit_at(i, rest), holds);
      }
      for (std::size_t i = 0; i != places_; ++i) {
        ready_[i] = from[i] | (seen_[i] & kept_[i]);
        to[i] = seen_[i] & matches_[i];
      }
      ready = ready_;
    }
    if (!is_end) {
      const std::uint64_t* const takers = takers_ + column * places_;
      for (std::size_t i = 0; i != places_; ++i) {
        to[i] |= always_[i];
        for (std::uint64_t rest = ready[i] & takers[i]; rest != 0; rest &= rest - 1) {
          const std::uint64_t* const behind = places_behind(bit_at(i, rest));
          for (std::size_t k = 0; k != places_; ++k) to[k] |= behind[k];
        }
      }
    }
    finish(is_end || relevant_ == 0 ? 0 : context_after(column), to);
  }

 private:
  constexpr void sort_instructions() {
    growable<std::uint32_t> class_list(code_.classes.size(), none);
    for (std::size_t at = 0, size = code_.code.size(); at != size; ++at) {
      const instruction& it = instructions_[at];
      const std::uint64_t bit = std::uint64_t{1} << (at & 63U);
      member_list_[at] = static_cast<std::uint32_t>(members_.size());
      switch (it.op) {
        case opcode::literal: members_.push_back(columns_.of(it.value)); break;
        case opcode::folded:
          members_.push_back(columns_.of(it.value));
          if (columns_.of(it.value - 0x20) != members_.back()) members_.push_back(columns_.of(it.value - 0x20));
          break;
        case opcode::unit_set:
          if (class_list[it.value] != none) {
            member_list_[at] = class_list[it.value];
            break;
          }
          class_list[it.value] = member_list_[at];
          for (std::size_t column = 0; column != columns_size_; ++column) {
            if (contains(code_.classes[it.value], code_.ranges.data(), columns_.example(column)))
              members_.push_back(static_cast<std::uint32_t>(column));
          }
          break;
        case opcode::place: waiting_[at / 64] |= bit; break;
        case opcode::match: matches_[at / 64] |= bit; break;
        default: continue;
      }
      kept_[at / 64] |= bit;
      if (member_list_[at] == members_.size() || members_.back() != none) members_.push_back(none);
      for (const std::uint32_t* column = members_.data() + member_list_[at]; *column != none; ++column) {
        takers_[*column * places_ + at / 64] |= bit;
      }
    }
    member_begin_ = members_.data();
  }

  constexpr bool meets(const std::uint64_t* a, const std::uint64_t* b) const noexcept {
    if ((*a & *b) != 0) return true;
    for (std::size_t i = 1; i < places_; ++i) {
      if ((a[i] & b[i]) != 0) return true;
    }
    return false;
  }
  static constexpr std::uint32_t bit_at(std::size_t word, std::uint64_t rest) noexcept {
    return static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(__builtin_ctzll(rest));
  }
  constexpr void clear_seen() noexcept {
    for (std::size_t i = 0; i != places_; ++i) seen_[i] = 0;
  }
  // Behind a match of all there is nothing to learn; and what was before matters to those alone that ask for it.
  constexpr void finish(std::uint32_t context, std::uint64_t* to) const noexcept {
    if (places_ == 1 && (*to & *waiting_) == 0 && dominators_.empty()) {
      if ((*to & *matches_) == *matches_) *to = *matches_;
      to[1] = 0;
      return;
    }
    bool has_all = true;
    for (std::size_t i = 0; i != places_; ++i) has_all = has_all && (to[i] & matches_[i]) == matches_[i];
    if (has_all) {
      for (std::size_t i = 0; i != places_; ++i) to[i] = matches_[i];
    }
    to[places_] = !has_all && meets(to, waiting_) ? context & relevant_ : 0;
    if (!has_all && !dominators_.empty()) drop_dominated(to);
  }

  static constexpr void mark(std::uint64_t* bits, std::uint32_t at) noexcept {
    bits[at / 64] |= std::uint64_t{1} << (at & 63U);
  }
  // Whether one instruction takes every unit that the other takes.
  constexpr bool takes_all_of(std::uint32_t one, std::uint32_t other) const noexcept {
    for (const std::uint32_t* column = members_.data() + member_list_[other]; *column != none; ++column) {
      if ((takers_[*column * places_ + one / 64] >> (one & 63U) & 1U) == 0) return false;
    }
    return true;
  }
  // Whether each of `places` is among `others`, or has one there that dominates it, or `others` have matched.
  constexpr bool covers(const std::uint64_t* others, const std::uint64_t* places) const noexcept {
    if (meets(others, matches_)) return true;
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = places[i] & ~others[i]; rest != 0; rest &= rest - 1) {
        if (!meets(dominators_.data() + bit_at(i, rest) * places_, others)) return false;
      }
    }
    return true;
  }
  constexpr void drop_dominated(std::uint64_t* state) const noexcept {
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = state[i] & ~waiting_[i] & ~matches_[i]; rest != 0; rest &= rest - 1) {
        if (meets(dominators_.data() + bit_at(i, rest) * places_, state)) state[i] &= ~(rest & (~rest + 1));
      }
    }
  }

  // Marks all instructions that are reached from `from` without a unit and without asking for an assertion, except those in
  // `holds`.
  constexpr void follow(std::uint32_t from, std::uint32_t holds) {
    for (std::uint32_t at = from;;) {
      const std::uint64_t bit = std::uint64_t{1} << (at & 63U);
      const bool is_new = (seen_[at / 64] & bit) == 0;
      seen_[at / 64] |= bit;
      if (is_new) {
        ++steps_;
        const instruction& it = instructions_[at];
        const bool stays = (kept_[at / 64] & bit) != 0 && (it.op != opcode::place || (it.value & holds) == 0);
        if (!stays) {
          if (it.op == opcode::split) work_.push_back(it.value);
          at = it.next;
          continue;
        }
      }
      if (work_.empty()) return;
      at = work_.back();
      work_.pop_back();
    }
  }

  // What is reached behind a unit that the instruction takes: found once, and mostly asked for again.
  constexpr const std::uint64_t* places_behind(std::uint32_t at) {
    steps_ += places_;
    std::uint64_t* const known = behind_ + at * (places_ + 1);
    if (*known == 0) {
      *known = 1;
      clear_seen();
      follow(instructions_[at].next, 0);
      for (std::size_t i = 0; i != places_; ++i) known[i + 1] = seen_[i] & kept_[i];
    }
    return known + 1;
  }

  static constexpr std::uint32_t holds_between(std::uint32_t context, bool is_end, unit_value next) noexcept {
    const auto bit = [](assertion place) { return static_cast<std::uint32_t>(place); };
    const bool is_boundary = ((context & after_word) != 0) != (!is_end && is_word_unit(next));
    std::uint32_t holds = bit(is_boundary ? assertion::word_boundary : assertion::no_word_boundary);
    if ((context & at_begin) != 0) holds |= bit(assertion::text_begin);
    if ((context & (after_line | at_begin)) != 0) holds |= bit(assertion::line_begin);
    if (is_end) holds |= bit(assertion::text_end);
    if (is_end || is_line_terminator(next)) holds |= bit(assertion::line_end);
    return holds;
  }

  static constexpr std::uint32_t none = 0xFFFFFFFF;

  joint_program code_;
  unit_columns columns_;
  std::size_t columns_size_;
  std::size_t places_;            // words of a state, without its context
  growable<std::uint64_t> bits_;  // what the pointers to words point into: a call of a growable takes the compiler time
  growable<std::uint32_t> numbers_;     // and those to numbers
  growable<std::uint64_t> dominators_;  // of each instruction; empty until they are asked for
  growable<std::uint32_t> members_;     // columns, with `none` behind the last of a list
  const std::uint32_t* member_begin_ = nullptr;
  growable<std::uint32_t> work_;
  const instruction* instructions_;
  std::uint64_t* takers_;  // of each column: the instructions that take it
  std::uint64_t* waiting_;
  std::uint64_t* matches_;
  std::uint64_t* kept_;  // all that a state tells
  std::uint64_t* seen_;
  std::uint64_t* ready_;
  std::uint64_t* always_;       // where a match may begin at any place
  std::uint64_t* behind_;       // of each instruction: whether it is known what is reached behind it, and what
  std::uint32_t* noted_;        // columns, with the stamp of who noted them
  std::uint32_t* member_list_;  // of each instruction: where its columns begin
  std::uint32_t stamp_ = 0;
  std::uint32_t relevant_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace ovrseer::pattern_detail
