// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The cheapest way through a program from its beginning to a match: the units on that way are a text that matches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

/// All that an assertion can know of what stands before or behind a place.
enum class neighbour : std::uint8_t { edge, word, other, line_end };

/// Dijkstra over (instruction, what stands before, what may stand behind). Loops that must take a unit are walked
/// as any others: an iteration that takes none is never part of a cheapest way that could not do without it.
class example_search {
 public:
  explicit example_search(const program& compiled)
      : program_(compiled), states_(std::size_t{compiled.code_size} * befores * sets) {}

  std::optional<std::string> run() {
    // A match may need something before it that is no part of it, as `\B` does.
    for (const neighbour before : {neighbour::edge, neighbour::word, neighbour::other, neighbour::line_end}) {
      const std::uint32_t cost = before == neighbour::edge ? 0 : cost_of(filler(before));
      reach(index_of(0, before, every_neighbour), cost, no_state, 0);
    }
    while (!queue_.empty()) {
      const auto [cost, index] = queue_.top();
      queue_.pop();
      if (cost != states_[index].cost) continue;  // a cheaper way came in between
      const place here = place_of(index);
      if (program_.code[here.at].op == opcode::match) {
        if ((here.behind & bit(neighbour::edge)) != 0) return text_of(index, "");
        if (!ending_ || cost + ending_cost(here.behind) < ending_->first) {
          ending_ = {cost + ending_cost(here.behind), index};
        }
        continue;
      }
      if (ending_ && ending_->first <= cost) break;
      step(index, cost, here);
    }
    if (!ending_) return std::nullopt;
    return text_of(ending_->second, encoded(ending_filler(place_of(ending_->second).behind)));
  }

 private:
  using index_type = std::uint32_t;
  static constexpr std::size_t befores = 4;
  static constexpr std::size_t sets = 16;
  static constexpr unsigned every_neighbour = 15;
  static constexpr index_type no_state = 0xFFFFFFFF;
  static constexpr std::uint32_t unreached = 0xFFFFFFFF;

  struct state {
    std::uint32_t cost = unreached;
    index_type from = no_state;
    unit_value taken = 0;
    bool takes = false;
  };
  struct place {
    std::uint32_t at;
    neighbour before;
    unsigned behind;  // a bit for each neighbour that may follow
  };

  static constexpr unsigned bit(neighbour what) noexcept { return 1U << static_cast<unsigned>(what); }
  static constexpr index_type index_of(std::uint32_t at, neighbour before, unsigned behind) noexcept {
    return static_cast<index_type>((at * befores + static_cast<std::size_t>(before)) * sets + behind);
  }
  static constexpr place place_of(index_type index) noexcept {
    return {static_cast<std::uint32_t>(index / sets / befores), static_cast<neighbour>(index / sets % befores),
            static_cast<unsigned>(index % sets)};
  }
  static constexpr neighbour kind_of(unit_value value) noexcept {
    if (is_word_unit(value)) return neighbour::word;
    return is_line_terminator(value) ? neighbour::line_end : neighbour::other;
  }

  // Short before all, but rather long than what a terminal would not show, or a line would not hold.
  static constexpr std::uint32_t cost_of(unit_value value) noexcept {
    if (value >= 0x20 && value < 0x7F) return 1;
    if (value == invalid_unit || is_line_terminator(value)) return 20'000;
    return value == '\t' || value >= 0xA0 ? 50 : 1'000;
  }
  static constexpr unit_value filler(neighbour what) noexcept {
    return what == neighbour::word ? 'a' : what == neighbour::line_end ? '\n' : ' ';
  }
  static constexpr unit_value ending_filler(unsigned behind) noexcept {
    if ((behind & bit(neighbour::word)) != 0) return 'a';
    return (behind & bit(neighbour::other)) != 0 ? ' ' : '\n';
  }
  static constexpr std::uint32_t ending_cost(unsigned behind) noexcept { return cost_of(ending_filler(behind)); }

  static std::string encoded(unit_value value) {
    if (value == invalid_unit) return "\xFF";
    const encoded_unit made = encode(value);
    return std::string(made.bytes, made.size);
  }

  void reach(index_type index, std::uint32_t cost, index_type from, unit_value taken, bool takes = false) {
    state& known = states_[index];
    if (known.cost <= cost) return;
    known = {cost, from, taken, takes};
    queue_.emplace(cost, index);
  }

  void step(index_type index, std::uint32_t cost, const place& here) {
    const instruction& it = program_.code[here.at];
    const auto go = [&](std::uint32_t at) { reach(index_of(at, here.before, here.behind), cost, index, 0); };
    switch (it.op) {
      case opcode::split:
        go(it.next);
        go(it.value);
        break;
      case opcode::place: {
        const unsigned behind = allowed_behind(it.value, here.before) & here.behind;
        if (behind != 0) reach(index_of(it.next, here.before, behind), cost, index, 0);
        break;
      }
      case opcode::literal:
      case opcode::folded: take(index, cost, here, it.value, it.next); break;
      case opcode::unit_set:
        for (const neighbour kind : {neighbour::word, neighbour::other, neighbour::line_end}) {
          if ((here.behind & bit(kind)) == 0) continue;
          if (const std::optional<unit_value> best = best_of(it.value, kind)) take(index, cost, here, *best, it.next);
        }
        break;
      default: go(it.next); break;
    }
  }

  void take(index_type index, std::uint32_t cost, const place& here, unit_value value, std::uint32_t next) {
    const neighbour kind = kind_of(value);
    if ((here.behind & bit(kind)) == 0) return;
    reach(index_of(next, kind, every_neighbour), cost + cost_of(value), index, value, true);
  }

  /// What may stand behind a place where an assertion holds, given what stands before it.
  static unsigned allowed_behind(std::uint32_t which, neighbour before) noexcept {
    const bool is_after_word = before == neighbour::word;
    const unsigned no_word = every_neighbour & ~bit(neighbour::word);
    switch (static_cast<assertion>(which)) {
      case assertion::text_begin: return before == neighbour::edge ? every_neighbour : 0;
      case assertion::line_begin:
        return before == neighbour::edge || before == neighbour::line_end ? every_neighbour : 0;
      case assertion::text_end: return bit(neighbour::edge);
      case assertion::line_end: return bit(neighbour::edge) | bit(neighbour::line_end);
      case assertion::word_boundary: return is_after_word ? no_word : bit(neighbour::word);
      case assertion::no_word_boundary: return is_after_word ? bit(neighbour::word) : no_word;
    }
    return 0;
  }

  /// The unit of a class that a person would rather read, of those that look alike to an assertion.
  std::optional<unit_value> best_of(std::uint32_t which, neighbour kind) const {
    static constexpr std::string_view liked =
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_ .-:/,;=+*#@!?%&$()[]{}<>|\"'`^~\\\t";
    const unit_class& set = program_.classes[which];
    for (const char c : liked) {
      const auto value = static_cast<unsigned char>(c);
      if (kind_of(value) == kind && contains(set, program_.ranges, value)) return value;
    }
    std::optional<unit_value> best;
    const auto consider = [&](unit_value value) {
      if (kind_of(value) != kind || (value >= 0xD800 && value <= 0xDFFF)) return;
      if (!best || cost_of(value) < cost_of(*best)) best = value;
    };
    for (unit_value value = 0; value != 0x80; ++value) {
      if (contains(set, program_.ranges, value)) consider(value);
    }
    for (std::uint32_t i = set.ranges_begin; i != set.ranges_end; ++i) {
      const unit_range& range = program_.ranges[i];
      // The first of a range, the first behind the controls, and the first behind the surrogates and terminators.
      for (const unit_value value : {range.first, unit_value{0xA1}, line_separator, paragraph_separator,
                                     paragraph_separator + 1, unit_value{0xE000}, range.last}) {
        if (value >= range.first && value <= range.last) consider(value);
      }
    }
    return best;
  }

  std::string text_of(index_type index, const std::string& ending) const {
    std::vector<unit_value> units;
    neighbour first = place_of(index).before;
    for (; index != no_state; index = states_[index].from) {
      if (states_[index].takes) units.push_back(states_[index].taken);
      first = place_of(index).before;
    }
    std::string text;
    if (first != neighbour::edge) text += encoded(filler(first));
    for (std::size_t i = units.size(); i != 0; --i) text += encoded(units[i - 1]);
    return text + ending;
  }

  using candidate = std::pair<std::uint32_t, index_type>;

  const program& program_;
  std::vector<state> states_;
  std::priority_queue<candidate, std::vector<candidate>, std::greater<>> queue_;
  std::optional<candidate> ending_;  // the cheapest match that needs a unit behind it
};

}  // namespace ovrseer::pattern_detail
