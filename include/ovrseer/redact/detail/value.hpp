// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where a value ends that follows a name: in quotes (escaped ones too), in brackets, or bare.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer::redact_detail {

enum class value_form { bare, quoted, list };

struct value_place {
  std::size_t begin = 0;  // of what is to be hidden
  std::size_t end = 0;
  value_form form = value_form::bare;
};

/// A quote with the backslashes before it, when a whole JSON text stands within a JSON string.
struct opening_quote {
  char quote = 0;
  std::size_t backslashes = 0;
  std::size_t content = 0;  // where the quoted text begins
};

constexpr std::optional<opening_quote> read_quote(std::string_view text, std::size_t i) noexcept {
  const std::size_t q = skip(text, i, [](char c) { return c == '\\'; }, 15);
  if (!is_quote(at(text, q))) return std::nullopt;
  return opening_quote{text[q], q - i, q + 1};
}

/// The end of quoted text: a quote with as many backslashes as the opening one. More of them escape a quote
/// within. The end of the line where there is none: a line may have been cut.
constexpr std::size_t quoted_end(std::string_view text, const opening_quote& open) noexcept {
  std::size_t backslashes = 0;
  for (std::size_t i = open.content; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++backslashes;
      continue;
    }
    if (c == open.quote && backslashes % (2 * (open.backslashes + 1)) == open.backslashes) return i - open.backslashes;
    if (is_line_end(c)) return i;
    backslashes = 0;
  }
  return text.size();
}

// Nothing of the value comes after a closing character that is followed by one of these.
constexpr bool ends_word(char c) noexcept {
  return c == '\0' || static_cast<unsigned char>(c) <= ' ' || is_quote(c) ||
         ",;:)]}>&|/?\\."sv.find(c) != std::string_view::npos;
}

// What comes after a comma or the like is another field: "a=1,b=2", "a=1, b". Only behind a semicolon, as in
// connection strings, may a name have blanks: "Password=x;Initial Catalog=y".
constexpr bool begins_field(std::string_view text, std::size_t i) noexcept {
  const char next = at(text, i);
  if (static_cast<unsigned char>(next) <= ' ' || is_quote(next)) return true;
  for (int words = text[i - 1] == ';' ? 3 : 1; words > 0; --words) {
    const std::size_t end = skip(text, i, is_name);
    if (end == i) return false;
    if (at(text, end) == '=' || at(text, end) == ':' || at(text, end) == '[') return true;
    if (at(text, end) != ' ') return false;
    i = end + 1;
  }
  return false;
}

/// The end of the escaped line ends and tabs at `i`, as text within JSON has them; of many, of the first few.
constexpr std::size_t skip_escapes(std::string_view text, std::size_t i) noexcept {
  const auto is_one = [&] { return at(text, i) == '\\' && "nrt"sv.find(at(text, i + 1)) != std::string_view::npos; };
  for (int count = 0; count < 8 && is_one(); ++count) i += 2;
  return i;
}

/// The end of a value without quotes. Characters that may close something around the value, or separate it
/// from the next, end it only where what follows agrees: passwords have all of them.
constexpr std::size_t bare_end(std::string_view text, std::size_t i, char enclosing) noexcept {
  int open = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) <= ' ' || (enclosing != 0 && c == enclosing)) return i;
    if (c == '\\') {
      const std::size_t next_line = skip_escapes(text, i);
      if (next_line != i && begins_field(text, next_line)) return i;
      // Backslashes belong to the quote behind them.
      const std::size_t quote = skip(text, i, [](char each) { return each == '\\'; });
      const char next = at(text, quote);
      if (is_quote(next) && (next == enclosing || ends_word(at(text, quote + 1)))) return i;
      i = quote - 1;
      continue;
    }
    switch (c) {
      case ',':
      case ';':
      case '|':
      case '&':
        if (begins_field(text, i + 1)) return i;
        break;
      case '"':
      case '\'':
      case '`':
        if (ends_word(at(text, i + 1))) return i;
        break;
      case '(':
      case '[':
      case '{': ++open; break;
      case '<':
        if (at(text, i + 1) == '/') return i;
        ++open;
        break;
      case ')':
      case ']':
      case '}':
      case '>':
        if (open > 0) {
          --open;
        } else if (ends_word(at(text, i + 1))) {
          return i;
        }
        break;
      default: break;
    }
  }
  return text.size();
}

/// The inside of a list of strings in JSON's manner, from behind the first quote to before the last one.
constexpr std::optional<value_place> read_list(std::string_view text, std::size_t i) noexcept {
  const std::size_t first = skip(text, i + 1, is_blank);
  auto open = read_quote(text, first);
  if (!open) return std::nullopt;
  value_place place{open->content, 0, value_form::list};
  while (true) {
    place.end = quoted_end(text, *open);
    std::size_t next = skip(text, place.end + open->backslashes + 1, is_blank);
    if (at(text, next) != ',') return place;
    next = skip(text, next + 1, is_blank);
    const auto further = read_quote(text, next);
    if (!further) return place;
    open = further;
  }
}

// Says whether something is set, not what it is.
inline constexpr std::array says_nothing{"true"sv,   "false"sv,   "yes"sv,       "no"sv,     "null"sv,
                                         "none"sv,   "nil"sv,     "on"sv,        "off"sv,    "n/a"sv,
                                         "unset"sv,  "set"sv,     "undefined"sv, "empty"sv,  "(null)"sv,
                                         "(none)"sv, "(unset)"sv, "(empty)"sv,   "nullptr"sv};
// "password: required", "secret: not found": a sentence, not a value.
inline constexpr std::array goes_on{"required"sv, "invalid"sv, "incorrect"sv, "expired"sv,  "missing"sv, "failed"sv,
                                    "ok"sv,       "changed"sv, "accepted"sv,  "rejected"sv, "wrong"sv,   "unknown"sv,
                                    "not"sv,      "is"sv,      "was"sv,       "must"sv,     "should"sv,  "cannot"sv,
                                    "has"sv,      "the"sv,     "for"sv,       "failure"sv,  "error"sv,   "denied"sv,
                                    "granted"sv,  "success"sv, "can't"sv};

constexpr bool is_flag_value(std::string_view value) noexcept { return is_one_of_fold(value, says_nothing); }
constexpr bool is_sentence(std::string_view value) noexcept {
  while (!value.empty() && (value.back() == '.' || value.back() == ',')) value.remove_suffix(1);
  return is_one_of_fold(value, goes_on);
}

}  // namespace ovrseer::redact_detail
