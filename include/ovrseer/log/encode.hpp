// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a line is written: as text for people, or as one JSON object for programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <ovrseer/build.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/log/rotation.hpp>

namespace ovrseer {

namespace log_detail {

OVRSEER_DECL void append_padded(std::string& out, std::uint64_t number, unsigned digits);

/// The length of the valid UTF-8 sequence at the front of `text`, or zero; RFC 3629.
constexpr std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (text.empty()) return 0;
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool is_valid = continues(1) && continues(2) && (lead != 0xE0 || byte(1) >= 0xA0) &&
                          (lead != 0xED || byte(1) < 0xA0);  // neither overlong nor a surrogate
    return is_valid ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool is_valid = continues(1) && continues(2) && continues(3) && (lead != 0xF0 || byte(1) >= 0x90) &&
                          (lead != 0xF4 || byte(1) < 0x90);
    return is_valid ? 4 : 0;
  }
  return 0;
}

/// How many bytes at the front of `text` stand for themselves in a JSON string: ASCII without control characters,
/// quote and backslash.
OVRSEER_DECL std::size_t plain_prefix(std::string_view text) noexcept;

/// Appends the inside of a JSON string. Bytes that are no UTF-8 become U+FFFD; says whether there were none.
OVRSEER_DECL bool append_escaped(std::string& out, std::string_view text);

/// Appends base64 (RFC 4648, 4).
OVRSEER_DECL void append_base64(std::string& out, std::string_view bytes);

}  // namespace log_detail

/// Appends a time as "2024-01-02T10:11:12.345Z".
OVRSEER_DECL void append_utc(std::string& out, wall_time time);

/// The text of the last time that was asked for: lines that were read at once share one.
class utc_text {
 public:
  std::string_view of(wall_time time);

 private:
  std::string text_;
  wall_time time_{};
};

/// Appends a line as a JSON object without a line end:
///
///     {"v":1,"seq":7,"time":"2024-01-02T10:11:12.345Z","stream":"out","level":"info","text":"ready"}
///
/// `"part"` is there for a piece of an over-long line. Text that is no UTF-8 is shown with U+FFFD, and then
/// `"base64"` has its bytes. `decode_line` (log/json.hpp) reads it back. `time` is the line's, as `append_utc` has it.
OVRSEER_DECL void append_json(std::string& out, const line& what, std::string_view time);
inline void append_json(std::string& out, const line& what) { append_json(out, what, utc_text().of(what.time)); }

/// Appends a line as text without a line end. Pieces of an over-long line show by "…" where they were cut.
OVRSEER_DECL void append_text(std::string& out, const line& what);

/// Appends a line and its line end in one of the formats of log files; `times` is kept from line to line.
OVRSEER_DECL void append_line(std::string& out, const line& what, log_format format, utc_text& times);
OVRSEER_DECL void append_line(std::string& out, const line& what, log_format format);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/encode.ipp>
#endif
