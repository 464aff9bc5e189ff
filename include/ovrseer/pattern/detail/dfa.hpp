// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The quick answer to "does it match": a table with one load for each unit of text, built while the
// program runs, on first use. A pattern whose table would grow too large has none: the machine answers.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

/// Which units no instruction of a program tells apart.
class unit_partition {
 public:
  explicit unit_partition(const program& compiled) {
    for (unit_value value = 0; value != 0x80; ++value) points_.push_back(value);
    add_borders(compiled);
    std::vector<std::uint32_t> classes(points_.size(), 0);
    std::vector<bool> known_class;
    for (std::uint32_t i = 0; i != compiled.code_size; ++i) {
      const instruction& it = compiled.code[i];
      if (it.op == opcode::unit_set) {
        if (it.value >= known_class.size()) known_class.resize(it.value + 1, false);
        if (known_class[it.value]) continue;
        known_class[it.value] = true;
      } else if (it.op != opcode::literal && it.op != opcode::folded) {
        continue;
      }
      refine(classes, [&](unit_value value) { return compiled.takes(it, value); });
    }
    constexpr auto words =
        static_cast<std::uint32_t>(assertion::word_boundary) | static_cast<std::uint32_t>(assertion::no_word_boundary);
    constexpr auto lines =
        static_cast<std::uint32_t>(assertion::line_begin) | static_cast<std::uint32_t>(assertion::line_end);
    if ((compiled.assertions & words) != 0) refine(classes, is_word_unit);
    if ((compiled.assertions & lines) != 0) refine(classes, is_line_terminator);
    finish(classes);
  }

  std::size_t size() const noexcept { return examples_.size(); }
  /// A unit of the class.
  unit_value example(std::size_t index) const noexcept { return examples_[index]; }

  std::uint32_t of_ascii(unsigned byte) const noexcept { return ascii_[byte]; }
  std::uint32_t of_other(unit_value value) const noexcept {
    const auto after = std::upper_bound(borders_.begin(), borders_.end(), value);
    return other_[static_cast<std::size_t>(after - borders_.begin()) - 1];
  }

 private:
  // Where beyond ASCII an answer may change.
  void add_borders(const program& compiled) {
    borders_ = {0x80, line_separator, paragraph_separator + 1, invalid_unit};
    for (std::uint32_t i = 0; i != compiled.code_size; ++i) {
      const instruction& it = compiled.code[i];
      if (it.op == opcode::literal && it.value >= 0x80) borders_.insert(borders_.end(), {it.value, it.value + 1});
      if (it.op != opcode::unit_set) continue;
      const unit_class& set = compiled.classes[it.value];
      for (std::uint32_t range = set.ranges_begin; range != set.ranges_end; ++range) {
        borders_.insert(borders_.end(), {compiled.ranges[range].first, compiled.ranges[range].last + 1});
      }
    }
    std::sort(borders_.begin(), borders_.end());
    borders_.erase(std::unique(borders_.begin(), borders_.end()), borders_.end());
    points_.insert(points_.end(), borders_.begin(), borders_.end());
  }

  // Splits the classes by one more question.
  template <class Question>
  void refine(std::vector<std::uint32_t>& classes, Question question) const {
    std::map<std::pair<std::uint32_t, bool>, std::uint32_t> numbers;
    for (std::size_t i = 0; i != points_.size(); ++i) {
      const auto found = numbers.try_emplace({classes[i], question(points_[i])}, numbers.size());
      classes[i] = found.first->second;
    }
  }

  void finish(const std::vector<std::uint32_t>& classes) {
    for (std::size_t i = 0; i != points_.size(); ++i) {
      if (classes[i] >= examples_.size()) examples_.resize(classes[i] + 1);
      examples_[classes[i]] = points_[i];
      if (i < 0x80) {
        ascii_[i] = classes[i];
      } else {
        other_.push_back(classes[i]);
      }
    }
  }

  std::vector<unit_value> points_;
  std::vector<unit_value> borders_;
  std::vector<unit_value> examples_;
  std::vector<std::uint32_t> other_;
  std::array<std::uint32_t, 0x80> ascii_{};
};

/// The table. Immutable once built.
class dfa {
 public:
  /// Null when the table would pass the limit of states.
  static std::unique_ptr<const dfa> build(const program& compiled);

  /// Whether a match begins at `from` or later.
  bool matches(std::string_view text, std::size_t from) const noexcept {
    std::uint32_t state = starts_[context_at(text, from)];
    const auto* at = reinterpret_cast<const unsigned char*>(text.data()) + from;
    const auto* const end = reinterpret_cast<const unsigned char*>(text.data()) + text.size();
    while (state > found && at != end) {
      if (*at < 0x80) {
        state = table_[state + ascii_[*at++]];
      } else {
        const unit next = decode_multibyte(text, text.size() - static_cast<std::size_t>(end - at));
        state = table_[state + units_.of_other(next.value)];
        at += next.size;
      }
    }
    if (state > found) state = table_[state + units_.size()];
    return state == found;
  }

 private:
  friend class dfa_builder;

  // What matters of the text before a place, as bits; also the index of the state to begin in.
  static constexpr std::uint32_t at_begin = 1;
  static constexpr std::uint32_t after_line = 2;
  static constexpr std::uint32_t after_word = 4;

  // States are offsets of rows; these two have none.
  static constexpr std::uint32_t dead = 0;
  static constexpr std::uint32_t found = 1;

  explicit dfa(const program& compiled) : units_(compiled) {
    const auto uses = [&](assertion place) { return (compiled.assertions & static_cast<std::uint32_t>(place)) != 0; };
    if (uses(assertion::text_begin) || compiled.is_anchored) relevant_ |= at_begin;
    if (uses(assertion::line_begin)) relevant_ |= after_line;
    if (uses(assertion::word_boundary) || uses(assertion::no_word_boundary)) relevant_ |= after_word;
    for (unsigned byte = 0; byte != 0x80; ++byte) ascii_[byte] = static_cast<std::uint8_t>(units_.of_ascii(byte));
  }

  std::uint32_t context_at(std::string_view text, std::size_t at) const noexcept {
    if (relevant_ == 0) return 0;
    const std::uint32_t holds = assertions_at(text, at, {});
    std::uint32_t context = 0;
    if (at == 0) context |= at_begin;
    if ((holds & static_cast<std::uint32_t>(assertion::line_begin)) != 0) context |= after_line;
    if ((holds & static_cast<std::uint32_t>(assertion::word_boundary)) != 0) context |= after_word;
    return context & relevant_;
  }

  unit_partition units_;
  std::uint32_t relevant_ = 0;
  std::array<std::uint8_t, 0x80> ascii_{};
  std::array<std::uint32_t, 8> starts_{};
  std::vector<std::uint16_t> table_;
};

/// Builds the table state by state. A state is the set of places that the machine could be in.
class dfa_builder {
 public:
  static constexpr std::size_t max_states = 400;
  static constexpr std::size_t max_steps = 400'000;  // a few milliseconds

  explicit dfa_builder(const program& compiled)
      : program_(compiled),
        made_(new dfa(compiled)),
        stride_(made_->units_.size() + 1),
        seen_(compiled.code_size, 0U) {}

  std::unique_ptr<const dfa> run() {
    if (made_->units_.size() > 0xFF) return nullptr;
    made_->table_.resize(2 * stride_);  // rows of `dead` and `found`, never used; keeps offsets above them
    for (std::uint32_t context = 0; context != made_->starts_.size(); ++context) {
      if ((context & ~made_->relevant_) != 0) continue;
      begin_set();
      if (may_start(context)) follow(0);
      made_->starts_[context] = state_of(context);
    }
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (steps_ > max_steps || states_.size() > max_states || (states_.size() + 2) * stride_ > 0xFFFF) return nullptr;
      fill_row(i);
    }
    return std::move(made_);
  }

 private:
  using place_set = std::vector<std::uint32_t>;

  bool may_start(std::uint32_t context) const noexcept {
    return !program_.is_anchored || (context & dfa::at_begin) != 0;
  }

  void begin_set() {
    set_.clear();
    has_match_ = false;
    if (++stamp_ == 0) {
      std::fill(seen_.begin(), seen_.end(), 0U);
      stamp_ = 1;
    }
  }

  // Adds all places reached from `from` without a unit and without asking for an assertion, except
  // those in `holds`.
  void follow(std::uint32_t from, std::uint32_t holds = 0) {
    work_.push_back(from);
    while (!work_.empty()) {
      const std::uint32_t at = work_.back();
      work_.pop_back();
      if (seen_[at] == stamp_) continue;
      seen_[at] = stamp_;
      ++steps_;
      const instruction& it = program_.code[at];
      switch (it.op) {
        case opcode::split:
          work_.push_back(it.value);
          work_.push_back(it.next);
          break;
        case opcode::save:
        case opcode::reset:
        case opcode::loop_begin:
        case opcode::loop_end: work_.push_back(it.next); break;
        case opcode::match: has_match_ = true; break;
        case opcode::place:
          if ((it.value & holds) != 0) {
            work_.push_back(it.next);
          } else {
            set_.push_back(at);
          }
          break;
        default: set_.push_back(at); break;
      }
    }
  }

  // The state of the set at hand, made if there is none yet.
  std::uint32_t state_of(std::uint32_t context) {
    if (has_match_) return dfa::found;
    if (set_.empty() && program_.is_anchored) return dfa::dead;
    std::sort(set_.begin(), set_.end());
    // The context matters only to a set that asks about it, now or when a match begins in it.
    const auto known = numbers_.try_emplace({context, set_}, states_.size());
    if (known.second) states_.push_back(known.first);
    return static_cast<std::uint32_t>((known.first->second + 2) * stride_);
  }

  std::uint32_t context_after(unit_value value) const noexcept {
    std::uint32_t context = 0;
    if (is_line_terminator(value)) context |= dfa::after_line;
    if (is_word_unit(value)) context |= dfa::after_word;
    return context & made_->relevant_;
  }

  static std::uint32_t holds_between(std::uint32_t context, bool is_end, unit_value next) noexcept {
    const auto bit = [](assertion place) { return static_cast<std::uint32_t>(place); };
    const bool is_boundary = ((context & dfa::after_word) != 0) != (!is_end && is_word_unit(next));
    std::uint32_t holds = bit(is_boundary ? assertion::word_boundary : assertion::no_word_boundary);
    if ((context & dfa::at_begin) != 0) holds |= bit(assertion::text_begin);
    if ((context & (dfa::after_line | dfa::at_begin)) != 0) holds |= bit(assertion::line_begin);
    if (is_end) holds |= bit(assertion::text_end);
    if (is_end || is_line_terminator(next)) holds |= bit(assertion::line_end);
    return holds;
  }

  void fill_row(std::size_t index) {
    const std::uint32_t context = states_[index]->first.first;
    const place_set places = states_[index]->first.second;
    const std::size_t end = made_->units_.size();
    made_->table_.resize((index + 3) * stride_);
    for (std::size_t column = 0; column <= end; ++column) {
      const bool is_end = column == end;
      const unit_value next = is_end ? 0 : made_->units_.example(column);
      const std::uint32_t target = step(places, context, is_end, next);
      made_->table_[(index + 2) * stride_ + column] = static_cast<std::uint16_t>(target);
    }
  }

  std::uint32_t step(const place_set& places, std::uint32_t context, bool is_end, unit_value next) {
    const std::uint32_t holds = holds_between(context, is_end, next);
    begin_set();
    for (const std::uint32_t place : places) follow(place, holds);
    if (has_match_) return dfa::found;
    if (is_end) return dfa::dead;
    const place_set ready = std::move(set_);
    begin_set();
    for (const std::uint32_t place : ready) {
      const instruction& it = program_.code[place];
      if (program_.takes(it, next)) follow(it.next);
    }
    const std::uint32_t after = context_after(next);
    if (may_start(after)) follow(0);
    return state_of(after);
  }

  using numbering = std::map<std::pair<std::uint32_t, place_set>, std::size_t>;

  const program& program_;
  std::unique_ptr<dfa> made_;
  std::size_t stride_;
  std::vector<std::uint32_t> seen_;
  std::uint32_t stamp_ = 0;
  std::size_t steps_ = 0;
  std::vector<std::uint32_t> work_;
  place_set set_;
  bool has_match_ = false;
  numbering numbers_;
  std::vector<numbering::const_iterator> states_;
};

inline std::unique_ptr<const dfa> dfa::build(const program& compiled) { return dfa_builder(compiled).run(); }

}  // namespace ovrseer::pattern_detail
