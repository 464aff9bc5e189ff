// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Finds the span and the groups of a match quickly, for most patterns: where the next byte tells which way to go the
// way is taken without looking back, and elsewhere both are tried, each once at a place. What would take more than a
// few steps for each byte is left to the machine.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/span_plan.hpp>
#include <ovrseer/pattern/detail/unit.hpp>
#include <ovrseer/pattern/detail/unit_class.hpp>

namespace ovrseer::pattern_detail {

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
  [[gnu::always_inline]] outcome go(std::uint32_t where, std::size_t& at, std::size_t& left) {
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

  // How many of the eight bytes at `data`, from the first on, are ASCII from one to another; all at once, so that the
  // number is no branch to be guessed.
  static std::size_t leading_between(const char* data, unsigned from, unsigned to) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = ones << 7U;
    std::uint64_t word = 0;
    std::memcpy(&word, data, sizeof(word));
    const std::uint64_t seven = word & ~tops;
    const std::uint64_t least = seven + ones * (0x80 - from);  // its top bits: bytes that are not less
    const std::uint64_t above = seven + ones * (0x7F - to);    // bytes that are more
    const std::uint64_t outside = (~least | above | word) & tops;
    if (outside == 0) return sizeof(word);
    const int first =
        std::endian::native == std::endian::little ? std::countr_zero(outside) : std::countl_zero(outside);
    return static_cast<std::size_t>(first) / 8;
  }

  std::size_t take_all(const span_plan::operation& run, std::size_t& at) const noexcept {
    std::size_t place = at;
    if (run.from <= run.to) {
      while (text_.size() - place >= sizeof(std::uint64_t)) {
        const std::size_t inside = leading_between(text_.data() + place, run.from, run.to);
        place += inside;
        if (inside != sizeof(std::uint64_t)) return place - std::exchange(at, place);
      }
      const unsigned most = run.to - unsigned{run.from};
      while (place != text_.size() && byte_at(text_, place) - run.from <= most) ++place;
      return place - std::exchange(at, place);
    }
    const instruction& it = code_.code[run.taker];
    if (it.op == opcode::unit_set) {
      const unit_class& set = code_.classes[it.value];
      for (; place != text_.size(); ++place) {
        const unsigned byte = byte_at(text_, place);
        if (byte >= 0x80 || !contains_ascii(set, byte)) break;
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

  [[gnu::always_inline]] void set(std::uint32_t slot, std::size_t value) {
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
