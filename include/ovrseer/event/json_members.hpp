// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What all readers and writers of our JSON share: text without failure, and members with one way to fail.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <ovrseer/error.hpp>
#include <ovrseer/event/iso8601.hpp>

namespace ovrseer {

/// JSON whose keys keep the order in which they are written.
using ordered_json = nlohmann::ordered_json;

/// JSON as text. Bytes in strings that are not UTF-8 are written as U+FFFD, so it never fails for them;
/// reading back then gives the replacement. `indent` counts spaces; -1 writes one line.
inline std::string to_json_text(const ordered_json& json, int indent = -1) {
  return json.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

/// Reads the members of a JSON object, which must outlive it; all readers of our formats fail alike.
///
/// Errors: `errc::corrupt` with the key, where a member is missing or has another type than wanted.
class json_members {
 public:
  explicit json_members(const ordered_json& object, std::string_view where = "JSON") : object_(object) {
    if (!object.is_object()) fail(where);
  }

  /// Whether it is there and not null.
  bool has(std::string_view key) const {
    const auto found = object_.find(std::string(key));
    return found != object_.end() && !found->is_null();
  }
  const ordered_json& member(std::string_view key) const {
    const auto found = object_.find(std::string(key));
    if (found == object_.end()) fail(key);
    return *found;
  }
  json_members object(std::string_view key) const { return json_members(member(key), key); }
  const std::string& text(std::string_view key) const {
    const ordered_json& found = member(key);
    if (!found.is_string()) fail(key);
    return found.get_ref<const std::string&>();
  }
  bool flag(std::string_view key) const {
    const ordered_json& found = member(key);
    if (!found.is_boolean()) fail(key);
    return found.get<bool>();
  }
  /// A whole number within the range of `N`.
  template <class N>
  N number(std::string_view key) const {
    const ordered_json& found = member(key);
    if (!found.is_number_integer()) fail(key);
    if (found.is_number_unsigned()) return in_range<N>(key, found.get<std::uint64_t>());
    return in_range<N>(key, found.get<std::int64_t>());
  }
  std::chrono::nanoseconds duration(std::string_view key) const {
    return std::chrono::nanoseconds(number<std::int64_t>(key));
  }
  std::optional<std::chrono::nanoseconds> optional_duration(std::string_view key) const {
    if (!has(key)) return std::nullopt;
    return duration(key);
  }
  wall_time time(std::string_view key) const {
    const auto value = from_iso8601(text(key));
    if (!value) fail(key);
    return *value;
  }
  /// One of the first `count` values of `Enum`, by its `to_text`.
  template <class Enum>
  Enum word(std::string_view key, std::size_t count) const {
    const std::string& wanted = text(key);
    for (std::size_t i = 0; i < count; ++i) {
      if (to_text(static_cast<Enum>(i)) == wanted) return static_cast<Enum>(i);
    }
    fail(key);
  }

  [[noreturn]] static void fail(std::string_view key) {
    throw error(errc::corrupt, "read JSON", "\"" + std::string(key) + "\"");
  }

 private:
  template <class N, class Found>
  static N in_range(std::string_view key, Found value) {
    if (!std::in_range<N>(value)) fail(key);
    return static_cast<N>(value);
  }

  const ordered_json& object_;
};

}  // namespace ovrseer
