// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the tree to instructions. Every node knows how many it takes, so each is told where to stand
// and where to go on, in any order: a list of work instead of recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/tree.hpp>

namespace ovrseer::pattern_detail {

/// The instructions of the whole pattern, the final `match` included.
constexpr std::size_t code_size(const tree& parsed) noexcept { return parsed.nodes[parsed.root].code_size + 1; }

class emitter {
 public:
  constexpr emitter(const tree& parsed, instruction* code) noexcept
      : tree_(parsed), nodes_(parsed.nodes.data()), code_(code) {}

  constexpr void run() {
    const std::uint32_t size = nodes_[tree_.root].code_size;
    code_[size] = {opcode::match, 0, 0, 0};
    push(tree_.root, 0, size);
    while (!work_.empty()) {
      const task next = work_.back();
      work_.pop_back();
      emit(next);
    }
  }

 private:
  struct task {
    std::uint32_t node;
    std::uint32_t at;
    std::uint32_t next;
  };

  constexpr void push(std::uint32_t index, std::uint32_t at, std::uint32_t next) {
    if (nodes_[index].code_size != 0) work_.push_back({index, at, next});
  }

  constexpr void emit(const task& here) {
    const node& it = nodes_[here.node];
    switch (it.kind) {
      case node_kind::sequence: return emit_sequence(it, here);
      case node_kind::alternation: return emit_alternation(it, here);
      case node_kind::repeat: return emit_repeat(it, here);
      case node_kind::group: {
        const std::uint32_t close = here.at + it.code_size - 1;
        code_[here.at] = {opcode::save, here.at + 1, it.value * 2, 0};
        code_[close] = {opcode::save, here.next, it.value * 2 + 1, 0};
        return push(it.child, here.at + 1, close);
      }
      case node_kind::literal: code_[here.at] = {opcode::literal, here.next, it.value, 0}; return;
      case node_kind::folded: code_[here.at] = {opcode::folded, here.next, it.value, 0}; return;
      case node_kind::unit_set: code_[here.at] = {opcode::unit_set, here.next, it.value, 0}; return;
      case node_kind::place: code_[here.at] = {opcode::place, here.next, it.value, 0}; return;
    }
  }

  // A child without code needs no care: the one before it goes on at the address where it would be,
  // which is that of the one after it. The last with code must go on behind the whole.
  constexpr void emit_sequence(const node& it, const task& here) {
    std::uint32_t at = here.at;
    const std::uint32_t end = here.at + it.code_size;
    for (std::uint32_t i = it.child; i != no_node; i = nodes_[i].sibling) {
      const std::uint32_t after = at + nodes_[i].code_size;
      push(i, at, after == end ? here.next : after);
      at = after;
    }
  }

  constexpr void emit_alternation(const node& it, const task& here) {
    std::uint32_t at = here.at;
    std::uint32_t split = here.at;
    for (std::uint32_t i = it.child; i != no_node; i = nodes_[i].sibling) {
      const node& child = nodes_[i];
      if (child.sibling == no_node) {
        // An empty last alternative has no address of its own: the last choice goes on instead.
        if (child.code_size == 0) code_[split].value = here.next;
        return push(i, at, here.next);
      }
      split = at;
      at += 1 + child.code_size;
      code_[split] = {opcode::split, child.code_size != 0 ? split + 1 : here.next, at, 0};
      push(i, split + 1, here.next);
    }
  }

  constexpr void emit_repeat(const node& it, const task& here) {
    const node& body = nodes_[it.child];
    const std::uint32_t required = required_size(body);
    const std::uint32_t end = here.at + it.code_size;
    const bool loops_back = it.max == unbounded && it.min > 0 && !body.is_nullable;
    std::uint32_t at = here.at;
    for (std::uint32_t i = 0; i != it.min; ++i) {
      const std::uint32_t after = at + required;
      emit_iteration(it, at, after == end ? here.next : after);
      at = after;
    }
    if (loops_back) return emit_split(it, at, at - required, here.next);
    if (it.max == unbounded) {
      emit_split(it, at, at + 1, here.next);
      return emit_checked_iteration(it, at + 1, at);
    }
    for (std::uint32_t i = it.min; i != it.max; ++i) {
      const std::uint32_t after = at + 1 + optional_size(body);
      emit_split(it, at, at + 1, here.next);
      emit_checked_iteration(it, at + 1, after == end ? here.next : after);
      at = after;
    }
  }

  constexpr void emit_split(const node& repeat, std::uint32_t at, std::uint32_t again, std::uint32_t out) noexcept {
    const bool is_greedy = repeat.order == greed::greedy;
    code_[at] = {opcode::split, is_greedy ? again : out, is_greedy ? out : again, 0};
  }

  constexpr void emit_iteration(const node& repeat, std::uint32_t at, std::uint32_t next) {
    if (repeat.captures_end > repeat.captures_begin) {
      code_[at] = {opcode::reset, at + 1, repeat.captures_begin * 2, repeat.captures_end * 2};
      ++at;
    }
    push(repeat.child, at, next);
  }

  constexpr void emit_checked_iteration(const node& repeat, std::uint32_t at, std::uint32_t next) {
    const node& body = nodes_[repeat.child];
    if (!body.is_nullable) return emit_iteration(repeat, at, next);
    const std::uint32_t close = at + 1 + required_size(body);
    code_[at] = {opcode::loop_begin, at + 1, 0, 0};
    code_[close] = {opcode::loop_end, next, 0, 0};
    emit_iteration(repeat, at + 1, close);
  }

  const tree& tree_;
  const node* nodes_;  // a call of a growable takes the compiler time
  instruction* code_;
  growable<task> work_;
};

/// Whether matches begin at the beginning of the text or nowhere: follows the first term from the root down; an alternation
/// needs all of its alternatives anchored.
constexpr bool is_anchored(const tree& parsed) {
  growable<std::uint32_t> work;
  work.push_back(parsed.root);
  while (!work.empty()) {
    const node& it = parsed.nodes[work.back()];
    work.pop_back();
    switch (it.kind) {
      case node_kind::place:
        if (it.value != static_cast<std::uint32_t>(assertion::text_begin)) return false;
        break;
      case node_kind::sequence:
      case node_kind::group:
        if (it.child == no_node) return false;
        work.push_back(it.child);
        break;
      case node_kind::repeat:
        if (it.min == 0) return false;
        work.push_back(it.child);
        break;
      case node_kind::alternation:
        for (std::uint32_t i = it.child; i != no_node; i = parsed.nodes[i].sibling) work.push_back(i);
        break;
      default: return false;
    }
  }
  return true;
}

/// What is known of every match before any text is seen.
class fact_finder {
 public:
  constexpr fact_finder(const tree& parsed, const program& compiled) : tree_(parsed), program_(compiled) {}

  constexpr program_facts run() {
    program_facts facts;
    facts.group_count = tree_.group_count + 1;
    facts.assertions = tree_.assertions;
    facts.has_checked_loops = tree_.has_checked_loops;
    facts.is_anchored = pattern_detail::is_anchored(tree_);
    facts.is_nullable = tree_.nodes[tree_.root].is_nullable;
    if (facts.is_nullable) {
      for (std::uint64_t& word : facts.first.words) word = ~std::uint64_t{0};
    } else {
      add_first_bytes(facts.first);
    }
    return facts;
  }

 private:
  constexpr void add_first_bytes(byte_set& first) const {
    growable<bool> seen(program_.code_size, false);
    growable<std::uint32_t> work;
    work.push_back(0);
    while (!work.empty()) {
      const std::uint32_t at = work.back();
      work.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      const instruction& it = program_.code[at];
      switch (it.op) {
        case opcode::literal:
        case opcode::folded:
        case opcode::unit_set: program_.add_first_bytes(it, first); break;
        case opcode::split:
          work.push_back(it.value);
          work.push_back(it.next);
          break;
        default: work.push_back(it.next); break;
      }
    }
  }

  const tree& tree_;
  const program& program_;
};

/// The whole of it; takes the classes and names out of the tree, and leaves its nodes.
constexpr dynamic_arrays emit(tree& parsed) {
  dynamic_arrays made;
  made.code.resize(code_size(parsed));
  emitter(parsed, made.code.data()).run();
  made.classes = std::move(parsed.classes);
  made.ranges = std::move(parsed.ranges);
  made.names = std::move(parsed.names);
  return made;
}

}  // namespace ovrseer::pattern_detail
