// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Regular expressions as JavaScript writes them, in linear time: read by the compiler, or at run time
// with the same syntax and the same answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/compiled.hpp>
#include <ovrseer/pattern/detail/engine.hpp>
#include <ovrseer/pattern/fixed_string.hpp>
#include <ovrseer/pattern/match.hpp>
#include <ovrseer/pattern/pattern_error.hpp>
#include <ovrseer/pattern/pattern_flags.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

struct pattern_explanation;

/// A pattern that somebody else owns, of either kind: cheap to copy, never empty.
///
/// The owner of a run-time pattern must outlive the view; one that the compiler read lives forever.
/// Searching is const and may be done by any number of threads at the same time.
class pattern_view {
 public:
  using match_type = match;

  /// Whether the pattern matches anywhere in `subject`. Linear in it.
  bool matches(std::string_view subject) const { return pattern_detail::has_match(*program_, *slots_, subject, 0); }

  /// The leftmost match that begins at byte `from` or later; what stands before `from` still counts for
  /// `^`, `$` and `\b`. `from` should not lie inside a code point; past the end nothing is found.
  std::optional<match> find(std::string_view subject, std::size_t from = 0) const {
    std::optional<match> found(std::in_place, *program_, subject, capture_count() * 2);
    if (!slots_->find(*program_, subject, from, found->places())) found.reset();
    return found;
  }

  /// All matches, found as the loop goes.
  match_range<pattern_view> find_all(std::string_view subject, std::size_t from = 0) const {
    return {*this, subject, from};
  }

  /// The number of groups, the whole match included.
  constexpr std::size_t capture_count() const noexcept { return program_->group_count; }
  /// The name of a group; empty when it has none.
  constexpr std::string_view group_name(std::size_t group) const noexcept {
    for (std::uint32_t i = 0; i != program_->name_count; ++i) {
      const pattern_detail::group_name& name = program_->names[i];
      if (name.group == group) return program_->text.substr(name.begin, name.size);
    }
    return {};
  }
  /// The names of all groups that have one, in order.
  std::vector<std::string_view> group_names() const {
    std::vector<std::string_view> names;
    for (std::uint32_t i = 0; i != program_->name_count; ++i) names.push_back(group_name(program_->names[i].group));
    return names;
  }
  constexpr std::string_view text() const noexcept { return program_->text; }
  constexpr pattern_flags flags() const noexcept { return program_->flags; }
  /// What a search for it costs, and why; include <ovrseer/pattern/explain.hpp>.
  pattern_explanation explain() const;

  /// Whether both were written the same.
  friend constexpr bool operator==(pattern_view a, pattern_view b) noexcept {
    return a.text() == b.text() && a.flags() == b.flags();
  }

 private:
  template <fixed_string, pattern_flags>
  friend class pattern;
  friend struct pattern_access;

  constexpr pattern_view(const pattern_detail::program& compiled, const pattern_detail::search_slots& slots) noexcept
      : program_(&compiled), slots_(&slots) {}

  const pattern_detail::program* program_;
  const pattern_detail::search_slots* slots_;
};

/// "/error|fatal/i", as JavaScript writes it.
inline std::string to_text(pattern_view pattern) {
  return "/" + std::string(pattern.text()) + "/" + to_text(pattern.flags());
}

/// A regular expression that the compiler reads. An empty value; its tables lie in the data section, and
/// all of it works in constant expressions.
///
///     constexpr pattern<"query took (?<time>\\d+)ms"> slow;
///     if (auto found = slow.find(line)) use(found->get<"time">());
///
/// Syntax, as in JavaScript: literals, `.`, `[a-z]`, `[^a]`, `\d \w \s` and their capitals, `\b \B ^ $`,
/// `( )`, `(?: )`, `(?<name> )`, `|`, `* + ? {m} {m,} {m,n}` greedy and lazy, `\t \n \r \f \v \0 \xHH \uHHHH
/// \u{H} \cX`, and any punctuation escaped; flags i, m, s. The leftmost match wins, among those the first
/// alternative; an iteration of a loop forgets the groups inside, and one that is not required never
/// matches the empty text. Other letters escaped are errors; so are, by name, look-around,
/// back-references, `\p`, inline flags and other engines' groups.
///
/// Text is UTF-8. `.` and negated classes take one code point; a byte that belongs to no valid sequence
/// counts as one unit, which only they take. `.` takes neither \n, \r, U+2028 nor U+2029, which also end
/// lines for the flag m. `\d \w \s \b` and the flag i know ASCII only. `$` without m holds at the very end.
///
/// Cost: linear in the text, whatever the pattern and the text; `matches` is one table look-up a byte. The compiler makes
/// the table where it is small (some 200 states); a larger one is made on first use, or grows with the texts.
///
/// Limits: repeat counts up to 1,000, 255 groups, 10,000 steps with repeats written out, a text of 4,096 bytes (run time: no
/// limit of its own).
///
/// A text that is no pattern stops the build: the message has the reason, and `invalid_pattern_at<...>`
/// in the trace has the offset. One whose program would pass the limits of compilers is checked all the
/// same, and its program made on first use; no pattern fails to compile for its size.
template <fixed_string Text = fixed_string<0>{}, pattern_flags Flags = pattern_flags::none>
class pattern {
  using parts = pattern_detail::static_pattern<Text, Flags>;
  static_assert(parts::check(), "invalid pattern: see the reason above");

 public:
  using match_type = match_of<pattern>;

  constexpr pattern() noexcept {}

  constexpr bool matches(std::string_view subject) const {
    if constexpr (parts::has_table) {
      return std::is_constant_evaluated() ? table().matches(subject, 0)
                                          : pattern_detail::matches_by_table(table(), subject, 0);
    } else {
      return with_program(
          [&](const auto& compiled) { return pattern_detail::has_match(compiled, parts::slots, subject, 0); });
    }
  }
  constexpr std::optional<match_type> find(std::string_view subject, std::size_t from = 0) const {
    return with_program([&](const pattern_detail::program& compiled) {
      if (std::is_constant_evaluated()) return find_while_compiling(compiled, subject, from);
      return find_now(compiled, subject, from);
    });
  }
  constexpr match_range<pattern> find_all(std::string_view subject, std::size_t from = 0) const {
    return {*this, subject, from};
  }

  static constexpr std::size_t capture_count() noexcept { return parts::sizes.groups; }
  static constexpr std::string_view text() noexcept { return Text.view(); }
  static constexpr pattern_flags flags() noexcept { return Flags; }
  /// The number of the group of this name, or zero.
  static constexpr std::size_t group_number(std::string_view name) {
    const pattern_detail::tree parsed = pattern_detail::parse(Text.view(), Flags);
    for (const pattern_detail::group_name& known : parsed.names) {
      if (Text.view().substr(known.begin, known.size) == name) return known.group;
    }
    return 0;
  }
  std::vector<std::string_view> group_names() const { return pattern_view(*this).group_names(); }
  constexpr std::string_view group_name(std::size_t group) const { return pattern_view(*this).group_name(group); }
  /// What a search for it costs, and why; include <ovrseer/pattern/explain.hpp>.
  pattern_explanation explain() const;

  /// Not constexpr for a pattern whose program is made on first use.
  constexpr operator pattern_view() const {
    if constexpr (parts::is_static) {
      return pattern_view(pattern_detail::static_program<Text, Flags>::value, parts::slots);
    } else {
      return pattern_view(pattern_detail::lazy_program<Text, Flags>(), parts::slots);
    }
  }

 private:
  template <class Use>
  static constexpr auto with_program(Use use) {
    if constexpr (parts::is_static) {
      return use(pattern_detail::static_program<Text, Flags>::value);
    } else {
      if (!std::is_constant_evaluated()) return use(pattern_detail::lazy_program<Text, Flags>());
      const pattern_detail::dynamic_program made(pattern_detail::parse(Text.view(), Flags), Text.view(), Flags);
      return use(made.get());
    }
  }
  static constexpr std::optional<match_type> find_while_compiling(const pattern_detail::program& compiled,
                                                                  std::string_view subject, std::size_t from) {
    match_type found(compiled, subject);
    if (!pattern_detail::find_by_machine(compiled, subject, from, found.places())) return std::nullopt;
    return found;
  }
  // Fills the places in where the result lies: what is copied right after it was written is waited for.
  static std::optional<match_type> find_now(const pattern_detail::program& compiled, std::string_view subject,
                                            std::size_t from) {
    std::optional<match_type> found(std::in_place, compiled, subject);
    if (!find_into(compiled, subject, from, found->places())) found.reset();
    return found;
  }
  static bool find_into(const pattern_detail::program& compiled, std::string_view subject, std::size_t from,
                        pattern_detail::found_places into) {
    if constexpr (parts::has_table) {
      if (from > subject.size()) return false;
      const bool is_short = subject.size() - from <= pattern_detail::search_slots::short_text;
      if (!is_short && !pattern_detail::matches_by_table(table(), subject, from)) return false;
      return parts::slots.find_likely(compiled, subject, from, into);
    } else {
      return parts::slots.find(compiled, subject, from, into);
    }
  }
  static constexpr const pattern_detail::whole_view& table() noexcept {
    return pattern_detail::static_table<Text, Flags>::view;
  }
};

/// A pattern that owns what it needs, made from a text at run time or from one that the compiler read.
/// Copies share one immutable program. Same syntax, same answers, same linear time as the other kind.
///
///     auto made = pattern<>::compile("error|fatal", icase);
///     if (!made) report(made.reason().message());  // the reason, the pattern, a caret under the place
///     else watch(*made);
template <>
class pattern<fixed_string<0>{}, pattern_flags::none> {
 public:
  using match_type = match;

  /// Errors: every `pattern_errc` but those of flags and `text_too_long_for_the_compiler`.
  static result<pattern, pattern_error> compile(std::string_view text, pattern_flags flags = {}) {
    pattern_detail::tree parsed = pattern_detail::parse(text, flags);
    if (!parsed.is_valid) return failure(pattern_error{parsed.code, parsed.offset, std::string(text)});
    auto made = std::make_shared<const pattern_detail::shared_program>(text, std::move(parsed), flags);
    const pattern_view view(made->compiled.get(), made->slots);
    return pattern(view, std::move(made));
  }

  /// Reads a pattern as configurations have it: `/text/flags`, or the plain text. It is of the first form
  /// when it begins with '/' and the next '/' that is not escaped and not in a class is followed by
  /// nothing but flag letters; so `/var/log` is plain. Offsets of errors count in the whole of `text`.
  static result<pattern, pattern_error> parse(std::string_view text);

  /// From a pattern that the compiler read; costs nothing.
  template <fixed_string Text, pattern_flags Flags>
  pattern(const pattern<Text, Flags>& other) : view_(other) {}

  bool matches(std::string_view subject) const { return view_.matches(subject); }
  std::optional<match> find(std::string_view subject, std::size_t from = 0) const { return view_.find(subject, from); }
  /// All matches, found as the loop goes. The range keeps the pattern alive.
  match_range<pattern> find_all(std::string_view subject, std::size_t from = 0) const { return {*this, subject, from}; }
  std::size_t capture_count() const noexcept { return view_.capture_count(); }
  std::string_view group_name(std::size_t group) const noexcept { return view_.group_name(group); }
  std::vector<std::string_view> group_names() const { return view_.group_names(); }
  std::string_view text() const noexcept { return view_.text(); }
  pattern_flags flags() const noexcept { return view_.flags(); }
  /// What a search for it costs, and why; include <ovrseer/pattern/explain.hpp>.
  pattern_explanation explain() const;

  operator pattern_view() const noexcept { return view_; }
  friend bool operator==(const pattern& a, const pattern& b) noexcept { return a.view_ == b.view_; }

 private:
  pattern(pattern_view view, std::shared_ptr<const pattern_detail::shared_program> owner)
      : view_(view), owner_(std::move(owner)) {}

  pattern_view view_;
  std::shared_ptr<const pattern_detail::shared_program> owner_;
};

/// For the parts of the library, and its tests, that look behind a view.
struct pattern_access {
  static constexpr const pattern_detail::program& program(pattern_view view) noexcept { return *view.program_; }
  /// The table, made now if there is none; null when it would be too large.
  static const pattern_detail::whole_view* table(pattern_view view) { return view.slots_->table(*view.program_); }
  /// From now on spans are found by plan, as if much text had been searched.
  static void make_plan(pattern_view view) { view.slots_->make_plan(*view.program_); }
};

namespace pattern_detail {

/// Where the body of `/text/flags` ends, or npos when `text` is not of that form.
constexpr std::size_t closing_slash(std::string_view text) noexcept {
  if (text.size() < 2 || text.front() != '/') return std::string_view::npos;
  bool in_class = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '[') {
      in_class = true;
    } else if (text[i] == ']') {
      in_class = false;
    } else if (text[i] == '/' && !in_class) {
      const bool is_last = text.substr(i + 1).find_first_not_of("dgimsuvy") == std::string_view::npos;
      return is_last ? i : std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

}  // namespace pattern_detail

inline auto pattern<>::parse(std::string_view text) -> result<pattern, pattern_error> {
  const std::size_t close = pattern_detail::closing_slash(text);
  if (close == std::string_view::npos) return compile(text);
  const auto in_whole = [&](const pattern_error& why, std::size_t shift) {
    return failure(pattern_error{why.code, why.offset + shift, std::string(text)});
  };
  const auto flags = parse_pattern_flags(text.substr(close + 1));
  if (!flags) return in_whole(flags.reason(), close + 1);
  auto made = compile(text.substr(1, close - 1), *flags);
  if (!made) return in_whole(made.reason(), 1);
  return made;
}

}  // namespace ovrseer
