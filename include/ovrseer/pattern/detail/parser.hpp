// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reads the text of a pattern into its tree. One loop with a stack of open groups of its own: neither
// the compiler nor a hostile configuration can make it recurse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ovrseer/pattern/detail/escape.hpp>
#include <ovrseer/pattern/detail/token.hpp>
#include <ovrseer/pattern/detail/tree.hpp>

namespace ovrseer::pattern_detail {

class parser {
 public:
  constexpr parser(std::string_view text, pattern_flags flags) : text_(text), flags_(flags) {}

  constexpr tree run() {
    open_.push_back({});
    while (tree_.is_valid && at_ < text_.size()) read_term();
    if (tree_.is_valid && open_.size() > 1) refuse(pattern_errc::unclosed_group, open_.back().offset);
    if (tree_.is_valid) tree_.root = close_alternatives();
    return std::move(tree_);
  }

 private:
  // A group that is not closed yet, or the whole pattern.
  struct open_group {
    std::size_t offset = 0;
    std::uint32_t group = 0;  // its number, or 0 when it does not capture
    std::uint32_t groups_before = 0;
    std::uint32_t first_alternative = no_node;
    std::uint32_t last_alternative = no_node;
    std::uint32_t first = no_node;  // the terms of the alternative at hand
    std::uint32_t last = no_node;
    std::uint32_t before_last = no_node;
    bool is_repeatable = false;  // whether a quantifier may follow
    bool is_quantified = false;  // whether the last term is one
  };

  constexpr void refuse(pattern_errc code, std::size_t offset) noexcept {
    tree_.is_valid = false;
    tree_.code = code;
    tree_.offset = offset;
  }

  constexpr bool follows(char c, std::size_t distance) const noexcept {
    return at_ + distance < text_.size() && text_[at_ + distance] == c;
  }

  constexpr void read_term() {
    const char c = text_[at_];
    switch (c) {
      case '(': return read_group_open();
      case ')': return read_group_close();
      case '|':
        close_alternative();
        ++at_;
        return;
      case '*': return read_quantifier({0, unbounded, 1});
      case '+': return read_quantifier({1, unbounded, 1});
      case '?': return read_quantifier({0, 1, 1});
      case '{': {
        const repeat_counts found = read_counts(text_, at_);
        if (found.size != 0) return read_quantifier(found);
        return add_literal('{', 1);  // as JavaScript without the flag u
      }
      case '[': return read_class();
      case '.': return read_dot();
      case '^': return add_place(has_flag(flags_, multiline) ? assertion::line_begin : assertion::text_begin, 1);
      case '$': return add_place(has_flag(flags_, multiline) ? assertion::line_end : assertion::text_end, 1);
      case '\\': return read_escaped();
      default: break;
    }
    const unit read = decode(text_, at_);
    if (read.value == invalid_unit) return refuse(pattern_errc::invalid_utf8, at_);
    add_literal(read.value, read.size);
  }

  // --- terms

  constexpr void append(std::uint32_t term) {
    open_group& group = open_.back();
    if (group.last == no_node) {
      group.first = term;
    } else {
      tree_.nodes[group.last].sibling = term;
    }
    group.before_last = group.last;
    group.last = term;
    group.is_repeatable = true;
    group.is_quantified = false;
  }

  constexpr std::uint32_t make(const node& made) {
    tree_.nodes.push_back(made);
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }

  constexpr void add_leaf(node_kind kind, std::uint32_t value, std::size_t size) {
    node leaf;
    leaf.kind = kind;
    leaf.value = value;
    leaf.is_nullable = kind == node_kind::place;
    leaf.code_size = 1;
    append(make(leaf));
    at_ += size;
  }

  constexpr void add_literal(unit_value value, std::size_t size) {
    if (has_flag(flags_, icase) && is_letter_unit(value)) return add_leaf(node_kind::folded, value | 0x20U, size);
    add_leaf(node_kind::literal, value, size);
  }

  constexpr void add_place(assertion place, std::size_t size) {
    const auto bit = static_cast<std::uint32_t>(place);
    tree_.assertions |= bit;
    add_leaf(node_kind::place, bit, size);
    open_.back().is_repeatable = false;
  }

  constexpr std::uint32_t add_class(class_builder& set) {
    tree_.classes.push_back(set.finish(tree_.ranges));
    return static_cast<std::uint32_t>(tree_.classes.size() - 1);
  }

  constexpr void read_dot() {
    if (dot_class_ == no_node) {
      class_builder set;
      if (has_flag(flags_, dotall)) {
        set.negate();
      } else {
        set.add_dot();
      }
      dot_class_ = add_class(set);
    }
    add_leaf(node_kind::unit_set, dot_class_, 1);
  }

  constexpr void read_escaped() {
    const escape found = read_escape(text_, at_, escape_place::outside);
    switch (found.kind) {
      case escape_kind::refused: return refuse(found.code, at_);
      case escape_kind::character: return add_literal(found.value, found.size);
      case escape_kind::word_boundary: return add_place(assertion::word_boundary, found.size);
      case escape_kind::no_word_boundary: return add_place(assertion::no_word_boundary, found.size);
      case escape_kind::shorthand: break;
    }
    class_builder set;
    set.add_shorthand(static_cast<char>(found.value));
    add_leaf(node_kind::unit_set, add_class(set), found.size);
  }

  // --- classes

  constexpr void read_class() {
    const std::size_t opened = at_++;
    class_builder set;
    const bool is_negated = follows('^', 0);
    if (is_negated) ++at_;
    while (at_ < text_.size() && text_[at_] != ']') {
      if (!read_class_member(set)) return;
    }
    if (at_ == text_.size()) return refuse(pattern_errc::unclosed_class, opened);
    if (has_flag(flags_, icase)) set.fold_case();
    if (is_negated) set.negate();
    add_leaf(node_kind::unit_set, add_class(set), 1);
  }

  // One member, or a range. Beside a shorthand `-` is itself, as JavaScript without the flag u has it.
  constexpr bool read_class_member(class_builder& set) {
    const std::size_t began = at_;
    const escape first = read_class_atom();
    if (first.kind == escape_kind::refused) return refuse(first.code, at_), false;
    at_ += first.size;
    const bool has_range = follows('-', 0) && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
    if (!has_range) return add_atom(set, first), true;
    ++at_;
    const escape last = read_class_atom();
    if (last.kind == escape_kind::refused) return refuse(last.code, at_), false;
    at_ += last.size;
    if (first.kind == escape_kind::shorthand || last.kind == escape_kind::shorthand) {
      add_atom(set, first);
      set.add('-');
      add_atom(set, last);
      return true;
    }
    if (first.value > last.value) return refuse(pattern_errc::range_out_of_order, began), false;
    set.add(first.value, last.value);
    return true;
  }

  constexpr escape read_class_atom() const {
    if (text_[at_] == '\\') return read_escape(text_, at_, escape_place::in_class);
    const unit read = decode(text_, at_);
    if (read.value == invalid_unit) return refused_escape(pattern_errc::invalid_utf8);
    return character_escape(read.value, read.size);
  }

  static constexpr void add_atom(class_builder& set, const escape& atom) {
    if (atom.kind == escape_kind::shorthand) return set.add_shorthand(static_cast<char>(atom.value));
    set.add(atom.value);
  }

  // --- quantifiers

  constexpr void read_quantifier(const repeat_counts& found) {
    open_group& group = open_.back();
    if (group.is_quantified && text_[at_] == '+') {
      return refuse(pattern_errc::possessive_quantifier_is_not_supported, at_);
    }
    if (!group.is_repeatable) return refuse(pattern_errc::nothing_to_repeat, at_);
    if (found.min > max_repeat || (found.max > max_repeat && found.max != unbounded)) {
      return refuse(pattern_errc::repeat_too_large, at_);
    }
    if (found.min > found.max) return refuse(pattern_errc::repeat_out_of_order, at_);
    const node& body = tree_.nodes[group.last];
    node repeat;
    repeat.kind = node_kind::repeat;
    repeat.order = follows('?', found.size) ? greed::lazy : greed::greedy;
    repeat.child = group.last;
    repeat.min = found.min;
    repeat.max = found.max;
    repeat.is_nullable = found.min == 0 || body.is_nullable;
    repeat.captures_begin = body.captures_begin;
    repeat.captures_end = body.captures_end;
    const std::uint64_t size = repeat_size(repeat, body);
    if (size > max_code) return refuse(pattern_errc::pattern_too_large, at_);
    repeat.code_size = static_cast<std::uint32_t>(size);
    if (body.is_nullable && found.max > found.min) tree_.has_checked_loops = true;
    const std::uint32_t made = make(repeat);
    if (group.before_last == no_node) {
      group.first = made;
    } else {
      tree_.nodes[group.before_last].sibling = made;
    }
    group.last = made;
    group.is_repeatable = false;
    group.is_quantified = true;
    at_ += found.size + (repeat.order == greed::lazy ? 1 : 0);
  }

  // --- groups

  constexpr void read_group_open() {
    open_group group;
    group.offset = at_;
    group.groups_before = tree_.group_count;
    if (!follows('?', 1)) {
      if (!number_group(group)) return;
      ++at_;
    } else if (follows(':', 2)) {
      at_ += 3;
    } else if (follows('<', 2) && !follows('=', 3) && !follows('!', 3)) {
      if (!number_group(group) || !read_name(group.group)) return;
    } else {
      return refuse(unsupported_group(text_, at_), at_);
    }
    open_.push_back(group);
  }

  constexpr bool number_group(open_group& group) {
    if (tree_.group_count == max_groups) return refuse(pattern_errc::too_many_groups, at_), false;
    group.group = ++tree_.group_count;
    return true;
  }

  // The name behind "(?<" and its ">".
  constexpr bool read_name(std::uint32_t group) {
    const std::size_t begin = at_ + 3;
    std::size_t end = begin;
    for (; end < text_.size() && text_[end] != '>'; ++end) {
      const unsigned byte = byte_at(text_, end);
      const bool is_first = is_letter_unit(byte) || byte == '_' || byte == '$' || byte >= 0x80;
      if (!is_first && (end == begin || !is_digit_unit(byte))) return refuse(pattern_errc::bad_group_name, end), false;
    }
    if (end == begin || end == text_.size()) return refuse(pattern_errc::bad_group_name, end), false;
    const std::string_view name = text_.substr(begin, end - begin);
    // A number for each name first: comparing all pairs as text would be many steps for a compiler.
    std::uint32_t mixed = 0;
    for (const char c : name) mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x01000193U;
    for (std::size_t i = 0; i != mixed_names_.size(); ++i) {
      if (mixed_names_[i] != mixed) continue;
      if (text_.substr(tree_.names[i].begin, tree_.names[i].size) == name) {
        return refuse(pattern_errc::duplicate_group_name, begin), false;
      }
    }
    mixed_names_.push_back(mixed);
    tree_.names.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(name.size()), group});
    at_ = end + 1;
    return true;
  }

  constexpr void read_group_close() {
    if (open_.size() == 1) return refuse(pattern_errc::unopened_group, at_);
    std::uint32_t term = close_alternatives();
    if (!tree_.is_valid) return;
    const open_group closed = open_.back();
    open_.pop_back();
    if (closed.group != 0) {
      node group;
      group.kind = node_kind::group;
      group.child = term;
      group.value = closed.group;
      group.is_nullable = tree_.nodes[term].is_nullable;
      group.code_size = tree_.nodes[term].code_size + 2;
      term = make(group);
    }
    tree_.nodes[term].captures_begin = closed.groups_before + 1;
    tree_.nodes[term].captures_end = tree_.group_count + 1;
    append(term);
    ++at_;
  }

  // --- from terms to one node

  constexpr void close_alternative() {
    open_group& group = open_.back();
    std::uint32_t made = group.first;
    if (group.first == no_node || group.first != group.last) {
      node sequence;
      sequence.child = group.first;
      made = finish(sequence, 0);
    }
    if (group.last_alternative == no_node) {
      group.first_alternative = made;
    } else {
      tree_.nodes[group.last_alternative].sibling = made;
    }
    group.last_alternative = made;
    group.first = group.last = group.before_last = no_node;
    group.is_repeatable = group.is_quantified = false;
  }

  constexpr std::uint32_t close_alternatives() {
    close_alternative();
    const open_group& group = open_.back();
    if (group.first_alternative == group.last_alternative) return group.first_alternative;
    node alternation;
    alternation.kind = node_kind::alternation;
    alternation.child = group.first_alternative;
    return finish(alternation, 1);
  }

  // Completes a node of many children; each but the last takes `extra` more instructions.
  constexpr std::uint32_t finish(node& parent, std::uint32_t extra) {
    const bool is_alternation = parent.kind == node_kind::alternation;
    parent.is_nullable = !is_alternation;
    std::uint64_t size = 0;
    for (std::uint32_t i = parent.child; i != no_node; i = tree_.nodes[i].sibling) {
      const node& child = tree_.nodes[i];
      size += child.code_size + (child.sibling != no_node ? extra : 0);
      parent.is_nullable =
          is_alternation ? parent.is_nullable || child.is_nullable : parent.is_nullable && child.is_nullable;
    }
    if (size > max_code) {
      refuse(pattern_errc::pattern_too_large, open_.back().offset);
      size = 0;
    }
    parent.code_size = static_cast<std::uint32_t>(size);
    return make(parent);
  }

  std::string_view text_;
  pattern_flags flags_;
  std::size_t at_ = 0;
  tree tree_;
  growable<open_group> open_;
  growable<std::uint32_t> mixed_names_;
  std::uint32_t dot_class_ = no_node;
};

constexpr tree parse(std::string_view text, pattern_flags flags) { return parser(text, flags).run(); }

}  // namespace ovrseer::pattern_detail
