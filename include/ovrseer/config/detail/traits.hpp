// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How each type of a draft is read from a node, and what its form is called: the type of a member alone
// decides, so that table, reading and documentation cannot disagree.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/schema.hpp>
#include <ovrseer/config/values.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer::config_detail {

/// A member of a draft: what was given for a key, and where. Both nodes live as long as the document.
template <class T>
struct given {
  std::optional<T> value;
  const config_node* key = nullptr;
  const config_node* node = nullptr;

  explicit operator bool() const noexcept { return value.has_value(); }
  const T& operator*() const { return *value; }
  const T* operator->() const { return &*value; }
  T value_or(T other) const { return value ? *value : std::move(other); }
  /// Whether nobody wrote it: the environment has it.
  bool is_usual() const noexcept { return value && node->expanded == config_node::expansion::usual; }
};

/// A value to read into.
template <class T>
T fresh() {
  if constexpr (std::is_same_v<T, signal_number>)
    return signal_number(0);
  else
    return T{};
}

/// The table of a draft's type; specialised for each.
template <class Draft>
const section_shape& section_for();

/// A draft is read as a section. `read_short_form` (found by ADL) takes what is not a mapping, and
/// `check_section` sees the whole.
template <class T>
struct value_traits {
  static constexpr bool keeps_parts = true;
  static constexpr const value_shape* short_shape() {
    if constexpr (requires { typename T::short_type; })
      return &value_traits<typename T::short_type>::shape;
    else
      return nullptr;
  }
  static constexpr value_shape shape{value_kind::section, "a mapping",   {},   nullptr,
                                     &section_for<T>,     short_shape(), false};

  static bool read(config_reader& reader, const config_node& node, T& into) {
    if constexpr (requires { read_short_form(reader, node, into); }) {
      if (!node.is_mapping()) return read_short_form(reader, node, into);
    }
    const bool good = reader.section(node, section_for<T>(), &into);
    if constexpr (requires { check_section(reader, node, into); }) {
      return (!node.is_mapping() || check_section(reader, node, into)) && good;
    } else {
      return good;
    }
  }
};

template <>
struct value_traits<std::string> {
  static constexpr value_shape shape{value_kind::text, "text"};
  static bool read(config_reader& reader, const config_node& node, std::string& into) {
    return reader.text(node, into);
  }
};

template <>
struct value_traits<bool> {
  static constexpr value_shape shape{value_kind::boolean, "true or false"};
  static bool read(config_reader& reader, const config_node& node, bool& into) {
    return reader.scalar(node, into, shape.name, parse_boolean);
  }
};

/// A whole number in a range.
template <std::int64_t Least, std::int64_t Most>
struct whole {
  std::int64_t value = Least;
};
using any_count = whole<0, std::numeric_limits<std::uint32_t>::max()>;
using some_count = whole<1, std::numeric_limits<std::uint32_t>::max()>;
using exit_code = whole<0, 255>;

template <std::int64_t Least, std::int64_t Most>
struct value_traits<whole<Least, Most>> {
  static constexpr bool is_bounded = Most < std::numeric_limits<std::uint32_t>::max();
  static constexpr value_shape shape{value_kind::integer,
                                     "a whole number",
                                     {},
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     false,
                                     Least,
                                     is_bounded ? std::optional(Most) : std::nullopt};
  static bool read(config_reader& reader, const config_node& node, whole<Least, Most>& into) {
    return reader.scalar(node, into.value, shape.name,
                         [](std::string_view text) { return parse_integer(text, Least, Most); });
  }
};

/// A number from 0 to 1.
struct share {
  double value = 0;
};
template <>
struct value_traits<share> {
  static constexpr value_shape shape{value_kind::number, "a number from 0 to 1"};
  static bool read(config_reader& reader, const config_node& node, share& into) {
    return reader.scalar(node, into.value, shape.name, [](std::string_view text) { return parse_number(text, 0, 1); });
  }
};

/// A number from 1 to 1000.
struct factor {
  double value = 1;
};
template <>
struct value_traits<factor> {
  static constexpr value_shape shape{value_kind::number, "a number from 1 to 1000"};
  static bool read(config_reader& reader, const config_node& node, factor& into) {
    return reader.scalar(node, into.value, shape.name,
                         [](std::string_view text) { return parse_number(text, 1, 1000); });
  }
};

template <>
struct value_traits<std::chrono::nanoseconds> {
  static constexpr value_shape shape{value_kind::duration, "a duration such as 500ms, 5s or 1h30m"};
  static bool read(config_reader& reader, const config_node& node, std::chrono::nanoseconds& into) {
    return reader.scalar(node, into, shape.name, parse_duration);
  }
};

template <>
struct value_traits<byte_size> {
  static constexpr value_shape shape{value_kind::size, "a size such as 64KiB or 10MB"};
  static bool read(config_reader& reader, const config_node& node, byte_size& into) {
    return reader.scalar(node, into, shape.name, parse_size);
  }
};

template <>
struct value_traits<signal_number> {
  static constexpr value_shape shape{value_kind::signal, "a signal such as SIGTERM or 15"};
  static bool read(config_reader& reader, const config_node& node, signal_number& into) {
    return reader.scalar(node, into, shape.name, parse_signal_value);
  }
};

template <>
struct value_traits<std::filesystem::path> {
  static constexpr value_shape shape{value_kind::text, "a path"};
  static bool read(config_reader& reader, const config_node& node, std::filesystem::path& into) {
    std::string written;
    if (!reader.text(node, written, shape.name)) return false;
    if (written.empty()) return reader.wrong(node, "a path");
    if (written == "~" || written.starts_with("~/")) {
      return reader.wrong(node, "a path", "~ does not expand: write ${HOME}" + written.substr(1));
    }
    into = (reader.base_of(node) / written).lexically_normal();
    return true;
  }
};

/// The words of an enum, in the order of its values.
template <class Enum>
struct words_of;

template <class Enum>
  requires requires { words_of<Enum>::names; }
struct value_traits<Enum> {
  static constexpr value_shape shape{value_kind::word, "a word", words_of<Enum>::names};
  static bool read(config_reader& reader, const config_node& node, Enum& into) {
    std::size_t index = 0;
    std::span<const usual_word> usual;
    if constexpr (requires { words_of<Enum>::usual; }) usual = words_of<Enum>::usual;
    if (!reader.word(node, words_of<Enum>::names, index, usual)) return false;
    into = static_cast<Enum>(index);
    return true;
  }
};

template <class T>
struct value_traits<std::vector<T>> {
  static constexpr bool keeps_parts = true;
  static constexpr value_shape shape{value_kind::list, "a list", {}, &value_traits<T>::shape};
  static bool read(config_reader& reader, const config_node& node, std::vector<T>& into) {
    into.clear();
    return reader.list(node, "", [&](const config_node& item) {
      T each = fresh<T>();
      if (!value_traits<T>::read(reader, item, each)) return false;
      into.push_back(std::move(each));
      return true;
    });
  }
};

template <class Member>
struct member_of;
template <class Draft, class T>
struct member_of<given<T> Draft::*> {
  using draft = Draft;
  using value = T;
};

/// Reads a key into a member of type `given<T>`. What it has already, from defaults, is what a section adds to.
template <class T>
void read_given(config_reader& reader, const config_node& key, const config_node& node, void* member) {
  auto& field = *static_cast<given<T>*>(member);
  T value = field.value ? *field.value : fresh<T>();
  field.key = &key;
  field.node = &node;
  const bool good = value_traits<T>::read(reader, node, value);
  // Of a section or a list, what is right in it is kept, so that further checks see it.
  if (good || requires { value_traits<T>::keeps_parts; }) field.value = std::move(value);
}

/// One row of a table. All that is particular to the member itself is where it is: reading is made once a type.
template <auto Member>
constexpr key_entry field(std::string_view key, std::string_view fallback, std::string_view doc,
                          need presence = need::optional) {
  using member = member_of<decltype(Member)>;
  constexpr auto locate = [](void* draft) -> void* { return &(static_cast<typename member::draft*>(draft)->*Member); };
  return {
      key,     fallback, doc, &value_traits<typename member::value>::shape, locate, &read_given<typename member::value>,
      presence};
}

}  // namespace ovrseer::config_detail
