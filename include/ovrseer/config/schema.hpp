// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The form of a configuration as data: one table a section, which reading, messages and documentation share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <ovrseer/config/document.hpp>

namespace ovrseer {

namespace config_detail {
class config_reader;
}

/// What a value is made of.
enum class value_kind : std::uint8_t {
  text,
  boolean,
  integer,
  number,
  duration,
  size,
  signal,
  word,     ///< one of `words`
  list,     ///< of `element`
  map,      ///< of any names to `element`
  section,  ///< with the keys of `section`
};

struct section_shape;

/// The form of a value.
struct value_shape {
  value_kind kind = value_kind::text;
  std::string_view name;  ///< for messages: "a duration"
  /// Of a word: the words. Of a section: words that may stand instead. Of a map: its names, where they are known.
  std::span<const std::string_view> words = {};
  const value_shape* element = nullptr;
  const section_shape& (*section)() = nullptr;
  const value_shape* short_form = nullptr;  ///< what may stand instead of the list, map or section
  bool accepts_null = false;
  std::optional<std::int64_t> least = {};  ///< of an integer
  std::optional<std::int64_t> most = {};

  /// The section in this value, or in its entries; null where there is none.
  const section_shape* inner_section() const {
    if (section != nullptr) return &section();
    return element != nullptr ? element->inner_section() : nullptr;
  }
};

enum class need : std::uint8_t { optional, required };

/// One key of a section.
struct key_entry {
  std::string_view key;
  /// What holds without it, for people; empty where nothing does. With a `${VARIABLE}` it is read as if it were written, if
  /// the environment has what it needs.
  std::string_view fallback;
  std::string_view doc;  ///< one sentence
  const value_shape* shape = nullptr;
  /// The member of a draft that the value goes to, and how it gets there.
  void* (*locate)(void* draft) = nullptr;
  void (*read)(config_detail::config_reader&, const config_node& key, const config_node& value, void* member) = nullptr;
  need presence = need::optional;

  constexpr bool has_variables() const noexcept { return fallback.find("${") != std::string_view::npos; }
};

/// What to say of a key that people write where it is none.
struct key_hint {
  std::string_view key;
  std::string_view cure;
};

/// The keys of one kind of mapping.
struct section_shape {
  std::string_view name;  ///< for messages: "a process"
  std::span<const key_entry> keys;
  std::span<const key_hint> hints = {};
};

}  // namespace ovrseer
