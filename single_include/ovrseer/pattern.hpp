// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The patterns of ovrseer, which need the standard library alone, in one file: made by tools/single_header.py
// from include/ovrseer/. Do not edit; do not merge by hand: make it again.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// ---- ovrseer/pattern/detail/growable.hpp

// A growing array of plain values that costs the compiler few steps: std::vector takes five times as
// many during constant evaluation, and the steps are limited.


namespace ovrseer::pattern_detail {

/// An array that grows. `Value` is trivially copyable; what `resize` adds is not initialised.
template <class Value>
class growable {
 public:
  constexpr growable() noexcept = default;
  constexpr explicit growable(std::size_t size) { resize(size); }
  constexpr growable(std::size_t size, const Value& value) {
    resize(size);
    for (Value *at = data_, *const end = data_ + size; at != end; ++at) *at = value;
  }
  // Without std::exchange and std::swap, each of which is six calls for the compiler.
  constexpr growable(growable&& other) noexcept : data_(other.data_), size_(other.size_), capacity_(other.capacity_) {
    other.data_ = nullptr;
    other.size_ = other.capacity_ = 0;
  }
  constexpr growable& operator=(growable&& other) noexcept {
    Value* const data = other.data_;
    const std::size_t size = other.size_;
    const std::size_t capacity = other.capacity_;
    other.data_ = data_;
    other.size_ = size_;
    other.capacity_ = capacity_;
    data_ = data;
    size_ = size;
    capacity_ = capacity;
    return *this;
  }
  constexpr ~growable() { delete[] data_; }

  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr Value* data() noexcept { return data_; }
  constexpr const Value* data() const noexcept { return data_; }
  constexpr Value& operator[](std::size_t i) noexcept { return data_[i]; }
  constexpr const Value& operator[](std::size_t i) const noexcept { return data_[i]; }
  constexpr Value* begin() noexcept { return data_; }
  constexpr Value* end() noexcept { return data_ + size_; }
  constexpr const Value* begin() const noexcept { return data_; }
  constexpr const Value* end() const noexcept { return data_ + size_; }
  constexpr Value& back() noexcept { return data_[size_ - 1]; }
  constexpr const Value& back() const noexcept { return data_[size_ - 1]; }

  constexpr void push_back(const Value& value) {
    if (size_ == capacity_) {
      const Value copy = value;  // it may live in the array that is about to move
      reserve(capacity_ == 0 ? 16 : capacity_ * 2);
      data_[size_++] = copy;
      return;
    }
    data_[size_++] = value;
  }
  constexpr void pop_back() noexcept { --size_; }
  constexpr void clear() noexcept { size_ = 0; }
  constexpr void resize(std::size_t size) {
    if (size > capacity_) reserve(size > 2 * capacity_ ? size : 2 * capacity_);
    size_ = size;
  }
  constexpr void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    Value* moved = new Value[capacity];
    for (std::size_t i = 0; i != size_; ++i) moved[i] = data_[i];
    delete[] data_;
    data_ = moved;
    capacity_ = capacity;
  }

 private:
  Value* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/unit.hpp

// What a pattern matches one of: a code point of UTF-8 text, or a single byte that is none.


namespace ovrseer::pattern_detail {

/// A code point, or `invalid_unit` for a byte that belongs to no valid UTF-8 sequence.
using unit_value = std::uint32_t;

inline constexpr unit_value invalid_unit = 0x110000;
inline constexpr unit_value line_separator = 0x2028;
inline constexpr unit_value paragraph_separator = 0x2029;

struct unit {
  unit_value value = 0;
  std::size_t size = 0;  ///< in bytes; zero at the end of the text
};

constexpr unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

/// The unit that begins at `at`, whose byte is not ASCII. Overlong forms, surrogates and values past
/// 10FFFF are not valid: their bytes are units of their own.
constexpr unit decode_multibyte(std::string_view text, std::size_t at) noexcept {
  const unsigned lead = byte_at(text, at);
  const std::size_t length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  if (length == 1 || text.size() - at < length) return {invalid_unit, 1};
  unit_value value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i != length; ++i) {
    const unsigned byte = byte_at(text, at + i);
    if ((byte & 0xC0U) != 0x80U) return {invalid_unit, 1};
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  const bool is_overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (is_surrogate || is_overlong || value > 0x10FFFF) return {invalid_unit, 1};
  return {value, length};
}

/// The unit that begins at `at`; of size zero at the end.
constexpr unit decode(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return {};
  const unsigned byte = byte_at(text, at);
  if (byte < 0x80) return {byte, 1};
  return decode_multibyte(text, at);
}

/// The UTF-8 form of a code point.
struct encoded_unit {
  char bytes[4] = {};
  std::size_t size = 0;
};

constexpr encoded_unit encode(unit_value value) noexcept {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((value >> shift) & 0x3FU)); };
  if (value < 0x80) return {{static_cast<char>(value)}, 1};
  if (value < 0x800) return {{static_cast<char>(0xC0U | (value >> 6U)), tail(0)}, 2};
  if (value < 0x10000) return {{static_cast<char>(0xE0U | (value >> 12U)), tail(6), tail(0)}, 3};
  return {{static_cast<char>(0xF0U | (value >> 18U)), tail(12), tail(6), tail(0)}, 4};
}

constexpr bool is_word_unit(unit_value value) noexcept {
  return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') || (value >= '0' && value <= '9') ||
         value == '_';
}
constexpr bool is_letter_unit(unit_value value) noexcept {
  return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
}
constexpr bool is_digit_unit(unit_value value) noexcept { return value >= '0' && value <= '9'; }
constexpr bool is_line_terminator(unit_value value) noexcept {
  return value == '\n' || value == '\r' || value == line_separator || value == paragraph_separator;
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/unit_class.hpp

// Sets of units: what `[a-z]`, `\d` and `.` stand for. ASCII is a bitmap, the rest sorted ranges.



namespace ovrseer::pattern_detail {

/// From `first` to `last`, both included.
struct unit_range {
  unit_value first;
  unit_value last;
};

/// A finished class: the bitmap, and where its ranges lie in the pool of the program.
struct unit_class {
  std::uint64_t low[2];
  std::uint32_t ranges_begin;
  std::uint32_t ranges_end;
};

constexpr bool contains_ascii(const unit_class& set, unit_value value) noexcept {
  return ((set.low[value >> 6U] >> (value & 63U)) & 1U) != 0;
}

constexpr bool contains(const unit_class& set, const unit_range* pool, unit_value value) noexcept {
  if (value < 0x80) return contains_ascii(set, value);
  std::size_t low = set.ranges_begin;
  std::size_t high = set.ranges_end;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (value > pool[middle].last) {
      low = middle + 1;
    } else if (value < pool[middle].first) {
      high = middle;
    } else {
      return true;
    }
  }
  return false;
}

/// The bits from `first` to `last`, both included.
constexpr std::uint64_t bits_between(unit_value first, unit_value last) noexcept {
  return (~std::uint64_t{0} << first) & (~std::uint64_t{0} >> (63U - last));
}

/// A class in the making.
class class_builder {
 public:
  constexpr void add(unit_value value) { add(value, value); }

  constexpr void add(unit_value first, unit_value last) {
    if (first < 0x80) {
      const unit_value end = last < 0x80 ? last : 0x7F;
      if (first < 64) low_[0] |= bits_between(first, end < 64 ? end : 63);
      if (end >= 64) low_[1] |= bits_between(first < 64 ? 0 : first - 64, end - 64);
    }
    if (last >= 0x80) ranges_.push_back({first < 0x80 ? 0x80 : first, last});
  }

  /// Adds every ASCII letter in its other case.
  constexpr void fold_case() noexcept {
    constexpr std::uint64_t upper = bits_between('A' - 64, 'Z' - 64);
    constexpr std::uint64_t lower = bits_between('a' - 64, 'z' - 64);
    low_[1] |= ((low_[1] & upper) << 32U) | ((low_[1] & lower) >> 32U);
  }

  /// Turns the set into all other units, the invalid one included.
  constexpr void negate() {
    normalise();
    low_[0] = ~low_[0];
    low_[1] = ~low_[1];
    growable<unit_range> rest;
    unit_value next = 0x80;
    for (const unit_range& range : ranges_) {
      if (range.first > next) rest.push_back({next, range.first - 1});
      next = range.last + 1;
    }
    if (next <= invalid_unit) rest.push_back({next, invalid_unit});
    ranges_ = std::move(rest);
  }

  /// Adds the class that `\d`, `\w`, `\s` or, in capitals, its complement stands for.
  constexpr void add_shorthand(char letter) {
    class_builder set;
    switch (letter | 0x20) {
      case 'd': set.add('0', '9'); break;
      case 'w':
        set.add('0', '9');
        set.add('A', 'Z');
        set.add('a', 'z');
        set.add('_');
        break;
      default:
        set.add('\t', '\r');
        set.add(' ');
        break;
    }
    if (letter < 'a') set.negate();
    low_[0] |= set.low_[0];
    low_[1] |= set.low_[1];
    for (const unit_range& range : set.ranges_) ranges_.push_back(range);
  }

  /// What `.` stands for without the flag s.
  constexpr void add_dot() {
    add('\n');
    add('\r');
    add(line_separator, paragraph_separator);
    negate();
  }

  constexpr unit_class finish(growable<unit_range>& pool) {
    normalise();
    const auto begin = static_cast<std::uint32_t>(pool.size());
    for (const unit_range& range : ranges_) pool.push_back(range);
    return {{low_[0], low_[1]}, begin, static_cast<std::uint32_t>(pool.size())};
  }

 private:
  constexpr void normalise() {
    sort();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      const unit_range range = ranges_[i];
      if (kept > 0 && range.first <= ranges_[kept - 1].last + 1) {
        if (range.last > ranges_[kept - 1].last) ranges_[kept - 1].last = range.last;
      } else {
        ranges_[kept++] = range;
      }
    }
    ranges_.resize(kept);
  }

  // Merges ever longer runs. Ranges mostly come in order, and then it is done after one look.
  constexpr void sort() {
    std::size_t sorted = 1;
    while (sorted < ranges_.size() && ranges_[sorted - 1].first <= ranges_[sorted].first) ++sorted;
    if (sorted >= ranges_.size()) return;
    growable<unit_range> merged(ranges_.size());
    for (std::size_t run = 1; run < ranges_.size(); run *= 2) {
      for (std::size_t begin = 0; begin < ranges_.size(); begin += 2 * run) {
        const std::size_t middle = begin + run < ranges_.size() ? begin + run : ranges_.size();
        const std::size_t end = middle + run < ranges_.size() ? middle + run : ranges_.size();
        std::size_t left = begin;
        std::size_t right = middle;
        for (std::size_t at = begin; at != end; ++at) {
          const bool takes_left = left != middle && (right == end || ranges_[left].first <= ranges_[right].first);
          merged[at] = ranges_[takes_left ? left++ : right++];
        }
      }
      std::swap(ranges_, merged);
    }
  }

  std::uint64_t low_[2] = {0, 0};
  growable<unit_range> ranges_;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/utf8.hpp

// Well-formed UTF-8: what it is, how it is made of what is not, and where it may be cut.


namespace ovrseer {

/// A byte of a character that is not its first.
constexpr bool is_continuation_byte(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the well-formed UTF-8 character that `text` begins with; 0 where it begins with none: a stray continuation, an
/// over-long form, a surrogate, a code point beyond U+10FFFF, a cut, or nothing at all. The ranges are those of the Unicode
/// standard, table 3-7.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto is_between = [text](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && static_cast<unsigned char>(text[i]) >= low && static_cast<unsigned char>(text[i]) <= high;
  };
  if (text.empty()) return 0;
  const unsigned lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return is_between(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return is_between(1, low, high) && is_between(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return is_between(1, low, high) && is_between(2, 0x80, 0xBF) && is_between(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

/// The offset of the first byte that is not part of well-formed UTF-8, if there is one.
constexpr std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}
constexpr bool is_valid_utf8(std::string_view text) noexcept { return !find_invalid_utf8(text); }

/// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
inline std::string valid_utf8(std::string_view text) {
  std::string cleaned;
  cleaned.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    cleaned.append(length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return cleaned;
}

/// As many whole characters from the begin of well-formed `text` as `bytes` hold.
constexpr std::string_view first_bytes(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes != 0 && is_continuation_byte(text[bytes])) --bytes;
  return text.substr(0, bytes);
}
/// As many whole characters from its end.
constexpr std::string_view last_bytes(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  std::size_t begin = text.size() - bytes;
  while (begin != text.size() && is_continuation_byte(text[begin])) ++begin;
  return text.substr(begin);
}

/// The number of characters of well-formed `text`.
constexpr std::size_t count_characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += is_continuation_byte(c) ? 0U : 1U;
  return count;
}
/// At most so many characters from the begin of well-formed `text`.
constexpr std::string_view first_characters(std::string_view text, std::size_t most) noexcept {
  std::size_t end = 0;
  for (; end != text.size(); ++end) {
    if (!is_continuation_byte(text[end]) && most-- == 0) break;
  }
  return text.substr(0, end);
}
/// At most so many characters from its end.
constexpr std::string_view last_characters(std::string_view text, std::size_t most) noexcept {
  std::size_t begin = text.size();
  while (begin != 0 && most != 0) {
    if (!is_continuation_byte(text[--begin])) --most;
  }
  return text.substr(begin);
}

}  // namespace ovrseer

// ---- ovrseer/pattern/pattern_error.hpp

// Why a text is not a pattern, and where: the same closed list at compile time and at run time.



namespace ovrseer {

/// Every reason to refuse a pattern. The names are what a compiler prints.
enum class pattern_errc : unsigned char {
  // what is not finished, or has no partner
  unclosed_group = 1,
  unopened_group,
  unclosed_class,
  trailing_backslash,
  // quantifiers
  nothing_to_repeat,
  repeat_out_of_order,
  repeat_too_large,
  possessive_quantifier_is_not_supported,
  // classes and escapes
  range_out_of_order,
  unknown_escape,
  bad_hex_escape,
  bad_unicode_escape,
  bad_control_escape,
  octal_escape_is_not_supported,
  lone_surrogate,
  invalid_utf8,
  unicode_property_is_not_supported,
  // groups
  bad_group_name,
  duplicate_group_name,
  unknown_group_kind,
  lookahead_is_not_supported,
  lookbehind_is_not_supported,
  back_reference_is_not_supported,
  inline_flags_are_not_supported,
  atomic_group_is_not_supported,
  conditional_is_not_supported,
  comment_is_not_supported,
  // limits
  too_many_groups,
  pattern_too_large,
  text_too_long_for_the_compiler,
  // flags
  unknown_flag,
  duplicate_flag,
  sticky_flag_is_not_supported,
  unicode_sets_flag_is_not_supported,
  indices_flag_is_not_supported,
};

/// The reason in words, with the cure where there is one.
constexpr std::string_view to_text(pattern_errc code) noexcept {
  switch (code) {
    case pattern_errc::unclosed_group: return "this group is not closed: ')' is missing";
    case pattern_errc::unopened_group: return "')' without '(': write \\) for the character";
    case pattern_errc::unclosed_class: return "this class is not closed: ']' is missing";
    case pattern_errc::trailing_backslash: return "'\\' at the end: write \\\\ for the character";
    case pattern_errc::nothing_to_repeat: return "there is nothing to repeat before this quantifier";
    case pattern_errc::repeat_out_of_order: return "in {m,n} m is greater than n";
    case pattern_errc::repeat_too_large: return "a repeat count is at most 1000";
    case pattern_errc::possessive_quantifier_is_not_supported: return "possessive quantifiers are not supported";
    case pattern_errc::range_out_of_order: return "the range of this class ends before it begins";
    case pattern_errc::unknown_escape: return "unknown escape: only letters with a meaning may be escaped";
    case pattern_errc::bad_hex_escape: return "\\x needs two hexadecimal digits";
    case pattern_errc::bad_unicode_escape: return "\\u needs four hexadecimal digits, or {digits} up to 10FFFF";
    case pattern_errc::bad_control_escape: return "\\c needs a letter";
    case pattern_errc::octal_escape_is_not_supported: return "octal escapes are not supported: write \\xHH";
    case pattern_errc::lone_surrogate: return "a lone surrogate never occurs in UTF-8 text";
    case pattern_errc::invalid_utf8: return "the pattern is not valid UTF-8 here";
    case pattern_errc::unicode_property_is_not_supported: return "Unicode properties (\\p) are not supported";
    case pattern_errc::bad_group_name: return "a group name is a letter, '_' or '$', then those or digits, then '>'";
    case pattern_errc::duplicate_group_name: return "this group name is already taken";
    case pattern_errc::unknown_group_kind: return "unknown kind of group: ( ), (?: ) and (?<name> ) are known";
    case pattern_errc::lookahead_is_not_supported: return "look-ahead is not supported: it would not be linear";
    case pattern_errc::lookbehind_is_not_supported: return "look-behind is not supported: it would not be linear";
    case pattern_errc::back_reference_is_not_supported: return "back-references are not supported: they are not linear";
    case pattern_errc::inline_flags_are_not_supported:
      return "inline flags are not supported: give flags to the pattern";
    case pattern_errc::atomic_group_is_not_supported: return "atomic groups are not supported";
    case pattern_errc::conditional_is_not_supported: return "conditional groups are not supported";
    case pattern_errc::comment_is_not_supported: return "comments are not supported";
    case pattern_errc::too_many_groups: return "a pattern has at most 255 capture groups";
    case pattern_errc::pattern_too_large:
      return "the pattern is too large: its repeats expand to more than 10000 steps";
    case pattern_errc::text_too_long_for_the_compiler:
      return "the text is longer than 4096 bytes: compile it at run time";
    case pattern_errc::unknown_flag: return "unknown flag: i, m, s are known, g and u are accepted";
    case pattern_errc::duplicate_flag: return "this flag is given twice";
    case pattern_errc::sticky_flag_is_not_supported: return "the flag y (sticky) is not supported";
    case pattern_errc::unicode_sets_flag_is_not_supported: return "the flag v (unicode sets) is not supported";
    case pattern_errc::indices_flag_is_not_supported: return "the flag d is not supported: spans are always there";
  }
  return "unknown reason";
}

/// Why a text is not a pattern, where, and the text itself.
struct pattern_error {
  pattern_errc code{};
  std::size_t offset = 0;  ///< in bytes from the beginning of `text`
  std::string text;        ///< the pattern as it was given

  /// Three lines: the reason, the pattern (a part of it when long), a caret under the offset.
  std::string message() const {
    constexpr std::size_t before = 40;
    constexpr std::size_t shown = 72;
    std::size_t first = offset > before ? offset - before : 0;
    while (first > 0 && is_continuation_byte(text[first])) --first;
    std::string line = first > 0 ? "..." : "";
    std::size_t column = line.size();
    std::size_t i = first;
    for (; i < text.size() && i < first + shown; ++i) {
      const bool is_control = static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f;
      line.push_back(is_control ? '?' : text[i]);
      if (i < offset && !is_continuation_byte(text[i])) ++column;
    }
    for (; i < text.size() && is_continuation_byte(text[i]); ++i) line.push_back(text[i]);
    if (i < text.size()) line += "...";
    std::string out(to_text(code));
    out.append(" (at offset ").append(std::to_string(offset)).append(")\n  ").append(line);
    return out.append("\n  ").append(column, ' ').append("^");
  }
};

}  // namespace ovrseer

// ---- ovrseer/result.hpp

// A value or the reason why there is none, for callers that must expect both (C++20 has no std::expected).


namespace ovrseer {

/// Wraps a failure on its way into a `result`: `return failure(reason);`
template <class E>
struct failure {
  constexpr explicit failure(E why) : reason(std::move(why)) {}
  E reason;
};

/// Holds a `T`, or an `E` that says why not.
///
/// `value()` without a value and `reason()` with one are programming errors: they throw
/// `std::bad_variant_access`.
template <class T, class E>
class [[nodiscard]] result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class Other>
    requires std::is_convertible_v<Other, E>
  constexpr result(failure<Other> why) : state_(std::in_place_index<1>, std::move(why.reason)) {}

  constexpr bool has_value() const noexcept { return state_.index() == 0; }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  constexpr T& value() & { return std::get<0>(state_); }
  constexpr const T& value() const& { return std::get<0>(state_); }
  constexpr T&& value() && { return std::get<0>(std::move(state_)); }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T&& operator*() && { return std::move(*this).value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }

  constexpr const E& reason() const& { return std::get<1>(state_); }
  constexpr E&& reason() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, E> state_;
};

}  // namespace ovrseer

// ---- ovrseer/pattern/pattern_flags.hpp

// How a pattern is to be read: the flags that JavaScript writes as letters.



namespace ovrseer {

/// A set of flags, combined by `|`. Written `icase`, `multiline`, `dotall`.
enum class pattern_flags : unsigned char {
  none = 0,
  icase = 1,      ///< `i`: ASCII letters match in either case (others only as they are written)
  multiline = 2,  ///< `m`: `^` and `$` also match after and before a line terminator
  dotall = 4,     ///< `s`: `.` matches line terminators too
};

inline constexpr pattern_flags icase = pattern_flags::icase;
inline constexpr pattern_flags multiline = pattern_flags::multiline;
inline constexpr pattern_flags dotall = pattern_flags::dotall;

constexpr pattern_flags operator|(pattern_flags a, pattern_flags b) noexcept {
  return static_cast<pattern_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr pattern_flags operator&(pattern_flags a, pattern_flags b) noexcept {
  return static_cast<pattern_flags>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}
constexpr pattern_flags& operator|=(pattern_flags& a, pattern_flags b) noexcept { return a = a | b; }

/// Whether all flags of `wanted` are in `flags`.
constexpr bool has_flag(pattern_flags flags, pattern_flags wanted) noexcept { return (flags & wanted) == wanted; }

/// Reads the letters that JavaScript writes after a literal: `i`, `m`, `s`; `g` and `u` are accepted and
/// change nothing, since spans are found on request and text is always UTF-8.
///
/// Errors: unknown_flag, duplicate_flag, and `y`, `v`, `d` by name.
inline result<pattern_flags, pattern_error> parse_pattern_flags(std::string_view letters) {
  pattern_flags flags{};
  for (std::size_t i = 0; i != letters.size(); ++i) {
    const auto refuse = [&](pattern_errc code) { return failure(pattern_error{code, i, std::string(letters)}); };
    if (letters.substr(0, i).find(letters[i]) != std::string_view::npos) return refuse(pattern_errc::duplicate_flag);
    switch (letters[i]) {
      case 'i': flags |= icase; break;
      case 'm': flags |= multiline; break;
      case 's': flags |= dotall; break;
      case 'g':
      case 'u': break;
      case 'y': return refuse(pattern_errc::sticky_flag_is_not_supported);
      case 'v': return refuse(pattern_errc::unicode_sets_flag_is_not_supported);
      case 'd': return refuse(pattern_errc::indices_flag_is_not_supported);
      default: return refuse(pattern_errc::unknown_flag);
    }
  }
  return flags;
}

/// "im", "s", or nothing.
inline std::string to_text(pattern_flags flags) {
  std::string letters;
  if (has_flag(flags, icase)) letters.push_back('i');
  if (has_flag(flags, multiline)) letters.push_back('m');
  if (has_flag(flags, dotall)) letters.push_back('s');
  return letters;
}

}  // namespace ovrseer

// ---- ovrseer/pattern/detail/tree.hpp

// The syntax tree of a pattern: a flat array in which children come before their parents, so that
// everything computed from below is one loop and nothing recurses.



namespace ovrseer::pattern_detail {

inline constexpr std::uint32_t max_repeat = 1000;
inline constexpr std::uint32_t max_groups = 255;
inline constexpr std::uint32_t max_code = 10'000;

inline constexpr std::uint32_t no_node = 0xFFFFFFFF;
inline constexpr std::uint32_t unbounded = 0xFFFFFFFF;

/// Conditions on the place between two units. The values are bits, so that the places that hold can be
/// computed once and asked about by many instructions.
enum class assertion : std::uint8_t {
  text_begin = 1,
  text_end = 2,
  line_begin = 4,
  line_end = 8,
  word_boundary = 16,
  no_word_boundary = 32,
};

enum class node_kind : std::uint8_t {
  sequence,     // children one after the other; none: matches the empty text
  alternation,  // children, the first that leads to a match wins
  group,        // captures its child
  repeat,       // its child `min` to `max` times
  literal,      // one code point
  folded,       // one ASCII letter, given in lower case, in either case
  unit_set,     // one unit of a class
  place,        // an assertion
};

enum class greed : std::uint8_t { greedy, lazy };

struct node {
  node_kind kind = node_kind::sequence;
  greed order = greed::greedy;       // repeat
  bool is_nullable = true;           // whether it may match the empty text
  std::uint32_t child = no_node;     // the first one
  std::uint32_t sibling = no_node;   // the next child of the same parent
  std::uint32_t value = 0;           // literal and folded: code point; unit_set: class; place: assertion; group: number
  std::uint32_t min = 0;             // repeat
  std::uint32_t max = 0;             // repeat; or unbounded
  std::uint32_t captures_begin = 0;  // the groups inside: from this number
  std::uint32_t captures_end = 0;    // up to but not including this one
  std::uint32_t code_size = 0;       // instructions that it takes
};

/// A name, as a part of the pattern's text, and the number of its group.
struct group_name {
  std::uint32_t begin;
  std::uint32_t size;
  std::uint32_t group;
};

struct tree {
  growable<node> nodes;
  growable<unit_class> classes;
  growable<unit_range> ranges;
  growable<group_name> names;
  std::uint32_t root = no_node;
  std::uint32_t group_count = 0;   // without group 0, the whole match
  std::uint32_t assertions = 0;    // every assertion in the pattern
  bool has_checked_loops = false;  // whether a repeated part may match the empty text

  bool is_valid = true;
  pattern_errc code{};
  std::size_t offset = 0;
};

// The iterations of a repeat, as emitted. One that is not required must not match the empty text
// (JavaScript's rule, which also ends the loop), and every one forgets the groups inside.
constexpr std::uint32_t required_size(const node& body) noexcept {
  return body.code_size + (body.captures_end > body.captures_begin ? 1U : 0U);
}
constexpr std::uint32_t optional_size(const node& body) noexcept {
  return required_size(body) + (body.is_nullable ? 2U : 0U);
}

/// The instructions of a repeat: `x+` loops back over its last required copy where `x` takes a unit;
/// otherwise what follows the required copies is a loop or a chain of optional ones. What has no code
/// matches the empty text only, however often.
constexpr std::uint64_t repeat_size(const node& repeat, const node& body) noexcept {
  if (body.code_size == 0) return 0;
  const std::uint64_t required = std::uint64_t{repeat.min} * required_size(body);
  if (repeat.max != unbounded) return required + std::uint64_t{repeat.max - repeat.min} * (optional_size(body) + 1);
  if (repeat.min > 0 && !body.is_nullable) return required + 1;
  return required + optional_size(body) + 1;
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/program.hpp

// A pattern as instructions of a small machine that is many places at once. The form is the same
// whether the compiler made it or the program did; only the owner of the arrays differs.



namespace ovrseer::pattern_detail {

enum class opcode : std::uint8_t {
  literal,     // takes the unit `value`
  folded,      // takes the letter `value` (lower case) in either case
  unit_set,    // takes a unit of class `value`
  split,       // goes on at `next`, and with less right at `value`
  save,        // notes the place in slot `value`
  reset,       // forgets the slots from `value` to before `value2`
  place,       // goes on where the assertion `value` holds
  loop_begin,  // an iteration begins that must take a unit
  loop_end,    // it ends here: gives up when it took none
  match,
};

struct instruction {
  opcode op;
  std::uint32_t next;
  std::uint32_t value;
  std::uint32_t value2;
};

/// Whether an instruction takes a unit; those that take none never do.
constexpr bool takes_unit(const instruction& it, const unit_class* classes, const unit_range* ranges,
                          unit_value unit) noexcept {
  switch (it.op) {
    case opcode::literal: return it.value == unit;
    case opcode::folded: return it.value == (unit | 0x20U);
    case opcode::unit_set: return contains(classes[it.value], ranges, unit);
    default: return false;
  }
}

/// A set of bytes.
struct byte_set {
  std::uint64_t words[4] = {};

  constexpr void add(unsigned byte) noexcept { words[byte >> 6U] |= std::uint64_t{1} << (byte & 63U); }
  constexpr bool contains(unsigned byte) const noexcept { return ((words[byte >> 6U] >> (byte & 63U)) & 1U) != 0; }
  friend constexpr bool operator==(const byte_set&, const byte_set&) noexcept = default;
};

/// The compiled pattern. Borrows everything; trivially copyable.
struct program {
  const instruction* code = nullptr;
  std::uint32_t code_size = 0;
  const unit_class* classes = nullptr;
  const unit_range* ranges = nullptr;
  const group_name* names = nullptr;
  std::uint32_t name_count = 0;
  std::uint32_t group_count = 1;  // with group 0, the whole match
  std::uint32_t assertions = 0;
  bool has_checked_loops = false;
  bool is_anchored = false;  // matches begin at the beginning of the text or nowhere
  bool is_nullable = false;  // a match may be empty
  byte_set first;            // bytes that a match may begin with; all of them when it may be empty
  std::string_view text;
  pattern_flags flags{};

  constexpr bool takes(const instruction& at, unit_value unit) const noexcept {
    return takes_unit(at, classes, ranges, unit);
  }
  /// Adds the bytes that what an instruction takes may begin with. Of a unit beyond ASCII that may be any: to stop at too
  /// many places does no harm.
  constexpr void add_first_bytes(const instruction& at, byte_set& to) const noexcept {
    if (at.op == opcode::literal) {
      to.add(static_cast<unsigned char>(encode(at.value).bytes[0]));
    } else if (at.op == opcode::folded) {
      to.add(at.value);
      to.add(at.value - 0x20);
    } else if (at.op == opcode::unit_set) {
      const unit_class& set = classes[at.value];
      to.words[0] |= set.low[0];
      to.words[1] |= set.low[1];
      if (set.ranges_begin != set.ranges_end) to.words[2] = to.words[3] = ~std::uint64_t{0};
    }
  }
};

/// The arrays of a program, with exact sizes: what the compiler leaves in the data section.
template <std::size_t Code, std::size_t Classes, std::size_t Ranges, std::size_t Names>
struct static_arrays {
  std::array<instruction, Code> code{};
  std::array<unit_class, Classes> classes{};
  std::array<unit_range, Ranges> ranges{};
  std::array<group_name, Names> names{};
};

/// The same, made while the program runs (or within one constant evaluation).
struct dynamic_arrays {
  growable<instruction> code;
  growable<unit_class> classes;
  growable<unit_range> ranges;
  growable<group_name> names;
};

/// The facts that are not in the arrays.
struct program_facts {
  std::uint32_t group_count = 1;
  std::uint32_t assertions = 0;
  bool has_checked_loops = false;
  bool is_anchored = false;
  bool is_nullable = false;
  byte_set first;
};

template <class Arrays>
constexpr program make_program(const Arrays& arrays, const program_facts& facts, std::string_view text,
                               pattern_flags flags) noexcept {
  program made;
  made.code = arrays.code.data();
  made.code_size = static_cast<std::uint32_t>(arrays.code.size());
  made.classes = arrays.classes.data();
  made.ranges = arrays.ranges.data();
  made.names = arrays.names.data();
  made.name_count = static_cast<std::uint32_t>(arrays.names.size());
  made.group_count = facts.group_count;
  made.assertions = facts.assertions;
  made.has_checked_loops = facts.has_checked_loops;
  made.is_anchored = facts.is_anchored;
  made.is_nullable = facts.is_nullable;
  made.first = facts.first;
  made.text = text;
  made.flags = flags;
  return made;
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/example.hpp

// The cheapest way through a program from its beginning to a match: the units on that way are a text that matches.



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

// ---- ovrseer/pattern/detail/emitter.hpp

// From the tree to instructions. Every node knows how many it takes, so each is told where to stand
// and where to go on, in any order: a list of work instead of recursion.



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

// ---- ovrseer/build.hpp

// Header-only by default. With OVRSEER_SEPARATE_COMPILATION defined everywhere in a program, the bodies of what is no
// template are left out, and one source file of that program includes <ovrseer/src.hpp> to have them once.

#if defined(OVRSEER_SEPARATE_COMPILATION)
#define OVRSEER_HEADER_ONLY 0
#define OVRSEER_DECL
#else
#define OVRSEER_HEADER_ONLY 1
#define OVRSEER_DECL inline
#endif

// ---- ovrseer/pattern/detail/machine.hpp

// Runs a program over a text: all places of the pattern at once, in the order of their right to win.
// Each place is visited at most once (twice inside loops that may be empty) for each unit of text, so
// the time is linear in the text whatever the pattern. The same code runs in the compiler.



namespace ovrseer::pattern_detail {

inline constexpr std::size_t no_place = static_cast<std::size_t>(-1);

/// The places of a match; at least two.
struct found_places {
  std::size_t* slots;
  std::size_t count;
};

/// The assertions that hold at `at`, where the next unit is `next` (of size zero: the end).
constexpr std::uint32_t assertions_at(std::string_view text, std::size_t at, const unit& next) noexcept {
  const auto bit = [](assertion place) { return static_cast<std::uint32_t>(place); };
  const unsigned before = at > 0 ? byte_at(text, at - 1) : 0;
  bool after_line = at == 0 || before == '\n' || before == '\r';
  if (!after_line && at >= 3 && (before == 0xA8 || before == 0xA9)) {
    after_line = byte_at(text, at - 3) == 0xE2 && byte_at(text, at - 2) == 0x80;  // U+2028, U+2029
  }
  const bool is_end = next.size == 0;
  const bool is_boundary = (at > 0 && is_word_unit(before)) != (!is_end && is_word_unit(next.value));
  std::uint32_t holds = bit(is_boundary ? assertion::word_boundary : assertion::no_word_boundary);
  if (at == 0) holds |= bit(assertion::text_begin);
  if (after_line) holds |= bit(assertion::line_begin);
  if (is_end) holds |= bit(assertion::text_end);
  if (is_end || is_line_terminator(next.value)) holds |= bit(assertion::line_end);
  return holds;
}

/// Counts nothing. Tests put a counter here and prove that the steps grow as the text does.
struct silent_probe {
  constexpr void step() noexcept {}
};

/// One search. Slots: `[2 * g]` and `[2 * g + 1]` are where group `g` begins and ends, or `no_place`.
template <class Probe = silent_probe>
class machine {
 public:
  /// Of the slots, only the first `slot_count` are kept; zero finds only whether there is a match.
  constexpr machine(const program& compiled, std::string_view text, std::size_t slot_count, Probe probe = {})
      : program_(compiled),
        text_(text),
        slot_count_(slot_count),
        seen_(compiled.code_size * std::size_t{compiled.has_checked_loops ? 2U : 1U}, 0U),
        working_(slot_count),
        best_(slot_count),
        probe_(probe) {}

  /// Finds the leftmost match from `from` on, among those the one that the alternatives prefer.
  constexpr bool run(std::size_t from) {
    if (from > text_.size() || (program_.is_anchored && from != 0)) return false;
    at_ = from;
    unit here = decode(text_, at_);
    while (true) {
      if (current_.keys.empty()) {
        if (has_match_ || (program_.is_anchored && at_ != 0)) break;
        if (!skip(here)) break;
      }
      if (!has_match_ && !(program_.is_anchored && at_ != 0)) start(here);
      if (!advance(here)) break;
    }
    return has_match_;
  }

  constexpr const growable<std::size_t>& slots() const noexcept { return best_; }
  constexpr const Probe& probe() const noexcept { return probe_; }

 private:
  // Where the machine is: (instruction, whether the loop around it has taken a unit), packed.
  using key = std::uint32_t;
  static constexpr key has_taken = 1;
  static constexpr key key_of(std::uint32_t at, key taken) noexcept { return at << 1U | taken; }

  struct places {
    growable<key> keys;
    growable<std::size_t> slots;
  };

  // Work of `follow`: a place to go to, or a slot to set back once what it led to is done.
  struct task {
    key where;
    std::uint32_t slot;  // `visit`, or the slot
    std::size_t value;
  };
  static constexpr std::uint32_t visit = 0xFFFFFFFF;

  // With nothing under way, goes to the next unit that a match may begin with.
  constexpr bool skip(unit& here) noexcept {
    if (program_.is_nullable) return true;
    const std::size_t began = at_;
    while (at_ < text_.size() && !program_.first.contains(byte_at(text_, at_))) ++at_;
    if (at_ != began) {
      here = decode(text_, at_);
      renew_stamp();
    }
    return at_ < text_.size();
  }

  constexpr void start(const unit& here) {
    for (std::size_t i = 0; i != slot_count_; ++i) working_[i] = no_place;
    if (slot_count_ != 0) working_[0] = at_;
    if (program_.assertions != 0) holds_ = assertions_at(text_, at_, here);
    follow(current_, key_of(0, has_taken), at_);
  }

  // Takes the unit `here` in every place. False at the end of the text, or when the match is settled.
  constexpr bool advance(unit& here) {
    const std::size_t after = at_ + here.size;
    const unit next = decode(text_, after);
    if (program_.assertions != 0) holds_ = assertions_at(text_, after, next);
    renew_stamp();
    following_.keys.clear();
    following_.slots.clear();
    for (std::size_t i = 0; i != current_.keys.size(); ++i) {
      probe_.step();
      const instruction& it = program_.code[current_.keys[i] >> 1U];
      const std::size_t* slots = current_.slots.data() + i * slot_count_;
      if (it.op == opcode::match) {
        has_match_ = true;
        for (std::size_t j = 0; j != slot_count_; ++j) best_[j] = slots[j];
        if (slot_count_ > 1) best_[1] = at_;
        if (slot_count_ == 0) return false;
        break;  // whatever stands behind has less right
      }
      if (here.size == 0 || !program_.takes(it, here.value)) continue;
      for (std::size_t j = 0; j != slot_count_; ++j) working_[j] = slots[j];
      follow(following_, key_of(it.next, has_taken), after);
    }
    if (here.size == 0) return false;
    std::swap(current_, following_);
    at_ = after;
    here = next;
    return true;
  }

  // Puts into `list` all places that take a unit and can be reached from `from` without one, in order.
  constexpr void follow(places& list, key from, std::size_t at) {
    work_.clear();
    work_.push_back({from, visit, 0});
    while (!work_.empty()) {
      const task next = work_.back();
      work_.pop_back();
      if (next.slot == visit) {
        walk(list, next.where, at);
      } else {
        working_[next.slot] = next.value;
      }
    }
  }

  // Goes on from one place as long as there is a way, and leaves the other ways as work.
  constexpr void walk(places& list, key where, std::size_t at) {
    while (true) {
      const std::size_t index = program_.has_checked_loops ? where : where >> 1U;
      if (seen_[index] == stamp_) return;
      seen_[index] = stamp_;
      probe_.step();
      const instruction& it = program_.code[where >> 1U];
      key taken = where & has_taken;
      switch (it.op) {
        case opcode::split: work_.push_back({key_of(it.value, taken), visit, 0}); break;
        case opcode::save: set_slot(it.value, at); break;
        case opcode::reset:
          for (std::uint32_t slot = it.value; slot != it.value2; ++slot) set_slot(slot, no_place);
          break;
        case opcode::place:
          if ((holds_ & it.value) == 0) return;
          break;
        case opcode::loop_begin: taken = 0; break;
        case opcode::loop_end:
          if (taken == 0) return;
          break;
        default:
          list.keys.push_back(where);
          for (std::size_t i = 0; i != slot_count_; ++i) list.slots.push_back(working_[i]);
          return;
      }
      where = key_of(it.next, taken);
    }
  }

  // What was seen at one place of the text is not seen at the next.
  constexpr void renew_stamp() noexcept {
    if (++stamp_ != 0) return;
    for (std::uint32_t& seen : seen_) seen = 0;
    stamp_ = 1;
  }

  constexpr void set_slot(std::uint32_t slot, std::size_t value) {
    if (slot >= slot_count_ || working_[slot] == value) return;
    work_.push_back({0, slot, working_[slot]});
    working_[slot] = value;
  }

  const program& program_;
  std::string_view text_;
  std::size_t slot_count_;
  std::size_t at_ = 0;
  std::uint32_t holds_ = 0;
  std::uint32_t stamp_ = 1;
  bool has_match_ = false;
  growable<std::uint32_t> seen_;
  growable<std::size_t> working_;
  growable<std::size_t> best_;
  growable<task> work_;
  places current_;
  places following_;
  Probe probe_;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/table.hpp

// The quick answer to "does it match": a table with one load for each unit of text, whoever made and owns it.



namespace ovrseer::pattern_detail {

// What matters of the text before a place, as bits; also the index of the state to begin in.
inline constexpr std::uint32_t at_begin = 1;
inline constexpr std::uint32_t after_line = 2;
inline constexpr std::uint32_t after_word = 4;
inline constexpr std::uint32_t context_count = 8;

/// A table and what leads into it. A state is the offset of its row, with the highest bit of a cell when it has matched; rows
/// begin behind one that stands for nothing.
template <class Cell>
struct table_view {
  static constexpr std::uint32_t accepts = std::uint32_t{1} << (std::numeric_limits<Cell>::digits - 1U);
  static constexpr std::uint32_t unknown = 0;  // of a cell in a table that grows

  struct outcome {
    bool is_match = false;
    std::size_t at = 0;  // where it was known
  };
  struct step {
    std::uint32_t column;
    std::size_t size;
  };

  const Cell* cells = nullptr;
  std::uint32_t cell_count = 0;            // of a whole table
  const std::uint16_t* ascii = nullptr;    // columns
  const unit_value* borders = nullptr;     // where beyond ASCII another column may begin,
  const std::uint16_t* columns = nullptr;  // and which
  std::uint32_t border_count = 0;
  std::uint32_t end = 0;         // the column of the end of the text: the last one
  std::uint32_t relevant = 0;    // of the context
  std::uint32_t dead = unknown;  // the state that nothing leaves, if there is one
  std::uint32_t first_busy = 0;  // in the states before it nothing is under way
  std::array<std::uint32_t, context_count> starts{};

  constexpr step column_at(std::string_view text, std::size_t at) const noexcept {
    const unsigned byte = byte_at(text, at);
    if (byte < 0x80) return {ascii[byte], 1};
    const unit next = decode_multibyte(text, at);
    std::uint32_t low = 0;
    for (std::uint32_t high = border_count; high - low > 1;) {
      const std::uint32_t middle = low + (high - low) / 2;
      (borders[middle] <= next.value ? low : high) = middle;
    }
    return {columns[low], next.size};
  }

  constexpr std::uint32_t start_at(std::string_view text, std::size_t at) const noexcept {
    if (relevant == 0) return starts[0];
    const std::uint32_t holds = assertions_at(text, at, {});
    std::uint32_t context = 0;
    if (at == 0) context |= at_begin;
    if ((holds & static_cast<std::uint32_t>(assertion::line_begin)) != 0) context |= after_line;
    if ((holds & static_cast<std::uint32_t>(assertion::word_boundary)) != 0) context |= after_word;
    return starts[context & relevant];
  }

  /// Whether a match begins at `from` or later. Gives up, with no match, at the first place behind `past` where nothing is
  /// under way: a search from there on misses nothing that this one has begun.
  constexpr outcome search(std::string_view text, std::size_t from, std::size_t past) const noexcept {
    return search_on(start_at(text, from), text, from, past);
  }
  /// The same on from a state that is known.
  constexpr outcome search_on(std::uint32_t state, std::string_view text, std::size_t from,
                              std::size_t past) const noexcept {
    return walk(*this, state, text, from, past, [this](std::uint32_t now, std::uint32_t column) -> std::uint32_t {
      return (cells + column)[now];  // the column is known before the state
    });
  }
  constexpr bool matches(std::string_view text, std::size_t from) const noexcept {
    return search(text, from, text.size()).is_match;
  }

  /// The same, however one state leads to the next.
  template <class Next>
  static constexpr outcome walk(const table_view& in, std::uint32_t state, std::string_view text, std::size_t from,
                                std::size_t past, Next next_state) {
    std::size_t at = from;
    while (true) {
      // Neither idle nor a match: the way of most steps.
      if (state - in.first_busy >= accepts - in.first_busy) {
        if ((state & accepts) != 0) return {true, at};
        if (state == in.dead) return {false, text.size()};
        if (at > past) return {false, at};
      }
      if (at == text.size()) return {(next_state(state, in.end) & accepts) != 0, at};
      const step next = in.column_at(text, at);
      state = next_state(state, next.column);
      at += next.size;
    }
  }
};

/// A state of a table that is being made, as one with smaller cells has it.
template <class Cell>
constexpr Cell narrowed(std::uint32_t state) noexcept {
  if constexpr (sizeof(Cell) == sizeof(state)) return state;
  return static_cast<Cell>(state | state >> (8 * (sizeof(state) - sizeof(Cell))));
}

/// A table that was made whole.
using whole_view = table_view<std::uint16_t>;

/// As `whole_view::matches`, compiled once for all patterns.
[[gnu::noinline]] inline bool matches_by_table(const whole_view& table, std::string_view text,
                                               std::size_t from) noexcept {
  return table.matches(text, from);
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/engine.hpp

// The one way to search: a table where there is one, a plan for spans, and the machine for the rest and in the compiler.



namespace ovrseer::pattern_detail {

/// Something that is made of a program once enough text has been searched to pay for it. Any number of threads may ask at
/// the same time. Trivially destructible, so that a pattern which the compiler read can be used until the very end of the
/// program; an owner that goes earlier calls `drop`.
template <class Made>
class lazy_slot {
 public:
  constexpr lazy_slot() noexcept = default;
  lazy_slot(const lazy_slot&) = delete;
  lazy_slot& operator=(const lazy_slot&) = delete;

  /// Frees what was made; nobody searches any more.
  void drop() noexcept { delete made_.exchange(nullptr, std::memory_order_acq_rel); }

  /// What was made, or null when it is not yet worth it.
  const Made* when_worth_it(const program& of, std::size_t text_size) const {
    const Made* const made = made_.load(std::memory_order_acquire);
    if (made != nullptr) return made;
    const std::size_t worth = text_size + call_worth;
    if (searched_.fetch_add(worth, std::memory_order_relaxed) + worth < worth_making) return nullptr;
    return &make(of);
  }
  /// The same at once, for who knows that much text will come.
  const Made& now(const program& of) const {
    const Made* const made = made_.load(std::memory_order_acquire);
    return made != nullptr ? *made : make(of);
  }

 private:
  static constexpr std::size_t worth_making = 4096;  // in bytes of text
  static constexpr std::size_t call_worth = 64;

  const Made& make(const program& of) const {
    auto made = std::make_unique<const Made>(of);
    const Made* other = nullptr;
    if (!made_.compare_exchange_strong(other, made.get(), std::memory_order_acq_rel)) return *other;
    return *made.release();
  }

  mutable std::atomic<const Made*> made_{nullptr};
  mutable std::atomic<std::size_t> searched_{0};
};

/// Finds the leftmost match from `from` on, with what the program alone says.
constexpr bool find_by_machine(const program& of, std::string_view text, std::size_t from, found_places into) {
  machine<> search(of, text, into.count);
  if (!search.run(from)) return false;
  for (std::size_t i = 0; i != into.count; ++i) into.slots[i] = search.slots()[i];
  return true;
}

class made_table;
class span_plan;

/// What a pattern has beside its program, to search quickly.
class search_slots {
 public:
  constexpr search_slots() noexcept = default;
  /// With the table that the compiler made.
  constexpr explicit search_slots(const whole_view* fixed) noexcept : fixed_(fixed) {}

  /// Frees what was made; nobody searches any more.
  void drop() noexcept;
  /// The whole table, made now if there is none; null when it would be too large.
  const whole_view* table(const program& of) const;
  /// From now on spans are found by plan, as if much text had been searched.
  void make_plan(const program& of) const;

  /// Whether a match begins at `from` or later.
  bool has_match(const program& of, std::string_view text, std::size_t from) const;
  /// Finds the leftmost match from `from` on.
  bool find(const program& of, std::string_view text, std::size_t from, found_places into) const;
  /// The same where a match is likely: the text is not looked through before.
  bool find_likely(const program& of, std::string_view text, std::size_t from, found_places into) const;

  /// What is longer is looked through for a match before the place of the match is asked for.
  static constexpr std::size_t short_text = 512;

 private:
  const whole_view* fixed_ = nullptr;
  lazy_slot<made_table> table_;
  lazy_slot<span_plan> plan_;
};

constexpr bool has_match(const program& of, const search_slots& slots, std::string_view text, std::size_t from) {
  if (from > text.size()) return false;
  if (!std::is_constant_evaluated()) return slots.has_match(of, text, from);
  return machine<>(of, text, 0).run(from);
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/escape.hpp

// What stands behind a backslash, in a class and outside.



namespace ovrseer::pattern_detail {

enum class escape_kind : std::uint8_t { character, shorthand, word_boundary, no_word_boundary, refused };
enum class escape_place : std::uint8_t { in_class, outside };

struct escape {
  escape_kind kind = escape_kind::refused;
  unit_value value = 0;  // character: the code point; shorthand: its letter
  std::size_t size = 0;  // in bytes, the backslash included
  pattern_errc code{};   // refused: why
};

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The number that `count` hexadecimal digits at `at` write, or -1.
constexpr std::int64_t hex_number(std::string_view text, std::size_t at, std::size_t count) noexcept {
  if (text.size() < at + count) return -1;
  std::int64_t value = 0;
  for (std::size_t i = at; i != at + count; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

constexpr escape refused_escape(pattern_errc code) noexcept { return {escape_kind::refused, 0, 0, code}; }
constexpr escape character_escape(std::int64_t value, std::size_t size) noexcept {
  return {escape_kind::character, static_cast<unit_value>(value), size, {}};
}

/// `\uHHHH`, two of them for a surrogate pair, or `\u{H...}`; `at` is where the backslash is.
constexpr escape read_unicode_escape(std::string_view text, std::size_t at) noexcept {
  constexpr auto bad = pattern_errc::bad_unicode_escape;
  if (at + 2 < text.size() && text[at + 2] == '{') {
    const std::size_t close = text.find('}', at);
    if (close == std::string_view::npos || close == at + 3 || close - at > 3 + 8) return refused_escape(bad);
    const std::int64_t value = hex_number(text, at + 3, close - at - 3);
    if (value < 0 || value > 0x10FFFF) return refused_escape(bad);
    if (value >= 0xD800 && value <= 0xDFFF) return refused_escape(pattern_errc::lone_surrogate);
    return character_escape(value, close - at + 1);
  }
  const std::int64_t first = hex_number(text, at + 2, 4);
  if (first < 0) return refused_escape(bad);
  if (first < 0xD800 || first > 0xDFFF) return character_escape(first, 6);
  const bool has_second = text.substr(at + 6, 2) == "\\u";
  const std::int64_t second = has_second ? hex_number(text, at + 8, 4) : -1;
  if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF) return refused_escape(pattern_errc::lone_surrogate);
  return character_escape(0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00), 12);
}

/// The escape at `at`, where `text` has a backslash.
constexpr escape read_escape(std::string_view text, std::size_t at, escape_place place) noexcept {
  if (at + 1 >= text.size()) return refused_escape(pattern_errc::trailing_backslash);
  const char c = text[at + 1];
  const bool in_class = place == escape_place::in_class;
  switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 's':
    case 'S': return {escape_kind::shorthand, static_cast<unit_value>(c), 2, {}};
    case 't': return character_escape('\t', 2);
    case 'n': return character_escape('\n', 2);
    case 'r': return character_escape('\r', 2);
    case 'f': return character_escape('\f', 2);
    case 'v': return character_escape('\v', 2);
    case 'b':
      if (in_class) return character_escape('\b', 2);
      return {escape_kind::word_boundary, 0, 2, {}};
    case 'B':
      if (in_class) return refused_escape(pattern_errc::unknown_escape);
      return {escape_kind::no_word_boundary, 0, 2, {}};
    case 'c': {
      const char letter = at + 2 < text.size() ? text[at + 2] : ' ';
      if (!is_letter_unit(static_cast<unsigned char>(letter))) return refused_escape(pattern_errc::bad_control_escape);
      return character_escape(letter & 0x1F, 3);
    }
    case 'x': {
      const std::int64_t value = hex_number(text, at + 2, 2);
      return value < 0 ? refused_escape(pattern_errc::bad_hex_escape) : character_escape(value, 4);
    }
    case 'u': return read_unicode_escape(text, at);
    case 'p':
    case 'P': return refused_escape(pattern_errc::unicode_property_is_not_supported);
    case 'k':
      return refused_escape(in_class ? pattern_errc::unknown_escape : pattern_errc::back_reference_is_not_supported);
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (is_digit_unit(byte)) {
    const bool has_more = at + 2 < text.size() && is_digit_unit(static_cast<unsigned char>(text[at + 2]));
    if (c == '0' && !has_more) return character_escape(0, 2);
    const bool is_octal = c == '0' || in_class;
    return refused_escape(is_octal ? pattern_errc::octal_escape_is_not_supported
                                   : pattern_errc::back_reference_is_not_supported);
  }
  if (byte >= 0x80 || is_letter_unit(byte)) return refused_escape(pattern_errc::unknown_escape);
  return character_escape(byte, 2);
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/token.hpp

// The parts of the syntax that are longer than a character and need no state: `{m,n}` and the groups
// that are not ours.



namespace ovrseer::pattern_detail {

struct repeat_counts {
  std::uint32_t min = 0;
  std::uint32_t max = 0;  // or unbounded
  std::size_t size = 0;   // of the quantifier in bytes; zero when there is none
};

/// `{m}`, `{m,}` or `{m,n}` at `begin`. Numbers past the limit stop growing.
constexpr repeat_counts read_counts(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin + 1;
  const auto number = [&](std::uint32_t& value) {
    const std::size_t began = at;
    for (; at < text.size() && is_digit_unit(byte_at(text, at)); ++at) {
      if (value <= max_repeat) value = value * 10 + (byte_at(text, at) - '0');
    }
    return at != began;
  };
  repeat_counts found;
  if (!number(found.min)) return {};
  found.max = found.min;
  if (at < text.size() && text[at] == ',') {
    ++at;
    found.max = 0;
    if (!number(found.max)) found.max = unbounded;
  }
  if (at >= text.size() || text[at] != '}') return {};
  found.size = at + 1 - begin;
  return found;
}

/// Which of the kinds of groups that are not ours begins at `at`, with "(?".
constexpr pattern_errc unsupported_group(std::string_view text, std::size_t at) noexcept {
  const char c = at + 2 < text.size() ? text[at + 2] : '\0';
  const char next = at + 3 < text.size() ? text[at + 3] : '\0';
  switch (c) {
    case '=':
    case '!': return pattern_errc::lookahead_is_not_supported;
    case '<': return pattern_errc::lookbehind_is_not_supported;
    case '>': return pattern_errc::atomic_group_is_not_supported;
    case '(': return pattern_errc::conditional_is_not_supported;
    case '#': return pattern_errc::comment_is_not_supported;
    case 'P':
      if (next == '<' || next == '=' || next == '>') return pattern_errc::unknown_group_kind;
      break;
    default: break;
  }
  const bool is_flag = c == '-' || is_letter_unit(static_cast<unsigned char>(c));
  return is_flag ? pattern_errc::inline_flags_are_not_supported : pattern_errc::unknown_group_kind;
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/parser.hpp

// Reads the text of a pattern into its tree. One loop with a stack of open groups of its own: neither
// the compiler nor a hostile configuration can make it recurse.



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

// ---- ovrseer/pattern/detail/trim.hpp

// For "does it match" what may repeat at either end of a pattern counts as often as it must: (a+)+b is ab,
// key=\S+ is key=\S. Shorter to look for, and sooner decided.



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

// ---- ovrseer/pattern/detail/joint_program.hpp

// Patterns side by side as one program that asks only whether each matches.



namespace ovrseer::pattern_detail {

/// The instruction `match` has in `value` which of the patterns it is.
struct joint_program {
  struct start {
    std::uint32_t at = 0;
    bool is_anchored = false;
  };

  growable<instruction> code;
  growable<unit_class> classes;
  growable<unit_range> ranges;
  growable<start> starts;  // of each pattern
  std::uint32_t assertions = 0;

  constexpr joint_program() = default;
  /// Of one pattern.
  constexpr joint_program(std::string_view text, pattern_flags flags) { add(text, flags); }
  constexpr explicit joint_program(tree valid) { add(std::move(valid)); }

  /// Adds a pattern that is known to be valid, without what does not matter for "does it match".
  constexpr void add(std::string_view text, pattern_flags flags) { add(parse(text, flags)); }
  constexpr void add(tree valid) {
    tree parsed = trimmed(std::move(valid));
    const auto first = static_cast<std::uint32_t>(code.size());
    const auto first_class = static_cast<std::uint32_t>(classes.size());
    const auto first_range = static_cast<std::uint32_t>(ranges.size());
    starts.push_back({first, is_anchored(parsed)});
    assertions |= parsed.assertions;
    dynamic_arrays made = emit(parsed);
    if (code.empty()) {  // the first as it is, and mostly the only one
      code = std::move(made.code);
      classes = std::move(made.classes);
      ranges = std::move(made.ranges);
      return;
    }
    for (instruction it : made.code) {
      it.next += first;
      if (it.op == opcode::split) it.value += first;
      if (it.op == opcode::unit_set) it.value += first_class;
      if (it.op == opcode::match) it.value = static_cast<std::uint32_t>(starts.size() - 1);
      code.push_back(it);
    }
    for (unit_class set : made.classes) {
      set.ranges_begin += first_range;
      set.ranges_end += first_range;
      classes.push_back(set);
    }
    for (const unit_range& range : made.ranges) ranges.push_back(range);
  }

  constexpr bool takes(const instruction& it, unit_value value) const noexcept {
    return takes_unit(it, classes.data(), ranges.data(), value);
  }
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/fixed_string.hpp

// A string literal as a template argument, so that the compiler can read a pattern.


namespace ovrseer {

/// The characters of a string literal, usable as a template argument: `pattern<"a|b">`.
///
/// `Size` counts the terminating zero; a zero inside the text is part of it.
template <std::size_t Size>
struct fixed_string {
  char characters[Size] = {};

  constexpr fixed_string(const char (&literal)[Size]) noexcept {
    for (std::size_t i = 0; i != Size; ++i) characters[i] = literal[i];
  }
  constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
};

/// No text at all: what `pattern<>` has for an argument. Different from the empty text `""`.
template <>
struct fixed_string<0> {};

}  // namespace ovrseer

// ---- ovrseer/pattern/detail/refusal.hpp

// Stops the build at a text that is not a pattern. C++20's static_assert has literal messages only, so there is one for
// each reason; the text, and a caret under the fault, are arguments of two classes that the compiler names one after
// the other:
//
//     required from 'struct the_pattern_<shown_text{"error(?=:)"}, ...'
//     required from 'struct is_wrong_at_<shown_text{"     ^"}, ...'



namespace ovrseer::pattern_detail {

/// What a compiler prints whole, as one string; so it is short, and for clang filled up with blanks.
struct shown_text {
  static constexpr std::size_t capacity = 32;
  char characters[capacity] = {};

  constexpr shown_text() noexcept {
#if defined(__clang__)
    for (std::size_t i = 0; i + 1 != capacity; ++i) characters[i] = ' ';
#endif
  }
};

/// The part of a pattern's text around a fault, and a caret that stands under it where both are printed.
struct shown_fault {
  shown_text text;
  shown_text caret;
};

constexpr shown_fault show_fault(std::string_view text, std::size_t offset) noexcept {
  constexpr std::size_t before = 18;
  // A compiler writes these with a backslash before them.
  const auto width = [&](std::size_t i) { return text[i] == '"' || text[i] == '\\' ? std::size_t{2} : 1U; };
  std::size_t first = offset;
  std::size_t column = 0;
  while (first != 0 && column + width(first - 1) <= before) column += width(--first);
  shown_fault made;
  std::size_t size = 0;
  if (first != 0) {
    for (; size != 3; ++size) made.text.characters[size] = '.';
  }
  column += size;
  for (std::size_t i = first; i != text.size() && size + 1 != shown_text::capacity; ++i) {
    made.text.characters[size++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
  }
  for (std::size_t i = 0; i != column; ++i) made.caret.characters[i] = ' ';
  made.caret.characters[column] = '^';
  return made;
}

template <pattern_errc Reason>
struct invalid_pattern {
  using enum pattern_errc;
  static_assert(Reason != unclosed_group, "invalid pattern: this group is not closed: ')' is missing");
  static_assert(Reason != unopened_group, "invalid pattern: ')' without '(': escape it for the character");
  static_assert(Reason != unclosed_class, "invalid pattern: this class is not closed: ']' is missing");
  static_assert(Reason != trailing_backslash, "invalid pattern: a backslash at the end");
  static_assert(Reason != nothing_to_repeat, "invalid pattern: there is nothing to repeat before this quantifier");
  static_assert(Reason != repeat_out_of_order, "invalid pattern: in {m,n} m is greater than n");
  static_assert(Reason != repeat_too_large, "invalid pattern: a repeat count is at most 1000");
  static_assert(Reason != possessive_quantifier_is_not_supported,
                "invalid pattern: possessive quantifiers are not supported");
  static_assert(Reason != range_out_of_order, "invalid pattern: the range of this class ends before it begins");
  static_assert(Reason != unknown_escape,
                "invalid pattern: unknown escape: only letters with a meaning may be escaped");
  static_assert(Reason != bad_hex_escape, "invalid pattern: \\x needs two hexadecimal digits");
  static_assert(Reason != bad_unicode_escape,
                "invalid pattern: \\u needs four hexadecimal digits, or {digits} up to 10FFFF");
  static_assert(Reason != bad_control_escape, "invalid pattern: \\c needs a letter");
  static_assert(Reason != octal_escape_is_not_supported,
                "invalid pattern: octal escapes are not supported: write \\xHH");
  static_assert(Reason != lone_surrogate, "invalid pattern: a lone surrogate never occurs in UTF-8 text");
  static_assert(Reason != invalid_utf8, "invalid pattern: it is not valid UTF-8 here");
  static_assert(Reason != unicode_property_is_not_supported,
                "invalid pattern: Unicode properties (\\p) are not supported");
  static_assert(Reason != bad_group_name,
                "invalid pattern: a group name is a letter, '_' or '$', then those or digits, then '>'");
  static_assert(Reason != duplicate_group_name, "invalid pattern: this group name is already taken");
  static_assert(Reason != unknown_group_kind,
                "invalid pattern: unknown kind of group: ( ), (?: ) and (?<name> ) are known");
  static_assert(Reason != lookahead_is_not_supported,
                "invalid pattern: look-ahead is not supported: it would not be linear");
  static_assert(Reason != lookbehind_is_not_supported,
                "invalid pattern: look-behind is not supported: it would not be linear");
  static_assert(Reason != back_reference_is_not_supported,
                "invalid pattern: back-references are not supported: they are not linear");
  static_assert(Reason != inline_flags_are_not_supported,
                "invalid pattern: inline flags are not supported: give flags to the pattern");
  static_assert(Reason != atomic_group_is_not_supported, "invalid pattern: atomic groups are not supported");
  static_assert(Reason != conditional_is_not_supported, "invalid pattern: conditional groups are not supported");
  static_assert(Reason != comment_is_not_supported, "invalid pattern: comments are not supported");
  static_assert(Reason != too_many_groups, "invalid pattern: a pattern has at most 255 capture groups");
  static_assert(Reason != pattern_too_large,
                "invalid pattern: it is too large: its repeats expand to more than 10000 steps");
  static_assert(Reason != text_too_long_for_the_compiler,
                "invalid pattern: its text is longer than 4096 bytes: compile it at run time");
  static constexpr bool reported = true;
};

// Names of the same length, so that the caret stands under the fault.
template <shown_text Text, pattern_errc Reason>
struct the_pattern_ : invalid_pattern<Reason> {};
template <shown_text Caret, shown_text Text, pattern_errc Reason>
struct is_wrong_at_ : the_pattern_<Text, Reason> {};

template <std::size_t Offset, fixed_string Text>
inline constexpr shown_fault fault = show_fault(Text.view(), Offset);

/// The offset in bytes, the reason, the text.
template <std::size_t Offset, pattern_errc Reason, fixed_string Text>
struct invalid_pattern_at : is_wrong_at_<fault<Offset, Text>.caret, fault<Offset, Text>.text, Reason> {};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/unit_columns.hpp

// The columns of a table: which units of text no instruction of a program tells apart.



namespace ovrseer::pattern_detail {

/// The units up to the first that may be told apart from them are looked at once, so the cost goes with the pattern and not
/// with the alphabet.
class unit_columns {
  // Stand before their uses: the compiler evaluates them.
  template <class Use>
  constexpr void for_points(Use use) const {
    std::size_t i = 0;
    for (unsigned word = 0; word != 2; ++word) {
      for (std::uint64_t rest = starts_[word]; rest != 0; rest &= rest - 1) {
        use(i++, word * 64 + static_cast<unit_value>(__builtin_ctzll(rest)));
      }
    }
    for (const unit_value border : borders_) use(i++, border);
  }

  // Parts every column by one more question.
  template <class Question>
  constexpr void tell(Question question) {
    growable<std::uint32_t> kept(2 * std::size_t{last_} + 2, 0);  // behind one: the number
    std::uint32_t* const parts = kept.data();
    std::uint32_t* column = columns_.data();
    std::uint32_t made = 0;
    for_points([&](std::size_t, unit_value value) {
      std::uint32_t& part = parts[*column * std::size_t{2} + (question(value) ? 1 : 0)];
      if (part == 0) part = ++made;
      *column++ = part - 1;
    });
    last_ = made - 1;
  }

 public:
  constexpr explicit unit_columns(const joint_program& code) {
    growable<bool> used(code.classes.size(), false);
    for (const instruction& it : code.code) {
      if (it.op == opcode::unit_set) used[it.value] = true;
    }
    find_borders(code, used);
    columns_.resize(ascii_count() + borders_.size());
    for (std::uint32_t& column : columns_) column = 0;
    tell_literals(code);
    for (std::size_t i = 0; i != used.size(); ++i) {
      if (used[i]) tell_class(code.classes[i], code.ranges.data());
    }
    if (asks(code, words)) tell([](unit_value value) { return is_word_unit(value); });
    if (asks(code, lines)) tell([](unit_value value) { return is_line_terminator(value); });
    finish();
  }

  constexpr std::size_t size() const noexcept { return examples_.size(); }
  /// A unit of the column.
  constexpr unit_value example(std::size_t column) const noexcept { return examples_[column]; }
  constexpr std::uint32_t of(unit_value value) const noexcept { return columns_[index_of(value)]; }

  constexpr const std::array<std::uint16_t, 0x80>& ascii() const noexcept { return ascii_; }
  /// Where beyond ASCII another column may begin, and which one.
  constexpr const growable<unit_value>& borders() const noexcept { return borders_; }
  constexpr std::uint32_t column_of_border(std::size_t i) const noexcept { return columns_[ascii_count() + i]; }

 private:
  static constexpr std::uint32_t words =
      static_cast<std::uint32_t>(assertion::word_boundary) | static_cast<std::uint32_t>(assertion::no_word_boundary);
  static constexpr std::uint32_t lines =
      static_cast<std::uint32_t>(assertion::line_begin) | static_cast<std::uint32_t>(assertion::line_end);
  static constexpr bool asks(const joint_program& code, std::uint32_t about) noexcept {
    return (code.assertions & about) != 0;
  }
  static constexpr std::size_t count(std::uint64_t bits) noexcept {
    return static_cast<std::size_t>(__builtin_popcountll(bits));  // std::popcount takes the compiler several steps
  }

  constexpr std::size_t ascii_count() const noexcept { return count(starts_[0]) + count(starts_[1]); }
  // Of the last point that is not behind the unit.
  constexpr std::size_t index_of(unit_value value) const noexcept {
    if (value < 0x40) return count(starts_[0] & (~std::uint64_t{0} >> (63U - value))) - 1;
    if (value < 0x80) return count(starts_[0]) + count(starts_[1] & (~std::uint64_t{0} >> (127U - value))) - 1;
    std::size_t low = 0;
    for (std::size_t high = borders_.size(); high - low > 1;) {
      const std::size_t middle = low + (high - low) / 2;
      (borders_[middle] <= value ? low : high) = middle;
    }
    return ascii_count() + low;
  }

  constexpr void begin_at(unit_value value) {
    if (value < 0x80) {
      starts_[value >> 6U] |= std::uint64_t{1} << (value & 63U);
    } else if (value <= invalid_unit) {
      insert_border(value);
    }
  }
  // Few, and mostly in order: std::sort takes the compiler far more steps.
  constexpr void insert_border(unit_value value) {
    std::size_t at = borders_.size();
    const unit_value* const all = borders_.data();
    while (at != 0 && all[at - 1] > value) --at;
    if (at != 0 && all[at - 1] == value) return;
    borders_.push_back(value);
    unit_value* const moved = borders_.data();
    for (std::size_t i = borders_.size() - 1; i != at; --i) moved[i] = moved[i - 1];
    moved[at] = value;
  }
  constexpr void set_apart(unit_value first, unit_value last) {
    begin_at(first);
    begin_at(last + 1);
  }
  constexpr void set_members_apart(std::uint64_t low, std::uint64_t high) noexcept {
    starts_[0] |= low ^ (low << 1U);
    starts_[1] |= high ^ (high << 1U | low >> 63U);
  }

  constexpr void find_borders(const joint_program& code, const growable<bool>& used) {
    starts_[0] = 1;
    borders_.push_back(0x80);
    for (const instruction& it : code.code) {
      if (it.op == opcode::literal || it.op == opcode::folded) set_apart(it.value, it.value);
      if (it.op == opcode::folded) set_apart(it.value - 0x20, it.value - 0x20);
    }
    for (std::size_t i = 0; i != used.size(); ++i) {
      if (!used[i]) continue;
      const unit_class& set = code.classes[i];
      set_members_apart(set.low[0], set.low[1]);
      for (std::uint32_t k = set.ranges_begin; k != set.ranges_end; ++k) {
        set_apart(code.ranges[k].first, code.ranges[k].last);
      }
    }
    if (asks(code, words)) {
      set_apart('0', '9');
      set_apart('A', 'Z');
      set_apart('_', '_');
      set_apart('a', 'z');
    }
    if (asks(code, lines)) {
      set_apart('\n', '\n');
      set_apart('\r', '\r');
      set_apart(line_separator, paragraph_separator);
    }
  }

  // A unit that stands for itself has a column of its own, or shares it with the other case of its letter.
  constexpr void tell_literals(const joint_program& code) {
    for (const instruction& it : code.code) {
      if (it.op == opcode::literal) give_own(columns_[index_of(it.value)]);
    }
    for (const instruction& it : code.code) {
      if (it.op != opcode::folded) continue;
      std::uint32_t& small = columns_[index_of(it.value)];
      std::uint32_t& capital = columns_[index_of(it.value - 0x20)];
      const bool is_new = small == 0 && capital == 0;
      give_own(small);
      if (is_new) {
        capital = small;
      } else {
        give_own(capital);
      }
    }
  }
  constexpr void give_own(std::uint32_t& column) noexcept {
    if (column == 0) column = ++last_;
  }

  constexpr void tell_class(const unit_class& set, const unit_range* ranges) {
    tell([&](unit_value value) {
      // As `contains`, without a call for most.
      return value < 0x80 ? (set.low[value >> 6U] >> (value & 63U) & 1U) != 0 : contains(set, ranges, value);
    });
  }

  constexpr void finish() {
    tell([](unit_value) { return false; });  // so that they are numbered without a gap, in order
    for_points([&](std::size_t i, unit_value value) {
      if (columns_[i] == examples_.size()) examples_.push_back(value);
    });
    // Each interval is filled from its end, where the one behind it begins.
    const std::uint32_t* column = columns_.data() + ascii_count();
    std::uint16_t* const first = ascii_.data();
    std::uint16_t* to = first + 0x80;
    for (unsigned word = 2; word-- > 0;) {
      for (std::uint64_t rest = starts_[word]; rest != 0;) {
        const auto bit = 63U - static_cast<unsigned>(__builtin_clzll(rest));
        rest &= ~(std::uint64_t{1} << bit);
        const auto own = static_cast<std::uint16_t>(*--column);
        for (const std::uint16_t* const begin = first + word * 64 + bit; to != begin;) *--to = own;
      }
    }
  }

  std::uint64_t starts_[2] = {};  // ASCII units with which an interval begins
  growable<unit_value> borders_;
  growable<std::uint32_t> columns_;  // of each interval
  std::uint32_t last_ = 0;
  growable<unit_value> examples_;
  std::array<std::uint16_t, 0x80> ascii_{};
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/state_stepper.hpp

// From one state of a table to the next: the subset construction, one step at a time, in the compiler or while the program
// runs.



namespace ovrseer::pattern_detail {

/// From one state to the next. A state is a bit for each instruction that a match may be at, of those that take a unit, wait
/// for an assertion, or end a pattern; and a word with what matters of the text before.
class state_stepper {
  // Stands before its uses: the compiler evaluates them. Calls `use` for each instruction that takes a unit, the last first.
  template <class Use>
  constexpr void for_takers(Use use) const {
    for (std::size_t at = code_.code.size(); at-- > 0;) {
      const std::uint64_t bit = std::uint64_t{1} << (at & 63U);
      if ((kept_[at / 64] & ~waiting_[at / 64] & ~matches_[at / 64] & bit) != 0) use(static_cast<std::uint32_t>(at));
    }
  }

 public:
  constexpr explicit state_stepper(joint_program code)
      : code_(std::move(code)),
        columns_(code_),
        columns_size_(columns_.size()),
        places_((code_.code.size() + 63) / 64),
        bits_((columns_.size() + 6) * places_ + 1 + code_.code.size() * (places_ + 1), 0),
        numbers_(code_.code.size() + columns_.size(), 0),
        instructions_(code_.code.data()),
        takers_(bits_.data()),
        waiting_(takers_ + columns_.size() * places_),
        matches_(waiting_ + places_),
        kept_(matches_ + places_),
        seen_(kept_ + places_),
        ready_(seen_ + places_),
        always_(ready_ + places_),
        behind_(always_ + places_ + 1),
        noted_(numbers_.data()),
        member_list_(noted_ + columns_.size()) {
    sort_instructions();
    const auto uses = [&](assertion place) { return (code_.assertions & static_cast<std::uint32_t>(place)) != 0; };
    for (const joint_program::start& one : code_.starts) {
      if (one.is_anchored) relevant_ |= at_begin;
    }
    if (uses(assertion::text_begin)) relevant_ |= at_begin;
    if (uses(assertion::line_begin)) relevant_ |= after_line;
    if (uses(assertion::word_boundary) || uses(assertion::no_word_boundary)) relevant_ |= after_word;
    start(0, always_);
  }

  constexpr const unit_columns& columns() const noexcept { return columns_; }
  constexpr std::uint32_t relevant() const noexcept { return relevant_; }
  /// Of a state.
  constexpr std::size_t words() const noexcept { return places_ + 1; }
  constexpr std::size_t instructions() const noexcept { return code_.code.size(); }
  /// The work done so far.
  constexpr std::size_t steps() const noexcept { return steps_; }

  /// From now on a state leaves out the places that others stand for: wherever a match could be found from there, it is also
  /// found, no later, from another place that the state has. So a run of x{16} is as far as its first, and many programs come
  /// to few states. False, with nothing changed, where that would be too much work. Only classes stand for others: what has
  /// many states has them for its classes.
  constexpr bool find_dominated(std::size_t max_pairs) {
    std::size_t takers = 0;
    std::size_t classes = 0;
    for_takers([&](std::uint32_t place) {
      ++takers;
      classes += instructions_[place].op == opcode::unit_set ? 1 : 0;
    });
    if (code_.starts.size() != 1 || takers * classes > max_pairs) return false;
    dominators_ = growable<std::uint64_t>(code_.code.size() * places_, 0);
    for_takers([&](std::uint32_t place) {
      for_takers([&](std::uint32_t other) {
        if (instructions_[other].op == opcode::unit_set && other != place && takes_all_of(other, place))
          mark(dominators_.data() + place * places_, other);
      });
    });
    // What is not so is left out until the rest is true of itself.
    for (bool is_settled = false; !is_settled;) {
      is_settled = true;
      for_takers([&](std::uint32_t place) {
        for (std::size_t i = 0; i != places_; ++i) {
          for (std::uint64_t rest = dominators_[place * places_ + i]; rest != 0; rest &= rest - 1) {
            ++steps_;
            if (covers(places_behind(bit_at(i, rest)), places_behind(place))) continue;
            dominators_[place * places_ + i] &= ~(rest & (~rest + 1));
            is_settled = false;
          }
        }
      });
    }
    start(0, always_);
    return true;
  }

  constexpr bool has_match(const std::uint64_t* state) const noexcept { return meets(state, matches_); }
  /// Whether the state is left by no unit of text.
  constexpr bool is_final(const std::uint64_t* state) const noexcept {
    if ((*state & ~*matches_) != 0) return false;
    for (std::size_t i = 1; i < places_; ++i) {
      if ((state[i] & ~matches_[i]) != 0) return false;
    }
    return true;
  }
  /// Calls `use(pattern)` for each pattern that has matched on the way into the state.
  template <class Use>
  constexpr void for_matched(const std::uint64_t* state, Use use) const {
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = state[i] & matches_[i]; rest != 0; rest &= rest - 1)
        use(instructions_[bit_at(i, rest)].value);
    }
  }

  constexpr void start(std::uint32_t context, std::uint64_t* to) {
    clear_seen();
    for (const joint_program::start& one : code_.starts) {
      if (!one.is_anchored || (context & at_begin) != 0) follow(one.at, 0);
    }
    for (std::size_t i = 0; i != places_; ++i) to[i] = seen_[i] & kept_[i];
    finish(context, to);
  }

  /// The context behind a unit of a column.
  constexpr std::uint32_t context_after(std::size_t column) const noexcept {
    const unit_value value = columns_.example(column);
    std::uint32_t context = 0;
    if (is_line_terminator(value)) context |= after_line;
    if (is_word_unit(value)) context |= after_word;
    return context & relevant_;
  }

  enum class beside : std::uint8_t { idle, nothing };

  /// Puts into `busy` the columns on which the state goes on otherwise than one in which nothing is under way; beside nothing,
  /// all on which it goes on. False when it may on any.
  constexpr bool find_busy(const std::uint64_t* from, beside other, growable<std::uint32_t>& busy) {
    busy.clear();
    ++stamp_;
    if (meets(from, waiting_)) return false;
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = from[i] & ~(other == beside::idle ? always_[i] : 0) & ~matches_[i]; rest != 0;
           rest &= rest - 1) {
        const std::uint32_t* column =
            member_begin_ + member_list_[i * 64 + static_cast<unsigned>(__builtin_ctzll(rest))];
        for (; *column != none; ++column) {
          if (noted_[*column] == stamp_) continue;
          noted_[*column] = stamp_;
          busy.push_back(*column);
        }
      }
    }
    return true;
  }

  /// Behind a unit of `column`; the last column is the end of the text.
  constexpr void after(const std::uint64_t* from, std::size_t column, std::uint64_t* to) {
    const bool is_end = column == columns_size_;
    steps_ += 8 + 4 * places_;
    if (places_ == 1 && !is_end && (*from & *waiting_) == 0) {  // the way of nearly all: without a loop for one word
      std::uint64_t made = *always_;
      for (std::uint64_t rest = *from & takers_[column]; rest != 0; rest &= rest - 1) {
        const std::uint64_t* const known = behind_ + 2 * static_cast<std::size_t>(__builtin_ctzll(rest));
        made |= known[0] != 0 ? known[1] : *places_behind(bit_at(0, rest));
      }
      *to = made;
      return finish(relevant_ == 0 ? 0 : context_after(column), to);
    }
    const std::uint64_t* ready = from;
    for (std::size_t i = 0; i != places_; ++i) to[i] = 0;
    if (meets(from, waiting_)) {
      // What was waiting for an assertion goes on, or is gone.
      clear_seen();
      const std::uint32_t holds =
          holds_between(static_cast<std::uint32_t>(from[places_]), is_end, is_end ? 0 : columns_.example(column));
      for (std::size_t i = 0; i != places_; ++i) {
        for (std::uint64_t rest = from[i] & waiting_[i]; rest != 0; rest &= rest - 1) follow(bit_at(i, rest), holds);
      }
      for (std::size_t i = 0; i != places_; ++i) {
        ready_[i] = from[i] | (seen_[i] & kept_[i]);
        to[i] = seen_[i] & matches_[i];
      }
      ready = ready_;
    }
    if (!is_end) {
      const std::uint64_t* const takers = takers_ + column * places_;
      for (std::size_t i = 0; i != places_; ++i) {
        to[i] |= always_[i];
        for (std::uint64_t rest = ready[i] & takers[i]; rest != 0; rest &= rest - 1) {
          const std::uint64_t* const behind = places_behind(bit_at(i, rest));
          for (std::size_t k = 0; k != places_; ++k) to[k] |= behind[k];
        }
      }
    }
    finish(is_end || relevant_ == 0 ? 0 : context_after(column), to);
  }

 private:
  constexpr void sort_instructions() {
    growable<std::uint32_t> class_list(code_.classes.size(), none);
    for (std::size_t at = 0, size = code_.code.size(); at != size; ++at) {
      const instruction& it = instructions_[at];
      const std::uint64_t bit = std::uint64_t{1} << (at & 63U);
      member_list_[at] = static_cast<std::uint32_t>(members_.size());
      switch (it.op) {
        case opcode::literal: members_.push_back(columns_.of(it.value)); break;
        case opcode::folded:
          members_.push_back(columns_.of(it.value));
          if (columns_.of(it.value - 0x20) != members_.back()) members_.push_back(columns_.of(it.value - 0x20));
          break;
        case opcode::unit_set:
          if (class_list[it.value] != none) {
            member_list_[at] = class_list[it.value];
            break;
          }
          class_list[it.value] = member_list_[at];
          for (std::size_t column = 0; column != columns_size_; ++column) {
            if (contains(code_.classes[it.value], code_.ranges.data(), columns_.example(column)))
              members_.push_back(static_cast<std::uint32_t>(column));
          }
          break;
        case opcode::place: waiting_[at / 64] |= bit; break;
        case opcode::match: matches_[at / 64] |= bit; break;
        default: continue;
      }
      kept_[at / 64] |= bit;
      if (member_list_[at] == members_.size() || members_.back() != none) members_.push_back(none);
      for (const std::uint32_t* column = members_.data() + member_list_[at]; *column != none; ++column) {
        takers_[*column * places_ + at / 64] |= bit;
      }
    }
    member_begin_ = members_.data();
  }

  constexpr bool meets(const std::uint64_t* a, const std::uint64_t* b) const noexcept {
    if ((*a & *b) != 0) return true;
    for (std::size_t i = 1; i < places_; ++i) {
      if ((a[i] & b[i]) != 0) return true;
    }
    return false;
  }
  static constexpr std::uint32_t bit_at(std::size_t word, std::uint64_t rest) noexcept {
    return static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(__builtin_ctzll(rest));
  }
  constexpr void clear_seen() noexcept {
    for (std::size_t i = 0; i != places_; ++i) seen_[i] = 0;
  }
  // Behind a match of all there is nothing to learn; and what was before matters to those alone that ask for it.
  constexpr void finish(std::uint32_t context, std::uint64_t* to) const noexcept {
    if (places_ == 1 && (*to & *waiting_) == 0 && dominators_.empty()) {
      if ((*to & *matches_) == *matches_) *to = *matches_;
      to[1] = 0;
      return;
    }
    bool has_all = true;
    for (std::size_t i = 0; i != places_; ++i) has_all = has_all && (to[i] & matches_[i]) == matches_[i];
    if (has_all) {
      for (std::size_t i = 0; i != places_; ++i) to[i] = matches_[i];
    }
    to[places_] = !has_all && meets(to, waiting_) ? context & relevant_ : 0;
    if (!has_all && !dominators_.empty()) drop_dominated(to);
  }

  static constexpr void mark(std::uint64_t* bits, std::uint32_t at) noexcept {
    bits[at / 64] |= std::uint64_t{1} << (at & 63U);
  }
  // Whether one instruction takes every unit that the other takes.
  constexpr bool takes_all_of(std::uint32_t one, std::uint32_t other) const noexcept {
    for (const std::uint32_t* column = members_.data() + member_list_[other]; *column != none; ++column) {
      if ((takers_[*column * places_ + one / 64] >> (one & 63U) & 1U) == 0) return false;
    }
    return true;
  }
  // Whether each of `places` is among `others`, or has one there that dominates it, or `others` have matched.
  constexpr bool covers(const std::uint64_t* others, const std::uint64_t* places) const noexcept {
    if (meets(others, matches_)) return true;
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = places[i] & ~others[i]; rest != 0; rest &= rest - 1) {
        if (!meets(dominators_.data() + bit_at(i, rest) * places_, others)) return false;
      }
    }
    return true;
  }
  constexpr void drop_dominated(std::uint64_t* state) const noexcept {
    for (std::size_t i = 0; i != places_; ++i) {
      for (std::uint64_t rest = state[i] & ~waiting_[i] & ~matches_[i]; rest != 0; rest &= rest - 1) {
        if (meets(dominators_.data() + bit_at(i, rest) * places_, state)) state[i] &= ~(rest & (~rest + 1));
      }
    }
  }

  // Marks all instructions that are reached from `from` without a unit and without asking for an assertion, except those in
  // `holds`.
  constexpr void follow(std::uint32_t from, std::uint32_t holds) {
    for (std::uint32_t at = from;;) {
      const std::uint64_t bit = std::uint64_t{1} << (at & 63U);
      const bool is_new = (seen_[at / 64] & bit) == 0;
      seen_[at / 64] |= bit;
      if (is_new) {
        ++steps_;
        const instruction& it = instructions_[at];
        const bool stays = (kept_[at / 64] & bit) != 0 && (it.op != opcode::place || (it.value & holds) == 0);
        if (!stays) {
          if (it.op == opcode::split) work_.push_back(it.value);
          at = it.next;
          continue;
        }
      }
      if (work_.empty()) return;
      at = work_.back();
      work_.pop_back();
    }
  }

  // What is reached behind a unit that the instruction takes: found once, and mostly asked for again.
  constexpr const std::uint64_t* places_behind(std::uint32_t at) {
    steps_ += places_;
    std::uint64_t* const known = behind_ + at * (places_ + 1);
    if (*known == 0) {
      *known = 1;
      clear_seen();
      follow(instructions_[at].next, 0);
      for (std::size_t i = 0; i != places_; ++i) known[i + 1] = seen_[i] & kept_[i];
    }
    return known + 1;
  }

  static constexpr std::uint32_t holds_between(std::uint32_t context, bool is_end, unit_value next) noexcept {
    const auto bit = [](assertion place) { return static_cast<std::uint32_t>(place); };
    const bool is_boundary = ((context & after_word) != 0) != (!is_end && is_word_unit(next));
    std::uint32_t holds = bit(is_boundary ? assertion::word_boundary : assertion::no_word_boundary);
    if ((context & at_begin) != 0) holds |= bit(assertion::text_begin);
    if ((context & (after_line | at_begin)) != 0) holds |= bit(assertion::line_begin);
    if (is_end) holds |= bit(assertion::text_end);
    if (is_end || is_line_terminator(next)) holds |= bit(assertion::line_end);
    return holds;
  }

  static constexpr std::uint32_t none = 0xFFFFFFFF;

  joint_program code_;
  unit_columns columns_;
  std::size_t columns_size_;
  std::size_t places_;            // words of a state, without its context
  growable<std::uint64_t> bits_;  // what the pointers to words point into: a call of a growable takes the compiler time
  growable<std::uint32_t> numbers_;     // and those to numbers
  growable<std::uint64_t> dominators_;  // of each instruction; empty until they are asked for
  growable<std::uint32_t> members_;     // columns, with `none` behind the last of a list
  const std::uint32_t* member_begin_ = nullptr;
  growable<std::uint32_t> work_;
  const instruction* instructions_;
  std::uint64_t* takers_;  // of each column: the instructions that take it
  std::uint64_t* waiting_;
  std::uint64_t* matches_;
  std::uint64_t* kept_;  // all that a state tells
  std::uint64_t* seen_;
  std::uint64_t* ready_;
  std::uint64_t* always_;       // where a match may begin at any place
  std::uint64_t* behind_;       // of each instruction: whether it is known what is reached behind it, and what
  std::uint32_t* noted_;        // columns, with the stamp of who noted them
  std::uint32_t* member_list_;  // of each instruction: where its columns begin
  std::uint32_t stamp_ = 0;
  std::uint32_t relevant_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/table_maker.hpp

// Makes tables, in the compiler or while the program runs: the numbers of the states that a program comes to, and the cells
// that lead from one to the next.



namespace ovrseer::pattern_detail {

/// States by their numbers, and the cells that lead from one to the next. Cells as `table_view<std::uint32_t>` has them.
class table_maker {
 public:
  static constexpr std::uint32_t unknown = table_view<std::uint32_t>::unknown;
  static constexpr std::uint32_t accepts = table_view<std::uint32_t>::accepts;

  constexpr explicit table_maker(joint_program code)
      : stepper_(std::move(code)),
        words_(stepper_.words()),
        stride_(static_cast<std::uint32_t>(stepper_.columns().size() + 1)) {
    begin_anew();
  }

  constexpr const state_stepper& stepper() const noexcept { return stepper_; }
  constexpr const growable<std::uint32_t>& cells() const noexcept { return cells_; }
  constexpr std::uint32_t stride() const noexcept { return stride_; }
  constexpr std::uint32_t dead() const noexcept { return dead_; }
  constexpr std::uint32_t first_busy() const noexcept { return first_busy_; }
  constexpr const std::array<std::uint32_t, context_count>& starts() const noexcept { return starts_; }
  /// Of a row.
  constexpr const std::uint64_t* state(std::uint32_t offset) const noexcept {
    return state_list_ + (offset / stride_ - 1) * words_;
  }

  /// Forgets all states but those to begin in.
  constexpr void begin_anew() {
    states_.clear();
    cells_.clear();
    cells_.reserve(std::size_t{32} * stride_);
    is_idle_known_ = false;
    add_row();
    dead_ = unknown;
    next_row_ = stride_;
    numbers_.clear();
    grow_numbers(64);
    next_.resize(words_);
    for (std::uint32_t context = 0; context != context_count; ++context) {
      starts_[context] = unknown;
      if ((context & ~stepper_.relevant()) != 0) continue;
      stepper_.start(context, next_.data());
      starts_[context] = offset_of_next();
    }
    first_busy_ = static_cast<std::uint32_t>(cells_.size());
  }

  /// The state that a unit of `column` leads to.
  constexpr std::uint32_t grow(std::uint32_t from, std::uint32_t column) {
    stepper_.after(state(from), column, next_.data());
    const std::uint32_t offset = offset_of_next();
    cell_list_[from + column] = offset;
    return offset;
  }
  /// The same, after all else was forgotten.
  constexpr std::uint32_t grow_anew(std::uint32_t from, std::uint32_t column) {
    stepper_.after(state(from), column, next_.data());
    growable<std::uint64_t> kept(next_.size());
    std::swap(kept, next_);
    begin_anew();
    std::swap(kept, next_);
    return offset_of_next();
  }

  /// How much may be done for a table.
  struct limits {
    std::size_t states;
    std::size_t cells;
    std::size_t steps;
    std::size_t pairs;  // of places that may stand for each other
  };

  /// Makes the whole table. False when it would pass the limits, and then it is good for nothing.
  constexpr bool grow_whole(limits most) {
    // Mostly there are about as many states as instructions.
    limits few = most;
    if (stepper_.instructions() + 8 < few.states) few.states = stepper_.instructions() + 8;
    if (grow_all(few)) return true;
    if (drop_dominated(most.pairs)) most.steps += stepper_.steps();
    return grow_all(most);
  }

  /// Does with fewer states, where that can be.
  constexpr bool drop_dominated(std::size_t max_pairs) {
    if (!stepper_.find_dominated(max_pairs)) return false;
    begin_anew();
    return true;
  }

 private:
  constexpr bool grow_all(const limits& most) {
    idle_ = starts_[0] & ~accepts;
    for (; next_row_ != cells_.size(); next_row_ += stride_) {
      if (next_row_ / stride_ > most.states || cells_.size() > most.cells || stepper_.steps() > most.steps)
        return false;
      if (!stepper_.is_final(state(next_row_))) grow_row(next_row_);
    }
    return true;
  }

  constexpr void add_row() {
    cells_.resize(cells_.size() + stride_);
    cell_list_ = cells_.data();
    std::uint32_t* const end = cells_.end();
    if (is_idle_known_) return copy_idle_row(end - stride_);
    for (std::uint32_t* cell = end - stride_; cell != end; ++cell) *cell = unknown;
  }
  constexpr void copy_idle_row(std::uint32_t* to) const noexcept {
    const std::uint32_t* from = cell_list_ + idle_;
    for (const std::uint32_t* const end = from + stride_; from != end; ++from) *to++ = *from;
  }

  // Most units lead to where they lead when nothing is under way, and so does the end; and then most lead nowhere.
  constexpr void grow_row(std::uint32_t row) {
    const bool is_idle = row == idle_;
    const auto other = is_idle ? state_stepper::beside::nothing : state_stepper::beside::idle;
    if ((!is_idle_known_ && !is_idle) || !stepper_.find_busy(state(row), other, busy_)) {
      for (std::uint32_t column = 0; column != stride_; ++column) grow(row, column);
      return;
    }
    if (is_idle) {
      std::uint32_t* const cells = cell_list_ + row;
      for (std::uint32_t column = 0; column + 1 != stride_; ++column) cells[column] = starts_[0];
      grow(row, stride_ - 1);
    } else if (row < first_like_idle_) {
      copy_idle_row(cell_list_ + row);
    }
    for (const std::uint32_t column : busy_) grow(row, column);
    if (!is_idle) return;
    is_idle_known_ = true;
    first_like_idle_ = static_cast<std::uint32_t>(cells_.size());
  }

  constexpr std::size_t hash(const std::uint64_t* state) const noexcept {
    std::uint64_t mixed = 0;
    for (const std::uint64_t* const end = state + words_; state != end; ++state)
      mixed = (mixed ^ *state) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(mixed >> 32U);
  }
  constexpr bool is_same(const std::uint64_t* a, const std::uint64_t* b) const noexcept {
    for (const std::uint64_t* const end = a + words_; a != end; ++a, ++b) {
      if (*a != *b) return false;
    }
    return true;
  }

  // The row of the state in `next_`, made if there is none yet, with the mark of a match.
  constexpr std::uint32_t offset_of_next() {
    const std::uint64_t* const wanted = next_.data();
    std::size_t at = hash(wanted);
    for (;; ++at) {
      at &= last_number_;
      const std::uint32_t known = number_list_[at];
      if (known == unknown) break;
      const std::uint64_t* const there = state_list_ + ((known & ~accepts) / stride_ - 1) * words_;
      if (*there == *wanted && is_same(there, wanted)) return known;
    }
    auto offset = static_cast<std::uint32_t>(cells_.size());
    add_row();
    states_.resize(states_.size() + words_);
    state_list_ = states_.data();
    std::uint64_t* const end = states_.end();
    const std::uint64_t* from = wanted;
    for (std::uint64_t* to = end - words_; to != end;) *to++ = *from++;
    if (stepper_.has_match(wanted)) {
      offset |= accepts;
    } else if (stepper_.is_final(wanted)) {
      dead_ = offset;
    }
    numbers_[at] = offset;
    if (++known_ * 2 > last_number_) grow_numbers(numbers_.size() * 2);
    return offset;
  }

  // Lays the numbers out anew among `size` places, a power of two.
  constexpr void grow_numbers(std::size_t size) {
    growable<std::uint32_t> before(size, unknown);
    std::swap(before, numbers_);
    number_list_ = numbers_.data();
    last_number_ = size - 1;
    known_ = 0;
    for (const std::uint32_t offset : before) {
      if (offset == unknown) continue;
      std::size_t at = hash(state(offset & ~accepts)) & (size - 1);
      while (numbers_[at] != unknown) at = (at + 1) & (size - 1);
      numbers_[at] = offset;
      ++known_;
    }
  }

  state_stepper stepper_;
  std::size_t words_;  // of a state
  std::uint32_t stride_;
  growable<std::uint32_t> cells_;
  growable<std::uint64_t> states_;
  growable<std::uint32_t> numbers_;  // of states, where their hash says
  // Where these begin: a call of a growable takes the compiler time.
  std::uint32_t* cell_list_ = nullptr;
  const std::uint64_t* state_list_ = nullptr;
  const std::uint32_t* number_list_ = nullptr;
  std::size_t last_number_ = 0;
  std::size_t known_ = 0;
  growable<std::uint64_t> next_;
  growable<std::uint32_t> busy_;       // columns
  std::uint32_t idle_ = unknown;       // the state in which nothing is under way
  std::uint32_t next_row_ = 0;         // of a whole table: the first that is not complete
  std::uint32_t first_like_idle_ = 0;  // rows from here on began as a copy of its row
  bool is_idle_known_ = false;         // whether its row is complete
  std::uint32_t dead_ = unknown;
  std::uint32_t first_busy_ = 0;
  std::array<std::uint32_t, context_count> starts_{};
};

/// What a view of the table has beside the arrays that it borrows.
template <class Cell>
constexpr table_view<Cell> facts_of(const table_maker& maker) noexcept {
  table_view<Cell> facts;
  facts.end = maker.stride() - 1;
  facts.relevant = maker.stepper().relevant();
  facts.dead = maker.dead();
  facts.first_busy = maker.first_busy();
  for (std::size_t i = 0; i != context_count; ++i) facts.starts[i] = narrowed<Cell>(maker.starts()[i]);
  return facts;
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/compiled.hpp

// Who owns the arrays of a program: the data section for a pattern that the compiler read, a shared
// block for one that came at run time.



namespace ovrseer::pattern_detail {

/// A program and its arrays in one. Not movable: the program points into it.
class dynamic_program {
 public:
  /// `text` must outlive it.
  constexpr dynamic_program(tree&& parsed, std::string_view text, pattern_flags flags) : arrays_(emit(parsed)) {
    program_ = make_program(arrays_, program_facts{}, text, flags);
    program_ = make_program(arrays_, fact_finder(parsed, program_).run(), text, flags);
  }
  dynamic_program(const dynamic_program&) = delete;
  dynamic_program& operator=(const dynamic_program&) = delete;

  constexpr const program& get() const noexcept { return program_; }

 private:
  dynamic_arrays arrays_;
  program program_;
};

/// What a run-time pattern shares with its copies.
struct shared_program {
  shared_program(std::string_view pattern, tree&& parsed, pattern_flags flags)
      : text(pattern), compiled(std::move(parsed), text, flags) {}
  shared_program(const shared_program&) = delete;
  shared_program& operator=(const shared_program&) = delete;
  ~shared_program() { slots.drop(); }

  std::string text;
  dynamic_program compiled;
  search_slots slots;
};

/// The table of a pattern as the compiler makes it, before it is known how large it is.
struct raw_table {
  static constexpr std::size_t max_cells = 2048;
  static constexpr std::size_t max_borders = 16;
  // Together a quarter, at most, of the steps that clang takes for one constant.
  static constexpr std::size_t max_code = 128;
  static constexpr table_maker::limits most{240, max_cells, 6'000, 1024};

  std::size_t cell_count = 0;  // zero: it would take the compiler too long
  std::size_t border_count = 0;
  std::array<std::uint16_t, max_cells> cells{};
  std::array<std::uint16_t, 0x80> ascii{};
  std::array<unit_value, max_borders> borders{};
  std::array<std::uint16_t, max_borders> columns{};
  whole_view view;  // without its arrays
};

constexpr raw_table make_raw_table(tree valid) {
  raw_table made;
  joint_program code(std::move(valid));
  if (code.code.size() > raw_table::max_code) return made;
  table_maker maker(std::move(code));
  const unit_columns& columns = maker.stepper().columns();
  if (columns.borders().size() > raw_table::max_borders) return made;
  if (!maker.grow_whole(raw_table::most)) return made;
  made.cell_count = maker.cells().size();
  made.border_count = columns.borders().size();
  std::uint16_t* to = made.cells.data();
  // As `narrowed`, without a call for each.
  for (const std::uint32_t cell : maker.cells()) *to++ = static_cast<std::uint16_t>(cell | cell >> 16U);
  made.ascii = columns.ascii();
  for (std::size_t i = 0; i != made.border_count; ++i) {
    made.borders[i] = columns.borders()[i];
    made.columns[i] = static_cast<std::uint16_t>(columns.column_of_border(i));
  }
  made.view = facts_of<std::uint16_t>(maker);
  return made;
}

/// More instructions than this would pass the limits that compilers set to constant evaluation: such
/// a pattern is checked while compiling, and its program made on first use.
inline constexpr std::size_t max_static_code = 1500;

/// What the compiler must know of a pattern before it can lay out the arrays.
struct measure {
  std::size_t code = 0;
  std::size_t classes = 0;
  std::size_t ranges = 0;
  std::size_t names = 0;
  std::size_t groups = 1;
  bool is_valid = true;
  pattern_errc error{};
  std::size_t offset = 0;
  raw_table table;
};

/// Compilers limit the steps of constant evaluation, and reading a longer text could take more.
inline constexpr std::size_t max_static_text = 4096;

constexpr measure measure_pattern(std::string_view text, pattern_flags flags) {
  measure found;
  if (text.size() > max_static_text) {
    found.is_valid = false;
    found.error = pattern_errc::text_too_long_for_the_compiler;
    found.offset = max_static_text;
    return found;
  }
  tree parsed = parse(text, flags);
  found.is_valid = parsed.is_valid;
  found.error = parsed.code;
  found.offset = parsed.offset;
  if (!parsed.is_valid) return found;
  found.code = code_size(parsed);
  found.classes = parsed.classes.size();
  found.ranges = parsed.ranges.size();
  found.names = parsed.names.size();
  found.groups = parsed.group_count + 1;
  if (found.code <= max_static_code) found.table = make_raw_table(std::move(parsed));
  return found;
}

/// The same with exact sizes: what stays in the data section.
template <std::size_t Cells, std::size_t Borders>
struct fitted_table {
  constexpr explicit fitted_table(const raw_table& from) noexcept {
    copy(from.cells.data(), cells, Cells);
    copy(from.ascii.data(), ascii, 0x80);
    copy(from.borders.data(), borders, Borders);
    copy(from.columns.data(), columns, Borders);
  }
  constexpr whole_view view(whole_view facts) const noexcept {
    facts.cells = cells;
    facts.cell_count = Cells;
    facts.ascii = ascii;
    facts.borders = borders;
    facts.columns = columns;
    facts.border_count = Borders;
    return facts;
  }

  template <class Value>
  static constexpr void copy(const Value* from, Value* to, std::size_t count) noexcept {
    for (Value* const end = to + count; to != end; ++to, ++from) *to = *from;
  }

  // Not std::array: each size of it takes the compiler time.
  std::uint16_t cells[Cells] = {};
  std::uint16_t ascii[0x80] = {};
  unit_value borders[Borders] = {};
  std::uint16_t columns[Borders] = {};
};

template <fixed_string Text, pattern_flags Flags>
struct static_pattern {
  static constexpr measure sizes = measure_pattern(Text.view(), Flags);
  static constexpr bool is_static = sizes.is_valid && sizes.code <= max_static_code;

  static constexpr bool check() noexcept {
    if constexpr (sizes.is_valid) {
      return true;
    } else {
      return invalid_pattern_at<sizes.offset, sizes.error, Text>::reported;
    }
  }

  struct image {
    static_arrays<sizes.code, sizes.classes, sizes.ranges, sizes.names> arrays;
    program_facts facts;
  };

  static constexpr image build() {
    image made;
    tree parsed = parse(Text.view(), Flags);
    emitter(parsed, made.arrays.code.data()).run();
    for (std::size_t i = 0; i != sizes.classes; ++i) made.arrays.classes[i] = parsed.classes[i];
    for (std::size_t i = 0; i != sizes.ranges; ++i) made.arrays.ranges[i] = parsed.ranges[i];
    for (std::size_t i = 0; i != sizes.names; ++i) made.arrays.names[i] = parsed.names[i];
    const program whole = make_program(made.arrays, made.facts, Text.view(), Flags);
    made.facts = fact_finder(parsed, whole).run();
    return made;
  }

  static constexpr bool has_table = sizes.table.cell_count != 0;
  static search_slots slots;
};

/// Separate from the rest, so that a pattern without a table never makes one.
template <fixed_string Text, pattern_flags Flags>
struct static_table {
  using parts = static_pattern<Text, Flags>;
  static constexpr fitted_table<parts::sizes.table.cell_count, parts::sizes.table.border_count> table{
      parts::sizes.table};
  static constexpr whole_view view = table.view(parts::sizes.table.view);
};

template <fixed_string Text, pattern_flags Flags>
constexpr search_slots slots_of() noexcept {
  if constexpr (static_pattern<Text, Flags>::has_table) {
    return search_slots(&static_table<Text, Flags>::view);
  } else {
    return {};
  }
}
template <fixed_string Text, pattern_flags Flags>
constinit search_slots static_pattern<Text, Flags>::slots = slots_of<Text, Flags>();

/// Separate from its arrays, so that a pattern which is not static never makes them.
template <fixed_string Text, pattern_flags Flags>
struct static_program {
  using parts = static_pattern<Text, Flags>;
  static constexpr typename parts::image image = parts::build();
  static constexpr program value = make_program(image.arrays, image.facts, Text.view(), Flags);
};

/// The program of a pattern too large for the compiler. Never freed: who searches during the last
/// destructors of a program still finds it.
template <fixed_string Text, pattern_flags Flags>
inline const program& lazy_program() {
  static const auto* const made = new dynamic_program(parse(Text.view(), Flags), Text.view(), Flags);
  return made->get();
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/slot_buffer.hpp

// The places of a match: few groups need no memory of their own.


namespace ovrseer::pattern_detail {

class slot_buffer {
 public:
  explicit slot_buffer(std::size_t size) : size_(size) {
    if (size > near_.size()) far_ = std::make_unique<std::size_t[]>(size);
  }
  slot_buffer(const slot_buffer& other) : slot_buffer(other.size_) { copy(other); }
  slot_buffer(slot_buffer&& other) noexcept : far_(std::move(other.far_)), size_(other.size_) {
    if (far_ == nullptr) copy(other);
  }
  slot_buffer& operator=(slot_buffer other) noexcept {
    far_ = std::move(other.far_);
    size_ = other.size_;
    if (far_ == nullptr) copy(other);
    return *this;
  }
  ~slot_buffer() = default;

  std::size_t size() const noexcept { return size_; }
  std::size_t* data() noexcept { return far_ == nullptr ? near_.data() : far_.get(); }
  const std::size_t* data() const noexcept { return far_ == nullptr ? near_.data() : far_.get(); }
  std::size_t operator[](std::size_t i) const noexcept { return data()[i]; }

 private:
  void copy(const slot_buffer& other) noexcept {
    const std::size_t* const from = other.data();
    std::size_t* const to = data();
    for (std::size_t i = 0; i != size_; ++i) to[i] = from[i];
  }

  std::array<std::size_t, 16> near_;  // what is not used is not written
  std::unique_ptr<std::size_t[]> far_;
  std::size_t size_;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/match.hpp

// What a pattern found: where it lies, and what its groups took.



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

// ---- ovrseer/pattern/pattern.hpp

// Regular expressions as JavaScript writes them, in linear time: read by the compiler, or at run time
// with the same syntax and the same answers.



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

// ---- ovrseer/pattern/example.hpp

// A text that a pattern matches: for simulations that must say what a check waits for, and for people who wonder
// what a pattern means.



namespace ovrseer {

/// A shortest text that has a match of `what`, made of printable ASCII where that is possible; the engine itself has
/// confirmed it. The same for the same pattern.
///
///     example_of(*pattern<>::compile("took \\d{4,}ms|fatal"))  // "fatal"
///
/// What no printable character fits (`\x01`, `[^ -~]`, `\n`) is in it as it must be. A byte or a line end more may
/// stand before or behind the match itself where an assertion asks for one, as in `\Bx`.
///
/// Nothing where no text matches: a class without members (`[^\s\S]`), or assertions that contradict each other
/// (`a\bb`, `x^`).
///
/// Cost: the size of the program, 64 states for each of its at most 10,000 steps.
inline std::optional<std::string> example_of(pattern_view what) {
  std::optional<std::string> found = pattern_detail::example_search(pattern_access::program(what)).run();
  if (found && !what.matches(*found)) return std::nullopt;
  return found;
}

}  // namespace ovrseer

// ---- ovrseer/pattern/explain.hpp

// What the engine makes of a pattern: what it looks for, how it decides, and what is dear about it. For people who wonder
// why a flag costs what it costs.



namespace ovrseer {

/// How a set, such as the flags of a process, searches for a pattern in lines of text: what `pattern::explain` says.
///
///     for (const auto& why : pattern<>::compile("\\d+ms")->explain().warnings) warn(why);
struct pattern_explanation {
  /// One of the byte sequences of which every match has at least one.
  struct sequence {
    std::string text;    ///< a byte as it is, a letter in either case as its capital, other classes as `?`
    std::string window;  ///< the part of it that is looked for in the text, three bytes or four
    double guesses = 0;  ///< at how many of a million bytes of log text the scan is expected to stop for it
  };
  enum class engine : unsigned char {
    sequence,   ///< where a sequence stands the pattern matches: nothing else is asked
    table,      ///< an automaton, made whole, decides about what stands around a sequence
    growing,    ///< an automaton that would be too large to make whole, and grows with the text
    every_line  ///< nothing to look for: the automaton reads every line, together with other such patterns
  };

  std::string pattern;              ///< as JavaScript writes it
  std::vector<sequence> sequences;  ///< empty where there is nothing to look for
  engine decides = engine::sequence;
  std::size_t steps = 0;  ///< instructions of the program that finds spans and groups
  bool reads_from_line_begin =
      false;  ///< what stands before a sequence has no bound, so the automaton begins with the line
  std::vector<std::string> warnings;  ///< what makes it dear, and the cure
};

OVRSEER_DECL std::string_view to_text(pattern_explanation::engine decides) noexcept;

/// The explanation as a few lines of text, each with a newline.
OVRSEER_DECL std::string to_text(const pattern_explanation& of);

template <fixed_string Text, pattern_flags Flags>
pattern_explanation pattern<Text, Flags>::explain() const {
  return pattern_view(*this).explain();
}

inline pattern_explanation pattern<>::explain() const { return view_.explain(); }

}  // namespace ovrseer

// ---- ovrseer/pattern/pattern_hits.hpp

// Which patterns of a set matched a line.


namespace ovrseer {

/// The slots of the patterns that matched, in rising order: `for (std::size_t slot : hits)`.
class pattern_hits {
 public:
  using value_type = std::size_t;

  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::size_t*;
    using reference = std::size_t;

    iterator() = default;
    iterator(const pattern_hits& hits, std::size_t slot) noexcept : hits_(&hits), slot_(hits.next(slot)) {}
    std::size_t operator*() const noexcept { return slot_; }
    iterator& operator++() noexcept {
      slot_ = hits_->next(slot_ + 1);
      return *this;
    }
    iterator operator++(int) noexcept {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.slot_ == b.slot_; }

   private:
    const pattern_hits* hits_ = nullptr;
    std::size_t slot_ = 0;
  };

  bool any() const noexcept { return count_ != 0; }
  std::size_t size() const noexcept { return count_; }
  bool contains(std::size_t slot) const noexcept {
    return slot / 64 < words_.size() && ((words_[slot / 64] >> (slot % 64)) & 1U) != 0;
  }
  iterator begin() const noexcept { return {*this, 0}; }
  iterator end() const noexcept { return {*this, words_.size() * 64}; }

  /// Forgets all hits and keeps the memory.
  void clear() noexcept {
    if (count_ == 0) return;
    for (std::uint64_t& word : words_) word = 0;
    count_ = 0;
  }
  void insert(std::size_t slot) {
    if (slot / 64 >= words_.size()) words_.resize(slot / 64 + 1, 0);
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    count_ += (words_[slot / 64] & bit) == 0 ? 1 : 0;
    words_[slot / 64] |= bit;
  }

 private:
  // The first hit at `slot` or later.
  std::size_t next(std::size_t slot) const noexcept {
    for (std::size_t word = slot / 64; word < words_.size(); ++word) {
      std::uint64_t rest = words_[word];
      if (word == slot / 64) rest &= ~std::uint64_t{0} << (slot % 64);
      if (rest != 0) return word * 64 + static_cast<std::size_t>(std::countr_zero(rest));
    }
    return words_.size() * 64;
  }

  std::vector<std::uint64_t> words_;
  std::size_t count_ = 0;
};

}  // namespace ovrseer

// ---- ovrseer/pattern/detail/automaton.hpp

// Tables that are made while the program runs: whole, where there are few states, or growing with the texts that are searched.



namespace ovrseer::pattern_detail {

/// What a view of a table borrows.
template <class Cell>
struct owned_table {
  std::vector<Cell> cells;
  std::array<std::uint16_t, 0x80> ascii{};
  std::vector<unit_value> borders;
  std::vector<std::uint16_t> columns;
  table_view<Cell> view;
};

/// A table that was made whole; null when it would pass the limits. Searching it is const and may be done by any number of
/// threads.
using whole_table = owned_table<std::uint16_t>;
OVRSEER_DECL std::unique_ptr<const whole_table> make_whole_table(joint_program code);

/// Grows as it is used, and begins anew when it has grown too large: any program, in bounded memory. For one thread at a
/// time.
class automaton {
 public:
  using outcome = table_view<std::uint32_t>::outcome;

  explicit automaton(joint_program code);

  /// As `table_view::search`.
  outcome search(std::string_view text, std::size_t from, std::size_t past);
  bool matches(std::string_view text, std::size_t from) { return search(text, from, text.size()).is_match; }

  /// Puts into `matched` each pattern that matches in `text`, once or more often.
  void visit(std::string_view text, std::vector<std::uint32_t>& matched);

  static constexpr std::size_t max_cells = 1U << 18U;  // a mebibyte
  std::size_t cells() const noexcept { return maker_.cells().size(); }

 private:
  std::uint32_t next_state(std::uint32_t state, std::uint32_t column);

  table_maker maker_;
  owned_table<std::uint32_t> table_;  // its cells are the maker's
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/rarity.hpp

// How rare a sequence of bytes is in log text, and which part of it is the rarest: the part to look for.



namespace ovrseer::pattern_detail {

/// Byte classes one after the other. A unit beyond ASCII that is known only by its class shows one byte:
/// its last at the beginning of a sequence, its first at the end; in between it ends the sequence.
struct byte_sequence {
  std::vector<byte_set> bytes;
  bool has_wide_front = false;
  bool has_wide_back = false;
  std::size_t lead = 0;  // at most so many bytes stand before it in a match; or `unbounded_lead`
};
inline constexpr std::size_t unbounded_lead = static_cast<std::size_t>(-1);

/// How likely byte classes are in log text, from the pairs that were counted there.
class rarity_model {
 public:
  /// The probability that `bytes[first, first + count)` begin at some place.
  static double probability(const byte_sequence& sequence, std::size_t first, std::size_t count);

 private:
  struct share {
    std::size_t group;
    double weight;
  };

  static double power(std::uint8_t sixteenths);
  // Which part of each group a class has. A letter counts whole in either case: most are seen in one.
  static std::vector<share> shares(const byte_set& set);
};

/// The part of a sequence to look for. Its last three bytes are what a scan sees of it, and are the rarest; one more
/// before them, where there is one, is compared when the scan has found them.
struct window {
  std::size_t begin = 0;
  std::size_t size = 0;
  double probability = 1;  // of the bytes that are scanned
};
inline constexpr std::size_t max_window = 4;
inline constexpr std::size_t max_scanned = 3;

OVRSEER_DECL window rarest_window(const byte_sequence& sequence);

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/scan_tables.hpp

// Which windows may end at a place of text, as tables of sets of windows that each byte is looked up in, by its two halves
// or whole; what they tell is a guess that leaves nothing out. A window is known by its last bytes, so that nothing behind
// the text is ever read. With the form of the scan that any processor can run.



namespace ovrseer::pattern_detail {

inline constexpr std::size_t block_size = 64;
inline constexpr std::size_t scanned_bytes = max_scanned;  // the last ones of a window
inline constexpr std::size_t bytes_before = scanned_bytes - 1;
/// Lines up to this length are scanned at once.
inline constexpr std::size_t max_line = 32 * block_size;

/// Eight sets of windows. Bit b of a cell is clear where set b has a window whose byte i may be this one; so what a look-up
/// leaves at zero rules nothing out.
struct scan_sets {
  alignas(64) std::array<std::array<std::uint8_t, 128>, scanned_bytes> whole;  // by the byte without its highest bit
  alignas(16) std::array<std::array<std::uint8_t, 16>, scanned_bytes> low;     // by its lower half
  alignas(16) std::array<std::array<std::uint8_t, 16>, scanned_bytes> high;

  constexpr scan_sets() noexcept {
    for (auto& row : whole) row.fill(0xFF);
    for (auto& row : low) row.fill(0xFF);
    for (auto& row : high) row.fill(0xFF);
  }
  /// Set `set` has a window whose byte `i` may be `byte`.
  constexpr void add(std::size_t i, unsigned byte, unsigned set) noexcept {
    const auto others = static_cast<std::uint8_t>(~(1U << set));
    whole[i][byte & 127U] &= others;
    low[i][byte & 15U] &= others;
    high[i][byte >> 4U] &= others;
  }
  /// The sets that byte `i` rules out, by halves; beyond ASCII the lower one says nothing.
  constexpr unsigned ruled_out(std::size_t i, unsigned byte) const noexcept {
    return (byte < 0x80 ? unsigned{low[i][byte & 15U]} : 0U) | high[i][byte >> 4U];
  }
};

/// Few windows share eight sets; the more there are of them, the less the sets tell, and then there are sixteen.
struct scan_tables {
  std::array<scan_sets, 2> sets;
  bool has_both = false;
};

inline constexpr std::size_t batch_size = 32 * block_size;

/// What was seen in a batch of text: where windows may end, and where lines do. A sentinel stands behind the windows.
struct event_lists {
  static constexpr std::uint16_t sentinel = 0xFFFF;

  std::array<std::uint16_t, batch_size + block_size> windows;
  std::array<std::uint16_t, batch_size + block_size> newlines;
  std::size_t window_count = 0;
  std::size_t newline_count = 0;

  /// Forgets what is behind `size` bytes, and closes the list.
  void end_at(std::size_t size) noexcept {
    while (window_count != 0 && windows[window_count - 1] >= size) --window_count;
    while (newline_count != 0 && newlines[newline_count - 1] >= size) --newline_count;
    windows[window_count] = sentinel;
  }
  /// A bit for each byte of a block at `base`.
  void add(std::size_t base, std::uint64_t window_bits, std::uint64_t newline_bits) noexcept {
    window_count = append(windows.data(), window_count, base, window_bits);
    newline_count = append(newlines.data(), newline_count, base, newline_bits);
  }

 private:
  // Most blocks have one or none: two are written without a question.
  static std::size_t append(std::uint16_t* to, std::size_t count, std::size_t base, std::uint64_t bits) noexcept {
    const std::size_t end = count + static_cast<std::size_t>(std::popcount(bits));
    for (std::size_t i = 0; i != 2; ++i, bits &= bits - 1) {
      to[count + i] = static_cast<std::uint16_t>(base + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    for (count += 2; bits != 0; ++count, bits &= bits - 1) {
      to[count] = static_cast<std::uint16_t>(base + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    return end;
  }
};

/// The forms of the scan for one kind of processor.
struct scan_functions {
  /// `count` blocks of text, of which `data` is block `first` of a batch; the two bytes before `data` are readable.
  void (*blocks)(const scan_tables& tables, const unsigned char* data, std::size_t first, std::size_t count,
                 event_lists& out);
  /// A whole line of at most `max_line` bytes, with nothing readable around it: a word of `out` for each 64 bytes, and room
  /// for two at least. False when no bit is set.
  bool (*line)(const scan_tables& tables, const unsigned char* data, std::size_t size, std::uint64_t* out);
};

// ---- any processor

// The sets that are still possible, a bit each, are shifted from byte to byte: [2] have all their bytes.
class portable_scanner {
 public:
  explicit portable_scanner(const scan_sets& sets) noexcept : sets_(sets) {}
  bool next(unsigned byte) noexcept {
    const unsigned all = after_two_ & ~sets_.ruled_out(2, byte);
    after_two_ = after_one_ & ~sets_.ruled_out(1, byte);
    after_one_ = ~sets_.ruled_out(0, byte);
    return (all & 0xFFU) != 0;
  }

 private:
  const scan_sets& sets_;
  unsigned after_one_ = 0;
  unsigned after_two_ = 0;
};

inline std::uint64_t scan_portable(portable_scanner& first, portable_scanner& second, bool has_both,
                                   const unsigned char* data, std::size_t size) noexcept {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i != size; ++i) {
    bool is_window = first.next(data[i]);
    if (has_both) is_window = second.next(data[i]) || is_window;
    found |= std::uint64_t{is_window} << i;
  }
  return found;
}

inline void scan_blocks_portable(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  portable_scanner first(tables.sets[0]);
  portable_scanner second(tables.sets[1]);
  scan_portable(first, second, true, data - bytes_before, bytes_before);
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    const std::uint64_t windows = scan_portable(first, second, tables.has_both, data, block_size);
    std::uint64_t newlines = 0;
    for (std::size_t i = 0; i != block_size; ++i) newlines |= std::uint64_t{data[i] == '\n'} << i;
    out.add(block * block_size, windows, newlines);
  }
}

inline bool scan_line_portable(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  portable_scanner first(tables.sets[0]);
  portable_scanner second(tables.sets[1]);
  constexpr unsigned char zeros[bytes_before] = {};
  scan_portable(first, second, true, zeros, bytes_before);
  std::uint64_t any = 0;
  for (std::size_t at = 0; at < size; at += block_size) {
    *out = scan_portable(first, second, tables.has_both, data + at, size - at < block_size ? size - at : block_size);
    any |= *out++;
  }
  return any != 0;
}

inline constexpr scan_functions portable_scan{&scan_blocks_portable, &scan_line_portable};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/scan_neon.hpp

// The form of the scan for 64-bit ARM: 16 bytes at a time, each looked up by its two halves.


#if defined(__aarch64__) && defined(__ARM_NEON) && !defined(__AARCH64EB__)

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <arm_neon.h>

namespace ovrseer::pattern_detail {

/// The tables of eight sets, in registers.
struct lanes_neon {
  uint8x16_t low0, low1, low2;
  uint8x16_t high0, high1, high2;
};

inline lanes_neon lanes_of_neon(const scan_sets& sets) noexcept {
  return {vld1q_u8(sets.low[0].data()),  vld1q_u8(sets.low[1].data()),  vld1q_u8(sets.low[2].data()),
          vld1q_u8(sets.high[0].data()), vld1q_u8(sets.high[1].data()), vld1q_u8(sets.high[2].data())};
}

/// Bytes, and those one and two places before them.
struct bytes_neon {
  uint8x16_t two_before, before, here;
};
inline bytes_neon bytes_at_neon(const unsigned char* data) noexcept {
  return {vld1q_u8(data - 2), vld1q_u8(data - 1), vld1q_u8(data)};
}

// Beyond ASCII the index is out of the table, and the lower half says nothing.
inline uint8x16_t ruled_out_neon(uint8x16_t low, uint8x16_t high, uint8x16_t bytes) noexcept {
  return vorrq_u8(vqtbl1q_u8(low, vandq_u8(bytes, vdupq_n_u8(0x8F))), vqtbl1q_u8(high, vshrq_n_u8(bytes, 4)));
}

// All bits of each byte at which a window of eight sets may end.
inline uint8x16_t windows_neon(const lanes_neon& in, const bytes_neon& of) noexcept {
  const uint8x16_t ruled =
      vorrq_u8(vorrq_u8(ruled_out_neon(in.low0, in.high0, of.two_before), ruled_out_neon(in.low1, in.high1, of.before)),
               ruled_out_neon(in.low2, in.high2, of.here));
  return vmvnq_u8(vceqq_u8(ruled, vdupq_n_u8(0xFF)));
}
template <bool HasBoth>
inline uint8x16_t windows_neon(const lanes_neon& first, const lanes_neon& second, const bytes_neon& of) noexcept {
  const uint8x16_t found = windows_neon(first, of);
  if constexpr (HasBoth) return vorrq_u8(found, windows_neon(second, of));
  return found;
}

// One bit of each byte.
inline uint8x16_t weighted_neon(uint8x16_t bytes) noexcept {
  static constexpr std::array<std::uint8_t, 16> weights{1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  return vandq_u8(bytes, vld1q_u8(weights.data()));
}
inline std::uint64_t bits_neon(uint8x16_t bytes) noexcept {
  const uint8x16_t weighted = weighted_neon(bytes);
  return std::uint64_t{vaddv_u8(vget_low_u8(weighted))} | std::uint64_t{vaddv_u8(vget_high_u8(weighted))} << 8U;
}
inline std::uint64_t bits_neon(const std::array<uint8x16_t, 4>& block) noexcept {
  const uint8x16_t lower = vpaddq_u8(weighted_neon(block[0]), weighted_neon(block[1]));
  const uint8x16_t upper = vpaddq_u8(weighted_neon(block[2]), weighted_neon(block[3]));
  const uint8x16_t sums = vpaddq_u8(lower, upper);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

template <bool HasBoth>
inline void scan_blocks_neon(const scan_tables& tables, const unsigned char* data, std::size_t begin, std::size_t count,
                             event_lists& out) {
  const lanes_neon first = lanes_of_neon(tables.sets[0]);
  const lanes_neon second = lanes_of_neon(tables.sets[HasBoth ? 1 : 0]);
  const uint8x16_t newline = vdupq_n_u8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    std::array<uint8x16_t, 4> windows;
    std::array<uint8x16_t, 4> newlines;
    for (std::size_t i = 0; i != windows.size(); ++i) {
      const bytes_neon here = bytes_at_neon(data + 16 * i);
      windows[i] = windows_neon<HasBoth>(first, second, here);
      newlines[i] = vceqq_u8(here.here, newline);
    }
    out.add(block * block_size, bits_neon(windows), bits_neon(newlines));
  }
}

// The first bytes have nothing before them; the last step reads again what the one before has read, rather than what is
// behind the line.
template <bool HasBoth>
inline bool scan_line_neon(const scan_tables& tables, const unsigned char* data, std::size_t size, std::uint64_t* out) {
  constexpr std::size_t width = 16;
  const lanes_neon first = lanes_of_neon(tables.sets[0]);
  const lanes_neon second = lanes_of_neon(tables.sets[HasBoth ? 1 : 0]);
  std::array<unsigned char, width + bytes_before> copy{};
  const unsigned char* begin = data;
  if (size < width) {
    std::memcpy(copy.data(), data, size);
    begin = copy.data();
  }
  const uint8x16_t here = vld1q_u8(begin);
  const uint8x16_t nothing = vdupq_n_u8(0);
  const bytes_neon bytes{vextq_u8(nothing, here, 14), vextq_u8(nothing, here, 15), here};
  std::uint64_t any = bits_neon(windows_neon<HasBoth>(first, second, bytes));
  if (size < width) any &= (std::uint64_t{1} << size) - 1;
  *out = any;
  for (std::size_t at = width; at < size; at += width) {
    const std::size_t from = at + width <= size ? at : size - width;
    if (from == 1) std::memcpy(copy.data() + 1, data, width + 1);  // so that there is something two bytes before
    const bytes_neon next = bytes_at_neon(from == 1 ? copy.data() + bytes_before : data + from);
    const std::uint64_t found = bits_neon(windows_neon<HasBoth>(first, second, next)) >> (at - from);
    any |= found;
    const std::size_t shift = at % block_size;
    out[at / block_size] = shift == 0 ? found : out[at / block_size] | found << shift;
  }
  return any != 0;
}

inline void scan_any_blocks_neon(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_neon<true>(tables, data, begin, count, out)
                         : scan_blocks_neon<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_neon(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  return tables.has_both ? scan_line_neon<true>(tables, data, size, out)
                         : scan_line_neon<false>(tables, data, size, out);
}
inline constexpr scan_functions neon_scan{&scan_any_blocks_neon, &scan_any_line_neon};

}  // namespace ovrseer::pattern_detail

#define OVRSEER_PATTERN_HAS_NEON 1
#endif

// ---- ovrseer/pattern/detail/scan_x86.hpp

// The forms of the scan for x86, 16, 32 and 64 bytes at a time. Each is written out: the target of a function cannot depend
// on a template's argument.



#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

namespace ovrseer::pattern_detail {

// ---- 16 bytes at a time

/// The tables of eight sets, in registers.
struct lanes_ssse3 {
  __m128i low0, low1, low2;
  __m128i high0, high1, high2;
};

__attribute__((target("ssse3"))) inline __m128i row_ssse3(const std::array<std::uint8_t, 16>& row) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(row.data()));
}

__attribute__((target("ssse3"))) inline lanes_ssse3 lanes_of_ssse3(const scan_sets& sets) {
  return {row_ssse3(sets.low[0]),  row_ssse3(sets.low[1]),  row_ssse3(sets.low[2]),
          row_ssse3(sets.high[0]), row_ssse3(sets.high[1]), row_ssse3(sets.high[2])};
}

/// Bytes, and those one and two places before them.
struct bytes_ssse3 {
  __m128i two_before, before, here;
};

__attribute__((target("ssse3"))) inline __m128i upper_ssse3(__m128i bytes) {
  return _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
}

// A bit for each byte at which a window of eight sets may end.
__attribute__((target("ssse3"))) inline std::uint32_t windows_ssse3(const lanes_ssse3& in, const bytes_ssse3& of) {
  const __m128i ones = _mm_set1_epi8(-1);
  const __m128i first =
      _mm_or_si128(_mm_shuffle_epi8(in.low0, of.two_before), _mm_shuffle_epi8(in.high0, upper_ssse3(of.two_before)));
  const __m128i second =
      _mm_or_si128(_mm_shuffle_epi8(in.low1, of.before), _mm_shuffle_epi8(in.high1, upper_ssse3(of.before)));
  const __m128i third =
      _mm_or_si128(_mm_shuffle_epi8(in.low2, of.here), _mm_shuffle_epi8(in.high2, upper_ssse3(of.here)));
  const __m128i ruled = _mm_or_si128(_mm_or_si128(first, second), third);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(ruled, ones))) ^ 0xFFFFU;
}

__attribute__((target("ssse3"))) inline __m128i load_ssse3(const unsigned char* data) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
}
__attribute__((target("ssse3"))) inline bytes_ssse3 bytes_at_ssse3(const unsigned char* data) {
  return {load_ssse3(data - 2), load_ssse3(data - 1), load_ssse3(data)};
}

template <bool HasBoth>
__attribute__((target("ssse3"))) inline void scan_blocks_ssse3(const scan_tables& tables, const unsigned char* data,
                                                               std::size_t begin, std::size_t count, event_lists& out) {
  const lanes_ssse3 first = lanes_of_ssse3(tables.sets[0]);
  const lanes_ssse3 second = lanes_of_ssse3(tables.sets[HasBoth ? 1 : 0]);
  const __m128i newline = _mm_set1_epi8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    std::uint64_t window_bits = 0;
    std::uint64_t newline_bits = 0;
    for (unsigned i = 0; i != block_size; i += 16) {
      const bytes_ssse3 here = bytes_at_ssse3(data + i);
      std::uint32_t windows = windows_ssse3(first, here);
      if constexpr (HasBoth) windows |= windows_ssse3(second, here);
      const auto ends = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(here.here, newline)));
      window_bits |= std::uint64_t{windows} << i;
      newline_bits |= std::uint64_t{ends} << i;
    }
    out.add(block * block_size, window_bits, newline_bits);
  }
}

// The first bytes have nothing before them; the last step reads again what the one before has read, rather than what is
// behind the line.
template <bool HasBoth>
__attribute__((target("ssse3"))) inline bool scan_line_ssse3(const scan_tables& tables, const unsigned char* data,
                                                             std::size_t size, std::uint64_t* out) {
  constexpr std::size_t width = 16;
  const lanes_ssse3 first = lanes_of_ssse3(tables.sets[0]);
  const lanes_ssse3 second = lanes_of_ssse3(tables.sets[HasBoth ? 1 : 0]);
  alignas(width) unsigned char copy[width + bytes_before];
  const unsigned char* begin = data;
  if (size < width + bytes_before) std::memset(copy, 0, sizeof(copy));
  if (size < width) {
    std::memcpy(copy, data, size);
    begin = copy;
  }
  const __m128i here = load_ssse3(begin);
  const bytes_ssse3 bytes = {_mm_slli_si128(here, 2), _mm_slli_si128(here, 1), here};
  std::uint64_t any = windows_ssse3(first, bytes);
  if constexpr (HasBoth) any |= windows_ssse3(second, bytes);
  if (size < width) any &= (std::uint64_t{1} << size) - 1;
  *out = any;
  for (std::size_t at = width; at < size; at += width) {
    const std::size_t from = at + width <= size ? at : size - width;
    if (from == 1) std::memcpy(copy + 1, data, width + 1);  // so that there is something two bytes before
    const bytes_ssse3 next = bytes_at_ssse3(from == 1 ? copy + bytes_before : data + from);
    std::uint64_t found = windows_ssse3(first, next);
    if constexpr (HasBoth) found |= windows_ssse3(second, next);
    found >>= at - from;
    any |= found;
    const std::size_t shift = at % block_size;
    out[at / block_size] = shift == 0 ? found : out[at / block_size] | found << shift;
  }
  return any != 0;
}

inline void scan_any_blocks_ssse3(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                  std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_ssse3<true>(tables, data, begin, count, out)
                         : scan_blocks_ssse3<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_ssse3(const scan_tables& tables, const unsigned char* data, std::size_t size,
                                std::uint64_t* out) {
  return tables.has_both ? scan_line_ssse3<true>(tables, data, size, out)
                         : scan_line_ssse3<false>(tables, data, size, out);
}
inline constexpr scan_functions ssse3_scan{&scan_any_blocks_ssse3, &scan_any_line_ssse3};

// ---- 32 bytes at a time

/// The tables of eight sets, in registers.
struct lanes_avx2 {
  __m256i low0, low1, low2;
  __m256i high0, high1, high2;
};

__attribute__((target("avx2,bmi,popcnt"))) inline __m256i row_avx2(const std::array<std::uint8_t, 16>& row) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(row.data())));
}

__attribute__((target("avx2,bmi,popcnt"))) inline lanes_avx2 lanes_of_avx2(const scan_sets& sets) {
  return {row_avx2(sets.low[0]),  row_avx2(sets.low[1]),  row_avx2(sets.low[2]),
          row_avx2(sets.high[0]), row_avx2(sets.high[1]), row_avx2(sets.high[2])};
}

/// Bytes, and those one and two places before them.
struct bytes_avx2 {
  __m256i two_before, before, here;
};

__attribute__((target("avx2,bmi,popcnt"))) inline __m256i upper_avx2(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
}

// A bit for each byte at which a window of eight sets may end.
__attribute__((target("avx2,bmi,popcnt"))) inline std::uint32_t windows_avx2(const lanes_avx2& in,
                                                                             const bytes_avx2& of) {
  const __m256i ones = _mm256_set1_epi8(-1);
  const __m256i first = _mm256_or_si256(_mm256_shuffle_epi8(in.low0, of.two_before),
                                        _mm256_shuffle_epi8(in.high0, upper_avx2(of.two_before)));
  const __m256i second =
      _mm256_or_si256(_mm256_shuffle_epi8(in.low1, of.before), _mm256_shuffle_epi8(in.high1, upper_avx2(of.before)));
  const __m256i third =
      _mm256_or_si256(_mm256_shuffle_epi8(in.low2, of.here), _mm256_shuffle_epi8(in.high2, upper_avx2(of.here)));
  const __m256i ruled = _mm256_or_si256(_mm256_or_si256(first, second), third);
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(ruled, ones)));
}

__attribute__((target("avx2,bmi,popcnt"))) inline __m256i load_avx2(const unsigned char* data) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
}
__attribute__((target("avx2,bmi,popcnt"))) inline bytes_avx2 bytes_at_avx2(const unsigned char* data) {
  return {load_avx2(data - 2), load_avx2(data - 1), load_avx2(data)};
}

template <bool HasBoth>
__attribute__((target("avx2,bmi,popcnt"))) inline void scan_blocks_avx2(const scan_tables& tables,
                                                                        const unsigned char* data, std::size_t begin,
                                                                        std::size_t count, event_lists& out) {
  const lanes_avx2 first = lanes_of_avx2(tables.sets[0]);
  const lanes_avx2 second = lanes_of_avx2(tables.sets[HasBoth ? 1 : 0]);
  const __m256i newline = _mm256_set1_epi8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    std::uint64_t window_bits = 0;
    std::uint64_t newline_bits = 0;
    for (unsigned i = 0; i != block_size; i += 32) {
      const bytes_avx2 here = bytes_at_avx2(data + i);
      std::uint32_t windows = windows_avx2(first, here);
      if constexpr (HasBoth) windows |= windows_avx2(second, here);
      const auto ends = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(here.here, newline)));
      window_bits |= std::uint64_t{windows} << i;
      newline_bits |= std::uint64_t{ends} << i;
    }
    out.add(block * block_size, window_bits, newline_bits);
  }
}

// The first bytes have nothing before them; the last step reads again what the one before has read, rather than what is
// behind the line.
template <bool HasBoth>
__attribute__((target("avx2,bmi,popcnt"))) inline bool scan_line_avx2(const scan_tables& tables,
                                                                      const unsigned char* data, std::size_t size,
                                                                      std::uint64_t* out) {
  constexpr std::size_t width = 32;
  const lanes_avx2 first = lanes_of_avx2(tables.sets[0]);
  const lanes_avx2 second = lanes_of_avx2(tables.sets[HasBoth ? 1 : 0]);
  alignas(width) unsigned char copy[width + bytes_before];
  const unsigned char* begin = data;
  if (size < width + bytes_before) std::memset(copy, 0, sizeof(copy));
  if (size < width) {
    std::memcpy(copy, data, size);
    begin = copy;
  }
  const __m256i here = load_avx2(begin);
  const __m256i carried = _mm256_permute2x128_si256(here, here, 0x08);  // zeros, then the lower half
  const bytes_avx2 bytes = {_mm256_alignr_epi8(here, carried, 14), _mm256_alignr_epi8(here, carried, 15), here};
  std::uint64_t any = windows_avx2(first, bytes);
  if constexpr (HasBoth) any |= windows_avx2(second, bytes);
  if (size < width) any &= (std::uint64_t{1} << size) - 1;
  *out = any;
  for (std::size_t at = width; at < size; at += width) {
    const std::size_t from = at + width <= size ? at : size - width;
    if (from == 1) std::memcpy(copy + 1, data, width + 1);  // so that there is something two bytes before
    const bytes_avx2 next = bytes_at_avx2(from == 1 ? copy + bytes_before : data + from);
    std::uint64_t found = windows_avx2(first, next);
    if constexpr (HasBoth) found |= windows_avx2(second, next);
    found >>= at - from;
    any |= found;
    const std::size_t shift = at % block_size;
    out[at / block_size] = shift == 0 ? found : out[at / block_size] | found << shift;
  }
  return any != 0;
}

inline void scan_any_blocks_avx2(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_avx2<true>(tables, data, begin, count, out)
                         : scan_blocks_avx2<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_avx2(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  return tables.has_both ? scan_line_avx2<true>(tables, data, size, out)
                         : scan_line_avx2<false>(tables, data, size, out);
}
inline constexpr scan_functions avx2_scan{&scan_any_blocks_avx2, &scan_any_line_avx2};

// ---- 64 bytes at a time: whole bytes are looked up, so that the sets are told exactly

#define OVRSEER_PATTERN_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,popcnt")))

alignas(64) inline constexpr std::array<std::uint8_t, block_size> byte_numbers = [] {
  std::array<std::uint8_t, block_size> made{};
  for (std::size_t i = 0; i != made.size(); ++i) made[i] = static_cast<std::uint8_t>(i);
  return made;
}();

struct rows_vbmi {
  __m512i lower, upper;
};
struct lanes_vbmi {
  rows_vbmi byte0, byte1, byte2;
};

OVRSEER_PATTERN_VBMI inline rows_vbmi rows_of_vbmi(const std::array<std::uint8_t, 128>& row) {
  return {_mm512_load_si512(row.data()), _mm512_load_si512(row.data() + 64)};
}
OVRSEER_PATTERN_VBMI inline lanes_vbmi lanes_of_vbmi(const scan_sets& sets) {
  return {rows_of_vbmi(sets.whole[0]), rows_of_vbmi(sets.whole[1]), rows_of_vbmi(sets.whole[2])};
}

struct bytes_vbmi {
  __m512i two_before, before, here;
};

OVRSEER_PATTERN_VBMI inline std::uint64_t windows_vbmi(const lanes_vbmi& in, const bytes_vbmi& of) {
  const __m512i first = _mm512_permutex2var_epi8(in.byte0.lower, of.two_before, in.byte0.upper);
  const __m512i second = _mm512_permutex2var_epi8(in.byte1.lower, of.before, in.byte1.upper);
  const __m512i third = _mm512_permutex2var_epi8(in.byte2.lower, of.here, in.byte2.upper);
  const __m512i ruled = _mm512_ternarylogic_epi32(first, second, third, 0xFE);  // any of them
  return _mm512_cmpneq_epi8_mask(ruled, _mm512_set1_epi8(-1));
}

// Writes all that there is room for, whatever there is.
OVRSEER_PATTERN_VBMI inline std::size_t append_vbmi(std::uint16_t* to, std::size_t count, std::size_t base,
                                                    std::uint64_t bits) {
  constexpr __mmask32 all = 0xFFFFFFFF;  // the plain forms make GCC 12 warn of its own headers
  const __m512i places = _mm512_load_si512(byte_numbers.data());
  const __m512i chosen = _mm512_maskz_compress_epi8(bits, places);
  const __m512i bases = _mm512_set1_epi16(static_cast<short>(base));
  const __m512i lower = _mm512_maskz_cvtepu8_epi16(all, _mm512_maskz_extracti64x4_epi64(15, chosen, 0));
  _mm512_storeu_si512(to + count, _mm512_add_epi16(lower, bases));
  const auto more = static_cast<std::size_t>(__builtin_popcountll(bits));
  if (more > 32) {
    const __m512i upper = _mm512_maskz_cvtepu8_epi16(all, _mm512_maskz_extracti64x4_epi64(15, chosen, 1));
    _mm512_storeu_si512(to + count + 32, _mm512_add_epi16(upper, bases));
  }
  return count + more;
}

template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline void scan_blocks_vbmi(const scan_tables& tables, const unsigned char* data,
                                                  std::size_t begin, std::size_t count, event_lists& out) {
  const lanes_vbmi first = lanes_of_vbmi(tables.sets[0]);
  const lanes_vbmi second = lanes_of_vbmi(tables.sets[HasBoth ? 1 : 0]);
  const __m512i newline = _mm512_set1_epi8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    const bytes_vbmi here{_mm512_loadu_si512(data - 2), _mm512_loadu_si512(data - 1), _mm512_loadu_si512(data)};
    std::uint64_t windows = windows_vbmi(first, here);
    if constexpr (HasBoth) windows |= windows_vbmi(second, here);
    const std::size_t base = block * block_size;
    out.window_count = append_vbmi(out.windows.data(), out.window_count, base, windows);
    out.newline_count =
        append_vbmi(out.newlines.data(), out.newline_count, base, _mm512_cmpeq_epi8_mask(here.here, newline));
  }
}

template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline std::uint64_t any_window_vbmi(const lanes_vbmi& first, const lanes_vbmi& second,
                                                          const bytes_vbmi& here) {
  const std::uint64_t windows = windows_vbmi(first, here);
  if constexpr (HasBoth) return windows | windows_vbmi(second, here);
  return windows;
}

// A bit for each of the first bytes, of 64.
OVRSEER_PATTERN_VBMI inline std::uint64_t first_bits(std::size_t count) {
  return count < block_size ? (std::uint64_t{1} << count) - 1 : ~std::uint64_t{0};
}

// The windows in the 64 bytes at `data` as far as `inside` goes; what is masked is not read.
template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline std::uint64_t part_vbmi(const lanes_vbmi& first, const lanes_vbmi& second,
                                                    const unsigned char* data, std::uint64_t inside) {
  const bytes_vbmi bytes{_mm512_maskz_loadu_epi8(inside, data - 2), _mm512_maskz_loadu_epi8(inside, data - 1),
                         _mm512_maskz_loadu_epi8(inside, data)};
  return any_window_vbmi<HasBoth>(first, second, bytes) & inside;
}

// Most lines have at most two blocks: those are read without a question, which would often be guessed wrong. The first
// bytes have nothing before them.
template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline bool scan_line_vbmi(const scan_tables& tables, const unsigned char* data, std::size_t size,
                                                std::uint64_t* out) {
  const lanes_vbmi first = lanes_of_vbmi(tables.sets[0]);
  const lanes_vbmi second = lanes_of_vbmi(tables.sets[HasBoth ? 1 : 0]);
  const std::uint64_t inside = first_bits(size);
  const bytes_vbmi begin{_mm512_maskz_loadu_epi8(inside << 2U, data - 2),
                         _mm512_maskz_loadu_epi8(inside << 1U, data - 1), _mm512_maskz_loadu_epi8(inside, data)};
  out[0] = any_window_vbmi<HasBoth>(first, second, begin) & inside;
  out[1] = part_vbmi<HasBoth>(first, second, data + block_size, first_bits(size < block_size ? 0 : size - block_size));
  std::uint64_t any = out[0] | out[1];
  for (std::size_t at = 2 * block_size; at < size; at += block_size) {
    const std::uint64_t found = part_vbmi<HasBoth>(first, second, data + at, first_bits(size - at));
    out[at / block_size] = found;
    any |= found;
  }
  return any != 0;
}

inline void scan_any_blocks_vbmi(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_vbmi<true>(tables, data, begin, count, out)
                         : scan_blocks_vbmi<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_vbmi(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  return tables.has_both ? scan_line_vbmi<true>(tables, data, size, out)
                         : scan_line_vbmi<false>(tables, data, size, out);
}
inline constexpr scan_functions vbmi_scan{&scan_any_blocks_vbmi, &scan_any_line_vbmi};

#undef OVRSEER_PATTERN_VBMI

}  // namespace ovrseer::pattern_detail

#endif

// ---- ovrseer/pattern/detail/block_scan.hpp

// Reads text and says where lines end and where a window may end, in the quickest way that the processor knows.


namespace ovrseer::pattern_detail {

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
inline bool has_vbmi() noexcept {
  return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("popcnt");
}
inline bool has_avx2() noexcept {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}
#endif

/// The quickest forms that this processor has.
inline const scan_functions& best_scan() noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  if (has_vbmi()) return vbmi_scan;
  if (has_avx2()) return avx2_scan;
  if (__builtin_cpu_supports("ssse3")) return ssse3_scan;
#endif
#if defined(OVRSEER_PATTERN_HAS_NEON)
  return neon_scan;
#else
  return portable_scan;
#endif
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/factor.hpp

// What a line must contain for a pattern to match in it: short sequences of byte classes, of which one
// at least occurs in every match of the trimmed pattern.



namespace ovrseer::pattern_detail {

/// One of `sequences` occurs in every match. When `is_complete`, a line in which one occurs matches.
struct factors {
  std::vector<byte_sequence> sequences;
  bool is_complete = false;
  /// From where a match may begin to the last byte of a window in it, at most; or `unbounded_lead`.
  std::size_t reach = 0;
};

OVRSEER_DECL factors find_factors(tree parsed);

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/pair_table.hpp

// A small table that takes two bytes at a step: a state waits for the one before it, so half the steps take half the time.



namespace ovrseer::pattern_detail {

class pair_table {
 public:
  /// Empty where it would be too large to stay near. `whole` must outlive it.
  explicit pair_table(const whole_view& whole);
  bool empty() const noexcept { return cells_.empty(); }

  /// As `whole_view::search`, but that it may see later that nothing is under way.
  [[gnu::always_inline]] whole_view::outcome search(std::string_view text, std::size_t from,
                                                    std::size_t past) const noexcept {
    const std::uint32_t first_busy = whole_.first_busy * stride_;
    const std::uint32_t dead = whole_.dead * stride_;
    const std::uint16_t* const cells = cells_.data();
    std::uint32_t state = widened(whole_.start_at(text, from));
    std::size_t at = from;
    while (true) {
      if (state - first_busy >= accepts - first_busy) {
        if ((state & accepts) != 0) return {true, at};
        if (state == dead) return {false, text.size()};
        if (at > past) return {false, at};
      }
      if (text.size() - at < 2) break;
      const unsigned first = byte_at(text, at);
      const unsigned second = byte_at(text, at + 1);
      if ((first | second) >= 0x80) return search_on(state, text, at, past);
      state = (cells + (whole_.ascii[first] * stride_ + whole_.ascii[second]))[state];
      at += 2;
    }
    if (at == text.size()) return {(cells[state + whole_.end * stride_] & accepts) != 0, at};
    const unsigned last = byte_at(text, at);
    if (last >= 0x80) return search_on(state, text, at, past);
    return {(cells[state + whole_.ascii[last] * stride_ + whole_.end] & accepts) != 0, text.size()};
  }

 private:
  static constexpr std::uint32_t accepts = whole_view::accepts;
  static constexpr std::size_t max_cells = 2048;

  // A row has a cell for each two columns, so a state is as many times as far as in the other table.
  constexpr std::uint32_t widened(std::uint32_t state) const noexcept {
    return (state & accepts) != 0 ? accepts : state * stride_;
  }
  // From a state of this table, by the other.
  whole_view::outcome search_on(std::uint32_t state, std::string_view text, std::size_t from,
                                std::size_t past) const noexcept;

  whole_view whole_;
  std::uint32_t stride_;
  std::vector<std::uint16_t> cells_;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/prefilter.hpp

// Up to 64 windows of many patterns: where any of them may end is found in one pass over text, which of them it is by
// four look-ups, and then whether the whole sequence stands there. Most lines have none and cost nothing more.



namespace ovrseer::pattern_detail {

class prefilter {
 public:
  static constexpr std::size_t max_windows = 64;

  /// The end of a window, and whose it is: patterns share none, so that one that has matched hides no other.
  struct window_end {
    std::size_t slot = 0;
    std::size_t reach = 0;  // how far before its last byte a match with it may begin
    std::uint32_t first_check = 0;
    std::uint32_t end_check = 0;
    std::uint16_t most_back = 0;  // of the checks
    std::uint16_t least_back = 0xFFFF;
    bool has_rests = false;
  };

  /// Takes the factors of one pattern, if there is room for all their windows.
  bool add(std::size_t slot, const factors& found);
  /// Lays out the tables; call it once all are added.
  void finish();

  const scan_tables& tables() const noexcept { return tables_; }
  std::uint64_t all() const noexcept {
    return windows_.empty() ? 0 : ~std::uint64_t{0} >> (max_windows - windows_.size());
  }
  /// The windows of one pattern.
  std::uint64_t of(std::size_t slot) const noexcept { return slot < of_slot_.size() ? of_slot_[slot] : 0; }
  /// Which windows end at `at`. What stands before the text counts as zeros.
  std::uint64_t windows_at(std::string_view text, std::size_t at) const noexcept {
    if (at + 1 >= max_window) return windows_in(text.data() + at + 1 - max_window);
    std::array<char, max_window> padded{};
    std::copy(text.data(), text.data() + at + 1, padded.end() - at - 1);
    return windows_in(padded.data());
  }
  const window_end& end_of(std::size_t index) const noexcept { return ends_[index]; }
  /// Whether one of the sequences around a window stands in the line where the window ends at `at`; a line has no newline,
  /// `text` more lines.
  bool has_sequence(const window_end& window, std::string_view text, std::size_t line_begin,
                    std::size_t at) const noexcept {
    const check* const end = checks_.data() + window.end_check;
    const check* one = checks_.data() + window.first_check;
    const bool is_inside =
        at - line_begin >= window.most_back && text.size() - at + window.least_back >= sizeof(one->mask);
    if (!is_inside || window.has_rests) {
      return std::any_of(one, end, [&](const check& each) { return occurs(each, text, line_begin, at); });
    }
    // All of them, without a question in between.
    bool found = false;
    for (; one != end; ++one) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + (at - one->back), sizeof(word));
      found |= (word & one->mask) == one->value;
    }
    return found;
  }

 private:
  using classes = std::array<byte_set, max_window>;

  static constexpr std::size_t sets_a_table = 8;
  static constexpr std::size_t few_windows = 24;  // eight sets tell so many apart well enough

  // A sequence around a window: the bits on which all bytes of each class agree. Where an automaton decides in the end that
  // is enough.
  struct check {
    std::uint64_t mask = 0;
    std::uint64_t value = 0;
    std::uint16_t back = 0;  // bytes of the sequence before the last of the window
    std::uint16_t size = 0;
    std::uint32_t rest = 0;  // of those that its first eight bytes do not tell; behind one
  };
  struct check_rest {
    std::array<std::uint64_t, 2> mask{};
    std::array<std::uint64_t, 2> value{};
    std::vector<std::pair<std::size_t, byte_set>> inexact;  // places whose class a mask does not tell
  };
  struct waiting_check {
    std::size_t window;
    check made;
  };

  std::uint64_t windows_in(const char* bytes) const noexcept {
    const auto row = [&](std::size_t k) { return exact_[k * 256 + static_cast<unsigned char>(bytes[k])]; };
    static_assert(max_window == 4);
    return row(0) & row(1) & row(2) & row(3);
  }

  bool occurs(const check& sequence, std::string_view text, std::size_t line_begin, std::size_t at) const noexcept {
    if (at - line_begin < sequence.back) return false;
    const std::string_view here = text.substr(at - sequence.back);
    std::uint64_t word = 0;
    if (here.size() >= sizeof(word)) {
      std::memcpy(&word, here.data(), sizeof(word));
    } else {
      if (here.size() < sequence.size) return false;
      std::memcpy(&word, here.data(), here.size());
    }
    if ((word & sequence.mask) != sequence.value) return false;
    return sequence.rest == 0 || has_rest(sequence, here);
  }
  bool has_rest(const check& sequence, std::string_view here) const noexcept;

  check check_of(const byte_sequence& sequence, const window& chosen, bool is_complete);
  void deal_out();
  static classes classes_of(const byte_sequence& sequence, const window& chosen);

  // The scanned bytes of the windows of a set, as their halves tell them: a mask of the lower ones, one of the upper.
  struct halves {
    std::uint16_t low = 0;
    std::uint16_t high = 0;
  };
  using scanned = std::array<halves, scanned_bytes>;

  static scanned halves_of(std::span<const byte_set> bytes);
  static scanned joined(scanned made, const scanned& more) noexcept;
  // How often the set is guessed at a place of log text.
  static double cost(const scanned& made);

  std::vector<classes> windows_;
  std::vector<window_end> ends_;  // of each window
  std::vector<waiting_check> waiting_;
  std::vector<check> checks_;  // in the order of their windows
  std::vector<check_rest> rests_;
  std::vector<std::uint64_t> of_slot_;
  std::vector<std::uint64_t> exact_;
  scan_tables tables_;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/pattern_set.hpp

// Many patterns at once on lines of text: one pass that looks for what the patterns must contain, and
// the automaton of a pattern on those lines alone where its part was seen.



namespace ovrseer {

/// A set of patterns that tells which of them match a line.
///
///     pattern_set set;
///     const auto errors = set.add(pattern<"error|fatal", icase>());
///     set.scan(chunk, [&](std::string_view line, const pattern_hits& hits) {
///       if (hits.contains(errors)) ++count;
///     });
///
/// A line is a subject of its own: `^` and `$` are its ends (with the flag m also the places around a
/// \r, U+2028 or U+2029 in it). It has no \n; a \r before the \n belongs to it. The number of patterns is
/// not limited; each has a slot, a small number that stays its own until it is removed and is then given
/// to the next one. Use a set from one thread at a time: it keeps scratch space.
///
/// Cost: linear in the text. Lines in which nothing is seen that a pattern must contain cost a fraction
/// of a nanosecond a byte, whatever the patterns; all those that must contain nothing particular, such as
/// `^\s*$`, cost one table look-up for each byte of every line.
class pattern_set {
 public:
  using slot = std::size_t;

  /// Adds a pattern that somebody else owns and that must outlive the set.
  slot add(pattern_view view) { return insert({view, std::nullopt}); }
  /// Adds a pattern and keeps it alive.
  slot add(const pattern<>& owned) { return insert({owned, owned}); }
  template <fixed_string Text, pattern_flags Flags>
  slot add(const pattern<Text, Flags>& known) {
    return add(pattern_view(known));
  }

  /// Removes the pattern of a slot; nothing happens when there is none.
  void remove(slot at);

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool contains(slot at) const noexcept { return at < entries_.size() && entries_[at].has_value(); }
  /// The pattern of a slot that is taken.
  pattern_view at(slot taken) const { return entries_.at(taken).value().view; }

  /// Puts into `hits` the patterns that match `line`.
  void match(std::string_view line, pattern_hits& hits);

  /// Calls `sink(line, hits)` for every line of `chunk` that ends in \n, without the \n; `line` and `hits`
  /// live until the call returns, which must not change the set. Returns the number of bytes up to and including the last \n: what
  /// stands behind it is to be given again, with what follows it.
  template <class Sink>
  std::size_t scan(std::string_view chunk, Sink&& sink) {
    using pattern_detail::batch_size;
    lay_out();
    const std::size_t end = chunk.rfind('\n') + 1;  // npos + 1 is zero
    enter_chunk();
    pattern_detail::event_lists events;
    std::size_t line_begin = 0;
    for (std::size_t at = 0; at < end; at += batch_size) {
      read_events(first_tables(), chunk, at, std::min(batch_size, end - at), events);
      std::size_t window = 0;
      for (std::size_t i = 0; i != events.newline_count; ++i) {
        const std::uint16_t newline = events.newlines[i];
        const std::size_t line_end = at + newline;
        const std::string_view line(chunk.data() + line_begin, line_end - line_begin);
        if (events.windows[window] < newline) {
          begin_line(line_begin, line_end);
          window = look_at_all(events, window, newline, chunk, at);
        }
        if (has_rest_) search_groups(1, line, hits_);
        sink(line, std::as_const(hits_));
        hits_.clear();
        line_begin = line_end + 1;
      }
      if (window == events.window_count) continue;
      begin_line(line_begin, 0);  // it goes on in the next batch
      look_at_all(events, window, batch_size, chunk, at);
    }
    return end;
  }

 private:
  friend struct pattern_set_access;

  struct entry {
    pattern_view view;
    std::optional<pattern<>> owner;
    pattern_detail::factors found = {};
    std::unique_ptr<pattern_detail::automaton> growing = nullptr;  // where a table would be too large to make whole,
    std::unique_ptr<pattern_detail::pair_table> pairs = nullptr;   // and where it is small
  };
  // What is asked about a pattern while text is searched, of each slot.
  struct decider {
    const pattern_detail::pair_table* pairs = nullptr;  // or:
    const pattern_detail::whole_view* table = nullptr;  // or:
    pattern_detail::automaton* growing = nullptr;
    std::size_t reach = 0;  // of all windows
    bool is_complete = false;
    std::size_t searched_from = 0;  // in the text at hand
    std::size_t searched = 0;       // and up to here
    std::size_t looks = 0;          // and so often in a line
  };
  // The line that candidates are looked at in.
  struct line_state {
    std::size_t begin = 0;
    std::size_t end = 0;      // zero: not known yet
    std::uint64_t alive = 0;  // windows of patterns that are not decided yet
  };
  enum class verdict : std::uint8_t { open, matches, differs };

  slot insert(entry added);
  // Deals the windows of all patterns out to prefilters, after the set has changed.
  void lay_out() {
    if (!is_laid_out_) lay_out_anew();
  }
  void lay_out_anew();
  void prepare(slot which);
  std::uint64_t all_of_first() const noexcept { return groups_.empty() ? 0 : groups_.front().all(); }
  const pattern_detail::scan_tables& first_tables() const noexcept;

  void enter_chunk();
  void begin_line(std::size_t begin, std::size_t end) noexcept {
    if (begin != line_.begin) line_ = {begin, end, all_of_first()};
    if (end != 0) line_.end = end;
  }
  // Finds where windows of some tables may end and where lines do, in `size` bytes at `at`.
  void read_events(const pattern_detail::scan_tables& tables, std::string_view text, std::size_t at, std::size_t size,
                   pattern_detail::event_lists& events);
  // Looks at the candidates of the first group from `window` on that stand before `end`, both as the events have them.
  std::size_t look_at_all(const pattern_detail::event_lists& events, std::size_t window, std::size_t end,
                          std::string_view chunk, std::size_t base);

  void search_groups(std::size_t first, std::string_view line, pattern_hits& hits);
  void search_line(const pattern_detail::prefilter& group, std::string_view line, pattern_hits& hits);
  void search_long_line(const pattern_detail::prefilter& group, std::string_view line, pattern_hits& hits);
  // The candidates of a line, a bit for each byte.
  void look_at_found(const pattern_detail::prefilter& group, std::string_view line, const std::uint64_t* found,
                     pattern_hits& hits);
  line_state enter_line(const pattern_detail::prefilter& group, std::string_view line);

  // A window may end at `at`, in `line_`. A pattern is looked at until it is known whether it matches in this line;
  // then its windows are no longer alive.
  void look_at(const pattern_detail::prefilter& group, std::string_view text, std::size_t at, pattern_hits& hits) {
    const std::uint64_t found = group.windows_at(text, at) & line_.alive;
    if (found != 0) decide(group, found, text, at, hits);
  }
  void decide(const pattern_detail::prefilter& group, std::uint64_t found, std::string_view text, std::size_t at,
              pattern_hits& hits);
  verdict search(const pattern_detail::prefilter::window_end& window, std::string_view text, std::size_t at);
  void forget_searched();

  std::vector<std::optional<entry>> entries_;
  std::size_t size_ = 0;
  bool is_laid_out_ = true;
  const pattern_detail::scan_functions* scan_ = &pattern_detail::best_scan();
  std::vector<pattern_detail::prefilter> groups_;
  std::vector<decider> deciders_;
  std::vector<slot> whole_slots_;
  std::unique_ptr<pattern_detail::automaton> whole_;  // of all patterns that have no window
  bool has_rest_ = false;                             // beside the first group

  // Scratch.
  pattern_hits hits_;
  line_state line_;
  std::vector<slot> searched_;
  std::vector<std::uint32_t> matched_;
};

/// For tests that choose how text is read, whatever the processor.
struct pattern_set_access {
  static void scan_with(pattern_set& set, const pattern_detail::scan_functions& forms) noexcept { set.scan_ = &forms; }
};

}  // namespace ovrseer

// ---- ovrseer/pattern/replace.hpp

// Puts something else in the place of matches, with parts of each match in it, as JavaScript's `replace` does.



namespace ovrseer {

/// What is put in the place of a match, read once for a pattern.
///
/// `$1` to `$99` are what a group took (two digits where there is such a group, else one), `$<name>` the same by name, `$&`
/// the whole match, `$$` a dollar sign; a group that took no part is empty. Every other `$` is itself: also that of a group
/// that does not exist, and `$<` where the pattern names no group. An unknown name among named groups is empty.
class replacement {
 public:
  /// Borrows the text.
  OVRSEER_DECL replacement(pattern_view what, std::string_view text);

  /// Appends what takes the place of `found`, a match of the pattern.
  OVRSEER_DECL void append_to(std::string& out, const match& found) const;

 private:
  struct part {
    std::string_view text;         // as it is
    std::size_t group = no_group;  // or what this one took
  };
  static constexpr std::size_t no_group = static_cast<std::size_t>(-1);

  std::vector<part> parts_;
};

/// `subject` with every match replaced. Cost: that of finding the matches, and of the result.
///
///     replace_all(pattern<"(\\w+)@(\\w+)">(), "a@b, c@d", "$2 at $1")  // "b at a, d at c"
OVRSEER_DECL std::string replace_all(pattern_view what, std::string_view subject, std::string_view with);

/// `subject` with the leftmost match replaced.
OVRSEER_DECL std::string replace_first(pattern_view what, std::string_view subject, std::string_view with);

}  // namespace ovrseer

// ---- ovrseer/pattern/detail/byte_frequency.hpp

// How rare bytes and pairs of bytes are in log lines: what decides which part of a pattern is worth
// looking for first. Written by tests/tools/pattern_bytes.py from real logs; a guess, never an answer.


namespace ovrseer::pattern_detail {

inline constexpr std::size_t byte_groups = 64;

// clang-format off

/// The group of a byte: letters without case, digits, punctuation, everything beyond ASCII.
inline constexpr std::array<std::uint8_t, 256> byte_group{
    0, 0, 0, 0, 0, 0, 0, 0, 0, 29, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    28, 58, 46, 49, 50, 51, 52, 47, 38, 39, 53, 54, 36, 31, 32, 34, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 33, 37, 44, 35, 45, 57,
    48, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 40, 56, 41, 60, 30,
    61, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 42, 55, 43, 59, 0,
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
};

/// -log2 of the probability of a group, in sixteenths.
inline constexpr std::array<std::uint8_t, byte_groups> group_rarity{
    114, 80, 108, 85, 89, 66, 101, 105, 91, 84, 128, 118, 86, 93, 83, 73, 90, 164, 75, 75, 74, 103, 124, 120, 135, 123, 151, 34, 53, 199, 117, 95,
    81, 84, 94, 148, 105, 139, 119, 119, 104, 104, 210, 210, 255, 151, 110, 220, 242, 255, 184, 181, 175, 255, 144, 255, 255, 190, 249, 255, 255, 255, 255, 255,
};

/// The same for group `b` after group `a`, at `a * byte_groups + b`.
inline constexpr std::array<std::uint8_t, byte_groups * byte_groups> pair_rarity{
    255, 255, 255, 253, 255, 255, 255, 255, 255, 255, 20, 168, 255, 253, 255, 253, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 37, 34, 85, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 49, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 169, 123, 68, 51, 180, 71, 85, 142, 109, 175, 173, 57, 102, 43, 174, 83, 206, 58, 81, 50, 57, 104, 165, 167, 72, 203, 133, 92, 255, 211, 123,
    91, 121, 75, 127, 223, 245, 255, 199, 255, 255, 255, 255, 255, 255, 187, 255, 255, 255, 186, 154, 152, 255, 180, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 85, 177, 205, 175, 93, 165, 156, 26, 81, 115, 66, 54, 141, 166, 71, 188, 169, 63, 124, 174, 70, 118, 172, 219, 35, 195, 131, 130, 255, 160, 139,
    161, 255, 107, 229, 255, 175, 115, 255, 255, 255, 255, 255, 255, 255, 164, 255, 255, 255, 255, 175, 127, 255, 210, 255, 210, 219, 255, 255, 255, 255, 255, 255,
    255, 61, 179, 149, 139, 62, 170, 182, 39, 112, 208, 73, 77, 201, 149, 22, 120, 188, 137, 83, 50, 124, 177, 174, 242, 144, 192, 150, 84, 255, 240, 130,
    154, 138, 171, 113, 252, 180, 255, 204, 255, 255, 255, 255, 255, 255, 189, 255, 255, 255, 255, 205, 195, 255, 218, 255, 248, 242, 255, 255, 255, 255, 255, 255,
    206, 74, 132, 176, 165, 37, 138, 181, 128, 51, 210, 200, 146, 117, 127, 72, 119, 177, 132, 126, 160, 131, 188, 184, 203, 126, 233, 44, 34, 255, 179, 121,
    128, 141, 148, 120, 187, 167, 255, 169, 44, 194, 255, 255, 255, 255, 201, 255, 255, 255, 255, 162, 155, 255, 218, 255, 244, 248, 213, 255, 255, 255, 255, 255,
    249, 54, 94, 57, 66, 103, 102, 133, 220, 94, 199, 129, 91, 87, 77, 201, 64, 110, 34, 69, 54, 174, 135, 103, 113, 167, 177, 121, 62, 255, 154, 125,
    75, 139, 107, 135, 180, 117, 175, 144, 255, 255, 255, 255, 255, 255, 184, 217, 255, 255, 164, 182, 198, 255, 232, 255, 255, 252, 255, 255, 255, 255, 255, 255,
    255, 63, 139, 178, 168, 74, 43, 169, 171, 67, 135, 63, 88, 157, 164, 45, 148, 132, 34, 45, 112, 116, 210, 134, 147, 202, 216, 131, 91, 255, 200, 89,
    156, 255, 255, 168, 255, 255, 255, 224, 255, 255, 255, 255, 255, 255, 204, 255, 255, 255, 255, 132, 149, 255, 208, 255, 233, 226, 255, 255, 255, 255, 255, 255,
    255, 144, 140, 76, 194, 21, 162, 67, 137, 86, 204, 189, 81, 107, 125, 71, 151, 164, 111, 57, 152, 135, 215, 171, 195, 182, 187, 105, 43, 255, 120, 112,
    94, 255, 68, 130, 217, 242, 255, 97, 255, 255, 255, 255, 255, 255, 174, 255, 255, 255, 255, 164, 140, 255, 236, 255, 255, 236, 255, 255, 255, 255, 255, 255,
    255, 74, 170, 127, 42, 65, 173, 192, 140, 98, 207, 204, 159, 136, 216, 100, 152, 195, 84, 42, 39, 113, 229, 175, 236, 152, 211, 155, 79, 255, 145, 78,
    127, 50, 127, 136, 255, 107, 174, 155, 255, 51, 255, 255, 255, 255, 164, 255, 255, 255, 165, 210, 179, 255, 255, 255, 255, 180, 255, 255, 255, 255, 255, 255,
    255, 118, 97, 54, 57, 115, 140, 119, 190, 182, 214, 86, 65, 84, 34, 50, 120, 202, 91, 45, 59, 143, 72, 201, 130, 183, 186, 134, 151, 255, 255, 176,
    184, 255, 89, 148, 255, 255, 229, 209, 255, 255, 255, 255, 255, 255, 212, 255, 255, 255, 255, 255, 222, 255, 249, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 5, 179, 109, 151, 59, 199, 175, 182, 134, 155, 202, 154, 175, 214, 81, 105, 120, 142, 95, 175, 154, 174, 187, 157, 187, 135, 121, 161, 255, 219, 196,
    205, 255, 219, 219, 239, 255, 255, 165, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 108, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 30, 170, 125, 139, 28, 149, 163, 56, 53, 196, 158, 186, 197, 168, 43, 148, 162, 173, 153, 158, 141, 133, 175, 157, 173, 202, 154, 95, 255, 180, 97,
    134, 120, 127, 250, 255, 201, 143, 167, 255, 255, 255, 255, 255, 255, 149, 255, 255, 255, 255, 238, 187, 255, 238, 255, 255, 183, 255, 255, 255, 255, 255, 255,
    222, 59, 188, 174, 141, 24, 139, 198, 190, 40, 223, 170, 43, 157, 174, 50, 137, 238, 117, 122, 158, 130, 154, 220, 201, 128, 218, 181, 88, 255, 221, 135,
    135, 255, 102, 125, 88, 167, 255, 119, 255, 255, 255, 255, 255, 255, 125, 255, 255, 255, 255, 156, 173, 255, 241, 255, 255, 137, 255, 255, 255, 255, 255, 255,
    255, 43, 140, 152, 176, 41, 201, 184, 181, 62, 181, 193, 67, 118, 231, 56, 60, 176, 188, 54, 192, 128, 212, 196, 153, 132, 237, 161, 42, 255, 127, 152,
    144, 130, 67, 131, 255, 182, 105, 92, 255, 255, 255, 255, 255, 255, 199, 255, 255, 204, 255, 141, 187, 255, 154, 255, 255, 254, 255, 255, 255, 255, 255, 255,
    255, 93, 147, 121, 69, 51, 81, 58, 187, 101, 198, 152, 117, 169, 56, 113, 172, 138, 202, 53, 41, 98, 63, 207, 207, 135, 184, 157, 38, 255, 178, 118,
    105, 135, 121, 115, 169, 200, 166, 172, 255, 255, 255, 255, 255, 255, 186, 213, 255, 255, 141, 237, 202, 255, 148, 255, 255, 244, 255, 255, 255, 255, 255, 255,
    255, 148, 121, 61, 113, 201, 71, 67, 189, 150, 121, 95, 63, 47, 33, 79, 109, 202, 48, 83, 77, 110, 145, 88, 105, 153, 82, 183, 86, 255, 199, 157,
    151, 146, 106, 192, 255, 242, 255, 101, 255, 255, 255, 255, 255, 255, 203, 255, 255, 255, 255, 255, 234, 255, 255, 255, 255, 255, 184, 255, 255, 255, 255, 255,
    255, 56, 184, 164, 92, 85, 218, 145, 114, 99, 210, 202, 52, 154, 95, 28, 69, 255, 42, 125, 118, 83, 182, 195, 243, 125, 232, 160, 130, 255, 201, 148,
    127, 64, 59, 211, 255, 166, 122, 164, 255, 255, 255, 255, 255, 255, 224, 255, 157, 255, 144, 142, 202, 255, 237, 255, 255, 167, 255, 255, 255, 255, 255, 255,
    229, 131, 119, 144, 102, 123, 70, 153, 130, 117, 73, 178, 109, 138, 156, 145, 156, 126, 147, 114, 107, 11, 229, 127, 97, 112, 229, 97, 128, 229, 116, 191,
    184, 59, 169, 67, 229, 229, 229, 229, 229, 229, 229, 229, 229, 229, 118, 229, 229, 229, 229, 169, 87, 229, 229, 229, 229, 229, 229, 229, 229, 229, 229, 229,
    241, 82, 166, 109, 120, 34, 162, 117, 219, 87, 175, 108, 130, 121, 134, 38, 152, 190, 106, 85, 49, 146, 95, 200, 216, 115, 252, 148, 45, 255, 70, 136,
    94, 64, 134, 137, 255, 214, 189, 93, 255, 164, 255, 255, 255, 255, 165, 255, 216, 255, 155, 182, 169, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    240, 90, 190, 65, 189, 37, 158, 159, 52, 105, 192, 187, 141, 147, 148, 129, 123, 183, 76, 53, 55, 70, 143, 196, 209, 137, 232, 57, 72, 255, 210, 99,
    116, 100, 69, 134, 74, 148, 255, 94, 255, 89, 255, 255, 255, 255, 153, 255, 255, 255, 179, 162, 158, 255, 228, 255, 255, 220, 255, 255, 255, 255, 255, 255,
    192, 60, 158, 108, 187, 52, 175, 186, 59, 46, 239, 221, 174, 83, 228, 74, 63, 201, 61, 68, 62, 119, 195, 170, 166, 122, 205, 125, 38, 255, 193, 113,
    117, 124, 92, 150, 123, 218, 105, 160, 255, 241, 255, 255, 255, 255, 211, 255, 221, 255, 255, 226, 163, 255, 244, 255, 255, 142, 255, 255, 255, 255, 255, 255,
    252, 115, 92, 135, 166, 71, 117, 104, 183, 123, 199, 155, 109, 41, 76, 166, 60, 189, 75, 31, 33, 208, 207, 200, 81, 171, 230, 132, 100, 255, 173, 149,
    148, 255, 159, 238, 255, 105, 244, 200, 255, 255, 255, 255, 255, 255, 198, 255, 255, 255, 255, 244, 238, 255, 230, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 20, 176, 210, 185, 26, 125, 161, 198, 66, 191, 182, 224, 109, 102, 91, 145, 218, 206, 147, 194, 203, 201, 183, 143, 175, 189, 117, 102, 255, 153, 181,
    117, 57, 127, 79, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 140, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 108, 154, 147, 161, 46, 195, 175, 177, 47, 153, 178, 163, 165, 118, 49, 143, 169, 139, 55, 143, 176, 182, 30, 185, 139, 147, 66, 101, 255, 222, 144,
    46, 255, 181, 156, 255, 192, 255, 195, 255, 255, 255, 255, 255, 255, 137, 255, 255, 255, 255, 217, 134, 255, 185, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    232, 108, 122, 101, 53, 124, 155, 152, 98, 111, 157, 126, 149, 125, 166, 156, 102, 155, 149, 120, 74, 83, 113, 150, 136, 125, 147, 37, 36, 255, 127, 96,
    77, 181, 38, 220, 255, 99, 202, 74, 255, 255, 255, 255, 255, 255, 145, 255, 255, 255, 255, 198, 143, 255, 255, 255, 255, 132, 255, 255, 255, 255, 255, 255,
    255, 98, 136, 132, 156, 28, 178, 143, 175, 171, 219, 186, 82, 160, 90, 98, 133, 145, 183, 84, 131, 160, 210, 168, 182, 173, 175, 143, 39, 255, 125, 109,
    102, 244, 25, 210, 255, 255, 102, 171, 255, 255, 255, 255, 255, 255, 178, 255, 255, 255, 125, 130, 199, 255, 181, 255, 255, 225, 255, 255, 255, 255, 255, 255,
    242, 92, 137, 176, 140, 114, 122, 130, 123, 5, 161, 95, 162, 127, 165, 65, 179, 136, 179, 135, 155, 152, 167, 135, 155, 159, 161, 116, 122, 242, 191, 204,
    96, 242, 115, 148, 242, 204, 242, 242, 242, 242, 242, 242, 242, 242, 242, 242, 242, 242, 132, 242, 242, 242, 242, 242, 242, 242, 242, 242, 242, 242, 242, 242,
    127, 173, 173, 181, 216, 188, 161, 200, 211, 213, 218, 169, 230, 143, 238, 223, 246, 210, 204, 209, 183, 229, 234, 231, 168, 233, 206, 13, 49, 255, 138, 76,
    52, 64, 110, 231, 81, 116, 235, 102, 255, 77, 255, 185, 255, 255, 106, 204, 255, 255, 252, 198, 182, 255, 184, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    170, 98, 82, 82, 68, 107, 73, 103, 96, 80, 194, 144, 92, 98, 115, 114, 74, 219, 80, 69, 93, 81, 152, 109, 122, 185, 186, 35, 58, 255, 137, 74,
    162, 255, 98, 181, 255, 224, 71, 218, 61, 255, 175, 255, 255, 255, 73, 187, 255, 255, 255, 255, 255, 255, 95, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    194, 2, 143, 135, 157, 194, 169, 157, 169, 169, 194, 194, 94, 131, 139, 124, 149, 139, 118, 101, 194, 169, 194, 194, 194, 194, 139, 194, 194, 194, 194, 194,
    194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194, 194,
    255, 143, 100, 28, 190, 120, 129, 160, 171, 132, 255, 187, 161, 126, 150, 30, 141, 193, 125, 111, 184, 169, 213, 188, 213, 203, 216, 55, 255, 255, 29, 231,
    255, 255, 255, 238, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 126, 38, 126, 100, 145, 112, 134, 148, 123, 150, 173, 103, 113, 154, 130, 86, 227, 124, 89, 131, 129, 152, 115, 156, 197, 211, 23, 40, 255, 255, 220,
    255, 255, 238, 255, 255, 247, 255, 255, 255, 255, 255, 255, 255, 56, 76, 255, 255, 255, 255, 238, 255, 255, 153, 255, 238, 255, 255, 255, 255, 255, 255, 255,
    255, 131, 147, 60, 136, 162, 147, 113, 99, 119, 136, 123, 85, 135, 127, 112, 97, 246, 142, 85, 126, 158, 214, 212, 151, 173, 161, 6, 118, 255, 255, 255,
    192, 255, 246, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 239, 255, 241, 255, 252, 255, 255, 255, 255, 255, 255, 255,
    255, 234, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 253, 255, 255, 255, 211, 255, 255, 255, 255, 255, 255, 255, 8, 33, 255, 255, 240,
    255, 255, 72, 255, 255, 255, 134, 255, 174, 255, 255, 255, 255, 255, 249, 255, 255, 255, 255, 249, 249, 255, 177, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 103, 76, 123, 101, 156, 89, 98, 116, 88, 112, 114, 76, 57, 138, 153, 67, 179, 107, 78, 86, 127, 147, 71, 92, 137, 164, 21, 107, 255, 254, 255,
    255, 248, 62, 255, 255, 200, 255, 143, 255, 255, 255, 255, 255, 255, 78, 255, 255, 255, 248, 215, 231, 255, 224, 255, 240, 127, 255, 212, 255, 255, 255, 255,
    244, 73, 94, 161, 120, 130, 70, 154, 85, 117, 88, 174, 128, 117, 135, 157, 155, 160, 56, 87, 72, 135, 159, 86, 125, 152, 165, 17, 86, 244, 62, 151,
    182, 244, 185, 244, 244, 244, 244, 244, 77, 244, 244, 244, 244, 244, 244, 244, 244, 244, 194, 194, 90, 244, 219, 244, 244, 244, 244, 244, 244, 244, 244, 244,
    255, 114, 255, 52, 131, 124, 255, 217, 255, 52, 255, 168, 52, 255, 255, 255, 96, 255, 96, 212, 215, 255, 255, 255, 255, 255, 255, 24, 30, 255, 170, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 120, 255, 130, 255, 255, 255, 138, 255, 255, 255, 255, 255, 255, 255, 228, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    253, 216, 172, 157, 172, 198, 253, 253, 216, 253, 253, 172, 172, 253, 253, 126, 253, 253, 253, 167, 157, 216, 253, 157, 253, 253, 216, 253, 0, 253, 253, 253,
    253, 253, 253, 253, 253, 253, 253, 146, 253, 253, 253, 253, 253, 253, 194, 253, 253, 253, 253, 253, 253, 253, 153, 253, 253, 253, 253, 253, 253, 253, 253, 253,
    255, 168, 166, 67, 140, 255, 182, 103, 100, 95, 208, 41, 36, 45, 157, 236, 118, 255, 145, 56, 146, 179, 208, 62, 68, 105, 126, 49, 236, 255, 255, 255,
    214, 255, 255, 255, 255, 255, 255, 126, 112, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 236, 255, 255, 113, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    39, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 236, 255, 255, 255, 255, 255, 255, 255, 255, 24, 255, 255, 88,
    248, 51, 255, 255, 33, 160, 255, 113, 255, 98, 255, 255, 255, 255, 62, 255, 255, 255, 255, 236, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 211, 76, 186, 103, 119, 81, 103, 199, 255, 251, 176, 244, 255, 100, 36, 255, 91, 118, 74, 119, 255, 255, 255, 255, 255, 17, 255, 255, 49, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 223, 144, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    25, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 24, 255, 255, 255,
    138, 28, 255, 255, 107, 255, 255, 147, 255, 255, 255, 133, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    183, 183, 183, 58, 183, 31, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 15, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183,
    183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 49, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183,
    183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 18, 183, 183, 183,
    132, 183, 183, 183, 26, 183, 183, 183, 183, 38, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183, 183,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 47, 3, 241, 241, 241,
    241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241, 241,
    42, 255, 217, 158, 166, 205, 123, 42, 54, 148, 255, 255, 128, 45, 212, 148, 179, 232, 212, 160, 129, 117, 255, 208, 232, 245, 245, 255, 26, 255, 255, 61,
    255, 124, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 245, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 54, 18, 173, 173, 173, 173, 173, 173, 173, 20, 173, 173, 173,
    173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173, 173,
    153, 94, 153, 153, 153, 85, 153, 153, 153, 153, 153, 153, 56, 7, 153, 72, 153, 153, 153, 116, 153, 153, 153, 153, 153, 153, 153, 128, 153, 153, 153, 153,
    153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153, 153,
    113, 113, 113, 113, 113, 113, 113, 113, 113, 76, 113, 113, 113, 113, 113, 113, 113, 113, 113, 76, 113, 113, 113, 113, 113, 113, 113, 18, 113, 113, 113, 113,
    113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113, 113,
    208, 40, 105, 82, 109, 103, 72, 208, 92, 208, 208, 208, 183, 72, 171, 208, 97, 208, 208, 48, 80, 171, 208, 82, 208, 208, 208, 38, 208, 208, 208, 208,
    66, 208, 208, 208, 208, 208, 208, 183, 208, 208, 208, 208, 208, 208, 208, 208, 208, 208, 38, 143, 208, 208, 208, 208, 208, 208, 208, 208, 208, 208, 208, 208,
    211, 156, 135, 211, 139, 55, 75, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 4, 174, 211, 211, 211,
    211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 174, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211, 211,
    217, 162, 62, 54, 127, 45, 117, 128, 98, 113, 217, 192, 172, 192, 145, 128, 116, 61, 62, 44, 77, 35, 57, 134, 217, 217, 138, 217, 217, 217, 180, 217,
    217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217, 217,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 73, 99, 99, 99, 99, 99, 99, 62, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 73, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    248, 153, 183, 151, 223, 211, 162, 169, 46, 161, 103, 248, 167, 203, 176, 248, 176, 248, 155, 87, 203, 203, 183, 161, 248, 189, 248, 6, 132, 248, 248, 103,
    166, 248, 211, 248, 248, 248, 123, 141, 248, 248, 248, 248, 248, 248, 152, 248, 248, 248, 248, 103, 211, 248, 101, 248, 248, 211, 248, 248, 248, 248, 248, 248,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 7, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    203, 137, 203, 64, 152, 203, 13, 203, 158, 122, 203, 117, 203, 203, 158, 165, 65, 81, 158, 48, 125, 58, 137, 165, 203, 203, 203, 203, 152, 203, 203, 203,
    203, 203, 177, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 203, 177, 203, 96, 203, 203, 119, 203, 203, 203, 203, 203, 203,
    146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 8, 146, 146, 146,
    146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 146, 109, 41, 146, 146, 146, 146, 146,
    111, 111, 111, 48, 111, 30, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 60, 111, 85, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111,
    111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111, 111,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
    96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96, 96,
};

// clang-format on

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/span_plan.hpp

// A program made ready to find the span and the groups of a match quickly: what may be taken in one piece, and where the
// next byte tells which way to go.



namespace ovrseer::pattern_detail {

/// A program made ready for `span_search`: literals in one piece, loops whose end the next byte tells, and what each
/// way of a choice may begin with. The indices are those of the program.
class span_plan {
 public:
  /// Programs with more instructions are left to the machine.
  static constexpr std::uint32_t max_code = 1000;

  enum class kind : std::uint8_t { text, unit, run, choice, save, match, other };

  static constexpr std::uint16_t no_slot = 0xFFFF;

  struct alignas(32) operation {
    kind is = kind::other;
    std::uint32_t next = 0;
    std::uint32_t begin = 0;   // text: where its bytes are; run: those of the text behind it; save: the slot
    std::uint32_t size = 0;    // text: how many; run: units that it must take
    std::uint32_t choice = 0;  // which one
    std::uint32_t taker = 0;   // run: the instruction that takes its units
    // run: these bytes and no others, where it takes ASCII from one to another alone
    unsigned char from = 1;
    unsigned char to = 0;
    std::uint16_t save = no_slot;  // what takes text: the slot to note in where it ends
    // run: the text behind it, which mostly is a byte or a few, is part of it
    std::uint16_t then_save = no_slot;
    std::uint16_t then_size = 0;
  };
  static_assert(sizeof(operation) == 32);
  /// What a way may begin with.
  struct way {
    byte_set first;
    bool may_be_empty = false;          // comes to the end of the pattern, perhaps
    bool is_empty_for_certain = false;  // comes there without asking about the place
    constexpr bool may_begin(std::string_view text, std::size_t at) const noexcept {
      return may_be_empty || (at != text.size() && first.contains(byte_at(text, at)));
    }
  };
  struct choice {
    way preferred;
    way other;
  };

  explicit span_plan(const program& compiled) : program_(compiled) {
    if (compiled.code_size > max_code) return;
    operations_.resize(compiled.code_size);
    for (std::uint32_t i = 0; i != compiled.code_size; ++i) {
      operation& made = operations_[i];
      made = make(i);
      const instruction& after = compiled.code[made.next];
      const bool takes_text = made.is == kind::text || made.is == kind::unit || made.is == kind::run;
      if (!takes_text || after.op != opcode::save || after.value >= no_slot) continue;
      made.save = static_cast<std::uint16_t>(after.value);
      made.next = after.next;
    }
    for (operation& run : operations_) {
      if (run.is != kind::run || operations_[run.next].is != kind::text) continue;
      const operation& text = operations_[run.next];
      run.begin = text.begin;
      run.then_size = static_cast<std::uint16_t>(text.size);
      run.then_save = text.save;
      run.next = text.next;
    }
    std::uint32_t first = 0;
    while (compiled.code[first].op == opcode::save) first = compiled.code[first].next;
    if (operations_[first].is == kind::text) prefix_ = operations_[first];
    for (std::size_t i = 0; i != prefix().size(); ++i) {
      if (rarity_at(i) > rarity_at(rarest_of_prefix_)) rarest_of_prefix_ = i;
    }
  }

  bool is_usable() const noexcept { return !operations_.empty(); }
  const program& code() const noexcept { return program_; }
  const operation& at(std::uint32_t index) const noexcept { return operations_[index]; }
  const choice& choice_at(const operation& it) const noexcept { return choices_[it.choice]; }
  std::size_t choices() const noexcept { return choices_.size(); }
  /// The text that every match begins with; may be empty.
  std::string_view prefix() const noexcept { return text_of(prefix_); }
  /// The byte of it that is the rarest in logs.
  std::size_t rarest_of_prefix() const noexcept { return rarest_of_prefix_; }
  /// What takes the prefix, where nothing stands before it; or null.
  const operation* first_text() const noexcept {
    return operations_.front().is == kind::text ? &operations_.front() : nullptr;
  }
  std::string_view text_of(const operation& it) const noexcept { return text_at(it.begin, it.size); }
  std::string_view text_at(std::uint32_t begin, std::size_t size) const noexcept {
    return {texts_.data() + begin, size};
  }

 private:
  unsigned rarity_at(std::size_t i) const noexcept { return group_rarity[byte_group[byte_at(prefix(), i)]]; }

  operation make(std::uint32_t index) {
    const instruction& it = program_.code[index];
    operation made;
    made.next = it.next;
    if (it.op == opcode::literal) {
      made.is = kind::text;
      made.begin = static_cast<std::uint32_t>(texts_.size());
      std::uint32_t end = index;
      for (; program_.code[end].op == opcode::literal && texts_.size() - made.begin < 32;
           end = program_.code[end].next) {
        const encoded_unit encoded = encode(program_.code[end].value);
        texts_.append(encoded.bytes, encoded.size);
      }
      made.next = end;
      made.size = static_cast<std::uint32_t>(texts_.size()) - made.begin;
    }
    if (it.op == opcode::folded || it.op == opcode::unit_set) made.is = kind::unit;
    if (it.op == opcode::match) made.is = kind::match;
    if (it.op == opcode::save) {
      made.is = kind::save;
      made.begin = it.value;
    }
    if (it.op == opcode::split) made = make_choice(index);
    if (takes_units(it)) {
      // x+ is its x and a choice that leads back.
      const instruction& after = program_.code[it.next];
      const bool loops = after.op == opcode::split && (after.next == index || after.value == index);
      if (loops && is_told_by_next(it.next, index)) made = make_run(index, out_of(it.next, index), 1);
    }
    return made;
  }

  operation make_choice(std::uint32_t index) {
    const instruction& it = program_.code[index];
    operation made;
    // x* is a choice of an x that leads back.
    for (const std::uint32_t taker : {it.next, it.value}) {
      if (!takes_units(program_.code[taker]) || program_.code[taker].next != index) continue;
      if (is_told_by_next(index, taker)) return make_run(taker, out_of(index, taker), 0);
    }
    made.is = kind::choice;
    made.next = it.next;
    made.choice = static_cast<std::uint32_t>(choices_.size());
    choices_.push_back({way_of(it.next), way_of(it.value)});
    return made;
  }

  operation make_run(std::uint32_t taker, std::uint32_t next, std::uint32_t least) const {
    operation made;
    const instruction& it = program_.code[taker];
    if (it.op == opcode::unit_set && program_.classes[it.value].ranges_begin == program_.classes[it.value].ranges_end) {
      const unit_class& set = program_.classes[it.value];
      unsigned from = 0;
      while (from != 0x80 && !contains_ascii(set, from)) ++from;
      unsigned to = from;
      while (to != 0x80 && contains_ascii(set, to)) ++to;
      unsigned rest = to;
      while (rest != 0x80 && !contains_ascii(set, rest)) ++rest;
      if (from != 0x80 && rest == 0x80) {
        made.from = static_cast<unsigned char>(from);
        made.to = static_cast<unsigned char>(to - 1);
      }
    }
    made.is = kind::run;
    made.next = next;
    made.size = least;
    made.taker = taker;
    return made;
  }

  static bool takes_units(const instruction& it) noexcept {
    return it.op == opcode::literal || it.op == opcode::folded || it.op == opcode::unit_set;
  }
  std::uint32_t out_of(std::uint32_t split, std::uint32_t loop) const noexcept {
    const instruction& it = program_.code[split];
    return it.next == loop ? it.value : it.next;
  }

  // Whether a loop goes on exactly as long as it can: what follows begins otherwise, or is sure to be content.
  bool is_told_by_next(std::uint32_t split, std::uint32_t taker) const {
    const way again = way_of(taker);
    const way out = way_of(out_of(split, taker));
    for (std::size_t i = 0; i != 4; ++i) {
      if ((again.first.words[i] & out.first.words[i]) != 0) return false;
    }
    const bool is_greedy = program_.code[split].next == taker;
    return !out.may_be_empty || (is_greedy && out.is_empty_for_certain);
  }

  way way_of(std::uint32_t from) const {
    way made;
    std::vector<bool> seen(program_.code_size, false);
    std::vector<std::uint32_t> work{from};
    while (!work.empty()) {
      const std::uint32_t at = work.back();
      work.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      const instruction& it = program_.code[at];
      switch (it.op) {
        case opcode::literal:
        case opcode::folded:
        case opcode::unit_set: program_.add_first_bytes(it, made.first); break;
        case opcode::split:
          work.push_back(it.value);
          work.push_back(it.next);
          break;
        case opcode::match: made.may_be_empty = true; break;
        default: work.push_back(it.next); break;
      }
    }
    made.is_empty_for_certain = made.may_be_empty && program_.assertions == 0 && !program_.has_checked_loops;
    return made;
  }

  program program_;
  std::vector<operation> operations_;
  std::vector<choice> choices_;
  std::string texts_;
  operation prefix_;
  std::size_t rarest_of_prefix_ = 0;
};

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/span_search.hpp

// Finds the span and the groups of a match quickly, for most patterns: where the next byte tells which way to go the
// way is taken without looking back, and elsewhere both are tried, each once at a place. What would take more than a
// few steps for each byte is left to the machine.



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

// ---- ovrseer/pattern/detail/impl/engine.ipp

// The bodies of <ovrseer/pattern/detail/engine.hpp>.



namespace ovrseer::pattern_detail {

/// A table of one program: whole, or, where that would be too large, growing, for one thread at a time.
class made_table {
 public:
  explicit made_table(const program& of) : whole_(make_whole_table(joint_program(of.text, of.flags))) {
    if (whole_ == nullptr) growing_.store(new automaton(joint_program(of.text, of.flags)), std::memory_order_relaxed);
  }
  made_table(const made_table&) = delete;
  made_table& operator=(const made_table&) = delete;
  ~made_table() { delete growing_.load(std::memory_order_acquire); }

  /// Null when it would be too large.
  const whole_view* whole() const noexcept { return whole_ != nullptr ? &whole_->view : nullptr; }

  bool has_match(const program& of, std::string_view text, std::size_t from) const {
    if (whole_ != nullptr) return whole_->view.matches(text, from);
    const auto give_back = [this](automaton* taken) { growing_.store(taken, std::memory_order_release); };
    const std::unique_ptr<automaton, decltype(give_back)> mine(growing_.exchange(nullptr, std::memory_order_acquire),
                                                               give_back);
    return mine != nullptr ? mine->matches(text, from) : machine<>(of, text, 0).run(from);
  }

 private:
  std::unique_ptr<const whole_table> whole_;
  mutable std::atomic<automaton*> growing_{nullptr};  // null while a thread has it
};

OVRSEER_DECL void search_slots::drop() noexcept {
  table_.drop();
  plan_.drop();
}

OVRSEER_DECL const whole_view* search_slots::table(const program& of) const {
  return fixed_ != nullptr ? fixed_ : table_.now(of).whole();
}

OVRSEER_DECL void search_slots::make_plan(const program& of) const { plan_.now(of); }

OVRSEER_DECL bool search_slots::has_match(const program& of, std::string_view text, std::size_t from) const {
  if (fixed_ != nullptr) return fixed_->matches(text, from);
  const made_table* const table = table_.when_worth_it(of, text.size() - from);
  return table != nullptr ? table->has_match(of, text, from) : machine<>(of, text, 0).run(from);
}

OVRSEER_DECL bool search_slots::find(const program& of, std::string_view text, std::size_t from,
                                     found_places into) const {
  if (from > text.size()) return false;
  if (text.size() - from > short_text && !has_match(of, text, from)) return false;
  return find_likely(of, text, from, into);
}

OVRSEER_DECL bool search_slots::find_likely(const program& of, std::string_view text, std::size_t from,
                                            found_places into) const {
  const span_plan* const plan = plan_.when_worth_it(of, text.size() - from);
  if (plan != nullptr && plan->is_usable()) {
    const auto known = span_search(*plan, text, into.slots, into.count).run(from);
    if (known != span_search::outcome::too_long) return known == span_search::outcome::found;
  }
  return find_by_machine(of, text, from, into);
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/impl/explain.ipp

// The bodies of <ovrseer/pattern/explain.hpp>.




namespace ovrseer {

namespace pattern_detail {

OVRSEER_DECL char shown_class(const byte_set& set) {
  char shown = 0;
  unsigned count = 0;
  for (unsigned byte = 0x20; byte != 0x7F; ++byte) {
    if (!set.contains(byte)) continue;
    // Of a letter in either case the capital comes first.
    if (count == 0) shown = static_cast<char>(byte);
    count += count == 1 && byte == static_cast<unsigned>(shown) + 0x20U && is_letter_unit(byte) ? 0 : 1;
  }
  return count == 1 && (set.words[2] | set.words[3]) == 0 ? shown : '?';
}

OVRSEER_DECL pattern_explanation::sequence explained(const byte_sequence& from) {
  const window chosen = rarest_window(from);
  pattern_explanation::sequence made;
  for (const byte_set& set : from.bytes) made.text.push_back(shown_class(set));
  made.window = made.text.substr(chosen.begin, chosen.size);
  made.guesses = chosen.probability * 1e6;
  return made;
}

}  // namespace pattern_detail

OVRSEER_DECL pattern_explanation pattern_view::explain() const {
  using engine = pattern_explanation::engine;
  pattern_explanation made;
  made.pattern = to_text(*this);
  made.steps = program_->code_size;
  const pattern_detail::factors found = pattern_detail::find_factors(pattern_detail::parse(text(), flags()));
  for (const pattern_detail::byte_sequence& one : found.sequences) {
    made.sequences.push_back(pattern_detail::explained(one));
  }
  made.reads_from_line_begin = !found.is_complete && found.reach == pattern_detail::unbounded_lead;
  const bool has_table = pattern_access::table(*this) != nullptr;
  if (found.sequences.empty()) {
    made.decides = engine::every_line;
    made.warnings.emplace_back(
        "it must contain nothing that is rare in logs, so every line is read by an automaton: a word or a sign that "
        "the "
        "line always has would make it cheap");
  } else if (!found.is_complete) {
    made.decides = has_table ? engine::table : engine::growing;
  }
  if (made.reads_from_line_begin) {
    made.warnings.emplace_back(
        "what may stand before the part that is looked for has no bound, so a line that has this part is read from its "
        "beginning");
  }
  if (!has_table && made.decides != engine::sequence) {
    made.warnings.emplace_back(
        "its automaton would be too large to be made whole, and grows with the text: smaller repeat "
        "counts would help");
  }
  return made;
}

OVRSEER_DECL std::string_view to_text(pattern_explanation::engine decides) noexcept {
  switch (decides) {
    case pattern_explanation::engine::sequence: return "where one stands the pattern matches";
    case pattern_explanation::engine::table: return "an automaton decides about what stands around";
    case pattern_explanation::engine::growing: return "an automaton that grows with the text decides";
    case pattern_explanation::engine::every_line: return "an automaton reads every line";
  }
  return "unknown";
}

OVRSEER_DECL std::string to_text(const pattern_explanation& of) {
  std::string made = of.pattern + "\n";
  for (const pattern_explanation::sequence& one : of.sequences) {
    made += "  looks for '" + one.window + "'";
    if (one.window != one.text) made += " of '" + one.text + "'";
    made +=
        ", about " + std::to_string(static_cast<unsigned long long>(one.guesses + 0.5)) + " times in a million bytes\n";
  }
  made += "  " + std::string(to_text(of.decides)) + "; " + std::to_string(of.steps) + " steps for spans and groups\n";
  for (const std::string& one : of.warnings) made += "  note: " + one + "\n";
  return made;
}

}  // namespace ovrseer

// ---- ovrseer/pattern/detail/impl/automaton.ipp

// The bodies of <ovrseer/pattern/detail/automaton.hpp>.



namespace ovrseer::pattern_detail {

inline constexpr std::size_t max_pairs = 65'536;

// Fills all of the view but its cells, which change as a table grows.
template <class Cell>
void lay_out(owned_table<Cell>& table, const table_maker& maker) {
  const unit_columns& columns = maker.stepper().columns();
  table.ascii = columns.ascii();
  table.borders.assign(columns.borders().begin(), columns.borders().end());
  for (std::size_t i = 0; i != table.borders.size(); ++i) {
    table.columns.push_back(static_cast<std::uint16_t>(columns.column_of_border(i)));
  }
  table_view<Cell>& view = table.view;
  view = facts_of<Cell>(maker);
  view.ascii = table.ascii.data();
  view.borders = table.borders.data();
  view.columns = table.columns.data();
  view.border_count = static_cast<std::uint32_t>(table.borders.size());
}

OVRSEER_DECL std::unique_ptr<const whole_table> make_whole_table(joint_program code) {
  // A few milliseconds.
  constexpr table_maker::limits most{400, whole_view::accepts - 1, 1'000'000, max_pairs};
  table_maker maker(std::move(code));
  if (!maker.grow_whole(most)) return nullptr;
  auto made = std::make_unique<whole_table>();
  lay_out(*made, maker);
  for (const std::uint32_t cell : maker.cells()) made->cells.push_back(narrowed<std::uint16_t>(cell));
  made->view.cells = made->cells.data();
  made->view.cell_count = static_cast<std::uint32_t>(made->cells.size());
  return made;
}

OVRSEER_DECL automaton::automaton(joint_program code) : maker_(std::move(code)) {
  maker_.drop_dominated(max_pairs);
  lay_out(table_, maker_);
}

// Growing may move every row, and then the places to begin in.
OVRSEER_DECL std::uint32_t automaton::next_state(std::uint32_t state, std::uint32_t column) {
  const std::uint32_t known = maker_.cells()[state + column];
  if (known != maker_.unknown) return known;
  if (maker_.cells().size() < max_cells) return maker_.grow(state, column);
  const std::uint32_t made = maker_.grow_anew(state, column);
  table_.view.starts = maker_.starts();
  table_.view.dead = maker_.dead();
  table_.view.first_busy = maker_.first_busy();
  return made;
}

OVRSEER_DECL automaton::outcome automaton::search(std::string_view text, std::size_t from, std::size_t past) {
  const auto next = [this](std::uint32_t state, std::uint32_t column) { return next_state(state, column); };
  const outcome found = table_.view.walk(table_.view, table_.view.start_at(text, from), text, from, past, next);
  table_.view.dead = maker_.dead();  // may have been met for the first time
  return found;
}

OVRSEER_DECL void automaton::visit(std::string_view text, std::vector<std::uint32_t>& matched) {
  std::uint32_t state = table_.view.start_at(text, 0);
  const auto tell = [&] {
    if ((state & maker_.accepts) == 0) return;
    state &= ~maker_.accepts;
    maker_.stepper().for_matched(maker_.state(state), [&](std::uint32_t one) { matched.push_back(one); });
  };
  tell();
  for (std::size_t at = 0; at != text.size();) {
    const auto next = table_.view.column_at(text, at);
    state = next_state(state, next.column);
    at += next.size;
    tell();
    if (state == maker_.dead()) return;
  }
  state = next_state(state, table_.view.end);
  tell();
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/impl/rarity.ipp

// The bodies of <ovrseer/pattern/detail/rarity.hpp>.



namespace ovrseer::pattern_detail {

OVRSEER_DECL double rarity_model::probability(const byte_sequence& sequence, std::size_t first, std::size_t count) {
  std::vector<share> here;
  for (std::size_t i = 0; i != count; ++i) {
    std::vector<share> next = shares(sequence.bytes[first + i]);
    for (share& one : next) {
      if (i == 0) {
        one.weight *= power(group_rarity[one.group]);
        continue;
      }
      double sum = 0;
      for (const share& before : here) {
        sum += before.weight * power(pair_rarity[before.group * byte_groups + one.group]);
      }
      one.weight *= sum;
    }
    here = std::move(next);
  }
  double sum = 0;
  for (const share& one : here) sum += one.weight;
  return sum;
}

OVRSEER_DECL double rarity_model::power(std::uint8_t sixteenths) {
  static const std::array<double, 256> powers = [] {
    std::array<double, 256> made{};
    for (std::size_t i = 0; i != made.size(); ++i) made[i] = std::exp2(-static_cast<double>(i) / 16);
    return made;
  }();
  return powers[sixteenths];
}

OVRSEER_DECL std::vector<rarity_model::share> rarity_model::shares(const byte_set& set) {
  static const std::array<double, byte_groups> sizes = [] {
    std::array<double, byte_groups> made{};
    for (const std::uint8_t group : byte_group) made[group] += 1;
    return made;
  }();
  std::array<unsigned, byte_groups> counts{};
  for (std::size_t word = 0; word != 4; ++word) {
    for (std::uint64_t rest = set.words[word]; rest != 0; rest &= rest - 1) {
      ++counts[byte_group[word * 64 + static_cast<std::size_t>(std::countr_zero(rest))]];
    }
  }
  std::vector<share> made;
  for (std::size_t group = 0; group != byte_groups; ++group) {
    if (counts[group] == 0) continue;
    const bool is_letter = group >= 1 && group <= 26;
    made.push_back({group, is_letter ? 1.0 : counts[group] / sizes[group]});
  }
  return made;
}

OVRSEER_DECL window rarest_window(const byte_sequence& sequence) {
  const std::size_t size = std::min(max_scanned, sequence.bytes.size());
  window best;
  for (std::size_t begin = 0; begin + size <= sequence.bytes.size(); ++begin) {
    const double found = rarity_model::probability(sequence, begin, size);
    if (best.size == 0 || found < best.probability) best = {begin, size, found};
  }
  if (best.begin > 0) best = {best.begin - 1, best.size + 1, best.probability};
  return best;
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/sequences.hpp

// Lists of byte sequences of which one must occur, made smaller without leaving a match out.



namespace ovrseer::pattern_detail {

/// The bytes of the longest unit.
inline constexpr std::size_t max_unit = 4;
/// What can be compared in one step.
inline constexpr std::size_t short_length = 8;
inline constexpr std::size_t no_place_in = static_cast<std::size_t>(-1);

/// A sum of bytes that may be without bound.
inline std::size_t sum_of_leads(std::size_t a, std::size_t b) noexcept {
  return a == unbounded_lead || b == unbounded_lead ? unbounded_lead : a + b;
}

/// A line has no newline.
inline void drop_newlines(std::vector<byte_sequence>& texts) {
  for (byte_sequence& text : texts) {
    for (byte_set& set : text.bytes) set.words[0] &= ~(std::uint64_t{1} << static_cast<unsigned>('\n'));
  }
  std::erase_if(texts, [](const byte_sequence& text) {
    return std::any_of(text.bytes.begin(), text.bytes.end(), [](const byte_set& set) {
      return (set.words[0] | set.words[1] | set.words[2] | set.words[3]) == 0;
    });
  });
}

/// Where an automaton decides in the end, a few bytes around the window are told apart in one comparison.
inline void shorten(std::vector<byte_sequence>& texts) {
  for (byte_sequence& text : texts) {
    const std::size_t size = text.bytes.size();
    if (size <= short_length) continue;
    const std::size_t begin = std::min(rarest_window(text).begin, size - short_length);
    const auto first = text.bytes.begin() + static_cast<std::ptrdiff_t>(begin);
    text.bytes = std::vector<byte_set>(first, first + static_cast<std::ptrdiff_t>(short_length));
    if (begin + short_length != size) text.has_wide_back = false;
    if (begin == 0) continue;
    // A unit beyond ASCII begins up to three bytes before the one that stands for it.
    const bool had_wide_front = std::exchange(text.has_wide_front, false);
    text.lead = sum_of_leads(text.lead, begin + (had_wide_front ? max_unit - 1 : 0));
  }
}

inline bool is_within(const byte_set& small, const byte_set& large) {
  for (std::size_t i = 0; i != 4; ++i) {
    if ((small.words[i] & ~large.words[i]) != 0) return false;
  }
  return true;
}

/// Where in `longer` there is always `shorter`, or `no_place_in`.
inline std::size_t place_in(const byte_sequence& longer, const byte_sequence& shorter) {
  if (shorter.has_wide_front || shorter.has_wide_back || longer.has_wide_front || longer.has_wide_back)
    return no_place_in;
  for (std::size_t at = 0; at + shorter.bytes.size() <= longer.bytes.size(); ++at) {
    const auto begin = longer.bytes.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::equal(shorter.bytes.begin(), shorter.bytes.end(), begin,
                   [](const byte_set& large, const byte_set& small) { return is_within(small, large); })) {
      return at;
    }
  }
  return no_place_in;
}

/// Leaves out what another of them tells: wherever a sequence that is dropped occurs the one that stands for it does too,
/// perhaps later in the match.
inline void drop_covered(std::vector<byte_sequence>& texts) {
  std::vector<byte_sequence> kept;
  for (const byte_sequence& next : texts) {
    const auto stands_for = [&](const byte_sequence& one) { return place_in(next, one) != no_place_in; };
    const auto found = std::find_if(kept.begin(), kept.end(), stands_for);
    if (found != kept.end()) {
      found->lead = std::max(found->lead, sum_of_leads(next.lead, place_in(next, *found)));
      continue;
    }
    byte_sequence added = next;
    std::erase_if(kept, [&](const byte_sequence& one) {
      const std::size_t at = place_in(one, next);
      if (at != no_place_in) added.lead = std::max(added.lead, sum_of_leads(one.lead, at));
      return at != no_place_in;
    });
    kept.push_back(std::move(added));
  }
  texts = std::move(kept);
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/impl/factor.ipp

// The bodies of <ovrseer/pattern/detail/factor.hpp>.



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

// ---- ovrseer/pattern/detail/impl/pair_table.ipp

// The bodies of <ovrseer/pattern/detail/pair_table.hpp>.


namespace ovrseer::pattern_detail {

OVRSEER_DECL pair_table::pair_table(const whole_view& whole) : whole_(whole), stride_(whole.end + 1) {
  const std::size_t size = whole.cell_count * std::size_t{stride_};
  if (size > max_cells) return;
  cells_.assign(size, 0);
  for (std::uint32_t row = stride_; row != whole.cell_count; row += stride_) {
    for (std::uint32_t first = 0; first != stride_; ++first) {
      const std::uint32_t between = whole.cells[row + first];
      for (std::uint32_t second = 0; second != stride_; ++second) {
        // What has matched between has matched; nothing stands behind the end.
        const bool is_known = (between & accepts) != 0 || first == whole.end;
        const std::uint32_t state = is_known ? between : whole.cells[between + second];
        cells_[row * stride_ + first * stride_ + second] = static_cast<std::uint16_t>(widened(state));
      }
    }
  }
}

OVRSEER_DECL whole_view::outcome pair_table::search_on(std::uint32_t state, std::string_view text, std::size_t from,
                                                       std::size_t past) const noexcept {
  return whole_.search_on(state / stride_, text, from, past);
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/detail/impl/prefilter.ipp

// The bodies of <ovrseer/pattern/detail/prefilter.hpp>.



namespace ovrseer::pattern_detail {

OVRSEER_DECL bool prefilter::add(std::size_t slot, const factors& found) {
  std::vector<std::size_t> places;
  std::vector<window> chosen;
  const std::size_t size = windows_.size();
  for (const byte_sequence& sequence : found.sequences) {
    chosen.push_back(rarest_window(sequence));
    const classes key = classes_of(sequence, chosen.back());
    const auto known = std::find(windows_.begin() + static_cast<std::ptrdiff_t>(size), windows_.end(), key);
    places.push_back(static_cast<std::size_t>(known - windows_.begin()));
    if (known == windows_.end()) windows_.push_back(key);
  }
  if (windows_.size() > max_windows) {
    windows_.resize(size);
    return false;
  }
  ends_.resize(windows_.size());
  if (of_slot_.size() <= slot) of_slot_.resize(slot + 1, 0);
  for (std::size_t i = 0; i != places.size(); ++i) {
    window_end& end = ends_[places[i]];
    end.slot = slot;
    end.reach = std::max(end.reach, sum_of_leads(found.sequences[i].lead, chosen[i].begin + chosen[i].size - 1));
    waiting_.push_back({places[i], check_of(found.sequences[i], chosen[i], found.is_complete)});
    of_slot_[slot] |= std::uint64_t{1} << places[i];
  }
  return true;
}

OVRSEER_DECL void prefilter::finish() {
  for (std::size_t i = 0; i != ends_.size(); ++i) {
    window_end& end = ends_[i];
    end.first_check = static_cast<std::uint32_t>(checks_.size());
    for (const waiting_check& one : waiting_) {
      if (one.window != i) continue;
      end.most_back = std::max(end.most_back, one.made.back);
      end.least_back = std::min(end.least_back, one.made.back);
      end.has_rests = end.has_rests || one.made.rest != 0;
      checks_.push_back(one.made);
    }
    end.end_check = static_cast<std::uint32_t>(checks_.size());
  }
  waiting_.clear();
  exact_.assign(max_window * 256, 0);
  for (std::size_t i = 0; i != windows_.size(); ++i) {
    for (std::size_t k = 0; k != max_window; ++k) {
      for (unsigned byte = 0; byte != 256; ++byte) {
        if (windows_[i][k].contains(byte)) exact_[k * 256 + byte] |= std::uint64_t{1} << i;
      }
    }
  }
  deal_out();
}

OVRSEER_DECL prefilter::check prefilter::check_of(const byte_sequence& sequence, const window& chosen,
                                                  bool is_complete) {
  check made;
  made.back = static_cast<std::uint16_t>(chosen.begin + chosen.size - 1);
  made.size = static_cast<std::uint16_t>(sequence.bytes.size());
  std::array<std::uint64_t, 3> mask{};
  std::array<std::uint64_t, 3> value{};
  check_rest rest;
  for (std::size_t at = 0; at != sequence.bytes.size(); ++at) {
    const byte_set& set = sequence.bytes[at];
    unsigned common = 0xFF;
    unsigned any = 0;
    unsigned count = 0;
    for (unsigned byte = 0; byte != 256; ++byte) {
      if (!set.contains(byte)) continue;
      common &= byte;
      any |= byte;
      ++count;
    }
    // They tell all when as many bytes have them as are in the class.
    const unsigned differing = any & ~common;
    reinterpret_cast<unsigned char*>(mask.data())[at] = static_cast<unsigned char>(~differing);
    reinterpret_cast<unsigned char*>(value.data())[at] = static_cast<unsigned char>(common & ~differing);
    const bool is_exact = count == 1U << static_cast<unsigned>(std::popcount(differing));
    if (is_complete && !is_exact) rest.inexact.emplace_back(at, set);
  }
  made.mask = mask[0];
  made.value = value[0];
  if (made.size <= sizeof(made.mask) && rest.inexact.empty()) return made;
  rest.mask = {mask[1], mask[2]};
  rest.value = {value[1], value[2]};
  rests_.push_back(std::move(rest));
  made.rest = static_cast<std::uint32_t>(rests_.size());
  return made;
}

OVRSEER_DECL bool prefilter::has_rest(const check& sequence, std::string_view here) const noexcept {
  const check_rest& rest = rests_[sequence.rest - 1];
  if (here.size() < sequence.size) return false;
  std::array<std::uint64_t, 2> words{};
  const std::string_view behind = here.substr(std::min(here.size(), sizeof(sequence.mask)));
  std::memcpy(words.data(), behind.data(), std::min(behind.size(), sizeof(words)));
  for (std::size_t i = 0; i != words.size(); ++i) {
    if ((words[i] & rest.mask[i]) != rest.value[i]) return false;
  }
  return std::all_of(rest.inexact.begin(), rest.inexact.end(),
                     [&](const auto& one) { return one.second.contains(static_cast<unsigned char>(here[one.first])); });
}

// Each window goes into the set in which it costs the fewest guesses.
OVRSEER_DECL void prefilter::deal_out() {
  tables_ = {};
  tables_.has_both = windows_.size() > few_windows;
  const std::size_t count = sets_a_table * (tables_.has_both ? 2 : 1);
  std::vector<scanned> made(count);
  std::vector<double> costs(count, 0);
  for (const classes& one : windows_) {
    const scanned added = halves_of({one.end() - scanned_bytes, one.end()});
    std::size_t best = 0;
    double least = 2;
    for (std::size_t set = 0; set != count; ++set) {
      const double growth = cost(joined(made[set], added)) - costs[set];
      if (growth >= least) continue;
      least = growth;
      best = set;
    }
    made[best] = joined(made[best], added);
    costs[best] += least;
    scan_sets& sets = tables_.sets[best / sets_a_table];
    for (std::size_t k = 0; k != scanned_bytes; ++k) {
      for (unsigned byte = 0; byte != 256; ++byte) {
        const bool is_in = one[max_window - scanned_bytes + k].contains(byte);
        if (is_in) sets.add(k, byte, static_cast<unsigned>(best % sets_a_table));
      }
    }
  }
}

// A window that is short may have anything before it.
OVRSEER_DECL prefilter::classes prefilter::classes_of(const byte_sequence& sequence, const window& chosen) {
  classes made;
  for (byte_set& set : made) set.words[0] = set.words[1] = set.words[2] = set.words[3] = ~std::uint64_t{0};
  for (std::size_t k = 0; k != chosen.size; ++k) {
    made[max_window - chosen.size + k] = sequence.bytes[chosen.begin + k];
  }
  return made;
}

OVRSEER_DECL prefilter::scanned prefilter::halves_of(std::span<const byte_set> bytes) {
  scanned made;
  for (std::size_t k = 0; k != scanned_bytes; ++k) {
    for (unsigned byte = 0; byte != 256; ++byte) {
      if (!bytes[k].contains(byte)) continue;
      made[k].low = static_cast<std::uint16_t>(made[k].low | (1U << (byte & 15U)));
      made[k].high = static_cast<std::uint16_t>(made[k].high | (1U << (byte >> 4U)));
    }
  }
  return made;
}

OVRSEER_DECL prefilter::scanned prefilter::joined(scanned made, const scanned& more) noexcept {
  for (std::size_t k = 0; k != scanned_bytes; ++k) {
    made[k].low |= more[k].low;
    made[k].high |= more[k].high;
  }
  return made;
}

OVRSEER_DECL double prefilter::cost(const scanned& made) {
  byte_sequence as_read;
  as_read.bytes.resize(scanned_bytes);
  for (std::size_t k = 0; k != scanned_bytes; ++k) {
    for (unsigned high = 0; high != 16; ++high) {
      if (((made[k].high >> high) & 1U) == 0) continue;
      const std::uint64_t row = made[k].low;
      as_read.bytes[k].words[high / 4] |= (high < 8 ? row : 0xFFFFU) << (high % 4 * 16);
    }
  }
  return rarity_model::probability(as_read, 0, scanned_bytes);
}

}  // namespace ovrseer::pattern_detail

// ---- ovrseer/pattern/impl/pattern_set.ipp

// The bodies of <ovrseer/pattern/pattern_set.hpp>.



namespace ovrseer {

OVRSEER_DECL pattern_set::slot pattern_set::insert(entry added) {
  added.found = pattern_detail::find_factors(pattern_detail::parse(added.view.text(), added.view.flags()));
  slot free = 0;
  while (free != entries_.size() && entries_[free]) ++free;
  if (free == entries_.size()) entries_.emplace_back();
  entries_[free] = std::move(added);
  ++size_;
  is_laid_out_ = false;
  return free;
}

OVRSEER_DECL void pattern_set::remove(slot at) {
  if (!contains(at)) return;
  entries_[at].reset();
  --size_;
  is_laid_out_ = false;
}

OVRSEER_DECL void pattern_set::lay_out_anew() {
  groups_.clear();
  whole_slots_.clear();
  searched_.clear();
  deciders_.assign(entries_.size(), {});
  pattern_detail::joint_program whole;
  for (slot i = 0; i != entries_.size(); ++i) {
    if (!entries_[i]) continue;
    if (entries_[i]->found.sequences.empty()) {
      whole.add(entries_[i]->view.text(), entries_[i]->view.flags());
      whole_slots_.push_back(i);
      continue;
    }
    prepare(i);
    if (!groups_.empty() && groups_.back().add(i, entries_[i]->found)) continue;
    groups_.emplace_back();
    groups_.back().add(i, entries_[i]->found);
  }
  for (pattern_detail::prefilter& group : groups_) group.finish();
  whole_ = whole_slots_.empty() ? nullptr : std::make_unique<pattern_detail::automaton>(std::move(whole));
  has_rest_ = groups_.size() > 1 || whole_ != nullptr;
  is_laid_out_ = true;
}

OVRSEER_DECL void pattern_set::prepare(slot which) {
  entry& one = *entries_[which];
  decider& made = deciders_[which];
  made.reach = one.found.reach;
  made.is_complete = one.found.is_complete;
  if (made.is_complete) return;
  if (one.growing == nullptr) {
    made.table = pattern_access::table(one.view);
    if (made.table != nullptr) {
      if (one.pairs == nullptr) one.pairs = std::make_unique<pattern_detail::pair_table>(*made.table);
      if (!one.pairs->empty()) made.pairs = one.pairs.get();
      return;
    }
    pattern_detail::joint_program alone(one.view.text(), one.view.flags());
    one.growing = std::make_unique<pattern_detail::automaton>(std::move(alone));
  }
  made.growing = one.growing.get();
}

OVRSEER_DECL const pattern_detail::scan_tables& pattern_set::first_tables() const noexcept {
  static constexpr pattern_detail::scan_tables none{};
  return groups_.empty() ? none : groups_.front().tables();
}

// --- chunks

OVRSEER_DECL void pattern_set::enter_chunk() {
  hits_.clear();
  line_ = {0, 0, all_of_first()};
  forget_searched();
}

OVRSEER_DECL void pattern_set::read_events(const pattern_detail::scan_tables& tables, std::string_view text,
                                           std::size_t at, std::size_t size, pattern_detail::event_lists& events) {
  using namespace pattern_detail;
  events.window_count = events.newline_count = 0;
  const std::size_t count = (size + block_size - 1) / block_size;
  const auto read_copied = [&](std::size_t block) {
    std::array<unsigned char, bytes_before + block_size> copy{};
    const std::size_t begin = at + block * block_size;
    const std::size_t before = std::min(begin, bytes_before);
    const std::size_t readable = std::min(block_size, text.size() - begin);
    std::memcpy(copy.data() + bytes_before - before, text.data() + begin - before, before + readable);
    scan_->blocks(tables, copy.data() + bytes_before, block, 1, events);
  };
  std::size_t first = 0;
  if (at == 0) read_copied(first++);
  const std::size_t whole = std::min(count, (text.size() - at) / block_size);
  if (first < whole) {
    const auto* const data = reinterpret_cast<const unsigned char*>(text.data()) + at + first * block_size;
    scan_->blocks(tables, data, first, whole - first, events);
  }
  if (std::max(first, whole) < count) read_copied(whole);
  events.end_at(size);
}

OVRSEER_DECL std::size_t pattern_set::look_at_all(const pattern_detail::event_lists& events, std::size_t window,
                                                  std::size_t end, std::string_view chunk, std::size_t base) {
  for (; events.windows[window] < end; ++window) look_at(groups_.front(), chunk, base + events.windows[window], hits_);
  return window;
}

// --- lines

OVRSEER_DECL void pattern_set::match(std::string_view line, pattern_hits& hits) {
  lay_out();
  hits.clear();
  search_groups(0, line, hits);
}

OVRSEER_DECL void pattern_set::search_groups(std::size_t first, std::string_view line, pattern_hits& hits) {
  for (std::size_t i = first; i < groups_.size(); ++i) search_line(groups_[i], line, hits);
  if (whole_ == nullptr) return;
  matched_.clear();
  whole_->visit(line, matched_);
  for (const std::uint32_t one : matched_) hits.insert(whole_slots_[one]);
}

OVRSEER_DECL void pattern_set::search_line(const pattern_detail::prefilter& group, std::string_view line,
                                           pattern_hits& hits) {
  using namespace pattern_detail;
  if (line.size() > max_line) return search_long_line(group, line, hits);
  std::array<std::uint64_t, max_line / block_size> found;
  const auto* const data = reinterpret_cast<const unsigned char*>(line.data());
  if (line.empty() || !scan_->line(group.tables(), data, line.size(), found.data())) return;
  look_at_found(group, line, found.data(), hits);
}

OVRSEER_DECL void pattern_set::look_at_found(const pattern_detail::prefilter& group, std::string_view line,
                                             const std::uint64_t* found, pattern_hits& hits) {
  using pattern_detail::block_size;
  const line_state outer = enter_line(group, line);
  for (std::size_t begin = 0; begin < line.size(); begin += block_size) {
    for (std::uint64_t windows = found[begin / block_size]; windows != 0 && line_.alive != 0; windows &= windows - 1) {
      look_at(group, line, begin + static_cast<std::size_t>(std::countr_zero(windows)), hits);
    }
  }
  line_ = outer;
}

OVRSEER_DECL void pattern_set::search_long_line(const pattern_detail::prefilter& group, std::string_view line,
                                                pattern_hits& hits) {
  using pattern_detail::batch_size;
  const line_state outer = enter_line(group, line);
  pattern_detail::event_lists events;
  for (std::size_t at = 0; at < line.size() && line_.alive != 0; at += batch_size) {
    read_events(group.tables(), line, at, std::min(batch_size, line.size() - at), events);
    for (std::size_t i = 0; i != events.window_count && line_.alive != 0; ++i) {
      look_at(group, line, at + events.windows[i], hits);
    }
  }
  line_ = outer;
}

// Candidates are now looked at in this line; returns where they were before.
OVRSEER_DECL pattern_set::line_state pattern_set::enter_line(const pattern_detail::prefilter& group,
                                                             std::string_view line) {
  forget_searched();
  return std::exchange(line_, {0, line.size(), group.all()});
}

// --- candidates

OVRSEER_DECL void pattern_set::decide(const pattern_detail::prefilter& group, std::uint64_t found,
                                      std::string_view text, std::size_t at, pattern_hits& hits) {
  for (; found != 0; found &= (found - 1) & line_.alive) {
    const auto& window = group.end_of(static_cast<std::size_t>(std::countr_zero(found)));
    if (!group.has_sequence(window, text, line_.begin, at)) continue;
    const verdict known = deciders_[window.slot].is_complete ? verdict::matches : search(window, text, at);
    if (known == verdict::matches) hits.insert(window.slot);
    if (known != verdict::open) line_.alive &= ~group.of(window.slot);
  }
}

// The automaton decides about matches that may have to do with a window that ends at `at`.
OVRSEER_DECL pattern_set::verdict pattern_set::search(const pattern_detail::prefilter::window_end& window,
                                                      std::string_view text, std::size_t at) {
  constexpr std::size_t max_looks = 5;
  // Where the unit begins that a byte may be in the middle of.
  const auto unit_begin = [](std::string_view line, std::size_t offset) {
    for (std::size_t i = 0; i != 4 && i <= offset; ++i) {
      if (!is_continuation_byte(line[offset - i])) return offset - i;
    }
    return offset;
  };
  decider& owner = deciders_[window.slot];
  if (line_.end == 0) line_.end = text.find('\n', at);
  const std::string_view line = text.substr(line_.begin, line_.end - line_.begin);
  const std::size_t offset = at - line_.begin;
  if (owner.searched == 0) searched_.push_back(window.slot);
  if (owner.searched <= line_.begin) owner.looks = 0;
  // Where many candidates fail the line is read to its end, once, and from where no window leaves anything out.
  const bool is_last = ++owner.looks >= max_looks;
  const std::size_t past = is_last ? line.size() : offset;
  const std::size_t reach = is_last ? owner.reach : window.reach;
  std::size_t begin = line_.begin;
  if (offset > reach) begin += unit_begin(line, offset - reach);
  std::size_t from = begin;
  // What was searched goes on; a gap before `begin` may hold the begin of a match with a window that reaches farther.
  if (owner.searched > line_.begin && owner.searched_from <= begin && begin <= owner.searched) {
    from = owner.searched;
    begin = owner.searched_from;
  }
  from -= line_.begin;
  const auto judge = [&](auto known) {
    if (known.is_match) return verdict::matches;
    if (known.at >= line.size() && reach == owner.reach) return verdict::differs;
    owner.searched_from = begin;
    owner.searched = std::max(owner.searched, line_.begin + known.at);
    return verdict::open;
  };
  if (owner.pairs != nullptr) return judge(owner.pairs->search(line, from, past));
  return owner.table != nullptr ? judge(owner.table->search(line, from, past))
                                : judge(owner.growing->search(line, from, past));
}

OVRSEER_DECL void pattern_set::forget_searched() {
  for (const slot one : searched_) deciders_[one].searched = 0;
  searched_.clear();
}

}  // namespace ovrseer

// ---- ovrseer/pattern/impl/replace.ipp

// The bodies of <ovrseer/pattern/replace.hpp>.




namespace ovrseer {

OVRSEER_DECL replacement::replacement(pattern_view what, std::string_view text) {
  const auto names = what.group_names();
  const auto number_of = [&](std::string_view name) {
    for (std::size_t i = 1; i != what.capture_count(); ++i) {
      if (what.group_name(i) == name) return i;
    }
    return what.capture_count();  // a group that takes no part
  };
  const auto digit_at = [&](std::size_t at) -> std::size_t {
    const bool is_digit = at < text.size() && pattern_detail::is_digit_unit(pattern_detail::byte_at(text, at));
    return is_digit ? static_cast<std::size_t>(text[at] - '0') : 10;
  };
  std::size_t plain = 0;
  const auto take = [&](std::size_t at, std::size_t size, part special) {
    if (at != plain) parts_.push_back({text.substr(plain, at - plain)});
    parts_.push_back(special);
    plain = at + size;
  };
  for (std::size_t at = text.find('$'); at < text.size(); at = text.find('$', std::max(at + 1, plain))) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('$')) {
      take(at, 2, {text.substr(at, 1)});
    } else if (rest.starts_with('&')) {
      take(at, 2, {{}, 0});
    } else if (rest.starts_with('<') && !names.empty() && rest.find('>') != std::string_view::npos) {
      const std::size_t size = rest.find('>');
      take(at, size + 2, {{}, number_of(rest.substr(1, size - 1))});
    } else if (digit_at(at + 1) != 10) {
      const std::size_t one = digit_at(at + 1);
      const std::size_t two = digit_at(at + 2) != 10 ? one * 10 + digit_at(at + 2) : 0;
      if (two != 0 && two < what.capture_count()) {
        take(at, 3, {{}, two});
      } else if (one != 0 && one < what.capture_count()) {
        take(at, 2, {{}, one});
      }
    }
  }
  if (plain != text.size()) parts_.push_back({text.substr(plain)});
}

OVRSEER_DECL void replacement::append_to(std::string& out, const match& found) const {
  for (const part& one : parts_) {
    out += one.group == no_group ? one.text : found.group(one.group).value_or(std::string_view());
  }
}

OVRSEER_DECL std::string replace_all(pattern_view what, std::string_view subject, std::string_view with) {
  const replacement put(what, with);
  std::string made;
  std::size_t at = 0;
  for (const match& found : what.find_all(subject)) {
    made += subject.substr(at, found.begin() - at);
    put.append_to(made, found);
    at = found.end();
  }
  return made += subject.substr(at);
}

OVRSEER_DECL std::string replace_first(pattern_view what, std::string_view subject, std::string_view with) {
  const std::optional<match> found = what.find(subject);
  std::string made(subject.substr(0, found ? found->begin() : subject.size()));
  if (!found) return made;
  replacement(what, with).append_to(made, *found);
  return made += subject.substr(found->end());
}

}  // namespace ovrseer
