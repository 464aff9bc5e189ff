// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Runs a program over a text: all places of the pattern at once, in the order of their right to win.
// Each place is visited at most once (twice inside loops that may be empty) for each unit of text, so
// the time is linear in the text whatever the pattern. The same code runs in the compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

inline constexpr std::size_t no_place = static_cast<std::size_t>(-1);

/// The places of a match; at least two.
struct found_places {
  std::size_t* slots;
  std::size_t count;
};

/// The assertions that hold at `at`, where the next unit is `next` (of size zero: the end).
constexpr std::uint32_t assertions_at(std::string_view text, std::size_t at, const unit& next) noexcept {
  const auto bit = [](assertion place) { return static_cast<std::uint32_t>(place); };
  const unsigned before = at > 0 ? byte_at(text, at - 1) : 0;
  bool after_line = at == 0 || before == '\n' || before == '\r';
  if (!after_line && at >= 3 && (before == 0xA8 || before == 0xA9)) {
    after_line = byte_at(text, at - 3) == 0xE2 && byte_at(text, at - 2) == 0x80;  // U+2028, U+2029
  }
  const bool is_end = next.size == 0;
  const bool is_boundary = (at > 0 && is_word_unit(before)) != (!is_end && is_word_unit(next.value));
  std::uint32_t holds = bit(is_boundary ? assertion::word_boundary : assertion::no_word_boundary);
  if (at == 0) holds |= bit(assertion::text_begin);
  if (after_line) holds |= bit(assertion::line_begin);
  if (is_end) holds |= bit(assertion::text_end);
  if (is_end || is_line_terminator(next.value)) holds |= bit(assertion::line_end);
  return holds;
}

/// Counts nothing. Tests put a counter here and prove that the steps grow as the text does.
struct silent_probe {
  constexpr void step() noexcept {}
};

/// One search. Slots: `[2 * g]` and `[2 * g + 1]` are where group `g` begins and ends, or `no_place`.
template <class Probe = silent_probe>
class machine {
 public:
  /// Of the slots, only the first `slot_count` are kept; zero finds only whether there is a match.
  constexpr machine(const program& compiled, std::string_view text, std::size_t slot_count, Probe probe = {})
      : program_(compiled),
        text_(text),
        slot_count_(slot_count),
        seen_(compiled.code_size * std::size_t{compiled.has_checked_loops ? 2U : 1U}, 0U),
        working_(slot_count),
        best_(slot_count),
        probe_(probe) {}

  /// Finds the leftmost match from `from` on, among those the one that the alternatives prefer.
  constexpr bool run(std::size_t from) {
    if (from > text_.size() || (program_.is_anchored && from != 0)) return false;
    at_ = from;
    unit here = decode(text_, at_);
    while (true) {
      if (current_.keys.empty()) {
        if (has_match_ || (program_.is_anchored && at_ != 0)) break;
        if (!skip(here)) break;
      }
      if (!has_match_ && !(program_.is_anchored && at_ != 0)) start(here);
      if (!advance(here)) break;
    }
    return has_match_;
  }

  constexpr const growable<std::size_t>& slots() const noexcept { return best_; }
  constexpr const Probe& probe() const noexcept { return probe_; }

 private:
  // Where the machine is: (instruction, whether the loop around it has taken a unit), packed.
  using key = std::uint32_t;
  static constexpr key has_taken = 1;
  static constexpr key key_of(std::uint32_t at, key taken) noexcept { return at << 1U | taken; }

  struct places {
    growable<key> keys;
    growable<std::size_t> slots;
  };

  // Work of `follow`: a place to go to, or a slot to set back once what it led to is done.
  struct task {
    key where;
    std::uint32_t slot;  // `visit`, or the slot
    std::size_t value;
  };
  static constexpr std::uint32_t visit = 0xFFFFFFFF;

  // With nothing under way, goes to the next unit that a match may begin with.
  constexpr bool skip(unit& here) noexcept {
    if (program_.is_nullable) return true;
    const std::size_t began = at_;
    while (at_ < text_.size() && !program_.first.contains(byte_at(text_, at_))) ++at_;
    if (at_ != began) {
      here = decode(text_, at_);
      renew_stamp();
    }
    return at_ < text_.size();
  }

  constexpr void start(const unit& here) {
    for (std::size_t i = 0; i != slot_count_; ++i) working_[i] = no_place;
    if (slot_count_ != 0) working_[0] = at_;
    if (program_.assertions != 0) holds_ = assertions_at(text_, at_, here);
    follow(current_, key_of(0, has_taken), at_);
  }

  // Takes the unit `here` in every place. False at the end of the text, or when the match is settled.
  constexpr bool advance(unit& here) {
    const std::size_t after = at_ + here.size;
    const unit next = decode(text_, after);
    if (program_.assertions != 0) holds_ = assertions_at(text_, after, next);
    renew_stamp();
    following_.keys.clear();
    following_.slots.clear();
    for (std::size_t i = 0; i != current_.keys.size(); ++i) {
      probe_.step();
      const instruction& it = program_.code[current_.keys[i] >> 1U];
      const std::size_t* slots = current_.slots.data() + i * slot_count_;
      if (it.op == opcode::match) {
        has_match_ = true;
        for (std::size_t j = 0; j != slot_count_; ++j) best_[j] = slots[j];
        if (slot_count_ > 1) best_[1] = at_;
        if (slot_count_ == 0) return false;
        break;  // whatever stands behind has less right
      }
      if (here.size == 0 || !program_.takes(it, here.value)) continue;
      for (std::size_t j = 0; j != slot_count_; ++j) working_[j] = slots[j];
      follow(following_, key_of(it.next, has_taken), after);
    }
    if (here.size == 0) return false;
    std::swap(current_, following_);
    at_ = after;
    here = next;
    return true;
  }

  // Puts into `list` all places that take a unit and can be reached from `from` without one, in order.
  constexpr void follow(places& list, key from, std::size_t at) {
    work_.clear();
    work_.push_back({from, visit, 0});
    while (!work_.empty()) {
      const task next = work_.back();
      work_.pop_back();
      if (next.slot == visit) {
        walk(list, next.where, at);
      } else {
        working_[next.slot] = next.value;
      }
    }
  }

  // Goes on from one place as long as there is a way, and leaves the other ways as work.
  constexpr void walk(places& list, key where, std::size_t at) {
    while (true) {
      const std::size_t index = program_.has_checked_loops ? where : where >> 1U;
      if (seen_[index] == stamp_) return;
      seen_[index] = stamp_;
      probe_.step();
      const instruction& it = program_.code[where >> 1U];
      key taken = where & has_taken;
      switch (it.op) {
        case opcode::split: work_.push_back({key_of(it.value, taken), visit, 0}); break;
        case opcode::save: set_slot(it.value, at); break;
        case opcode::reset:
          for (std::uint32_t slot = it.value; slot != it.value2; ++slot) set_slot(slot, no_place);
          break;
        case opcode::place:
          if ((holds_ & it.value) == 0) return;
          break;
        case opcode::loop_begin: taken = 0; break;
        case opcode::loop_end:
          if (taken == 0) return;
          break;
        default:
          list.keys.push_back(where);
          for (std::size_t i = 0; i != slot_count_; ++i) list.slots.push_back(working_[i]);
          return;
      }
      where = key_of(it.next, taken);
    }
  }

  // What was seen at one place of the text is not seen at the next.
  constexpr void renew_stamp() noexcept {
    if (++stamp_ != 0) return;
    for (std::uint32_t& seen : seen_) seen = 0;
    stamp_ = 1;
  }

  constexpr void set_slot(std::uint32_t slot, std::size_t value) {
    if (slot >= slot_count_ || working_[slot] == value) return;
    work_.push_back({0, slot, working_[slot]});
    working_[slot] = value;
  }

  const program& program_;
  std::string_view text_;
  std::size_t slot_count_;
  std::size_t at_ = 0;
  std::uint32_t holds_ = 0;
  std::uint32_t stamp_ = 1;
  bool has_match_ = false;
  growable<std::uint32_t> seen_;
  growable<std::size_t> working_;
  growable<std::size_t> best_;
  growable<task> work_;
  places current_;
  places following_;
  Probe probe_;
};

}  // namespace ovrseer::pattern_detail
