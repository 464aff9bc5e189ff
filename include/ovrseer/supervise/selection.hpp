// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Units chosen by what they are instead of one by one: an expression over names, groups, tags, roles and states. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/parsed.hpp>
#include <ovrseer/supervise/group_tree.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

namespace supervise_detail {
class selection_reader;
}

/// Says which units are meant. Made from a text or from parts:
///
///     selection::parse("tag:web and not group:db")
///     selection::tag("web") && !selection::group("db")
///
/// In names, namespaces, groups and tags `*` stands for any characters, also none.
class selection {
 public:
  /// Reads an expression of these, with `not`, `and`, `or` (binding in this order) and parentheses:
  ///
  ///     api  api-*  shop/api   a name, in any namespace or in one; also name:api
  ///     namespace:shop
  ///     group:web              in the group or in one within it
  ///     tag:slow  tag:"a b"    what has blanks or parentheses in it stands in quotes, " or '
  ///     role:main              dependency, main or cleanup
  ///     state:failed           as events are named; only a running supervisor has states
  ///     *                      all
  ///
  /// It has at most 64 KiB, nested as deep as need be. Whether there is such a unit is not looked at.
  ///
  /// Errors: what should stand at which offset, and a cure.
  static parsed<selection> parse(std::string_view text);

  static selection all() { return name("*"); }
  /// "api", or "shop/api" for one namespace; without one, of any.
  static selection name(std::string pattern) { return {kind::name, std::move(pattern)}; }
  static selection name_space(std::string pattern) { return {kind::name_space, std::move(pattern)}; }
  static selection group(std::string pattern) { return {kind::group, std::move(pattern)}; }
  static selection tag(std::string pattern) { return {kind::tag, std::move(pattern)}; }
  static selection role(ovrseer::role which) { return {kind::role, std::string(to_text(which))}; }
  static selection state(unit_state which) { return {kind::state, std::string(to_text(which))}; }

  friend selection operator&&(selection a, const selection& b) { return std::move(a.join(b, kind::both)); }
  friend selection operator||(selection a, const selection& b) { return std::move(a.join(b, kind::either)); }
  friend selection operator!(selection a) { return std::move(a.join({}, kind::negation)); }

  /// Whether a unit in a state is meant. `groups` knows which group is in which.
  bool matches(const unit_spec& unit, unit_state state, const group_tree& groups) const;

  /// Whether it asks for states, which what has not been started has none of.
  bool asks_for_states() const;

  /// An expression that `parse` reads as the same.
  friend std::string to_text(const selection& which) { return which.text(); }

 private:
  friend class supervise_detail::selection_reader;

  enum class kind : std::uint8_t { name, name_space, group, tag, role, state, negation, both, either };
  struct step {
    kind what;
    std::string text = {};  // of what is compared
  };

  selection() = default;
  selection(kind what, std::string text) : steps_{{what, std::move(text)}} {}
  selection& join(const selection& other, kind how);

  static bool holds(const step& asked, const unit_spec& unit, unit_state state, const group_tree& groups);
  std::string text() const;

  std::vector<step> steps_;  // operands before their operator, so that nothing recurses over what users write
};

namespace supervise_detail {

/// Whether `text` is `pattern`, where `*` stands for any characters. Costs the product of the lengths at most.
OVRSEER_DECL bool is_like(std::string_view text, std::string_view pattern) noexcept;

/// Reads an expression from left to right and keeps the first error.
class selection_reader {
 public:
  explicit selection_reader(std::string_view text) : text_(text) {}

  parsed<selection> read();

 private:
  using kind = selection::kind;

  // What waits for its right operand, or for its end.
  struct pending {
    enum class sort : std::uint8_t { either, both, negation, parenthesis } what;
    std::size_t offset;
  };

  bool refuse(std::size_t offset, std::string expected, std::string cure);
  void skip_blanks();
  bool is_at_end();

  bool read_operand();
  bool read_operator();
  /// A word with the quotes taken off it; whether it had some.
  bool take_word(std::string& word, bool& is_quoted);
  bool read_term(std::size_t began, const std::string& word, bool is_quoted);
  bool accept(std::size_t offset, kind what, std::string value, bool is_quoted);
  void apply_down_to(pending::sort least);

  std::string_view text_;
  std::size_t at_ = 0;
  selection made_;
  std::vector<pending> pending_;
  bool wants_operand_ = true;
  value_error error_;
};

}  // namespace supervise_detail

inline parsed<selection> selection::parse(std::string_view text) {
  return supervise_detail::selection_reader(text).read();
}

/// The units that are meant, in their order, before anything has been started. Errors: those of `group_tree`.
OVRSEER_DECL std::vector<unit_id> select(const selection& which, const std::vector<unit_spec>& units,
                                         const std::vector<group_spec>& groups = {});

/// The units of `ids` and all that they depend on, directly or not, in their order: what can run without the rest.
/// Cleanup units are there only where they are named.
///
/// Errors: those of `dependency_graph`.
OVRSEER_DECL std::vector<unit_spec> with_dependencies(const std::vector<unit_id>& ids,
                                                      const std::vector<unit_spec>& units);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/selection.ipp>
#endif
