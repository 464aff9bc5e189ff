// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// For "does it match" what may repeat at either end of a pattern counts as often as it must: (a+)+b is ab,
// key=\S+ is key=\S. Shorter to look for, and sooner decided.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/tree.hpp>

namespace ovrseer::pattern_detail {

class trimmer {
 public:
  constexpr explicit trimmer(tree& parsed)
      : tree_(parsed), nodes_(parsed.nodes.data()), ends_(parsed.nodes.size(), nowhere) {}

  constexpr void run() {
    mark_ends();
    for (std::size_t i = 0; i != ends_.size(); ++i) {
      node& it = nodes_[i];
      if (it.kind == node_kind::repeat && ends_[i] != nowhere) it.max = it.min;
      it.code_size = size_of(it);
    }
  }

 private:
  using side = std::uint8_t;
  static constexpr side nowhere = 0;
  static constexpr side at_front = 1;
  static constexpr side at_back = 2;

  // Whether nothing has to be taken at this end of the pattern.
  constexpr bool vanishes(std::uint32_t index) const {
    return nodes_[index].kind == node_kind::repeat && nodes_[index].min == 0;
  }

  // From the root down (parents stand behind their children): which nodes stand where the pattern begins or ends.
  constexpr void mark_ends() {
    ends_[tree_.root] = at_front | at_back;
    for (std::size_t i = ends_.size(); i-- > 0;) {
      const node& it = nodes_[i];
      if (it.kind == node_kind::sequence) {
        mark_sequence(it, ends_[i]);
      } else if (it.kind != node_kind::repeat || it.min == 1) {
        for (std::uint32_t child = it.child; child != no_node; child = nodes_[child].sibling) add(child, ends_[i]);
      }
    }
  }

  constexpr void mark_sequence(const node& it, side whole) {
    bool is_front = (whole & at_front) != 0;
    std::uint32_t last = no_node;
    for (std::uint32_t child = it.child; child != no_node; child = nodes_[child].sibling) {
      if (is_front) add(child, at_front);
      is_front = is_front && vanishes(child);
      if (!vanishes(child)) last = child;
    }
    if ((whole & at_back) == 0) return;
    bool is_back = last == no_node;
    for (std::uint32_t child = it.child; child != no_node; child = nodes_[child].sibling) {
      is_back = is_back || child == last;
      if (is_back) add(child, at_back);
    }
  }

  constexpr void add(std::uint32_t index, side more) { ends_[index] = static_cast<side>(ends_[index] | more); }

  constexpr std::uint32_t size_of(const node& it) const {
    switch (it.kind) {
      case node_kind::sequence: return sum(it, 0);
      case node_kind::alternation: return sum(it, 1);
      case node_kind::group: return nodes_[it.child].code_size + 2;
      case node_kind::repeat: return static_cast<std::uint32_t>(repeat_size(it, nodes_[it.child]));
      default: return it.code_size;
    }
  }
  constexpr std::uint32_t sum(const node& parent, std::uint32_t extra) const {
    std::uint32_t size = 0;
    for (std::uint32_t i = parent.child; i != no_node; i = nodes_[i].sibling) {
      size += nodes_[i].code_size + (nodes_[i].sibling != no_node ? extra : 0);
    }
    return size;
  }

  tree& tree_;
  node* nodes_;  // of the tree: a call of a growable takes the compiler time
  growable<side> ends_;
};

/// A tree that has a match in the same texts as `parsed`, from the same places on; not the same spans.
constexpr tree trimmed(tree parsed) {
  trimmer(parsed).run();
  return parsed;
}

}  // namespace ovrseer::pattern_detail
