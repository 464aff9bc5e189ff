// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A flag: a named pattern over the lines of a unit that counts, remembers and tells.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/pattern/pattern.hpp>

namespace ovrseer {

/// The colour in which a flag is shown.
enum class flag_color : std::uint8_t { green, blue, red, yellow, teal, purple, orange };

namespace log_detail {
inline constexpr std::array<std::string_view, 7> flag_color_names{"green", "blue",   "red",   "yellow",
                                                                  "teal",  "purple", "orange"};
}  // namespace log_detail

constexpr std::string_view to_text(flag_color color) noexcept {
  return log_detail::flag_color_names[static_cast<std::size_t>(color)];
}

/// The colour of a name as `to_text` writes it.
constexpr std::optional<flag_color> parse_flag_color(std::string_view name) noexcept {
  for (std::size_t i = 0; i < log_detail::flag_color_names.size(); ++i) {
    if (log_detail::flag_color_names[i] == name) return static_cast<flag_color>(i);
  }
  return std::nullopt;
}

/// Describes a flag. All setters return the description, so that they chain.
///
///     flag_spec("errors", pattern<"error|exception|fatal", icase>{}).color(flag_color::red).target(10)
class flag_spec {
 public:
  /// A pattern that was compiled at run time; copies of the description share it.
  flag_spec(std::string name, pattern<> what) : name_(std::move(name)), owned_(std::move(what)), view_(*owned_) {}
  /// A pattern whose owner outlives every use of the flag.
  flag_spec(std::string name, pattern_view what) : name_(std::move(name)), view_(what) {}
  /// A pattern that the compiler read.
  template <fixed_string Text, pattern_flags Flags>
  flag_spec(std::string name, pattern<Text, Flags> what) : name_(std::move(name)), view_(what) {}

  /// Default: yellow.
  flag_spec& color(flag_color value) noexcept {
    color_ = value;
    return *this;
  }
  /// The number of matches at which "target reached" is told, once. Zero: no target.
  flag_spec& target(std::uint64_t count) noexcept {
    if (count == 0)
      target_.reset();
    else
      target_ = count;
    return *this;
  }
  /// How many lines in all a match is shown with: half of them before it, half after, itself in the middle
  /// (an even number counts as the odd one above it). Default 5.
  flag_spec& context_window(std::size_t lines) noexcept {
    context_window_ = lines;
    return *this;
  }

  /// Whether both look for the same and tell the same of it.
  friend bool operator==(const flag_spec& a, const flag_spec& b) noexcept {
    return a.name_ == b.name_ && a.view_ == b.view_ && a.color_ == b.color_ && a.target_ == b.target_ &&
           a.context_window_ == b.context_window_;
  }

  const std::string& name() const noexcept { return name_; }
  /// Valid as long as a copy of this description lives.
  pattern_view what() const noexcept { return view_; }
  flag_color color() const noexcept { return color_; }
  std::optional<std::uint64_t> target() const noexcept { return target_; }
  std::size_t context_window() const noexcept { return context_window_; }

 private:
  std::string name_;
  std::optional<pattern<>> owned_;  // shares what it owns with its copies, so the view stays right
  pattern_view view_;
  flag_color color_ = flag_color::yellow;
  std::optional<std::uint64_t> target_;
  std::size_t context_window_ = 5;
};

}  // namespace ovrseer
