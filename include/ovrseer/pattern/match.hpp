// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a pattern found: where it lies, and what its groups took.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/slot_buffer.hpp>
#include <ovrseer/pattern/detail/unit.hpp>
#include <ovrseer/pattern/fixed_string.hpp>

namespace ovrseer {

namespace pattern_detail {

template <class Number>
std::optional<Number> number_in(std::optional<std::string_view> text) noexcept {
  static_assert(std::is_arithmetic_v<Number> && !std::is_same_v<Number, bool>, "a capture is text or a number");
  if (!text) return std::nullopt;
  if (text->starts_with('+') && !text->starts_with("+-")) text->remove_prefix(1);
  Number value{};
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

}  // namespace pattern_detail

/// A part of a subject, in bytes: from `begin` up to but not including `end`.
struct match_span {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend constexpr bool operator==(match_span, match_span) noexcept = default;
};

/// One match. Borrows the subject, and for the names of groups the pattern: both must outlive it.
///
/// A group that took part in no way, or that does not exist, is `std::nullopt`; one that matched the
/// empty text is an empty view. In a loop a group tells of the last iteration only, as in JavaScript.
template <class Slots>
class basic_match {
 public:
  /// Made by a pattern, which then fills in the places; `slots` is what those are made of.
  template <class... From>
  constexpr basic_match(const pattern_detail::program& compiled, std::string_view subject, From... slots)
      : subject_(subject),
        pattern_(compiled.text),
        names_(compiled.names),
        name_count_(compiled.name_count),
        slots_{slots...} {}

  /// Where the match begins and ends in the subject, in bytes.
  constexpr std::size_t begin() const noexcept { return slots_[0]; }
  constexpr std::size_t end() const noexcept { return slots_[1]; }
  constexpr std::string_view text() const noexcept { return subject_.substr(begin(), end() - begin()); }
  constexpr std::string_view subject() const noexcept { return subject_; }

  /// The number of groups, the whole match (group 0) included.
  constexpr std::size_t size() const noexcept { return slots_.size() / 2; }

  constexpr std::optional<match_span> span(std::size_t group) const noexcept {
    if (group >= size() || slots_[group * 2] == pattern_detail::no_place) return std::nullopt;
    return match_span{slots_[group * 2], slots_[group * 2 + 1]};
  }
  constexpr std::optional<std::string_view> group(std::size_t number) const noexcept {
    const std::optional<match_span> found = span(number);
    if (!found) return std::nullopt;
    return subject_.substr(found->begin, found->end - found->begin);
  }
  /// The same by name.
  constexpr std::optional<std::string_view> group(std::string_view name) const noexcept {
    for (std::uint32_t i = 0; i != name_count_; ++i) {
      if (pattern_.substr(names_[i].begin, names_[i].size) == name) return group(std::size_t{names_[i].group});
    }
    return std::nullopt;
  }

  /// What a group took as a number: the whole of it, decimal, with a sign or none. Nothing where it took no part, or is no
  /// such number, or does not fit.
  template <class Number>
  std::optional<Number> group_as(std::size_t number) const noexcept {
    return pattern_detail::number_in<Number>(group(number));
  }
  template <class Number>
  std::optional<Number> group_as(std::string_view name) const noexcept {
    return pattern_detail::number_in<Number>(group(name));
  }

 private:
  friend class pattern_view;
  template <fixed_string, pattern_flags>
  friend class pattern;

  // For who fills them in.
  constexpr pattern_detail::found_places places() noexcept { return {slots_.data(), slots_.size()}; }

  std::string_view subject_;
  std::string_view pattern_;
  const pattern_detail::group_name* names_;
  std::uint32_t name_count_;
  Slots slots_;
};

/// A match of a pattern that is known only while the program runs.
using match = basic_match<pattern_detail::slot_buffer>;

/// A match of a pattern that the compiler knows: `get` checks the group while compiling.
template <class Pattern>
class match_of : public basic_match<std::array<std::size_t, Pattern::capture_count() * 2>> {
 public:
  using basic_match<std::array<std::size_t, Pattern::capture_count() * 2>>::basic_match;

  template <std::size_t Group>
  constexpr std::optional<std::string_view> get() const noexcept {
    static_assert(Group < Pattern::capture_count(), "this pattern has no group of this number");
    return this->group(Group);
  }
  template <fixed_string Name>
  constexpr std::optional<std::string_view> get() const noexcept {
    constexpr std::size_t group = Pattern::group_number(Name.view());
    static_assert(group != 0, "this pattern has no group of this name");
    return this->group(group);
  }

  /// The same as a number; see `group_as`.
  ///
  ///     if (auto found = slow.find(line); found && found->get<"ms", int>() > 500) warn(line);
  template <std::size_t Group, class Number>
  std::optional<Number> get() const noexcept {
    return pattern_detail::number_in<Number>(get<Group>());
  }
  template <fixed_string Name, class Number>
  std::optional<Number> get() const noexcept {
    return pattern_detail::number_in<Number>(get<Name>());
  }
};

/// All matches in a subject from left to right, none overlapping another, found one by one as the loop
/// asks: `for (auto m : p.find_all(text))`. After an empty match the search goes on one unit later.
///
/// Borrows the subject. Each step is linear in what remains of the subject.
template <class Pattern>
class match_range {
 public:
  using value_type = typename Pattern::match_type;

  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::input_iterator_tag;
    using value_type = typename Pattern::match_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    constexpr explicit iterator(const match_range& range)
        : range_(&range), found_(range.pattern_.find(range.subject_, range.from_)) {}

    constexpr reference operator*() const { return *found_; }
    constexpr pointer operator->() const { return &*found_; }
    constexpr iterator& operator++() {
      std::size_t from = found_->end();
      if (found_->begin() == from) {
        const std::size_t size = pattern_detail::decode(range_->subject_, from).size;
        from += size == 0 ? 1 : size;
      }
      found_ = range_->pattern_.find(range_->subject_, from);
      return *this;
    }
    constexpr void operator++(int) { ++*this; }
    friend constexpr bool operator==(const iterator& it, std::default_sentinel_t) noexcept { return !it.found_; }

   private:
    const match_range* range_;
    std::optional<value_type> found_;
  };

  constexpr match_range(Pattern pattern, std::string_view subject, std::size_t from)
      : pattern_(std::move(pattern)), subject_(subject), from_(from) {}

  constexpr iterator begin() const { return iterator(*this); }
  constexpr std::default_sentinel_t end() const noexcept { return {}; }

 private:
  Pattern pattern_;
  std::string_view subject_;
  std::size_t from_;
};

}  // namespace ovrseer
