// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A program made ready to find the span and the groups of a match quickly: what may be taken in one piece, and where the
// next byte tells which way to go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/pattern/detail/byte_frequency.hpp>
#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

/// A program made ready for `span_search`: literals in one piece, loops whose end the next byte tells, and what each
/// way of a choice may begin with. The indices are those of the program.
class span_plan {
 public:
  /// Programs with more instructions are left to the machine.
  static constexpr std::uint32_t max_code = 1000;

  enum class kind : std::uint8_t { text, unit, run, choice, save, match, other };

  static constexpr std::uint16_t no_slot = 0xFFFF;

  struct alignas(32) operation {
    kind is = kind::other;
    std::uint32_t next = 0;
    std::uint32_t begin = 0;   // text: where its bytes are; run: those of the text behind it; save: the slot
    std::uint32_t size = 0;    // text: how many; run: units that it must take
    std::uint32_t choice = 0;  // which one
    std::uint32_t taker = 0;   // run: the instruction that takes its units
    // run: these bytes and no others, where it takes ASCII from one to another alone
    unsigned char from = 1;
    unsigned char to = 0;
    std::uint16_t save = no_slot;  // what takes text: the slot to note in where it ends
    // run: the text behind it, which mostly is a byte or a few, is part of it
    std::uint16_t then_save = no_slot;
    std::uint16_t then_size = 0;
  };
  static_assert(sizeof(operation) == 32);
  /// What a way may begin with.
  struct way {
    byte_set first;
    bool may_be_empty = false;          // comes to the end of the pattern, perhaps
    bool is_empty_for_certain = false;  // comes there without asking about the place
    constexpr bool may_begin(std::string_view text, std::size_t at) const noexcept {
      return may_be_empty || (at != text.size() && first.contains(byte_at(text, at)));
    }
  };
  struct choice {
    way preferred;
    way other;
  };

  explicit span_plan(const program& compiled) : program_(compiled) {
    if (compiled.code_size > max_code) return;
    operations_.resize(compiled.code_size);
    for (std::uint32_t i = 0; i != compiled.code_size; ++i) {
      operation& made = operations_[i];
      made = make(i);
      const instruction& after = compiled.code[made.next];
      const bool takes_text = made.is == kind::text || made.is == kind::unit || made.is == kind::run;
      if (!takes_text || after.op != opcode::save || after.value >= no_slot) continue;
      made.save = static_cast<std::uint16_t>(after.value);
      made.next = after.next;
    }
    for (operation& run : operations_) {
      if (run.is != kind::run || operations_[run.next].is != kind::text) continue;
      const operation& text = operations_[run.next];
      run.begin = text.begin;
      run.then_size = static_cast<std::uint16_t>(text.size);
      run.then_save = text.save;
      run.next = text.next;
    }
    std::uint32_t first = 0;
    while (compiled.code[first].op == opcode::save) first = compiled.code[first].next;
    if (operations_[first].is == kind::text) prefix_ = operations_[first];
    for (std::size_t i = 0; i != prefix().size(); ++i) {
      if (rarity_at(i) > rarity_at(rarest_of_prefix_)) rarest_of_prefix_ = i;
    }
  }

  bool is_usable() const noexcept { return !operations_.empty(); }
  const program& code() const noexcept { return program_; }
  const operation& at(std::uint32_t index) const noexcept { return operations_[index]; }
  const choice& choice_at(const operation& it) const noexcept { return choices_[it.choice]; }
  std::size_t choices() const noexcept { return choices_.size(); }
  /// The text that every match begins with; may be empty.
  std::string_view prefix() const noexcept { return text_of(prefix_); }
  /// The byte of it that is the rarest in logs.
  std::size_t rarest_of_prefix() const noexcept { return rarest_of_prefix_; }
  /// What takes the prefix, where nothing stands before it; or null.
  const operation* first_text() const noexcept {
    return operations_.front().is == kind::text ? &operations_.front() : nullptr;
  }
  std::string_view text_of(const operation& it) const noexcept { return text_at(it.begin, it.size); }
  std::string_view text_at(std::uint32_t begin, std::size_t size) const noexcept {
    return {texts_.data() + begin, size};
  }

 private:
  unsigned rarity_at(std::size_t i) const noexcept { return group_rarity[byte_group[byte_at(prefix(), i)]]; }

  operation make(std::uint32_t index) {
    const instruction& it = program_.code[index];
    operation made;
    made.next = it.next;
    if (it.op == opcode::literal) {
      made.is = kind::text;
      made.begin = static_cast<std::uint32_t>(texts_.size());
      std::uint32_t end = index;
      for (; program_.code[end].op == opcode::literal && texts_.size() - made.begin < 32;
           end = program_.code[end].next) {
        const encoded_unit encoded = encode(program_.code[end].value);
        texts_.append(encoded.bytes, encoded.size);
      }
      made.next = end;
      made.size = static_cast<std::uint32_t>(texts_.size()) - made.begin;
    }
    if (it.op == opcode::folded || it.op == opcode::unit_set) made.is = kind::unit;
    if (it.op == opcode::match) made.is = kind::match;
    if (it.op == opcode::save) {
      made.is = kind::save;
      made.begin = it.value;
    }
    if (it.op == opcode::split) made = make_choice(index);
    if (takes_units(it)) {
      // x+ is its x and a choice that leads back.
      const instruction& after = program_.code[it.next];
      const bool loops = after.op == opcode::split && (after.next == index || after.value == index);
      if (loops && is_told_by_next(it.next, index)) made = make_run(index, out_of(it.next, index), 1);
    }
    return made;
  }

  operation make_choice(std::uint32_t index) {
    const instruction& it = program_.code[index];
    operation made;
    // x* is a choice of an x that leads back.
    for (const std::uint32_t taker : {it.next, it.value}) {
      if (!takes_units(program_.code[taker]) || program_.code[taker].next != index) continue;
      if (is_told_by_next(index, taker)) return make_run(taker, out_of(index, taker), 0);
    }
    made.is = kind::choice;
    made.next = it.next;
    made.choice = static_cast<std::uint32_t>(choices_.size());
    choices_.push_back({way_of(it.next), way_of(it.value)});
    return made;
  }

  operation make_run(std::uint32_t taker, std::uint32_t next, std::uint32_t least) const {
    operation made;
    const instruction& it = program_.code[taker];
    if (it.op == opcode::unit_set && program_.classes[it.value].ranges_begin == program_.classes[it.value].ranges_end) {
      const unit_class& set = program_.classes[it.value];
      unsigned from = 0;
      while (from != 0x80 && !contains_ascii(set, from)) ++from;
      unsigned to = from;
      while (to != 0x80 && contains_ascii(set, to)) ++to;
      unsigned rest = to;
      while (rest != 0x80 && !contains_ascii(set, rest)) ++rest;
      if (from != 0x80 && rest == 0x80) {
        made.from = static_cast<unsigned char>(from);
        made.to = static_cast<unsigned char>(to - 1);
      }
    }
    made.is = kind::run;
    made.next = next;
    made.size = least;
    made.taker = taker;
    return made;
  }

  static bool takes_units(const instruction& it) noexcept {
    return it.op == opcode::literal || it.op == opcode::folded || it.op == opcode::unit_set;
  }
  std::uint32_t out_of(std::uint32_t split, std::uint32_t loop) const noexcept {
    const instruction& it = program_.code[split];
    return it.next == loop ? it.value : it.next;
  }

  // Whether a loop goes on exactly as long as it can: what follows begins otherwise, or is sure to be content.
  bool is_told_by_next(std::uint32_t split, std::uint32_t taker) const {
    const way again = way_of(taker);
    const way out = way_of(out_of(split, taker));
    for (std::size_t i = 0; i != 4; ++i) {
      if ((again.first.words[i] & out.first.words[i]) != 0) return false;
    }
    const bool is_greedy = program_.code[split].next == taker;
    return !out.may_be_empty || (is_greedy && out.is_empty_for_certain);
  }

  way way_of(std::uint32_t from) const {
    way made;
    std::vector<bool> seen(program_.code_size, false);
    std::vector<std::uint32_t> work{from};
    while (!work.empty()) {
      const std::uint32_t at = work.back();
      work.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      const instruction& it = program_.code[at];
      switch (it.op) {
        case opcode::literal:
        case opcode::folded:
        case opcode::unit_set: program_.add_first_bytes(it, made.first); break;
        case opcode::split:
          work.push_back(it.value);
          work.push_back(it.next);
          break;
        case opcode::match: made.may_be_empty = true; break;
        default: work.push_back(it.next); break;
      }
    }
    made.is_empty_for_certain = made.may_be_empty && program_.assertions == 0 && !program_.has_checked_loops;
    return made;
  }

  program program_;
  std::vector<operation> operations_;
  std::vector<choice> choices_;
  std::string texts_;
  operation prefix_;
  std::size_t rarest_of_prefix_ = 0;
};

}  // namespace ovrseer::pattern_detail
