// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One line of a unit's output: the view that readers get, and the copy that they keep.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/line_part.hpp>
#include <ovrseer/log/infer_level.hpp>
#include <ovrseer/log/level.hpp>
#include <ovrseer/process/os.hpp>

namespace ovrseer {

/// Who wrote a line.
enum class line_source : std::uint8_t {
  out,  ///< the process, on standard output
  err,  ///< the process, on standard error
  own,  ///< the supervisor: a remark between the lines
};

constexpr std::string_view to_text(line_source source) noexcept {
  constexpr std::array<std::string_view, 3> names{"out", "err", "own"};
  return names[static_cast<std::size_t>(source)];
}
constexpr line_source source_of(output_stream stream) noexcept {
  return stream == output_stream::out ? line_source::out : line_source::err;
}

/// A line as a view. How long `text` lives is said where the line comes from; `own` makes a copy.
struct line {
  std::string_view text;  ///< any bytes without a newline, and without the CR of CRLF
  std::uint64_t seq = 0;  ///< counts the lines of a feed from 1, over all streams and incarnations
  wall_time time{};       ///< when it was read; one time for all that was read at once
  line_source source = line_source::out;
  line_part part = line_part::whole;
  /// The level that its writer gave it; lines of processes have none and are read when asked.
  std::optional<ovrseer::level> stated;

  /// The stated level, or what the text says (`infer_level`, 20 to 300 ns).
  ovrseer::level level() const noexcept { return stated ? *stated : infer_level(text); }
};

/// A line with its text.
struct owned_line {
  owned_line() = default;
  explicit owned_line(const line& from)
      : text(from.text), seq(from.seq), time(from.time), source(from.source), part(from.part), stated(from.stated) {}

  std::string text;
  std::uint64_t seq = 0;
  wall_time time{};
  line_source source = line_source::out;
  line_part part = line_part::whole;
  std::optional<ovrseer::level> stated;

  /// The same line as a view of this one; lives as long as `text` is not touched.
  line view() const noexcept { return {text, seq, time, source, part, stated}; }
  ovrseer::level level() const noexcept { return view().level(); }
};

/// A copy that outlives what the line was read from.
inline owned_line own(const line& from) { return owned_line(from); }

}  // namespace ovrseer
