// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/detail/factor.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/sequences.hpp>
#include <ovrseer/pattern/detail/trim.hpp>

namespace ovrseer::pattern_detail {

class factor_finder {
 public:
  /// `parsed` is trimmed.
  explicit factor_finder(const tree& parsed)
      : tree_(parsed), known_(parsed.nodes.size()), longest_(parsed.nodes.size()) {}

  /// No sequences when every line must be given to the automaton.
  factors run() {
    for (std::size_t i = 0; i != known_.size(); ++i) {
      longest_[i] = find_longest(tree_.nodes[i]);
      known_[i] = find(i);
    }
    facts& root = known_[tree_.root];
    factors found;
    found.sequences = root.is_exact ? std::move(root.whole) : std::move(root.best);
    found.is_complete = root.is_exact && !root.asks_more;
    drop_newlines(found.sequences);
    if (!found.is_complete) shorten(found.sequences);
    drop_covered(found.sequences);
    for (byte_sequence& one : found.sequences) {
      if (one.has_wide_front) one.lead = sum_of_leads(one.lead, max_unit - 1);
      const window chosen = rarest_window(one);
      found.reach = std::max(found.reach, sum_of_leads(one.lead, chosen.begin + chosen.size - 1));
    }
    const bool is_local = found.reach != unbounded_lead;
    if (cost(found.sequences) > (is_local ? worth_a_look : worth_a_line)) found = {};
    return found;
  }

 private:
  using sequences = std::vector<byte_sequence>;

  static constexpr std::size_t max_sequences = 64;
  static constexpr std::size_t max_length = 24;
  // Guesses for each byte of log text. Where a match can be told from what stands around it many may fail; where the
  // whole line must be read to tell, few lines may have one.
  static constexpr double worth_a_look = 0.08;
  static constexpr double worth_a_line = 0.01;

  // A language: either all of its texts, or what they begin and end with and the best inside.
  struct facts {
    bool is_exact = false;
    bool asks_more = false;  // an assertion, or a class that bytes cannot tell exactly
    sequences whole;         // exact: all texts; the empty one among them is a sequence without bytes
    sequences front;         // otherwise
    sequences back;
    sequences best;
    double best_cost = 1;  // of `best`: how often it is expected at a place of log text
  };

  static sequences empty_text() { return sequences(1); }
  static facts exactly(sequences whole, bool asks_more = false) {
    facts made;
    made.is_exact = true;
    made.asks_more = asks_more;
    made.whole = std::move(whole);
    return made;
  }
  static facts nothing_known() {
    facts made;
    made.front = made.back = empty_text();
    return made;
  }

  template <class Use>
  void for_children(const node& parent, Use use) const {
    for (std::uint32_t i = parent.child; i != no_node; i = tree_.nodes[i].sibling) use(i);
  }

  // The bytes of the longest text of a node.
  std::size_t find_longest(const node& it) const {
    switch (it.kind) {
      case node_kind::literal: return encode(it.value).size;
      case node_kind::folded: return 1;
      case node_kind::unit_set:
        return tree_.classes[it.value].ranges_begin == tree_.classes[it.value].ranges_end ? 1 : max_unit;
      case node_kind::place: return 0;
      case node_kind::group: return longest_[it.child];
      case node_kind::sequence:
      case node_kind::alternation: break;
      case node_kind::repeat:
        if (it.max == 0 || longest_[it.child] == 0) return 0;
        if (it.max == unbounded || longest_[it.child] == unbounded_lead) return unbounded_lead;
        return it.max * longest_[it.child];
    }
    std::size_t found = 0;
    for_children(it, [&](std::uint32_t child) {
      found = it.kind == node_kind::sequence ? sum_of_leads(found, longest_[child]) : std::max(found, longest_[child]);
    });
    return found;
  }

  facts find(std::size_t index) const {
    const node& it = tree_.nodes[index];
    switch (it.kind) {
      case node_kind::literal: return exactly({literal(it.value)});
      case node_kind::folded: {
        byte_sequence made;
        made.bytes.resize(1);
        made.bytes[0].add(it.value);
        made.bytes[0].add(it.value - 0x20);
        return exactly({made});
      }
      case node_kind::unit_set: return find_class(tree_.classes[it.value]);
      case node_kind::place: return exactly(empty_text(), true);
      case node_kind::group: return known_[it.child];
      case node_kind::sequence: return find_sequence(it);
      case node_kind::alternation: return find_alternation(it);
      case node_kind::repeat: return find_repeat(it);
    }
    return nothing_known();
  }

  static byte_sequence literal(unit_value value) {
    const encoded_unit encoded = encode(value);
    byte_sequence made;
    made.bytes.resize(encoded.size);
    for (std::size_t i = 0; i != encoded.size; ++i) made.bytes[i].add(static_cast<unsigned char>(encoded.bytes[i]));
    return made;
  }

  facts find_class(const unit_class& set) const {
    byte_sequence made;
    made.bytes.resize(1);
    made.bytes[0].words[0] = set.low[0];
    made.bytes[0].words[1] = set.low[1];
    if (set.ranges_begin == set.ranges_end) return exactly({made});
    made.bytes[0].words[2] = made.bytes[0].words[3] = ~std::uint64_t{0};
    made.has_wide_front = made.has_wide_back = true;
    const unit_range& first = tree_.ranges[set.ranges_begin];
    const bool has_all = first.first == 0x80 && first.last == invalid_unit;
    return exactly({made}, !has_all);
  }

  // --- putting together

  static bool can_join(const byte_sequence& a, const byte_sequence& b) {
    // Two wide ones side by side could be the bytes of one unit.
    if (a.bytes.empty() || b.bytes.empty()) return true;
    if (a.has_wide_back) return a.bytes.size() == 1 && !b.has_wide_front;
    return !b.has_wide_front || b.bytes.size() == 1;
  }

  static byte_sequence join(const byte_sequence& a, const byte_sequence& b) {
    if (b.bytes.empty()) return a;
    byte_sequence made = a;
    if (a.bytes.empty()) {
      made = b;
      made.lead = a.lead;
      return made;
    }
    made.bytes.insert(made.bytes.end(), b.bytes.begin(), b.bytes.end());
    made.has_wide_back = b.has_wide_back;
    return made;
  }

  // Every one of `a` followed by every one of `b`; empty when that would be too much.
  static sequences product(const sequences& a, const sequences& b) {
    sequences made;
    if (a.size() * b.size() > max_sequences) return {};
    for (const byte_sequence& left : a) {
      for (const byte_sequence& right : b) {
        if (!can_join(left, right) || left.bytes.size() + right.bytes.size() > max_length) return {};
        made.push_back(join(left, right));
      }
    }
    return made;
  }

  static bool has_empty(const sequences& texts) {
    return std::any_of(texts.begin(), texts.end(), [](const byte_sequence& text) { return text.bytes.empty(); });
  }

  // How often one of them is expected at a place of log text; at most one.
  static double cost(const sequences& texts) {
    double sum = 0;
    for (const byte_sequence& text : texts) sum += text.bytes.empty() ? 1 : rarest_window(text).probability;
    return texts.empty() ? 1 : std::min(sum, 1.0);
  }

  static void offer(facts& made, const sequences& other, double other_cost) {
    if (other.empty() || has_empty(other)) return;
    if (!made.best.empty() && other_cost >= made.best_cost) return;
    made.best = other;
    made.best_cost = other_cost;
  }
  static void offer(facts& made, const sequences& other) { offer(made, other, cost(other)); }

  // The same in what stands behind `before` more bytes of a match.
  static sequences behind(std::size_t before, sequences texts) {
    for (byte_sequence& one : texts) one.lead = sum_of_leads(before, one.lead);
    return texts;
  }

  facts find_sequence(const node& it) const {
    facts made = exactly(empty_text());
    sequences run = empty_text();  // what the match has contained, without a gap, up to here
    bool is_front = true;          // whether the run began with the sequence
    std::size_t before = 0;        // the child at hand
    const auto break_run = [&](const sequences& next, std::size_t next_lead) {
      offer(made, run);
      if (is_front) made.front = run;
      is_front = false;
      run = next;
      for (byte_sequence& one : run) one.lead = next_lead;
    };
    for_children(it, [&](std::uint32_t index) {
      const facts& child = known_[index];
      const std::size_t began = std::exchange(before, sum_of_leads(before, longest_[index]));
      made.asks_more = made.asks_more || child.asks_more;
      if (child.is_exact) {
        sequences joined = product(run, child.whole);
        if (!joined.empty() || child.whole.empty()) {
          run = std::move(joined);
          return;
        }
        break_run(child.whole, began);
      } else {
        const sequences joined = product(run, child.front);
        if (!joined.empty()) run = joined;
        break_run(child.back, before);
        offer(made, behind(began, child.best), child.best_cost);
      }
      made.is_exact = false;
    });
    if (made.is_exact) {
      made.whole = std::move(run);
      return made;
    }
    offer(made, run);
    made.back = std::move(run);
    return made;
  }

  facts find_alternation(const node& it) const {
    facts made = exactly({});
    bool has_best = true;
    for_children(it, [&](std::uint32_t index) {
      const facts& child = known_[index];
      const auto append = [](sequences& to, const sequences& more) { to.insert(to.end(), more.begin(), more.end()); };
      made.asks_more = made.asks_more || child.asks_more;
      made.is_exact = made.is_exact && child.is_exact;
      append(made.whole, child.is_exact ? child.whole : sequences{});
      append(made.front, child.is_exact ? child.whole : child.front);
      append(made.back, child.is_exact ? child.whole : child.back);
      sequences best = child.best;
      if (child.is_exact) best = has_empty(child.whole) ? sequences{} : child.whole;
      has_best = has_best && !(best.empty() && !(child.is_exact && child.whole.empty()));
      append(made.best, best);
    });
    made.is_exact = made.is_exact && made.whole.size() <= max_sequences;
    if (!made.is_exact) made.whole.clear();
    if (made.best.size() > 4 * max_sequences) has_best = false;
    if (!made.is_exact && has_best) drop_covered(made.best);
    if (made.front.size() > max_sequences) made.front = empty_text();
    if (made.back.size() > max_sequences) made.back = empty_text();
    if (!has_best || made.best.size() > max_sequences) made.best.clear();
    if (!made.is_exact) made.best_cost = cost(made.best);
    return made;
  }

  facts find_repeat(const node& it) const {
    const facts& body = known_[it.child];
    const std::uint32_t most = it.max;
    if (most == 0) return exactly(empty_text());
    if (it.min == 0 && (most != 1 || !body.is_exact)) return nothing_known();
    if (!body.is_exact) {
      facts made = body;
      if (it.min > 1 || most != it.min) made.is_exact = false;
      return made;
    }
    sequences required = empty_text();
    std::uint32_t copies = 0;
    for (; copies != it.min; ++copies) {
      sequences more = product(required, body.whole);
      if (more.empty()) break;
      required = std::move(more);
    }
    if (copies == it.min && most <= it.min + 2) {
      sequences all = required;
      sequences last = required;
      for (; copies != most && !last.empty(); ++copies) {
        last = product(last, body.whole);
        all.insert(all.end(), last.begin(), last.end());
      }
      if (copies == most && all.size() <= max_sequences && (!last.empty() || most == it.min)) {
        return exactly(std::move(all), body.asks_more);
      }
    }
    if (it.min == 0) return nothing_known();
    facts made;
    made.asks_more = true;
    made.front = made.back = required;
    offer(made, required);
    return made;
  }

  const tree& tree_;
  std::vector<facts> known_;
  std::vector<std::size_t> longest_;
};

OVRSEER_DECL factors find_factors(tree parsed) {
  const tree made = trimmed(std::move(parsed));
  return factor_finder(made).run();
}

}  // namespace ovrseer::pattern_detail
