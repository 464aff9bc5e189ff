// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Finds the span and the groups of a match quickly, for most patterns: where the next byte tells which way to go the
// way is taken without looking back, and elsewhere both are tried, each once at a place. What would take more than a
// few steps for each byte is left to the machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
      const auto contains = [&](unsigned byte) { return ((set.low[byte >> 6U] >> (byte & 63U)) & 1U) != 0; };
      unsigned from = 0;
      while (from != 0x80 && !contains(from)) ++from;
      unsigned to = from;
      while (to != 0x80 && contains(to)) ++to;
      unsigned rest = to;
      while (rest != 0x80 && !contains(rest)) ++rest;
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

/// One search with a plan.
class span_search {
 public:
  enum class outcome : std::uint8_t { found, nothing, too_long };

  /// `slots` as the machine has them; at least two.
  span_search(const span_plan& plan, std::string_view text, std::size_t* slots, std::size_t slot_count) noexcept
      : plan_(plan), code_(plan.code()), text_(text), slots_(slots), slot_count_(slot_count) {}

  /// The leftmost match that begins at `from` or later. `too_long` says nothing, but that the machine must tell.
  outcome run(std::size_t from) {
    first_ = from;
    std::size_t left = steps_a_byte * (text_.size() - from) + 256;
    const std::string_view prefix = plan_.prefix();
    for (std::size_t at = from; at <= text_.size();) {
      if (!prefix.empty()) {
        at = place_of(prefix, at);
        if (at == text_.size()) break;
      } else if (!code_.is_nullable) {
        while (at != text_.size() && !code_.first.contains(byte_at(text_, at))) ++at;
        if (at == text_.size()) break;
      }
      const outcome known = try_at(at, left);
      if (known != outcome::nothing) return known;
      if (code_.is_anchored) break;
      at += std::max<std::size_t>(decode(text_, at).size, 1);
    }
    return outcome::nothing;
  }

 private:
  static constexpr std::size_t steps_a_byte = 8;
  static constexpr std::size_t max_visited = 32 * 1024;  // in bytes
  static constexpr std::uint32_t no_slot = 0xFFFFFFFF;

  // A way that was not taken, or a slot to set back.
  struct task {
    std::uint32_t where;  // the instruction, with whether the loop around it has taken a unit
    std::uint32_t slot;
    std::size_t value;  // the place in the text, or what the slot was
  };

  outcome try_at(std::size_t begin, std::size_t& left) {
    if (code_.is_anchored && begin != 0) return outcome::nothing;
    for (std::size_t i = 0; i != slot_count_; ++i) slots_[i] = no_place;
    work_.clear();
    std::uint32_t where = 0;
    std::size_t at = begin;
    taken_ = true;
    if (const span_plan::operation* const seen = plan_.first_text()) {
      at += seen->size;
      where = seen->next;
      if (seen->save != span_plan::no_slot) set(seen->save, at);
    }
    while (true) {
      const outcome known = go(where, at, left);
      if (known == outcome::found) {
        slots_[0] = begin;
        slots_[1] = at;
        return known;
      }
      if (known == outcome::too_long) return known;
      while (!work_.empty() && work_.back().slot != no_slot) {
        slots_[work_.back().slot] = work_.back().value;
        work_.pop_back();
      }
      if (work_.empty()) return outcome::nothing;
      where = work_.back().where >> 1U;
      taken_ = (work_.back().where & 1U) != 0;
      at = work_.back().value;
      work_.pop_back();
    }
  }

  // One way to its end. Its place stays in a register where it is part of its caller.
#if defined(__GNUC__)
  __attribute__((always_inline))
#endif
  outcome
  go(std::uint32_t where, std::size_t& at, std::size_t& left) {
    while (true) {
      if (left == 0) return outcome::too_long;
      --left;
      const span_plan::operation& it = plan_.at(where);
      // Most are runs and texts: questions are cheaper than a jump to somewhere.
      if (it.is == span_plan::kind::run) {
        const std::size_t began = at;
        const std::size_t count = take_all(it, at);
        if (count < it.size) return outcome::nothing;
        left -= std::min(left, at - began);
        taken_ = taken_ || count != 0;
        if (it.save != span_plan::no_slot) set(it.save, at);
        where = it.next;
        if (it.then_size == 0) continue;
        if (!stands_at(plan_.text_at(it.begin, it.then_size), at)) return outcome::nothing;
        at += it.then_size;
        taken_ = true;
        if (it.then_save != span_plan::no_slot) set(it.then_save, at);
        continue;
      }
      if (it.is == span_plan::kind::match) return outcome::found;
      if (it.is == span_plan::kind::choice) {
        const outcome known = choose(it, where, at);
        if (known != outcome::found) return known;
        where = next_;
        continue;
      }
      if (!pass(it, where, at)) return outcome::nothing;
      if (it.save != span_plan::no_slot) set(it.save, at);
      where = it.next;
    }
  }

  // What is no choice and no loop.
  bool pass(const span_plan::operation& it, std::uint32_t where, std::size_t& at) {
    switch (it.is) {
      case span_plan::kind::text:
        if (!stands_at(plan_.text_of(it), at)) return false;
        at += it.size;
        taken_ = true;
        return true;
      case span_plan::kind::unit: taken_ = true; return take(code_.code[where], at);
      case span_plan::kind::save: set(it.begin, at); return true;
      default: return pass_empty(code_.code[where], at);
    }
  }

  bool take(const instruction& it, std::size_t& at) const noexcept {
    if (at == text_.size()) return false;
    const unit here = decode(text_, at);
    if (!code_.takes(it, here.value)) return false;
    at += here.size;
    return true;
  }

  // Where it stands, or the end of the text.
  std::size_t place_of(std::string_view wanted, std::size_t from) const noexcept {
    const std::size_t rarest = plan_.rarest_of_prefix();
    for (std::size_t at = from + rarest;; ++at) {
      at = text_.find(wanted[rarest], at);
      if (at == std::string_view::npos) return text_.size();
      if (stands_at(wanted, at - rarest)) return at - rarest;
    }
  }

  // Mostly it is a byte or a few: not worth a call.
  bool stands_at(std::string_view wanted, std::size_t at) const noexcept {
    if (text_.size() - at < wanted.size()) return false;
    if (wanted.size() > 8) return std::memcmp(text_.data() + at, wanted.data(), wanted.size()) == 0;
    for (const char one : wanted) {
      if (text_[at++] != one) return false;
    }
    return true;
  }

  std::size_t take_all(const span_plan::operation& run, std::size_t& at) const noexcept {
    std::size_t place = at;
    if (run.from <= run.to) {
      const unsigned most = run.to - unsigned{run.from};
      while (place != text_.size() && byte_at(text_, place) - run.from <= most) ++place;
      return place - std::exchange(at, place);
    }
    const instruction& it = code_.code[run.taker];
    if (it.op == opcode::unit_set) {
      const unit_class& set = code_.classes[it.value];
      for (; place != text_.size(); ++place) {
        const unsigned byte = byte_at(text_, place);
        if (byte >= 0x80 || ((set.low[byte >> 6U] >> (byte & 63U)) & 1U) == 0) break;
      }
    }
    std::size_t count = place - std::exchange(at, place);
    while (take(it, at)) ++count;
    return count;
  }

  // Where the next byte leaves both ways open, the other is tried if the first leads nowhere; each once at a place.
  outcome choose(const span_plan::operation& it, std::uint32_t where, std::size_t at) {
    const span_plan::choice& between = plan_.choice_at(it);
    const bool may_first = between.preferred.may_begin(text_, at);
    const bool may_other = between.other.may_begin(text_, at);
    if (!may_first && !may_other) return outcome::nothing;
    next_ = may_first ? it.next : code_.code[where].value;
    if (!may_first || !may_other) return outcome::found;
    const std::size_t places = text_.size() - first_ + 1;
    if (visited_.empty()) {
      const std::size_t bits = plan_.choices() * 2 * places;
      if (bits > max_visited * 8) return outcome::too_long;
      visited_.assign(bits / 64 + 1, 0);
    }
    const std::size_t bit = (it.choice * std::size_t{2} + (taken_ ? 1 : 0)) * places + (at - first_);
    if (((visited_[bit / 64] >> (bit % 64)) & 1U) != 0) return outcome::nothing;
    visited_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    work_.push_back({code_.code[where].value << 1U | (taken_ ? 1U : 0U), no_slot, at});
    return outcome::found;
  }

  // An instruction that takes no text.
  bool pass_empty(const instruction& it, std::size_t at) {
    switch (it.op) {
      case opcode::reset:
        for (std::uint32_t slot = it.value; slot != it.value2; ++slot) set(slot, no_place);
        return true;
      case opcode::place: return (assertions_at(text_, at, decode(text_, at)) & it.value) != 0;
      case opcode::loop_begin: taken_ = false; return true;
      case opcode::loop_end: return taken_;
      default: return false;
    }
  }

#if defined(__GNUC__)
  __attribute__((always_inline))
#endif
  void
  set(std::uint32_t slot, std::size_t value) {
    if (slot >= slot_count_) return;
    if (!work_.empty()) remember(slot);
    slots_[slot] = value;
  }
  void remember(std::uint32_t slot) { work_.push_back({0, slot, slots_[slot]}); }

  const span_plan& plan_;
  const program& code_;
  std::string_view text_;
  std::size_t* slots_;
  std::size_t slot_count_;
  std::size_t first_ = 0;
  std::uint32_t next_ = 0;
  bool taken_ = true;
  std::vector<task> work_;
  std::vector<std::uint64_t> visited_;
};

}  // namespace ovrseer::pattern_detail
